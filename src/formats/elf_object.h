// ELF files as the dynamic loader reads them: header, dynamic section, versions. No sections: what is
// stripped of them loads all the same.
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

/// DT_FILTER, DT_AUXILIARY.
struct ElfFiltee {
  std::string name;
  bool auxiliary = false;
  uint32_t behind = 0;  ///< that many of `needed` stand before it
};

struct ElfObject {
  uint8_t bits = 64;  ///< 32: not of the class of 64-bit files
  /// As in formats::Elf. Read as little-endian numbers, as the loader does: the machine of a big-endian file
  /// is none that there is, and it is passed over like those of others.
  uint16_t machine = 0, type = 0;
  /// Why the loader gives up on the file instead of looking further, if it is for its machine; empty: it does
  /// not. From here on nothing is read where this is set, nor of a 32-bit file.
  std::string refused;
  bool dynamic = false;     ///< has a dynamic segment that is not empty
  std::string interpreter;  ///< PT_INTERP; empty if there is none
  std::optional<std::string> soname, rpath, runpath;
  std::vector<std::string> needed;
  std::vector<ElfFiltee> filtees;
  std::vector<std::string> audits;  ///< DT_AUDIT, DT_DEPAUDIT: lists with ':' between names
  bool nodeflib = false;            ///< DF_1_NODEFLIB
  bool pie = false;                 ///< DF_1_PIE: a program, although its type is that of a library
  std::vector<ElfVersionNeed> needs;
  /// Bytes that the file had before it was cut off: up to where its last loadable segment ends. 0: all of
  /// that is there.
  uint64_t whole_size = 0;
  std::vector<std::string> defines;  ///< names of DT_VERDEF, that of the file itself too, in file order
};

/// The error is one for which the loader gives up whatever the machine: "file too short", "invalid ELF
/// header". Damage further on leaves out what it concerns.
Result<ElfObject> read_object(RandomBytes& file);

}  // namespace cufit::formats
