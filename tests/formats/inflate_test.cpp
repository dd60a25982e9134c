#include "formats/inflate.h"

#include <gtest/gtest.h>

#include <random>

#include "formats/zip_writer.h"

namespace cufit::formats {
namespace {

using test::crc_of;
using test::deflated;
using test::prose;

/// Hands out its bytes a few at a time, as a slow source would.
class Dribble final : public Stream {
 public:
  Dribble(std::string s, size_t step) : data_(std::move(s)), step_(step) {}
  uint64_t at() const override { return at_; }
  Bytes peek(size_t n) override {
    Bytes rest = as_bytes(data_).subspan(at_);
    return rest.first(std::min(rest.size(), std::max(n, step_)));
  }
  void skip(uint64_t n) override { at_ += std::min<uint64_t>(n, data_.size() - at_); }

 private:
  std::string data_;
  size_t step_, at_ = 0;
};

/// Both libraries where both are built in.
class Inflate : public testing::TestWithParam<InflateLibrary> {
 protected:
  InflateStream stream(std::string packed, InflateStream::Expect expect, size_t step = 1 << 20) {
    return {std::make_unique<Dribble>(std::move(packed), step), expect, make_inflater(GetParam())};
  }
  InflateStream stream_of(const std::string& s, size_t step = 1 << 20, int level = 6) {
    return stream(deflated(s, level), {s.size(), crc_of(s)}, step);
  }
  /// What goes wrong when everything is skipped.
  std::string complaint(std::string packed, InflateStream::Expect expect) {
    auto s = stream(std::move(packed), expect);
    s.skip(expect.size);
    EXPECT_LE(s.at(), expect.size);
    return s.error() ? s.error()->message : "";
  }
};

std::string drain(Stream& s, size_t ask) {
  std::string out;
  for (;;) {
    Bytes b = s.peek(ask);
    if (b.empty()) return out;
    b = b.first(std::min(b.size(), ask));
    out += as_text(b);
    s.skip(b.size());
  }
}

TEST_P(Inflate, GivesTheBytesWhateverTheStep) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{70'000}, size_t{1'500'000}}) {
    std::string s = prose(size);
    for (size_t step : {size_t{1}, size_t{1000}, size_t{1} << 20}) {
      if (step == 1 && size > 100'000) continue;
      for (int level : {0, 1, 9}) {
        auto stream = stream_of(s, step, level);
        EXPECT_TRUE(drain(stream, 4099) == s) << size << " " << step;
        EXPECT_EQ(stream.at(), size);
        EXPECT_FALSE(stream.error()) << stream.error()->message;
      }
    }
  }
}

TEST_P(Inflate, PeekShowsWhatWasAskedFor) {
  std::string s = prose(3'000'000);
  auto stream = stream_of(s, 5000);
  for (size_t n : {size_t{10}, size_t{300'000}, size_t{2'000'000}, size_t{100}, size_t{9'000'000}}) {
    Bytes b = stream.peek(n);
    ASSERT_GE(b.size(), std::min<size_t>(n, s.size() - stream.at()));
    ASSERT_TRUE(as_text(b) == std::string_view(s).substr(stream.at(), b.size()));
    stream.skip(12'345);
  }
}

TEST_P(Inflate, SkipAndPeekAgreeWithTheText) {
  std::string s = prose(2'000'000, 3);
  std::mt19937 random(2);
  for (int round = 0; round < 20; round++) {
    auto stream = stream_of(s, 1 + random() % 100'000);
    uint64_t at = 0;
    while (at < s.size()) {
      ASSERT_EQ(stream.at(), at);
      size_t n = random() % 3 ? random() % 100 : random() % 400'000;
      Bytes b = stream.peek(n);
      ASSERT_GE(b.size(), std::min<size_t>(n, s.size() - at));
      ASSERT_TRUE(as_text(b) == std::string_view(s).substr(at, b.size()));
      uint64_t skipped = random() % 500'000;
      stream.skip(skipped);
      at = std::min<uint64_t>(at + skipped, s.size());
    }
    EXPECT_FALSE(stream.error()) << stream.error()->message;
  }
}

TEST_P(Inflate, SaysWhatIsWrong) {
  std::string s = prose(400'000);
  std::string packed = deflated(s);
  uint32_t crc = crc_of(s);
  auto has = [](const std::string& text, const char* part) { return text.find(part) != text.npos; };
  EXPECT_EQ(complaint(packed, {s.size(), crc}), "");
  EXPECT_PRED2(has, complaint(packed, {s.size(), crc + 1}), "CRC");
  EXPECT_PRED2(has, complaint(packed, {s.size() + 1, crc}), "expected 400001 bytes unpacked, found 400000");
  EXPECT_PRED2(has, complaint(packed, {s.size() - 1, crc}), "found more");
  EXPECT_PRED2(has, complaint(packed, {0, 0}), "found more");
  EXPECT_PRED2(has, complaint(packed + "x", {s.size(), crc}), "bytes follow");
  EXPECT_PRED2(has, complaint(packed + std::string(100, 'x'), {s.size(), crc}), "bytes follow");
  EXPECT_PRED2(has, complaint(packed.substr(0, packed.size() / 2), {s.size(), crc}), "end too early");
  EXPECT_PRED2(has, complaint(packed.substr(0, packed.size() - 1), {s.size(), crc}), "end too early");
  EXPECT_PRED2(has, complaint("", {s.size(), crc}), "end too early");
  EXPECT_PRED2(has, complaint(std::string(100, '\xff'), {s.size(), crc}), "damaged");
}

TEST_P(Inflate, BytesBeforeTheDamageAreShown) {
  std::string s = prose(1'000'000);
  std::string packed = deflated(s);
  auto stream = this->stream(packed.substr(0, packed.size() / 2), {s.size(), crc_of(s)});
  std::string got = drain(stream, 1);
  EXPECT_GT(got.size(), 100'000u);
  EXPECT_TRUE(s.starts_with(got));
  EXPECT_TRUE(stream.error());
}

TEST_P(Inflate, ABombUnpacksToItsStatedSizeAtMost) {
  std::string zeros(50'000'000, '\0');
  std::string packed = deflated(zeros, 9);
  ASSERT_LT(packed.size(), 60'000u);
  EXPECT_NE(complaint(packed, {1000, 0}).find("found more"), std::string::npos);
}

/// A source that fails half way.
class Failing final : public Stream {
 public:
  explicit Failing(std::string s) : data_(std::move(s)) {}
  uint64_t at() const override { return at_; }
  Bytes peek(size_t) override { return as_bytes(data_).subspan(at_); }
  void skip(uint64_t n) override { at_ += n; }
  const Error* error() const override { return at_ == data_.size() ? &error_ : nullptr; }

 private:
  std::string data_;
  size_t at_ = 0;
  Error error_{"cannot be read: Input/output error", "wheel", 77};
};

TEST_P(Inflate, PassesTheErrorOfItsSourceOn) {
  std::string s = prose(100'000), packed = deflated(s);
  InflateStream stream(std::make_unique<Failing>(packed.substr(0, packed.size() / 2)), {s.size(), crc_of(s)},
                       make_inflater(GetParam()));
  EXPECT_TRUE(s.starts_with(drain(stream, 1)));
  ASSERT_TRUE(stream.error());
  EXPECT_EQ(stream.error()->to_string(), "wheel: at 0x4d: cannot be read: Input/output error");
}

// Damaged data may by chance still be deflate data, but then the CRC speaks; nothing passes unnoticed.
TEST_P(Inflate, RandomMutationsNeverPass) {
  std::string s = prose(20'000);
  const std::string packed = deflated(s);
  std::mt19937 random(4);
  for (int round = 0; round < 3000; round++) {
    std::string bad = packed;
    for (uint32_t k = 1 + random() % 3; k-- > 0;) bad[random() % bad.size()] ^= char(1 << random() % 8);
    if (bad == packed) continue;
    auto stream = this->stream(bad, {s.size(), crc_of(s)}, 1 + random() % 5000);
    std::string got = drain(stream, 1 + random() % 9000);
    ASSERT_LE(got.size(), s.size());
    ASSERT_TRUE(stream.error() || got == s);
  }
}

INSTANTIATE_TEST_SUITE_P(Libraries, Inflate,
                         testing::ValuesIn(inflate_libraries().begin(), inflate_libraries().end()),
                         [](auto& p) {
                           return std::string(p.param == InflateLibrary::isal ? "isal" : "zlib");
                         });

}  // namespace
}  // namespace cufit::formats
