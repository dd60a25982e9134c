// GPU code as it lies in files: images, modules (as shapes with counts), and the binary that holds them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/version.h"
#include "model/sm.h"
#include "model/text.h"

namespace cufit {

/// Two numbers whose meaning depends on the image: PTX -> PTX ISA (9.0 is `.version 9.0`),
/// SASS -> cubin ABI as {1, 7} or {1, 8}, LTO -> version of the IR. {0, 0} if unknown.
struct Isa {
  uint8_t major = 0, minor = 0;
  auto operator<=>(const Isa&) const = default;
};

enum class Packing : uint8_t { none, lz4, zstd };

/// One piece of GPU code for one target.
struct Image {
  enum class Kind : uint8_t { sass, ptx, lto, other };
  Kind kind = Kind::sass;
  Sm target;
  Isa isa;
  /// {0, 0}: `isa` is what was read. Else nobody read it: the PTX ISA lies between `isa` and this (published
  /// builds of which only the CUDA major is known); of kind `other`, PTX that the list of a build leaves
  /// open.
  Isa isa_at_most = {};
  Packing packing = Packing::none;
  bool debug = false;  ///< built with -G
  bool empty = false;  ///< known to hold no kernel (device-link stubs, units with globals only): no coverage
  bool relocatable = false;  ///< -rdc: an input of the device link (ELF type 1)
  bool unresolved = false;   ///< relocatable, and needs what other objects define: alone it has no kernels
  /// "8.8"; "8.0-8.8" where only bounds are known.
  std::string isa_text() const;
  auto operator<=>(const Image&) const = default;
};

/// Modules (fatbin containers, one translation unit each) that hold equal sets of images.
struct ModuleShape {
  enum class Link : uint8_t {
    whole,        ///< an ordinary module: complete by itself
    rdc_object,   ///< relocatable device code (`__nv_relfatbin`): an input of the device link
    device_link,  ///< the product of the device link (wrapper version 2)
    loose,  ///< a bare cubin, zstd-compressed cubin or PTX text without container: the library picks one by
            ///< itself
  };
  /// By kind and target; images of one kind and target in the order of the file, because the driver takes the
  /// first.
  std::vector<Image> images;
  uint32_t count = 0;
  Link link = Link::whole;
  std::string section =
      {};  ///< where the modules of this shape lie (".nv_fatbin"); empty if there are no sections
  uint64_t example = 0;  ///< file offset (of the archive or wheel member) of the first one
  bool operator==(const ModuleShape&) const = default;
};

/// Something that could not be read, or was not understood: never dropped, never guessed.
struct Gap {
  std::string path;  ///< file, or "archive!member"
  std::optional<uint64_t> offset = {};
  Text what;
  bool operator==(const Gap&) const = default;
};

/// What the dynamic section of an ELF file says.
struct Dynamic {
  std::optional<std::string> soname, rpath, runpath;
  std::vector<std::string> needed;
  bool operator==(const Dynamic&) const = default;
};

/// Which bytes were looked at.
enum class Pass : uint8_t {
  usual,  ///< only .nv_fatbin and __nv_relfatbin
  full,   ///< every place that can hold GPU code
};

/// One file (or archive/wheel member) and the GPU code in it.
struct Binary {
  enum class Format : uint8_t { elf, cubin, fatbin, ptx, archive };
  std::string path;  ///< as given; inside of a wheel the name of the member, below a folder with the folder
  uint64_t size = 0;
  Format format = Format::elf;
  std::string arch;      ///< host architecture of an ELF file: "x86_64", "aarch64"; else empty
  std::string build_id;  ///< lower-case hex, empty if none
  Dynamic dyn;
  std::vector<ModuleShape> shapes;  ///< sorted: by link, then images
  std::vector<Version> toolkits;    ///< CUDA toolkits whose mark was read in the code ("12.4"), ascending
  Pass pass = Pass::full;
  std::vector<Gap> unread;
  bool operator==(const Binary&) const = default;
};

}  // namespace cufit
