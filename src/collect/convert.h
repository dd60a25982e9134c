// From what a scan found to the model: modules become shapes with counts, gaps get their texts.
#pragma once

#include <string>
#include <vector>

#include "formats/elf.h"
#include "formats/found.h"
#include "model/image.h"

namespace cufit::collect {

/// The id of a gap in data/texts, with its parameters.
Text text_of(const formats::Gap& gap);

/// Sets shapes, toolkits and gaps of `binary`. `elf` is null for what is no ELF file; `linked` are the
/// offsets of containers that the device linker made.
void set_contents(Binary& binary, const formats::Found& found, const formats::Elf* elf,
                  const std::set<uint64_t>& linked);

struct ArchiveMember {
  Binary binary;
  uint64_t base = 0;  ///< offset of its data in the archive
};

/// Sets shapes, toolkits and host architecture of an archive from its members, and adds their gaps.
void add_members(Binary& archive, const std::vector<ArchiveMember>& members);

}  // namespace cufit::collect
