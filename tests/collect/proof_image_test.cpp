// Which module of a subject is handed to the driver as a proof, and which bytes these are.
#include "collect/proof_image.h"

#include <gtest/gtest.h>

#include "collect/binary.h"
#include "collect/scratch.h"
#include "formats/build.h"

namespace cufit::collect {
namespace {

using test::container;
using test::CubinSpec;
namespace fs = std::filesystem;
using test::Scratch;

/// A stand-in for the rules: a GPU of 8.6, on which code of 8.0 runs as well and PTX of 7.0 can be compiled.
Takes takes_86(const ModuleShape& shape) {
  auto best = Takes::not_at_all;
  for (auto& image : shape.images) {
    bool sass = image.kind == Image::Kind::sass && !image.empty;
    auto how = sass && image.target == Sm{8, 6}   ? Takes::native
               : sass && image.target == Sm{8, 0} ? Takes::compatible
               : image.kind == Image::Kind::ptx   ? Takes::compiled
                                                  : Takes::not_at_all;
    best = std::min(best, how);
  }
  return best;
}

/// Machine code with about this many bytes.
std::string sass_of(unsigned arch, size_t code) {
  test::EntrySpec e;
  e.arch = arch;
  e.minor = 7;
  e.payload = test::cubin(CubinSpec{.arch = arch, .code = code});
  return test::entry(e);
}

std::string module(unsigned arch, size_t code) { return container({sass_of(arch, code)}); }

const size_t kUsual = 16 << 10, kHuge = 5 << 20;

/// A folder with libraries, read as a subject.
class Library {
 public:
  Library() {
    subject.id = "s3";
    subject.kind = Subject::Kind::distribution;
    subject.path = "/venv";
  }
  void add(const std::string& name, const std::string& bytes, Role role = Role::core) {
    auto path = scratch_.write(name, bytes);
    auto bin = read_binary(*File::open(path), {});
    ASSERT_TRUE(bin) << name;
    bin->path = path;
    subject.members.push_back({*bin, role});
  }
  void add_modules(const std::string& name, const std::string& modules, Role role = Role::core) {
    add(name, test::elf({.sections = {{".nv_fatbin", modules}}}).bytes, role);
  }
  std::string path(const std::string& name) const { return scratch_.path(name); }
  auto image() const { return image_to_prove(subject, takes_86); }
  /// The bytes that were found; of a failure its reason.
  std::string bytes() const {
    auto found = image();
    return found ? std::string(as_text(found->image.bytes)) : found.error().what.id;
  }
  std::string file() const { return fs::path(image()->image.file).filename(); }

  Subject subject;

 private:
  Scratch scratch_;
};

TEST(ProofImage, IsOneWholeContainerWithItsPlace) {
  Library lib;
  auto other = module(75, kUsual), wanted = module(86, kUsual);
  auto elf = test::elf({.sections = {{".nv_fatbin", other + wanted + other}}});
  lib.add("lib.so", elf.bytes);
  auto found = lib.image();
  ASSERT_TRUE(found);
  EXPECT_EQ(as_text(found->image.bytes), wanted);
  EXPECT_EQ(found->at, elf.at[".nv_fatbin"] + other.size());
  EXPECT_EQ(found->takes, Takes::native);
  EXPECT_EQ(found->image.of, "s3");
  EXPECT_EQ(found->image.file, lib.path("lib.so"));
}

TEST(ProofImage, NativeCodeComesBeforeWhatIsCompatibleAndThatBeforePtx) {
  auto ptx = container({test::ptx_entry(70, 8, 0)}), compatible = module(80, kUsual),
       native = module(86, 2 * kUsual);
  for (auto& [modules, wanted] : {std::pair{ptx + compatible + native, native},
                                  {ptx + compatible, compatible},
                                  {module(75, kUsual) + ptx, ptx}}) {
    Library lib;
    lib.add_modules("lib.so", modules);
    EXPECT_TRUE(lib.bytes() == wanted);
  }
}

TEST(ProofImage, OfEqualOnesTheSmallestThatIsNoStub) {
  auto large = container({sass_of(86, 4 * kUsual), sass_of(90, 100)}), small = module(86, kUsual),
       tiny = container({sass_of(86, 100), sass_of(75, 100)});
  Library lib;
  lib.add_modules("lib.so", large + tiny + small);
  EXPECT_TRUE(lib.bytes() == small);
  auto less_tiny = module(86, 1000);
  Library only_tiny;
  only_tiny.add_modules("lib.so", tiny + less_tiny);
  EXPECT_TRUE(only_tiny.bytes() == less_tiny);
}

// Modules of one shape have one example: the first.
TEST(ProofImage, WhereTheFirstIsTooLargeOneBehindItIsTaken) {
  auto huge = module(86, kHuge), other = module(75, kUsual), wanted = module(86, kUsual);
  Library lib;
  lib.add_modules("lib.so", huge + other + wanted);
  EXPECT_TRUE(lib.bytes() == wanted);
  Library stub_first;
  stub_first.add_modules("lib.so", module(86, 100) + other + wanted);
  EXPECT_TRUE(stub_first.bytes() == wanted);
}

TEST(ProofImage, NeitherAModuleOfAnotherGpuNorATooLargeOneIsTakenInstead) {
  Library lib;
  lib.add_modules("lib.so", module(86, kHuge) + module(75, kUsual));
  EXPECT_EQ(lib.bytes(), "gap.image-large");
}

TEST(ProofImage, TheCodeOfThePackageComesBeforeWhatItUsesOnDemandAndNvidiasOwn) {
  Library lib;
  lib.add_modules("libcublas.so", module(86, kUsual), Role::math);
  lib.add_modules("extra.so", module(86, kUsual), Role::optional);
  EXPECT_EQ(lib.file(), "extra.so");
  lib.add_modules("libc10_cuda.so", module(86, kUsual));
  lib.add_modules("libtorch_cuda.so", module(80, kUsual) + module(80, kUsual));
  EXPECT_EQ(lib.file(), "libtorch_cuda.so");
}

TEST(ProofImage, AFileWithoutCodeForTheGpuIsPassedOver) {
  Library lib;
  lib.add_modules("lib.so", module(75, kUsual) + module(75, kUsual));
  EXPECT_EQ(lib.bytes(), "gap.image-none");
  lib.add_modules("extra.so", module(80, kUsual), Role::optional);
  EXPECT_EQ(lib.file(), "extra.so");
}

TEST(ProofImage, ObjectsOfADeviceLinkAreNotHandedOver) {
  Library lib;
  lib.add("lib.so", test::elf({.sections = {{"__nv_relfatbin", module(86, kUsual)}}}).bytes);
  EXPECT_EQ(lib.bytes(), "gap.image-none");
}

TEST(ProofImage, BareFilesAndCubinsInsideOfLibraries) {
  auto cubin = test::cubin({.arch = 86, .code = kUsual}), ptx = test::ptx("8.0", "sm_70");
  Library bare, text, inside, fatbin;
  bare.add("k.cubin", cubin);
  EXPECT_TRUE(bare.bytes() == cubin);
  text.add("k.ptx", ptx);
  EXPECT_EQ(text.bytes(), ptx + '\0');
  inside.add("lib.so", test::elf({.sections = {{".rodata", "#" + cubin + "#"}}}).bytes);
  EXPECT_TRUE(inside.bytes() == cubin);
  fatbin.add("k.fatbin", module(86, kUsual));
  EXPECT_TRUE(fatbin.bytes() == module(86, kUsual));
}

TEST(ProofImage, PtxTextInsideOfALibraryHasNoEnd) {
  Library lib;
  lib.add("lib.so", test::elf({.sections = {{".rodata", test::ptx("8.0", "sm_70") + "#"}}}).bytes);
  EXPECT_EQ(lib.bytes(), "gap.image-none");
}

TEST(ProofImage, AFileThatWasChangedSaysSo) {
  Library lib;
  lib.add_modules("lib.so", module(86, kUsual));
  auto size = fs::file_size(lib.path("lib.so"));
  std::ofstream(lib.path("lib.so")) << std::string(size, '#');
  EXPECT_EQ(lib.bytes(), "gap.image-moved");
  fs::resize_file(lib.path("lib.so"), 100);
  EXPECT_EQ(lib.bytes(), "gap.image-moved");
  fs::remove(lib.path("lib.so"));
  EXPECT_EQ(lib.bytes(), "gap.read-error");
  EXPECT_EQ(lib.image().error().path, lib.path("lib.so"));
}

TEST(ProofImage, WhatIsNotInstalledHasNone) {
  Library lib;
  lib.add_modules("lib.so", module(86, kUsual));
  for (auto kind : {Subject::Kind::wheel, Subject::Kind::build}) {
    lib.subject.kind = kind;
    EXPECT_EQ(lib.bytes(), "gap.image-not-installed");
    EXPECT_EQ(lib.image().error().path, "/venv");
  }
}

}  // namespace
}  // namespace cufit::collect
