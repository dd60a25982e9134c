#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace cufit {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string name = (fs::temp_directory_path() / "cufit_file_XXXXXX").string();
    dir_ = mkdtemp(name.data());
  }
  ~FileTest() override { fs::remove_all(dir_); }

  std::string write(const std::string& name, std::string_view content) {
    std::string path = dir_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string numbers(size_t n) {
    std::mt19937 random(9);
    std::string s(n, '\0');
    for (char& c : s) c = char(random());
    return s;
  }

  fs::path dir_;
};

TEST_F(FileTest, ReadsRanges) {
  auto f = File::open(write("a", "0123456789"));
  ASSERT_TRUE(f) << f.error().to_string();
  EXPECT_EQ(f->size(), 10u);
  uint8_t b[4];
  ASSERT_TRUE(f->read_at(3, b));
  EXPECT_EQ(as_text(b), "3456");
  auto beyond = f->read_at(8, b);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().offset, 10u);
  EXPECT_FALSE(f->read_at(~uint64_t{0} - 1, b));
}

TEST_F(FileTest, OnlyRegularFiles) {
  std::string fifo = dir_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string socket_path = dir_ / "socket";
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::pair<std::string, const char*> cases[] = {{fifo, "found a FIFO"},
                                                       {dir_, "found a directory"},
                                                       {"/dev/null", "found a device"},
                                                       {socket_path, "a socket"},
                                                       {dir_ / "missing", "no such file or folder"}};
  for (auto& [path, says] : cases) {
    auto f = File::open(path);  // a FIFO without a writer must not block
    ASSERT_FALSE(f) << path;
    EXPECT_NE(f.error().message.find(says), std::string::npos) << f.error().message;
    EXPECT_EQ(f.error().file, path);
  }
  close(s);
}

TEST_F(FileTest, MovesWithItsDescriptor) {
  auto f = File::open(write("a", "abc"));
  ASSERT_TRUE(f);
  File g = std::move(*f);
  File h = std::move(*File::open(write("b", "xyz")));
  h = std::move(g);
  uint8_t b[3];
  ASSERT_TRUE(h.read_at(0, b));
  EXPECT_EQ(as_text(b), "abc");
}

TEST_F(FileTest, AFileThatShrinksIsAnError) {
  std::string path = write("a", numbers(100'000));
  auto f = File::open(path);
  ASSERT_TRUE(f);
  FileStream stream(*f);
  EXPECT_GE(stream.peek(10).size(), 10u);
  FileBytes bytes(*f);
  fs::resize_file(path, 50'000);
  stream.skip(60'000);
  EXPECT_TRUE(stream.peek(10).empty());
  ASSERT_TRUE(stream.error());
  EXPECT_EQ(stream.error()->file, path);
  EXPECT_FALSE(bytes.view(49'999, 10));
  EXPECT_TRUE(bytes.error());
}

TEST_F(FileTest, BytesBeforeTheMissingOnesAreShown) {
  std::string s = numbers(100'000), path = write("a", s);
  auto f = File::open(path);
  ASSERT_TRUE(f);
  FileStream stream(*f);
  fs::resize_file(path, 50'001);
  EXPECT_TRUE(as_text(stream.peek(80'000)) == std::string_view(s).substr(0, 50'001));
  ASSERT_TRUE(stream.error());
  EXPECT_EQ(stream.error()->offset, 50'001u);
  stream.skip(50'001);
  EXPECT_TRUE(stream.peek(1).empty());
}

TEST_F(FileTest, StreamAgreesWithTheContent) {
  std::string s = numbers(3'000'000);
  auto f = File::open(write("a", s));
  ASSERT_TRUE(f);
  std::mt19937 random(3);
  for (int round = 0; round < 100; round++) {
    uint64_t first = random() % s.size(), n = random() % (2 * s.size());
    std::string_view want = std::string_view(s).substr(first, n);
    FileStream stream(*f, first, n);
    ASSERT_EQ(stream.size(), want.size());
    while (stream.at() < want.size()) {
      size_t ask = random() % 4 ? random() % 200 : random() % 600'000;
      Bytes b = stream.peek(ask);
      ASSERT_GE(b.size(), std::min<size_t>(ask, want.size() - stream.at()));
      ASSERT_TRUE(as_text(b) == want.substr(stream.at(), b.size()));
      uint64_t at = stream.at(), skipped = random() % 2 ? random() % 300'000 : b.size();
      stream.skip(skipped);
      ASSERT_EQ(stream.at(), std::min<uint64_t>(at + skipped, want.size()));
      if (ask == 0 && skipped == 0) stream.skip(1);
    }
    EXPECT_TRUE(stream.peek(100).empty());
    EXPECT_FALSE(stream.error());
  }
}

TEST_F(FileTest, PeekIsCapped) {
  std::string path = write("a", "");
  fs::resize_file(path, 100 << 20);  // sparse
  auto f = File::open(path);
  ASSERT_TRUE(f);
  FileStream stream(*f);
  size_t n = stream.peek(50 << 20).size();
  EXPECT_GE(n, Stream::max_peek);
  EXPECT_LE(n, Stream::max_peek + FileStream::max_read);
}

TEST_F(FileTest, HopsReadOnePageAndRunsReadMore) {
  std::string path = write("a", "");
  fs::resize_file(path, 64 << 20);
  auto f = File::open(path);
  ASSERT_TRUE(f);
  f->expect(File::Access::random);  // a hint changes no result
  FileStream hops(*f);
  for (int i = 0; i < 1000; i++) {
    hops.peek(64);
    hops.skip(64 << 10);
  }
  EXPECT_EQ(hops.reads(), 1000u);
  EXPECT_EQ(hops.bytes_read(), 1000 * FileStream::page);
  FileStream run(*f);
  while (!run.peek(1).empty()) run.skip(run.peek(1).size());
  EXPECT_EQ(run.bytes_read(), f->size());
  EXPECT_LE(run.reads(), (f->size() / FileStream::max_read) + 10);
}

TEST_F(FileTest, RandomBytesOfFilesAndMemoryAgree) {
  std::string s = numbers(100'000);
  auto f = File::open(write("a", s));
  ASSERT_TRUE(f);
  std::mt19937 random(8);
  FileBytes file(*f, 1000, 70'000);
  MemoryBytes memory(as_bytes(s).subspan(1000, 70'000));
  ASSERT_EQ(file.size(), memory.size());
  for (int round = 0; round < 5000; round++) {
    uint64_t off = random() % 71'000, n = random() % 3 ? random() % 100 : random() % 40'000;
    auto a = file.view(off, n), b = memory.view(off, n);
    ASSERT_EQ(a.has_value(), b.has_value()) << off << " " << n;
    ASSERT_TRUE(!a || as_text(*a) == as_text(*b)) << off << " " << n;
  }
  for (RandomBytes* bytes : {static_cast<RandomBytes*>(&file), static_cast<RandomBytes*>(&memory)}) {
    EXPECT_FALSE(bytes->view(~uint64_t{0}, 2));
    EXPECT_FALSE(bytes->view(1, ~uint64_t{0}));
    EXPECT_TRUE(bytes->view(70'000, 0));
    EXPECT_FALSE(bytes->view(70'001, 0));
  }
}

TEST_F(FileTest, ViewsAreBounded) {
  std::string path = write("a", "");
  fs::resize_file(path, uint64_t{5} << 30);  // sparse
  auto f = File::open(path);
  ASSERT_TRUE(f);
  FileBytes bytes(*f);
  EXPECT_FALSE(bytes.view(0, RandomBytes::max_view + 1));
  EXPECT_TRUE(bytes.view(bytes.size() - 10, 10));
}

}  // namespace
}  // namespace cufit
