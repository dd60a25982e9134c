#include "judge/image_words.h"

#include "base/text.h"
#include "judge/bin.h"
#include "judge/run.h"

namespace cufit {

namespace {

using Offer = ModuleFit::Offer;

std::string target_of(const Share& share) {
  if (!share.image) return {};
  return share.image->kind == Image::Kind::ptx ? "compute_" + share.image->target.bare()
                                               : share.image->target.name();
}

std::string dotted(Isa isa) { return std::to_string(isa.major) + '.' + std::to_string(isa.minor); }

/// "sm_50, sm_86, compute_86": what the files were built for.
std::string targets_text(std::span<const JudgedFile* const> files) {
  std::vector<std::string> list;
  for (auto& [kind, target] : targets_of(files)) {
    const char* prefix = kind == Image::Kind::sass ? "sm_" : kind == Image::Kind::ptx ? "compute_" : "lto_";
    list.push_back(prefix + target.bare());
  }
  return joined(list);
}

/// "13.0", or "13" where only the major is known.
std::string toolkit(std::span<const JudgedFile* const> files) {
  auto& need = files.front()->need;
  if (!need) return "?";
  return need->at_least == need->at_most ? need->at_least.dotted() : std::to_string(need->at_least.major);
}

std::string driver_cuda(const Place& place) {
  return place.driver && place.driver->cuda ? place.driver->cuda->dotted() : "?";
}

std::string jit_isa(const Place& place) {
  auto isa = place.driver && place.driver->cuda ? place.knowledge.ptx_isa(*place.driver->cuda) : std::nullopt;
  return isa ? dotted(*isa) : "?";
}

}  // namespace

std::string text_id(const Share& share) {
  switch (share.offer) {
    case Offer::native:
      return "image.native";
    case Offer::compatible:
      return "image.compatible";
    case Offer::ptx:
      return "image.ptx";
    case Offer::unknown:
      return share.rule == &ptx_2   ? "image.unknown.isa"
             : share.rule == &bin_4 ? "image.unknown.packing"
             : share.image          ? "image.unknown.target"
                                    : "image.unknown.kind";
    case Offer::none:
    case Offer::no_kernels:
      break;
  }
  switch (share.code) {
    case 200:
      return "image.packing";
    case 218:
      return "image.bare-ptx-target";
    case 222:
      return "image.ptx-too-new";
    case 223:
      return "image.jit-disabled";
    case 98:
    case 500:
      return share.rule == &jit_3   ? "image.forced"
             : share.rule == &run_7 ? "image.relocatable"
                                    : "image.no-link";
    default:
      return share.rule == &jit_3 ? "image.forced" : "image.none";
  }
}

Text ImageWords::operator()(const Share& share) const {
  Text text = {text_id(share),
               {{"n", std::to_string(share.modules)}, {"m", std::to_string(total)}, {"sm", place.sm.name()}}};
  auto add = [&](const char* name, std::string value) { text.args.emplace_back(name, std::move(value)); };
  if (text.id == "image.compatible" || text.id == "image.ptx" || text.id == "image.bare-ptx-target" ||
      text.id == "image.unknown.target")
    add("target", target_of(share));
  if (text.id == "image.ptx" || text.id == "image.ptx-too-new" || text.id == "image.unknown.isa")
    add("isa", share.image ? share.image->isa_text() : "?");
  if (text.id == "image.none") {
    auto targets = targets_text(files);
    if (targets.empty()) return {"image.none-written", {{"sm", place.sm.name()}, {"cuda", toolkit(files)}}};
    add("targets", targets);
  }
  if (text.id == "image.ptx-too-new" || text.id == "image.packing") add("cuda", driver_cuda(place));
  if (text.id == "image.ptx-too-new") add("jit", jit_isa(place));
  if (text.id == "image.jit-disabled") add("variable", place.jit.disabled.variable);
  if (text.id == "image.forced") add("variable", place.jit.forced.variable);
  return text;
}

}  // namespace cufit
