#include "formats/ar.h"

#include <gtest/gtest.h>

#include <random>

namespace cufit::formats::ar {
namespace {

std::string padded(std::string s, size_t n) {
  s.resize(n, ' ');
  return s;
}

std::string member(const std::string& name, const std::string& data, std::optional<uint64_t> size = {}) {
  std::string s = padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("644", 8) +
                  padded(std::to_string(size.value_or(data.size())), 10) + "`\n" + data;
  if (data.size() % 2) s += '\n';
  return s;
}

const std::string kGnuNames = "a_long_name_of_a_member.o/\nanother_long_name_indeed.o/\n";

std::string gnu() {
  return "!<arch>\n" + member("/", "symbols") + member("//", kGnuNames) + member("short.o/", "odd") +
         member("/0", "first") + member("/27", "second") + member("a b.o/", "");
}

Result<Archive> list(const std::string& s) {
  MemoryBytes bytes(as_bytes(s));
  return read(bytes);
}

std::string names(const Archive& a) {
  std::string s;
  for (auto& m : a.members) s += m.name + "=" + std::to_string(m.size) + " ";
  return s;
}

TEST(Ar, GnuNames) {
  std::string s = gnu();
  auto a = list(s);
  ASSERT_TRUE(a);
  EXPECT_FALSE(a->damage);
  EXPECT_EQ(names(*a), "short.o=3 a_long_name_of_a_member.o=5 another_long_name_indeed.o=6 a b.o=0 ");
  EXPECT_EQ(s.substr(a->members[0].offset, 3), "odd");
  EXPECT_EQ(s.substr(a->members[2].offset, 6), "second");
}

TEST(Ar, BsdNames) {
  std::string s = "!<arch>\n" + member("#1/12", std::string("__.SYMDEF\0\0\0table", 17)) +
                  member("#1/20", std::string("long member name.o\0\0DATA", 24)) + member("plain.o", "x");
  auto a = list(s);
  ASSERT_TRUE(a);
  EXPECT_FALSE(a->damage);
  EXPECT_EQ(names(*a), "long member name.o=4 plain.o=1 ");
  EXPECT_EQ(s.substr(a->members[0].offset, 4), "DATA");
}

TEST(Ar, ThinArchivesNameFilesOutside) {
  auto a = list("!<thin>\n" + member("/", "symbols") + member("//", kGnuNames) + member("/0", "", 123456) +
                member("/27:88", "", 99));
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->thin);
  EXPECT_FALSE(a->damage);
  EXPECT_EQ(names(*a), "a_long_name_of_a_member.o=123456 another_long_name_indeed.o=99 ");
  EXPECT_EQ(a->members[0].offset, 0u);
}

TEST(Ar, EmptyArchiveAndMissingLastPadding) {
  auto a = list("!<arch>\n");
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->members.empty());
  EXPECT_FALSE(a->damage);
  std::string s = "!<arch>\n" + member("odd.o/", "odd");
  s.pop_back();
  a = list(s);
  ASSERT_TRUE(a);
  EXPECT_FALSE(a->damage);
  EXPECT_EQ(names(*a), "odd.o=3 ");
}

TEST(Ar, NoArchive) {
  for (const char* s : {"", "!<arch>",
                        "\x7f"
                        "ELF and more bytes"}) {
    auto a = list(s);
    ASSERT_FALSE(a);
    EXPECT_NE(a.error().message.find("!<arch>"), std::string::npos);
  }
}

TEST(Ar, DamageKeepsMembersBefore) {
  const std::string good = "!<arch>\n" + member("first.o/", "data");
  struct Case {
    std::string bad;
    uint64_t offset;
    const char* says;
  } cases[] = {
      {"short", good.size(), "60 bytes"},
      {padded("x.o/", 60), good.size(), "ends in"},
      {padded("x.o/", 48) + padded("many", 10) + "`\n", good.size() + 48, "decimal"},
      {padded("x.o/", 48) + padded("-1", 10) + "`\n", good.size() + 48, "decimal"},
      {member("x.o/", "data", 9999999999), good.size() + 60, "9999999999 bytes"},
      {member("/5", "data"), good.size(), "long names"},
      {member("//", "no end") + member("/2", "data"), good.size() + 66, "long names"},
      {member("#1/200", "data"), good.size() + 60, "BSD name"},
      {member("#1/99999", std::string(100'000, 'n')), good.size() + 60, "BSD name"},
  };
  for (auto& c : cases) {
    auto a = list(good + c.bad);
    ASSERT_TRUE(a);
    EXPECT_EQ(names(*a), "first.o=4 ");
    ASSERT_TRUE(a->damage) << c.says;
    EXPECT_EQ(a->damage->offset, c.offset) << c.says;
    EXPECT_NE(a->damage->message.find(c.says), std::string::npos) << a->damage->message;
  }
}

// A table with one long name, shared by very many members, must not multiply in memory.
TEST(Ar, NamesTogetherAreBounded) {
  std::string s = "!<arch>\n" + member("//", std::string(4000, 'n') + "/\n");
  for (int i = 0; i < 20'000; i++) s += member("/0", "");
  auto a = list(s);
  ASSERT_TRUE(a);
  ASSERT_TRUE(a->damage);
  EXPECT_NE(a->damage->message.find("more members"), std::string::npos);
  EXPECT_LE(a->members.size() * 4000, kMaxNameBytes);
}

TEST(Ar, RandomMutationsStayInside) {
  const std::string good = gnu() + member("#1/8", "name.o\0\0data");
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; round++) {
    std::string s = good;
    for (uint32_t k = 1 + random() % 4; k-- > 0;)
      s[random() % s.size()] = random() % 2 ? char('0' + random() % 10) : char(random());
    if (random() % 4 == 0) s.resize(random() % s.size());
    auto a = list(s);
    if (!a) continue;
    for (auto& m : a->members) ASSERT_TRUE(a->thin || slice(as_bytes(s), m.offset, m.size));
  }
}

}  // namespace
}  // namespace cufit::formats::ar
