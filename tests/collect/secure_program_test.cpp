#include "collect/secure_program.h"

#include <gtest/gtest.h>

namespace cufit::collect {
namespace {

using Attribute = std::vector<uint8_t>;

struct stat file(mode_t mode, uid_t user, gid_t group) {
  struct stat s = {};
  s.st_mode = S_IFREG | mode;
  s.st_uid = user;
  s.st_gid = group;
  return s;
}

TEST(SecureProgram, SetUserIdCountsForOthers) {
  EXPECT_TRUE(is_secure(file(04755, 0, 0), std::nullopt, {1000, 1000}));
  EXPECT_FALSE(is_secure(file(04755, 0, 0), std::nullopt, {0, 0})) << "root gains nothing";
  EXPECT_TRUE(is_secure(file(04755, 65534, 0), std::nullopt, {0, 0}));
  EXPECT_FALSE(is_secure(file(0755, 0, 0), std::nullopt, {1000, 1000}));
}

TEST(SecureProgram, SetGroupIdCountsForOtherGroups) {
  EXPECT_TRUE(is_secure(file(02755, 0, 42), std::nullopt, {1000, 1000}));
  EXPECT_FALSE(is_secure(file(02755, 0, 1000), std::nullopt, {1000, 1000}));
  EXPECT_FALSE(is_secure(file(02745, 0, 42), std::nullopt, {1000, 1000})) << "mandatory locking";
}

TEST(SecureProgram, CapabilitiesCountUnlessTheyAreOnlyInheritableOrForRoot) {
  auto plain = file(0755, 0, 0);
  // cap_net_raw+ep as setcap writes it: version 2 and the effective flag, permitted, inheritable, the upper
  // halves.
  Attribute effective{1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  auto permitted = effective, upper = effective, inheritable = effective;
  permitted[0] = upper[0] = inheritable[0] = 0;
  upper[5] = 0, upper[12] = 0x40;
  inheritable[5] = 0, inheritable[9] = 0x20;
  for (auto& attribute : {effective, permitted, upper}) {
    EXPECT_TRUE(is_secure(plain, attribute, {1000, 1000}));
    EXPECT_FALSE(is_secure(plain, attribute, {0, 0}));
  }
  EXPECT_FALSE(is_secure(plain, inheritable, {1000, 1000}));
  for (size_t n = 0; n < 4; n++)
    EXPECT_FALSE(is_secure(plain, Attribute(effective.begin(), effective.begin() + long(n)), {1000, 1000}));
}

}  // namespace
}  // namespace cufit::collect
