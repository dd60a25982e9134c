// Kernel modules of Linux: what they say of themselves in their section .modinfo.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/stream.h"

namespace cufit::formats {

struct ModuleInfo {
  std::string version;  ///< "535.129.03"
  std::string license;  ///< "NVIDIA", "Dual MIT/GPL"
  bool operator==(const ModuleInfo&) const = default;
};

/// Entries "name=value" that end with zero bytes.
ModuleInfo parse_module_info(std::string_view section);

/// Does the module end as a signed one does? (Linux, include/linux/module_signature.h.) Nothing of a packed
/// one, which would have to be unpacked to its end.
std::optional<bool> is_signed_module(const File& file);

/// Reads a module as it lies on disk: plain, or packed with zstd or gzip, which is unpacked as far as the
/// section goes. The error is a word for what it is: "xz" (not unpacked here), "no module", "damaged".
std::expected<ModuleInfo, std::string> read_module_info(const File& file);

/// The same of unpacked bytes that only come forward: the section is found by what must stand in it, since
/// the table of sections comes last. Nothing if it does not come.
std::optional<ModuleInfo> find_module_info(Stream& module);

}  // namespace cufit::formats
