// A user whom permissions bind, also where tests run as root.
#pragma once

#include <unistd.h>

#include <cstdlib>

namespace cufit::test {

/// Not root while it lives: root may read and open everything. access(2) asks for the real user, so that one
/// changes too.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(geteuid() == 0), is_(!was_root_ || setresuid(kNobody, kNobody, 0) == 0) {}
  ~OrdinaryUser() {
    if (was_root_ && is_ && setresuid(0, 0, 0) != 0) std::abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

  /// False where this root cannot become another user.
  explicit operator bool() const { return is_; }

 private:
  static constexpr uid_t kNobody = 65534;
  bool was_root_, is_;
};

constexpr const char* kStaysRoot = "NOT TESTED: this root cannot become another user";

}  // namespace cufit::test
