#include "judge/unlisted.h"

#include <algorithm>

#include "judge/ptx.h"
#include "judge/run.h"
#include "judge/sass.h"
#include "knowledge/catalogue.h"

namespace cufit {

namespace {

/// What toolkits can write for a GPU.
struct Writable {
  bool sass = false, ptx = false;
  bool readable_ptx = false;  ///< the driver may compile it
};

Writable writable(std::span<const ToolkitRow* const> toolkits, const Place& place) {
  auto& k = place.knowledge;
  Writable out;
  for (auto* toolkit : toolkits) {
    out.sass |= std::ranges::any_of(toolkit->sass_targets, [&](Sm target) {
      return match_sass(k, target, place.sm).kind != SassMatch::Kind::none;
    });
    bool ptx = std::ranges::any_of(toolkit->ptx_targets, [&](Sm target) {
      return match_ptx_target(k, target, place.sm, place.compiler()).fits != Answer::no;
    });
    out.ptx |= ptx;
    out.readable_ptx |= ptx && reads_isa(k, toolkit->ptx_isa, place.compiler()) != Answer::no;
  }
  return out;
}

}  // namespace

std::optional<ModuleFit> fails_whatever_it_holds(const Member& member, const Place& place) {
  auto is_list = [](const Gap& gap) { return gap.what.id == "gap.no-list-of-code"; };
  if (std::ranges::none_of(member.bin.unread, is_list)) return std::nullopt;
  auto* row = place.knowledge.build(member.bin.path);
  if (!row) return std::nullopt;
  auto toolkits = toolkits_of(place.knowledge, *row);
  if (toolkits.empty()) return std::nullopt;
  auto can = writable(toolkits, place);
  bool forced = place.jit.forced.on, disabled = place.jit.disabled.on;
  if (can.sass && !forced) return std::nullopt;
  if (can.readable_ptx && !disabled) return std::nullopt;
  auto lacks = [](int code, const Rule& rule) { return ModuleFit{ModuleFit::Offer::none, &rule, code}; };
  if (can.sass) return lacks(209, jit_3);
  if (!can.ptx) return lacks(209, run_1);
  return disabled ? lacks(223, run_6) : lacks(222, ptx_2);
}

}  // namespace cufit
