#include "judge/sass.h"

#include <algorithm>

#include "judge/tegra.h"

namespace cufit {

namespace {

using Kind = SassMatch::Kind;

Kind kind_of(Answer answer, bool same) {
  if (answer == Answer::unknown) return Kind::unknown;
  if (answer == Answer::no) return Kind::none;
  return same ? Kind::native : Kind::compatible;
}

/// A target that named this GPU before it was renumbered (10.1, now 11.0): nothing says that its machine code
/// runs.
bool is_old_name(const Knowledge& k, Sm target, Sm gpu) {
  return std::ranges::any_of(k.tables().chips, [&](const ChipRow& chip) {
    return !chip.old_cc.empty() && chip.cc == gpu.plain() &&
           std::ranges::find(chip.old_cc, target.plain()) != chip.old_cc.end();
  });
}

}  // namespace

SassMatch match_sass(const Knowledge& k, Sm target, Sm gpu) {
  bool same = target.plain() == gpu.plain();
  if (target.suffix != Sm::Suffix::f && is_old_name(k, target, gpu)) return {Kind::unknown, &tegra_6};
  switch (target.suffix) {
    case Sm::Suffix::a:
      return {same ? Kind::native : Kind::none, &sass_4};
    case Sm::Suffix::f:
      return {kind_of(k.runs_family_sass(target, gpu), same), &sass_5};
    case Sm::Suffix::none:
      break;
  }
  if (same) return {Kind::native, &sass_1};
  if (k.is_tegra(gpu)) return {Kind::none, gpu.major == 8 ? &tegra_2 : &sass_2};
  if (k.is_tegra(target.plain())) return {Kind::none, target.major == 8 ? &tegra_3 : &sass_2};
  if (target.major == gpu.major) return {target.minor < gpu.minor ? Kind::compatible : Kind::none, &sass_1};
  bool both_blackwell = std::min(target.major, gpu.major) == 10 && std::max(target.major, gpu.major) == 12;
  return {Kind::none, both_blackwell ? &sass_3 : &sass_1};
}

ToolkitBounds toolkits_of_sass(const Knowledge& k, const Image& sass) {
  auto rows = k.tables().toolkits;
  ToolkitBounds bounds = {{}, rows.empty() ? Cuda{} : rows.back().cuda};
  auto knows_target = [&](const ToolkitRow& row) {
    return std::ranges::find(row.sass_targets, sass.target) != row.sass_targets.end();
  };
  if (auto first = std::ranges::find_if(rows, knows_target); first != rows.end())
    bounds.at_least = first->cuda;
  if (sass.isa == Isa{1, 8})
    bounds.at_least = std::max(bounds.at_least, sass.target.number() < 100 ? Cuda{13, 0} : Cuda{12, 8});
  if (sass.isa == Isa{1, 7}) bounds.at_most = Cuda{12, 9};
  return bounds;
}

}  // namespace cufit
