// Found: what a scan of one file (or member) met, in bounded memory.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "formats/fatbin.h"

namespace cufit::formats {

/// Why something could not be read. The names are the ids of data/texts/gaps.toml, with '-' for '_'.
enum class GapKind : uint8_t {
  entry_damaged,      ///< no entry header where one must be
  container_damaged,  ///< container header that does not fit its surroundings
  not_a_container,    ///< bytes in a fatbin section that belong to no container
  unknown_kind,       ///< entry of a kind that we do not know
  too_many,           ///< more modules or kinds of modules than we list
  loose_too_large,    ///< bare cubin larger than what is looked at
  offloading,         ///< clang's .llvm.offloading: not read yet
  sections_damaged,   ///< section table that does not lie in the file
  segments_damaged,
  elf_class,   ///< 32-bit ELF
  elf_endian,  ///< big-endian ELF
  truncated,   ///< the file ends before what its headers promise
  read_error,
  thin_archive,  ///< thin archive: its members are other files
  archive_damaged,
  member_damaged,  ///< zip member that does not inflate to what the directory says
  member_method,   ///< zip member packed in a way that is not read
  member_encrypted,
  zip_damaged,
  windows_binary,  ///< PE file: not read
  archive_inside,  ///< archive inside of a folder or a wheel: not looked into
};

struct Gap {
  GapKind kind;
  uint64_t at = 0;  ///< offset in the file or member
  std::string detail = {};
};

/// A set of images that some modules share, by number.
using ShapeId = uint32_t;

/// Where one module lies.
struct Module {
  uint64_t at = 0, size = 0;
  ShapeId shape = 0;
  bool loose = false;  ///< bare cubin, zstd cubin or PTX text
};

/// A 24-byte wrapper of .nvFatBinSegment.
struct Wrapper {
  static constexpr uint64_t kSize = 24;
  uint64_t at = 0;       ///< file offset of the wrapper
  uint32_t version = 0;  ///< 1 plain, 2 device-linked
  uint64_t data = 0;     ///< address of the container as it stands in the file (0: a relocation brings it)
};

class Found {
 public:
  Found() = default;
  Found(const Found&) = delete;  // shapes_ points into ids_
  Found& operator=(const Found&) = delete;
  Found(Found&&) = default;
  Found& operator=(Found&&) = default;

  static constexpr size_t kMaxModules = 500'000, kMaxShapes = 65'536, kMaxImages = 4096, kMaxGaps = 100;
  static constexpr size_t kMaxAllImages = 1'000'000;  ///< in all shapes together

  /// `images` in file order: it is kept among images of one kind and target, of which the driver takes the
  /// first.
  void add_module(uint64_t at, uint64_t size, std::vector<Image> images, bool loose);
  void add_gap(GapKind kind, uint64_t at, std::string detail = {});
  void add_wrapper(Wrapper w);
  void add_toolkit(uint16_t t) { toolkits_.insert(t); }

  const std::vector<Module>& modules() const { return modules_; }
  const std::vector<Image>& shape(ShapeId id) const { return *shapes_[id]; }
  const std::vector<Wrapper>& wrappers() const { return wrappers_; }
  const std::vector<Gap>& gaps() const { return gaps_; }
  uint64_t gaps_dropped() const { return gaps_dropped_; }  ///< gaps beyond kMaxGaps: counted, not kept
  const std::set<uint16_t>& toolkits() const { return toolkits_; }  ///< 129 = CUDA 12.9

  /// Takes over what another scan found, `base` bytes further on in the file.
  void merge(const Found& other, uint64_t base);

 private:
  std::vector<Module> modules_;
  std::map<std::vector<Image>, ShapeId> ids_;
  std::vector<const std::vector<Image>*> shapes_;
  size_t images_ = 0;  ///< in all shapes together
  std::vector<Wrapper> wrappers_;
  std::vector<Gap> gaps_;
  uint64_t gaps_dropped_ = 0;
  std::set<uint16_t> toolkits_;
  bool full_ = false;  ///< too_many was said
};

}  // namespace cufit::formats
