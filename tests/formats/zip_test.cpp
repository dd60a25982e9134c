#include "formats/zip.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "formats/zip_writer.h"

namespace cufit::formats::zip {
namespace {

using test::patch;
using test::ZipPart;
using test::ZipWriter;

Result<Archive> list(const std::string& s) {
  MemoryBytes bytes(as_bytes(s));
  return read(bytes);
}

/// The unpacked bytes of an entry, or "error: ...".
std::string content(const std::string& archive, const Entry& e) {
  MemoryBytes bytes(as_bytes(archive));
  auto data = locate(bytes, e);
  if (!data) return "error: " + data.error().message;
  auto packed = std::make_unique<MemoryStream>(as_bytes(archive).subspan(*data, e.packed));
  auto stream = unpack(e, std::move(packed));
  std::string out;
  for (;;) {
    Bytes b = stream->peek(1);
    if (b.empty()) break;
    out += as_text(b);
    stream->skip(b.size());
  }
  return stream->error() ? "error: " + stream->error()->message : out;
}

struct Layout {
  const char* name;
  bool deflate, descriptor, zip64_entry, zip64_end;
  size_t comment, prefix;
};

class ZipLayouts : public testing::TestWithParam<Layout> {};

TEST_P(ZipLayouts, ListsAndUnpacks) {
  const Layout& l = GetParam();
  ZipWriter w;
  w.add({"a.txt", "alpha", l.deflate, l.descriptor, l.zip64_entry, std::string(4, 'x')});
  w.add({"lib/b.so", test::prose(300'000), l.deflate, l.descriptor, l.zip64_entry});
  w.add({"empty", "", l.deflate, l.descriptor, l.zip64_entry});
  w.add({"lib/", "", false});
  std::string zip = std::string(l.prefix, '#') + w.finish(std::string(l.comment, 'c'), l.zip64_end);
  auto a = list(zip);
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_FALSE(a->damage);
  ASSERT_EQ(a->entries.size(), 4u);
  EXPECT_EQ(a->entries[1].name, "lib/b.so");
  EXPECT_EQ(a->entries[1].size, 300'000u);
  EXPECT_EQ(a->entries[1].header, w.local_at[1] + l.prefix);
  EXPECT_TRUE(a->entries[3].is_directory());
  EXPECT_EQ(content(zip, a->entries[0]), "alpha");
  EXPECT_EQ(content(zip, a->entries[1]), test::prose(300'000));
  EXPECT_EQ(content(zip, a->entries[2]), "");
}

INSTANTIATE_TEST_SUITE_P(All, ZipLayouts,
                         testing::Values(Layout{"stored", false, false, false, false, 0, 0},
                                         Layout{"deflated", true, false, false, false, 0, 0},
                                         Layout{"descriptors", true, true, false, false, 5, 0},
                                         Layout{"zip64_entries", true, false, true, false, 0, 0},
                                         Layout{"zip64_end", true, false, false, true, 0, 0},
                                         Layout{"zip64_all_with_prefix", true, true, true, true, 65535, 1000},
                                         Layout{"longest_comment", true, false, false, false, 65535, 0},
                                         Layout{"prefix", true, false, false, false, 0, 4097}),
                         [](auto& p) { return std::string(p.param.name); });

TEST(Zip, CommentMayHoldAnEndRecord) {
  ZipWriter w;
  w.add({"a", "alpha"});
  std::string fake("PK\5\6", 4);
  fake.resize(22, '\0');
  auto a = list(w.finish(fake + "tail"));
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(a->entries.size(), 1u);
}

TEST(Zip, BytesBehindTheArchiveAreTolerated) {
  ZipWriter w;
  w.add({"a", "alpha"});
  std::string zip = w.finish() + "appended";
  auto a = list(zip);
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(content(zip, a->entries.at(0)), "alpha");
}

TEST(Zip, EmptyArchive) {
  auto a = list(ZipWriter().finish());
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->entries.empty());
  EXPECT_FALSE(a->damage);
}

TEST(Zip, NoArchive) {
  for (const std::string& s : {std::string(), std::string("PK\3\4"), std::string(100'000, 'x')}) {
    auto a = list(s);
    ASSERT_FALSE(a);
    EXPECT_NE(a.error().message.find("end record"), std::string::npos);
  }
}

// One archive of three entries, with one lie each.
struct Lie {
  const char* name;
  void (*tell)(std::string& zip, const ZipWriter& w);
  Flaw flaw;                // expected of the middle entry
  const char* when_opened;  // expected error of the middle entry if it has no flaw
};

class ZipLies : public testing::TestWithParam<Lie> {};

TEST_P(ZipLies, OneEntryIsRefusedAndOthersAreRead) {
  ZipWriter w;
  w.add({"first", "one"});
  w.add({"middle", test::prose(5000)});
  w.add({"last", "three"});
  std::string zip = w.finish();
  GetParam().tell(zip, w);
  auto a = list(zip);
  ASSERT_TRUE(a) << a.error().message;
  ASSERT_EQ(a->entries.size(), 3u);
  EXPECT_EQ(a->entries[1].flaw, GetParam().flaw);
  std::string got = content(zip, a->entries[1]);
  EXPECT_TRUE(got.starts_with("error: ")) << got.substr(0, 100);
  EXPECT_NE(got.find(GetParam().when_opened), std::string::npos) << got;
  EXPECT_EQ(content(zip, a->entries[2]), "three");
}

INSTANTIATE_TEST_SUITE_P(
    All, ZipLies,
    testing::Values(
        Lie{"encrypted",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.central_at[1] + 8, 1); },
            Flaw::encrypted, "encrypted"},
        Lie{"lzma", [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.central_at[1] + 10, 14); },
            Flaw::method, "method"},
        Lie{"other_disk",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.central_at[1] + 34, 3); },
            Flaw::disks, "split"},
        Lie{"no_zip64_field",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.central_at[1] + 24, 0xffffffff); },
            Flaw::zip64, "zip64"},
        Lie{"stored_sizes",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.central_at[1] + 10, 0); },
            Flaw::sizes, "sizes"},
        Lie{"header_outside",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.central_at[1] + 42, 0x7fffffff); },
            Flaw::outside, "outside"},
        Lie{"data_outside",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.central_at[1] + 20, 0x7fffffff); },
            Flaw::outside, "outside"},
        Lie{"same_data_twice",
            [](std::string& z, const ZipWriter& w) {
              patch<uint32_t>(z, w.central_at[1] + 42, uint32_t(w.local_at[0]));
              patch<uint32_t>(z, w.central_at[1] + 20, 5);
            },
            Flaw::overlap, "shares"},
        Lie{"no_local_header",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.local_at[1], 0); }, Flaw::none,
            "PK 3 4"},
        Lie{"other_name", [](std::string& z, const ZipWriter& w) { z[w.local_at[1] + 30] = 'M'; }, Flaw::none,
            "the name"},
        Lie{"other_method",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.local_at[1] + 8, 0); }, Flaw::none,
            "the method"},
        Lie{"locally_encrypted",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.local_at[1] + 6, 1); }, Flaw::none,
            "the encryption"},
        Lie{"other_local_size",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.local_at[1] + 22, 9); }, Flaw::none,
            "the size"},
        Lie{"other_packed",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.local_at[1] + 18, 9); }, Flaw::none,
            "the packed size"},
        Lie{"other_local_crc",
            [](std::string& z, const ZipWriter& w) { patch<uint32_t>(z, w.local_at[1] + 14, 9); }, Flaw::none,
            "the CRC"},
        Lie{"long_extra",
            [](std::string& z, const ZipWriter& w) { patch<uint16_t>(z, w.local_at[1] + 28, 60000); },
            Flaw::none, "run into"},
        Lie{"damaged_data", [](std::string& z, const ZipWriter& w) { z[w.local_at[1] + 36 + 100] ^= 0x55; },
            Flaw::none, "error"},
        Lie{"wrong_crc",
            [](std::string& z, const ZipWriter& w) {
              patch<uint32_t>(z, w.central_at[1] + 16, 9);
              patch<uint32_t>(z, w.local_at[1] + 14, 9);
            },
            Flaw::none, "CRC"},
        Lie{"unpacks_to_less",
            [](std::string& z, const ZipWriter& w) {
              patch<uint32_t>(z, w.central_at[1] + 24, 5001);
              patch<uint32_t>(z, w.local_at[1] + 22, 5001);
            },
            Flaw::none, "expected 5001 bytes unpacked, found 5000"},
        Lie{"unpacks_to_more",
            [](std::string& z, const ZipWriter& w) {
              patch<uint32_t>(z, w.central_at[1] + 24, 4999);
              patch<uint32_t>(z, w.local_at[1] + 22, 4999);
            },
            Flaw::none, "found more"}),
    [](auto& p) { return std::string(p.param.name); });

TEST(Zip, OverlapFlagsBothPartners) {
  ZipWriter w;
  w.add({"kernel", std::string(1000, 'a'), false});
  w.add({"other", "b", false});
  std::string zip = w.finish();
  patch<uint32_t>(zip, w.central_at[1] + 42,
                  uint32_t(w.local_at[0] + 50));  // begins inside the first one's data
  auto a = list(zip);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->entries.at(0).flaw, Flaw::overlap);
  EXPECT_EQ(a->entries.at(1).flaw, Flaw::overlap);
}

TEST(Zip, NamesAreFlagged) {
  const std::pair<const char*, bool> names[] = {
      {"../up", true},    {"a/../../b", true}, {"/etc/passwd", true}, {"a/..", true},           {"C:x", true},
      {"a\\..\\b", true}, {"a..b/c", false},   {"..a/b", false},      {"torch/lib/a.so", false}};
  ZipWriter w;
  for (auto& [name, unsafe] : names) w.add({name, "x"});
  auto a = list(w.finish());
  ASSERT_TRUE(a);
  ASSERT_EQ(a->entries.size(), std::size(names));
  for (size_t i = 0; i < std::size(names); i++)
    EXPECT_EQ(a->entries[i].unsafe_name, names[i].second) << names[i].first;
}

TEST(Zip, EarlierTwinsAreShadowed) {
  ZipWriter w;
  for (const char* name : {"a", "b", "a"}) w.add({name, "x"});
  auto a = list(w.finish());
  ASSERT_TRUE(a);
  ASSERT_EQ(a->entries.size(), 3u);
  EXPECT_TRUE(a->entries[0].shadowed);
  EXPECT_FALSE(a->entries[1].shadowed);
  EXPECT_FALSE(a->entries[2].shadowed);
}

TEST(Zip, DamagedDirectoryKeepsWhatCameBefore) {
  ZipWriter w;
  for (const char* name : {"a", "b", "c"}) w.add({name, name});
  std::string zip = w.finish();
  patch<uint32_t>(zip, w.central_at[1], 0);
  auto a = list(zip);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->entries.size(), 1u);
  ASSERT_TRUE(a->damage);
  EXPECT_EQ(a->damage->offset, w.central_at[1]);
}

TEST(Zip, EntryLongerThanTheDirectory) {
  ZipWriter w;
  w.add({"a", "x"});
  std::string zip = w.finish();
  patch<uint16_t>(zip, w.central_at[0] + 32, 0xffff);  // a comment that is not there
  auto a = list(zip);
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->entries.empty());
  ASSERT_TRUE(a->damage);
  EXPECT_NE(a->damage->message.find("does not fit"), std::string::npos);
}

TEST(Zip, CountMustMatch) {
  ZipWriter w;
  w.add({"a", "x"});
  std::string zip = w.finish();
  patch<uint16_t>(zip, w.end_at + 10, 7);
  auto a = list(zip);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->entries.size(), 1u);
  ASSERT_TRUE(a->damage);
  EXPECT_NE(a->damage->message.find("expected 7 entries, found 1"), std::string::npos);
}

TEST(Zip, MoreThan65535EntriesWithoutZip64) {
  ZipWriter w;
  for (int i = 0; i < 65540; i++) w.add({std::to_string(i), "", false});
  std::string zip = w.finish();
  auto a = list(zip);
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(a->entries.size(), 65540u);
  EXPECT_FALSE(a->damage) << a->damage->message;
}

TEST(Zip, DirectoriesThatCannotBe) {
  struct Case {
    uint64_t field;  // in the end record
    uint32_t value;
    const char* says;
  } cases[] = {{12, 0x7fffffff, "does not fit"}, {16, 0x7fffffff, "does not fit"}, {4, 1, "split"}};
  for (auto& c : cases) {
    ZipWriter w;
    w.add({"a", "x"});
    std::string zip = w.finish();
    patch<uint32_t>(zip, w.end_at + c.field, c.value);
    auto a = list(zip);
    ASSERT_FALSE(a) << c.field;
    EXPECT_NE(a.error().message.find(c.says), std::string::npos) << a.error().message;
    EXPECT_TRUE(a.error().offset);
  }
}

TEST(Zip, HugeCountsInZip64AreRefused) {
  ZipWriter w;
  w.add({"a", "x"});
  std::string zip = w.finish("", true);
  uint64_t record = w.end_at - 20 - 56;
  std::string count = zip;
  patch<uint64_t>(count, record + 32, ~uint64_t{0});
  auto a = list(count);
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->damage);
  EXPECT_EQ(a->entries.size(), 1u);
  std::string size = zip;
  patch<uint64_t>(size, record + 40, ~uint64_t{0} - 10);
  EXPECT_FALSE(list(size));
  std::string gone = zip;
  patch<uint32_t>(gone, record, 0);
  auto b = list(gone);
  ASSERT_FALSE(b);
  EXPECT_NE(b.error().message.find("zip64 end record"), std::string::npos);
}

TEST(Zip, Zip64MustAgreeWithTheEndRecord) {
  ZipWriter w;
  w.add({"a", "x"});
  std::string zip = w.finish("", true);
  patch<uint16_t>(zip, w.end_at + 10, 3);
  auto a = list(zip);
  ASSERT_FALSE(a);
  EXPECT_NE(a.error().message.find("contradicts"), std::string::npos);
}

TEST(Zip, TruncatedAnywhere) {
  ZipWriter w;
  w.add({"a", test::prose(300)});
  w.add({"b", "x", false, true});
  std::string zip = w.finish("", true);
  for (size_t n = 0; n < zip.size(); n++) EXPECT_FALSE(list(zip.substr(0, n))) << n;
}

TEST(Zip, DirectoriesAreBounded) {
  std::string big(kMaxDirectory + 1, '\0');
  test::append<uint32_t>(big, 0x06054b50);
  test::append<uint64_t>(big, 0);
  test::append<uint32_t>(big, kMaxDirectory + 1);
  test::append<uint32_t>(big, 0);
  test::append<uint16_t>(big, 0);
  auto a = list(big);
  ASSERT_FALSE(a);
  EXPECT_NE(a.error().message.find("64 MiB"), std::string::npos) << a.error().message;

  ZipWriter w;
  w.add({"", "", false});
  std::string one = w.finish(), many = one.substr(0, w.directory_at);
  for (uint64_t i = 0; i < kMaxEntries + 1; i++) many += one.substr(w.central_at[0], 46);
  uint64_t size = many.size() - w.directory_at;
  many += one.substr(w.end_at);
  patch<uint32_t>(many, many.size() - 10, uint32_t(size));
  a = list(many);
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(a->entries.size(), kMaxEntries);
  ASSERT_TRUE(a->damage);
  EXPECT_NE(a->damage->message.find("more than 500000 entries"), std::string::npos);
  for (auto& e : a->entries) ASSERT_EQ(e.flaw, Flaw::overlap);
}

TEST(Zip, DiskNumberInTheZip64Field) {
  for (uint32_t disk : {0u, 1u}) {
    ZipWriter w;
    w.add({"a", "alpha", true, false, true});
    std::string zip = w.finish();
    // The field that the writer puts in front (5 bytes) makes room: together they are 33 bytes, as is one of
    // 28 + 5.
    uint64_t extra = w.central_at[0] + 46 + 1;
    std::string wide = zip.substr(extra + 5 + 4, 24);
    test::append<uint32_t>(wide, disk);
    zip.replace(extra, 33, std::string("\1\0\x1c\0", 4) + wide + '\0');
    patch<uint16_t>(zip, w.central_at[0] + 34, 0xffff);
    auto a = list(zip);
    ASSERT_TRUE(a) << a.error().message;
    EXPECT_EQ(a->entries.at(0).flaw, disk ? Flaw::disks : Flaw::none);
    EXPECT_EQ(a->entries[0].size, 5u);
    // Without its last byte the field is too short.
    patch<uint16_t>(zip, extra + 2, 27);
    a = list(zip);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->entries.at(0).flaw, Flaw::zip64);
  }
}

TEST(Zip, OpensEntriesOfAFile) {
  ZipWriter w;
  w.add({"a", test::prose(100'000)});
  w.add({"b", test::prose(50'000), false});
  std::string zip = w.finish();
  patch<uint32_t>(zip, w.local_at[1], 7);
  std::string path = testing::TempDir() + "cufit_zip_test_" + std::to_string(getpid()) + ".zip";
  std::ofstream(path, std::ios::binary) << zip;
  auto file = File::open(path);
  ASSERT_TRUE(file) << file.error().to_string();
  FileBytes bytes(*file);
  auto a = read(bytes);
  ASSERT_TRUE(a) << a.error().message;
  auto first = open(*file, a->entries.at(0));
  ASSERT_TRUE(first);
  (*first)->skip(99'990);
  EXPECT_EQ(as_text((*first)->peek(10)), test::prose(100'000).substr(99'990));
  EXPECT_FALSE((*first)->error());
  auto second = open(*file, a->entries.at(1));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().file, path);
  EXPECT_EQ(second.error().offset, w.local_at[1]);
  std::filesystem::remove(path);
}

TEST(Zip, Beginnings) {
  ZipWriter w;
  w.add({"a", "x"});
  EXPECT_TRUE(begins_like_zip(as_bytes(w.finish())));
  EXPECT_TRUE(begins_like_zip(as_bytes(ZipWriter().finish())));
  EXPECT_FALSE(begins_like_zip(as_bytes("PK")));
  EXPECT_FALSE(
      begins_like_zip(as_bytes("\x7f"
                               "ELF")));
}

// Whatever the bytes say: no crash, offsets inside, and what is unpacked never exceeds what was stated.
TEST(Zip, RandomMutations) {
  ZipWriter w;
  w.add({"lib/a.so", test::prose(2000)});
  w.add({"b", "stored", false, true});
  w.add({"c", test::prose(500, 7), true, true, true});
  const std::string good = w.finish("comment", true);
  std::mt19937 random(1);
  int readable = 0;
  for (int round = 0; round < 20'000; round++) {
    std::string zip = good;
    for (uint32_t k = 1 + random() % 4; k-- > 0;) {
      // Half of the changes go to the directory, where the structure is.
      size_t from = random() % 2 ? w.directory_at : 0;
      zip[from + random() % (zip.size() - from)] = char(random() % 3 == 0 ? 0xff : random());
    }
    auto a = list(zip);
    if (!a) continue;
    for (auto& e : a->entries) {
      MemoryBytes bytes(as_bytes(zip));
      auto data = locate(bytes, e);
      if (!data) continue;
      ASSERT_LE(*data + e.packed, zip.size());
      auto stream = unpack(e, std::make_unique<MemoryStream>(as_bytes(zip).subspan(*data, e.packed)));
      stream->skip(e.size);
      ASSERT_LE(stream->at(), e.size);
      ASSERT_TRUE(stream->at() == e.size || stream->error());
      if (!stream->error()) readable++;
    }
  }
  EXPECT_GT(readable, 1000);  // the changes leave something to read
}

}  // namespace
}  // namespace cufit::formats::zip
