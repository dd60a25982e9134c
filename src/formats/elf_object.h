// ELF files as the dynamic loader reads them: header, dynamic section, versions. No sections: what is stripped
// of them loads all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace cufit::formats {

struct ElfVersionNeed {
  std::string library;                ///< as in DT_NEEDED
  std::vector<std::string> versions;  ///< weak ones left out
};

struct ElfObject {
  uint8_t bits = 64;
  uint16_t machine = 0, type = 0;  ///< as in formats::Elf
  /// Why the loader of this machine gives up on the file instead of looking further; empty: it does not. From
  /// here on nothing is read where this is set, nor of a 32-bit file.
  std::string refused;
  bool dynamic = false;     ///< has a dynamic segment
  std::string interpreter;  ///< PT_INTERP; empty if there is none
  std::optional<std::string> soname, rpath, runpath;
  std::vector<std::string> needed;
  bool nodeflib = false;  ///< DF_1_NODEFLIB
  bool pie = false;       ///< DF_1_PIE: a program, although its type is that of a library
  std::vector<ElfVersionNeed> needs;
  std::vector<std::string> defines;  ///< names of DT_VERDEF, that of the file itself too, in file order
};

/// The error is one for which the loader gives up: "file too short", "invalid ELF header". Damage further on
/// leaves out what it concerns.
Result<ElfObject> read_object(RandomBytes& file);

}  // namespace cufit::formats
