#include "model/hidden_code.h"

#include <algorithm>
#include <array>

namespace cufit {

bool is_damage(const Gap& gap) {
  static constexpr std::array<std::string_view, 4> ids = {gap_no_library, gap_cut_off, gap_end_missing,
                                                          gap_denied};
  return std::ranges::find(ids, gap.what.id) != ids.end();
}

bool hides_code(const Gap& gap) {
  // Everything hides code but these, beside code that was read. Links: what lies outside was not asked for.
  // Sections: the whole file was searched instead. Unknown kind: the module itself says so. 32-bit and
  // big-endian hosts have no CUDA today; Linux runs no Windows code; archives are no part of a program until
  // somebody unpacks them. Overwritten files: what lies there was read with the package that owns it.
  // Replaced files: what lies there was read. Stale descriptions: the package that is there was read.
  // Programs and static libraries that are not there: nothing loads them.
  static constexpr std::array<std::string_view, 11> harmless = {
      "gap.link-outside",  "gap.sections-damaged", "gap.unknown-kind",     "gap.elf-class",
      "gap.elf-endian",    "gap.windows-binary",   "gap.archive-inside",   "gap.file-overwritten",
      "gap.file-replaced", "gap.program-missing",  "gap.stale-description"};
  return std::ranges::find(harmless, gap.what.id) == harmless.end();
}

}  // namespace cufit
