#include "collect/library_owner.h"

#include <gtest/gtest.h>

#include "collect/environment_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

std::vector<Environment> environments(const Scratch& s, const std::string& root) {
  return find_environments(s.path(root), walk(s.path(root)));
}

std::string owner(LibraryOwners& owners, const std::string& path) {
  auto o = owners.owner_of(path);
  return o ? o->told() : "-";
}

TEST(LibraryOwner, ByRecord) {
  Scratch s;
  make_venv(s);
  install(s, kSite,
          {.name = "nvidia_cublas_cu12",
           .version = "12.1.3.1",
           .files = {{"nvidia/cublas/lib/libcublas.so.12", "x"}}});
  install(s, kSite,
          {.name = "torch",
           .version = "2.1.0+cu121",
           .files = {{"torch/lib/libtorch_cuda.so", "x"}, {"torch/lib/libcudart-9335f6a2.so.12", "x"}}});
  install(s, kSite, {.name = "numpy", .version = "2.1.0", .files = {{"numpy/core.so", "x"}}});
  s.write(kSite + "/loose.so", "x");
  fs::create_symlink(s.path("venv"), s.path("link"));
  LibraryOwners owners(environments(s, "venv"));
  auto site = s.path(kSite);
  EXPECT_EQ(owner(owners, site + "/nvidia/cublas/lib/libcublas.so.12"), "nvidia_cublas_cu12 12.1.3.1");
  EXPECT_EQ(owner(owners, site + "/torch/../nvidia/cublas/lib/libcublas.so.12"),
            "nvidia_cublas_cu12 12.1.3.1");
  EXPECT_EQ(owner(owners, s.path("link") + "/lib/python3.12/site-packages/torch/lib/libtorch_cuda.so"),
            "torch 2.1.0+cu121");
  EXPECT_EQ(owner(owners, site + "/loose.so"), "-");
  EXPECT_EQ(owner(owners, site + "/numpy/core.so"), "-") << "its list is not read";
  EXPECT_EQ(owner(owners, "/gone"), "-");
  EXPECT_EQ(owner(owners, "relative"), "-");
  EXPECT_EQ(owner(owners, ""), "-");
}

TEST(LibraryOwner, ByCondasRecordThroughALink) {
  Scratch s;
  s.write("env/conda-meta/history", "");
  s.write("env/lib/libcudart.so.12.4.127", "x");
  fs::create_symlink("libcudart.so.12.4.127", s.path("env/lib/libcudart.so.12"));
  s.write("env/conda-meta/cuda-cudart-12.4.127-0.json",
          R"({"name":"cuda-cudart","version":"12.4.127","files":["lib/libcudart.so.12.4.127"]})");
  s.write("env/conda-meta/python-3.12.1-0.json", R"({"name":"python","files":["lib/libpython3.12.so"]})");
  s.write("env/lib/libpython3.12.so", "x");
  LibraryOwners owners(environments(s, "env"));
  EXPECT_EQ(owner(owners, s.path("env/lib/libcudart.so.12")), "cuda-cudart 12.4.127");
  EXPECT_EQ(owner(owners, s.path("env/lib/libpython3.12.so")), "-");
}

TEST(LibraryOwner, InsideOfARoot) {
  Scratch s;
  make_venv(s, "root/venv");
  install(
      s, "root/" + kSite,
      {.name = "nvidia-nccl-cu12", .version = "2.27.5", .files = {{"nvidia/nccl/lib/libnccl.so.2", "x"}}});
  fs::create_symlink("/venv", s.path("root/active"));
  auto root = s.path("root");
  LibraryOwners owners(find_environments(root + "/venv", walk(root + "/venv", {}, nullptr, root), root),
                       root);
  EXPECT_EQ(owner(owners, root + "/active/lib/python3.12/site-packages/nvidia/nccl/lib/libnccl.so.2"),
            "nvidia-nccl-cu12 2.27.5");
}

TEST(LibraryOwner, OfSeveralWhoseSizeFitsAndOfNoneWhereNoneDoes) {
  Scratch s;
  make_venv(s);
  const std::string library = "nvidia/nccl/lib/libnccl.so.2";
  install(s, kSite, {.name = "nvidia-nccl-cu12", .version = "2.27.3", .files = {{library, "abc", false}}});
  install(s, kSite, {.name = "nvidia-nccl-cu13", .version = "2.27.7", .files = {{library, "abcd"}}});
  auto path = s.path(kSite + "/" + library);
  auto told = [&] {
    LibraryOwners owners(environments(s, "venv"));
    return owner(owners, path);
  };
  EXPECT_EQ(told(), "nvidia-nccl-cu13 2.27.7");
  s.write(kSite + "/" + library, "abc");
  EXPECT_EQ(told(), "nvidia-nccl-cu12 2.27.3");
  s.write(kSite + "/" + library, "neither");
  EXPECT_EQ(told(), "-");
  install(s, kSite, {.name = "nvidia-nccl", .version = "2.28.0", .files = {{library, "abcd"}}});
  EXPECT_EQ(told(), "-") << "two versions of one size";
}

}  // namespace
}  // namespace cufit::collect
