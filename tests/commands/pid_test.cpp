// check --pid: what a running process has mapped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "collect/scratch.h"
#include "commands/process.h"

namespace cufit::commands {
namespace {

/// This process maps the file as the loader maps a library.
class Mapped {
 public:
  explicit Mapped(const std::string& path) {
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    at_ = mmap(nullptr, kSize, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    close(fd);
  }
  Mapped(const Mapped&) = delete;
  ~Mapped() { munmap(at_, kSize); }
  bool ok() const { return at_ != MAP_FAILED; }

 private:
  static constexpr size_t kSize = 4096;
  void* at_ = nullptr;
};

TEST(Pid, AStubThatWasOpenedByItsPathIsTold) {
  test::Scratch scratch;
  scratch.write("stubs/libcuda.so", "");
  std::filesystem::copy_file("/bin/sh", scratch.path("stubs/libcuda.so"),
                             std::filesystem::copy_options::overwrite_existing);
  const std::string pid = std::to_string(getpid());
  auto before = Process{}({"check", "--pid", pid});
  EXPECT_EQ(before.out.find("stub"), std::string::npos) << before.out;
  Mapped stub(scratch.path("stubs/libcuda.so"));
  if (!stub.ok()) GTEST_SKIP() << "the folder of temporary files is mounted noexec";
  auto ran = Process{}({"check", "--pid", pid});
  EXPECT_NE(ran.out.find("the process has mapped " + scratch.path("stubs/libcuda.so")), std::string::npos)
      << ran.out << ran.err;
  EXPECT_NE(ran.out.find("cudaErrorStubLibrary (34)"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace cufit::commands
