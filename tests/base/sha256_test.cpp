#include "base/sha256.h"

#include <gtest/gtest.h>

namespace cufit {
namespace {

std::string hex(const std::string& bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) (out += digits[c >> 4]) += digits[c & 15];
  return out;
}

std::string sum(std::string_view text) {
  MemoryStream s(as_bytes(text));
  return hex(sha256(s));
}

// Examples of FIPS 180-2, appendix B.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(sum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sum("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sum(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsGiveWhatTheWholeGives) {
  std::string text;
  for (int i = 0; i < 300; i++) text += char(i);
  for (size_t cut = 0; cut <= text.size(); cut++) {
    Sha256 parts;
    parts.add(as_bytes(std::string_view(text).substr(0, cut)));
    parts.add(as_bytes(std::string_view(text).substr(cut)));
    EXPECT_EQ(hex(parts.digest()), sum(text)) << cut;
  }
}

TEST(Sha256, DigestsAsTheyAreWritten) {
  EXPECT_EQ(bytes_of_base64url("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"),
            bytes_of_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(bytes_of_base64url("a+b"), "");
  EXPECT_EQ(bytes_of_hex("0"), "");
  EXPECT_EQ(bytes_of_hex("zz"), "");
}

}  // namespace
}  // namespace cufit
