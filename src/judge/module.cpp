#include "judge/module.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "judge/bin.h"
#include "judge/ptx.h"
#include "judge/run.h"
#include "judge/sass.h"

namespace cufit {

namespace {

using Offer = ModuleFit::Offer;

/// The best machine code for a GPU, and whether some could not be decided.
struct BestSass {
  const Image* image = nullptr;
  SassMatch match;
  const Image* undecided = nullptr;
  const Rule* undecided_rule = nullptr;
  const Rule* refused_by = nullptr;  ///< the rule that refuses the nearest target
};

/// The closest target, `a` before `f` before plain (PTX-6); of one target, code with kernels: a stub never
/// hides it.
auto closeness(const Image& image) {
  int suffix = image.target.suffix == Sm::Suffix::a ? 2 : image.target.suffix == Sm::Suffix::f ? 1 : 0;
  return std::tuple(image.target.number(), suffix, !image.empty, !image.relocatable);
}

BestSass best_sass(const ModuleShape& module, const Place& place) {
  BestSass best;
  unsigned nearest = ~0u;
  for (auto& image : module.images) {
    if (image.kind != Image::Kind::sass) continue;
    auto match = match_sass(place.knowledge, image.target, place.sm);
    if (match.kind == SassMatch::Kind::unknown) {
      best.undecided = &image, best.undecided_rule = match.rule;
    } else if (match.kind == SassMatch::Kind::none) {
      unsigned distance = unsigned(std::abs(int(image.target.number()) - int(place.sm.number())));
      if (distance < nearest) nearest = distance, best.refused_by = match.rule;
    } else if (!best.image || closeness(*best.image) < closeness(image)) {
      best.image = &image, best.match = match;
    }
  }
  return best;
}

/// The PTX image that the driver compiles: the best target that fits, and of equal ones the first in the
/// file.
struct BestPtx {
  const Image* image = nullptr;
  const Rule* rule = nullptr;
  bool passes_over =
      false;  ///< an image of the same target behind it has an ISA that the driver reads (RUN-4)
  const Image* undecided = nullptr;
  const Rule* refused_by = nullptr;
};

BestPtx best_ptx(const ModuleShape& module, const Place& place) {
  BestPtx best;
  for (auto& image : module.images) {
    if (image.kind != Image::Kind::ptx || image.empty) continue;
    auto match = match_ptx_target(place.knowledge, image.target, place.sm, place.compiler());
    if (match.fits == Answer::unknown) best.undecided = &image;
    if (match.fits == Answer::no) best.refused_by = match.rule;
    if (match.fits != Answer::yes) continue;
    if (!best.image || is_better_ptx(image.target, best.image->target))
      best.image = &image, best.rule = match.rule, best.passes_over = false;
    else if (image.target == best.image->target)
      best.passes_over |= reads_isa(place.knowledge, image, place.compiler()) == Answer::yes;
  }
  return best;
}

ModuleFit lacks(int code, const Rule& rule, const Image* image = nullptr) {
  return {Offer::none, &rule, code, image};
}

ModuleFit undecided(const Rule& rule, const Image* image = nullptr) {
  return {Offer::unknown, &rule, 0, image};
}

/// What a packing makes of an image that would fit; nothing if the driver unpacks it (BIN-4).
std::optional<ModuleFit> packing_in_the_way(const Image& image, const Place& place) {
  switch (unpacks(image, place.compiler())) {
    case Answer::no:
      return lacks(200, bin_4, &image);
    case Answer::unknown:
      return undecided(bin_4, &image);
    case Answer::yes:
      break;
  }
  return std::nullopt;
}

/// One PTX image whose target fits: can the driver's compiler take it?
ModuleFit compile(const Image& image, const Rule& rule, const Place& place) {
  if (auto packed = packing_in_the_way(image, place)) return *packed;
  switch (reads_isa(place.knowledge, image, place.compiler())) {
    case Answer::no:
      return lacks(222, ptx_2, &image);
    case Answer::unknown:
      return undecided(ptx_2, &image);
    case Answer::yes:
      break;
  }
  auto least = place.knowledge.min_isa(image.target);
  if (least && image.isa < *least) return lacks(218, run_3, &image);
  return {Offer::ptx, &rule, 0, &image};
}

ModuleFit fit_ptx(const BestPtx& best, Carrier carrier, const Rule& if_none, const Place& place) {
  if (!best.image) {
    if (best.undecided) return undecided(ptx_4, best.undecided);
    return lacks(209, if_none);
  }
  if (place.jit.disabled.on && carrier != Carrier::bare_cubin) return lacks(223, run_6, best.image);
  auto fit = compile(*best.image, *best.rule, place);
  if (fit.code == 222 && best.passes_over) fit.rule = &run_4;
  return fit;
}

/// PTX text by itself: the ISA is tested first, then the target (RUN-3).
ModuleFit fit_bare_ptx(const ModuleShape& module, const Place& place) {
  for (auto& image : module.images) {
    if (image.kind != Image::Kind::ptx) continue;
    if (image.empty) return {Offer::no_kernels};
    if (place.jit.disabled.on) return lacks(223, run_6, &image);
    auto match = match_ptx_target(place.knowledge, image.target, place.sm, place.compiler());
    auto fit = compile(image, *match.rule, place);
    if (!fit.runs()) return fit;
    if (match.fits == Answer::no) return lacks(218, run_3, &image);
    if (match.fits == Answer::unknown) return undecided(*match.rule, &image);
    return fit;
  }
  return {Offer::no_kernels};
}

/// Globals only, or a stub of the device link: the machine code says that there are no kernels, and PTX
/// beside it comes from the same source.
bool holds_kernels(const ModuleShape& module) {
  auto is_sass = [](const Image& i) { return i.kind == Image::Kind::sass; };
  if (std::ranges::any_of(module.images, is_sass))
    return std::ranges::any_of(module.images, [&](auto& i) { return is_sass(i) && !i.empty; });
  return std::ranges::any_of(module.images, [](auto& i) { return !i.empty; });
}

ModuleFit fit_sass(const BestSass& best, ModuleShape::Link link, const Place& place) {
  auto& image = *best.image;
  if (image.empty) return {Offer::no_kernels, best.match.rule, 0, &image, false, true};
  if (image.unresolved && link != ModuleShape::Link::rdc_object) return lacks(500, run_7, &image);
  if (auto packed = packing_in_the_way(image, place)) return *packed;
  auto offer = best.match.kind == SassMatch::Kind::native ? Offer::native : Offer::compatible;
  return {offer, best.match.rule, 0, &image};
}

/// A note, no verdict: what would fail if the machine code were not there.
bool has_newer_ptx(const BestPtx& best, const Place& place) {
  return best.image && reads_isa(place.knowledge, *best.image, place.compiler()) == Answer::no;
}

/// Could an image of which little is known be what the GPU runs? No kind of code runs below its target, and
/// PTX that the list of a build leaves open is of no use where the driver compiles none of its toolkit.
bool may_run(const Image& image, const Place& place) {
  if (image.kind != Image::Kind::other || place.sm < image.target.plain()) return false;
  bool is_ptx = image.isa_at_most != Isa{};
  return !is_ptx ||
         (!place.jit.disabled.on && reads_isa(place.knowledge, image, place.compiler()) != Answer::no);
}

bool may_hold_other_code(const ModuleShape& module, const Place& place) {
  return std::ranges::any_of(module.images, [&](auto& i) { return may_run(i, place); });
}

}  // namespace

ModuleFit fit_module(const ModuleShape& module, Carrier carrier, const Place& place) {
  if (!holds_kernels(module)) return {Offer::no_kernels};
  if (carrier == Carrier::bare_ptx) return fit_bare_ptx(module, place);
  auto sass = best_sass(module, place);
  auto ptx = best_ptx(module, place);
  bool forced = carrier != Carrier::bare_cubin && place.jit.forced.on;
  auto from_sass = [&] {
    auto fit = fit_sass(sass, module.link, place);
    fit.newer_ptx = fit.runs() && has_newer_ptx(ptx, place);
    return fit;
  };
  auto from_ptx = [&] {
    auto* refused = sass.refused_by ? sass.refused_by : ptx.refused_by;
    bool only_forced = forced && sass.image;
    return fit_ptx(ptx, carrier, only_forced ? jit_3 : refused ? *refused : run_1, place);
  };
  if (sass.image && !forced) return from_sass();
  auto fit = from_ptx();
  if (fit.runs()) return fit;
  if (sass.undecided && !forced) return undecided(*sass.undecided_rule, sass.undecided);
  if (may_hold_other_code(module, place)) return undecided(run_1);
  return fit;
}

}  // namespace cufit
