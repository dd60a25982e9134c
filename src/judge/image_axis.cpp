#include "judge/image_axis.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "judge/bin.h"
#include "judge/image_words.h"
#include "judge/missing_libraries.h"
#include "judge/run.h"
#include "judge/sass.h"
#include "judge/variant.h"
#include "model/hidden_code.h"

namespace cufit {

namespace {

using Offer = ModuleFit::Offer;

Verdict says(Offer offer) {
  switch (offer) {
    case Offer::ptx:
      return Verdict::limited;
    case Offer::unknown:
      return Verdict::unknown;
    case Offer::none:
      return Verdict::unfit;
    default:
      return Verdict::fits;
  }
}

Cause cause_of(const Share& share) {
  switch (share.code) {
    case 200:
      return Cause::image_compression_unsupported;
    case 222:
      return Cause::ptx_newer_than_driver;
    case 223:
      return Cause::ptx_jit_disabled;
    default:
      return share.rule == &jit_3 ? Cause::ptx_jit_forced : Cause::lacks_arch;
  }
}

/// What sets of NVIDIA's libraries offer together; nothing if one of the files belongs to none.
std::optional<Tally> tally_of_sets(std::span<const JudgedFile* const> files) {
  Tally all;
  for (auto* file : files) {
    if (!is_set(file->role())) return std::nullopt;
    all.add(file->fit.tally);
  }
  return all;
}

/// cuDNN keeps one file with a single old PTX kernel beside its thousand modules of machine code: nobody
/// notices that it is compiled. From one module in a hundred on it is said.
bool is_mostly_machine_code(std::span<const JudgedFile* const> files) {
  auto all = tally_of_sets(files);
  return all && all->of(Offer::ptx) * 100 < all->of(Offer::native) + all->of(Offer::compatible);
}

/// All of NVIDIA's libraries of a subject together: what serves a GPU holds a set for it.
bool is_no_set(std::span<const JudgedFile* const> files) {
  auto all = tally_of_sets(files);
  return all && all->total() > 0 && all->is_token() && all->of(Offer::unknown) == 0;
}

bool is_mostly_refused(std::span<const JudgedFile* const> files) {
  uint32_t refused = 0, total = 0;
  for (auto* file : files) {
    if (is_set(file->role())) return false;
    total += file->fit.tally.total();
    for (auto& share : file->fit.tally.shares)
      if (share.code == 200 || share.code == 222 || share.code == 223) refused += share.modules;
  }
  return 2 * refused > total;
}

Axis join(std::span<const JudgedFile* const> files, bool published) {
  // Of a program by itself nobody knows which of its kernels it launches (the runs of the GPU demand a
  // limit).
  if (is_no_set(files) || (published && is_mostly_refused(files))) return Axis::unfit;
  bool runs = false, fails = false, unknown = false, limited = false;
  for (auto* file : files) {
    auto axis = file->fit.axis;
    runs |= axis == Axis::fits || axis == Axis::limited;
    limited |= axis == Axis::limited;
    fails |= axis == Axis::unfit;
    unknown |= axis == Axis::unknown;
  }
  if (runs && fails) return Axis::limited;
  if (limited && is_mostly_machine_code(files)) limited = false;
  if (unknown) return Axis::unknown;
  if (fails) return Axis::unfit;
  if (!runs) return Axis::not_asked;
  return limited ? Axis::limited : Axis::fits;
}

/// Shares that are worded alike become one; the largest gives the rule and the example. Largest first.
std::vector<Share> merged(const Tally& tally) {
  auto largest_first = [](const Share& s) { return std::tuple(~s.modules, s.code, s.rule->id); };
  auto shares = tally.shares;
  std::ranges::sort(shares, {}, largest_first);
  std::vector<Share> all;
  for (auto& share : shares) {
    auto alike = [&](const Share& s) { return s.code == share.code && text_id(s) == text_id(share); };
    auto same = std::ranges::find_if(all, alike);
    if (same == all.end())
      all.push_back(share);
    else
      same->modules += share.modules;
  }
  std::ranges::sort(all, {}, largest_first);
  return all;
}

/// The share that stands for the axis: what fails if it is unfit, what is compiled if it is limited by that.
/// `set`: a library that picks modules by itself, of which those without code say nothing.
const Share* leading(std::span<const Share> shares, Axis axis, bool set) {
  auto order = axis == Axis::unfit            ? std::vector{Offer::none}
               : axis == Axis::unknown        ? std::vector{Offer::unknown, Offer::none}
               : axis == Axis::limited && set ? std::vector{Offer::ptx}
               : axis == Axis::limited        ? std::vector{Offer::none, Offer::ptx}
                                              : std::vector{Offer::native, Offer::compatible, Offer::ptx};
  for (auto offer : order)
    if (auto best = std::ranges::find(shares, offer, &Share::offer); best != shares.end()) return &*best;
  return nullptr;
}

std::string name_of_file(const Binary& bin) { return std::string(base_name(bin.path, "/!")); }

/// Makes what was said so far a part of what is said now.
void say_above(Evidence proof, ImageStep& step) {
  if (!step.evidence.rule.empty()) proof.parts.push_back(std::move(step.evidence));
  step.evidence = std::move(proof);
}

/// Files that do not decide: what they lack is a limit, or a note where few programs ask for it.
void add_limits_of_others(std::span<const JudgedFile> all, std::span<const JudgedFile* const> deciding,
                          const Place& place, ImageStep& step) {
  auto decides = [&](const JudgedFile& f) { return std::ranges::find(deciding, &f) != deciding.end(); };
  bool variant_runs = false;
  for (auto& file : all)
    variant_runs |=
        file.role() == Role::variant && (file.fit.axis == Axis::fits || file.fit.axis == Axis::limited);
  for (auto& file : all) {
    if (decides(file) || file.fit.axis == Axis::not_asked || file.fit.axis == Axis::fits) continue;
    if (file.role() == Role::variant && variant_runs) continue;
    auto shares = merged(file.fit.tally);
    auto* share = leading(shares, file.fit.axis, is_set(file.role()));
    if (!share) continue;
    const char* id = file.fit.axis == Axis::unfit     ? "limit.file-none"
                     : file.fit.axis == Axis::unknown ? "limit.file-unknown"
                     : share->offer == Offer::ptx     ? "limit.file-ptx"
                                                      : "limit.file-some";
    bool no_code = share->code == 209 || share->code == 0;
    Text text = {id, {{"file", name_of_file(file.bin())}, {"sm", place.sm.name()}}};
    if (!no_code) text = {"limit.file-cannot", {{"file", name_of_file(file.bin())}, {"sm", place.sm.name()}}};
    if (file.role() == Role::on_request) {
      step.notes.push_back({std::string(share->rule->id), std::move(text)});
      continue;
    }
    step.limits.push_back(
        {std::string(share->rule->id), text, share->offer == Offer::none ? share->code : 0});
    if (step.axis != Axis::fits) continue;
    step.axis = Axis::limited;
    say_above(evidence(*share->rule, Verdict::limited, std::move(text)), step);
  }
}

void add_notes(std::span<const JudgedFile* const> deciding, ImageStep& step) {
  uint32_t newer = 0, elsewhere = 0, aside = 0;
  for (auto* file : deciding) {
    newer += file->fit.newer_ptx, elsewhere += file->fit.no_kernels_here, aside += file->fit.set_aside;
  }
  if (newer > 0)
    step.notes.push_back({std::string(run_5.id), {"note.newer-ptx", {{"n", std::to_string(newer)}}}});
  if (elsewhere > 0)
    step.notes.push_back(
        {std::string(sass_1.id), {"note.no-kernels-here", {{"n", std::to_string(elsewhere)}}}});
  if (aside > 0)
    step.notes.push_back({std::string(sass_4.id), {"note.made-for-others", {{"n", std::to_string(aside)}}}});
}

/// Says `unknown` although something was found.
void doubt(Text why, ImageStep& step) {
  say_above(evidence(bin_1, Verdict::unknown, std::move(why)), step);
  step.axis = Axis::unknown;
  step.fails.reset();
  step.cause = Cause::none;
}

/// A place that could not be read decides if what was read gives no reason to be limited anyway: in a file
/// that decides whatever it says, elsewhere in the subject if all seems well.
void consider_gaps(std::span<const JudgedFile* const> deciding, const Subject& subject, ImageStep& step) {
  if (step.axis == Axis::limited) return;
  for (auto* file : deciding)
    if (file->fit.gap && !is_set(file->role()))
      return doubt({"image.unread", {{"file", name_of_file(file->bin())}}}, step);
  if (step.axis != Axis::fits) return;
  // That a file which the others need is gone is told where the program starts (judge_gone_files).
  auto may_hide = [&](const Gap& gap) {
    return hides_code(gap) && !(gap.what.id == gap_file_missing &&
                                needs_library(subject, base_name(std::string_view(gap.path))));
  };
  auto hidden = std::ranges::find_if(subject.unread, may_hide);
  if (hidden == subject.unread.end()) return;
  if (hidden->what.id == gap_file_missing)
    return doubt({"image.file-gone", {{"file", hidden->path}, {"package", subject.name}}}, step);
  doubt({hidden->what.id == gap_denied ? "image.denied" : "image.unread", {{"file", hidden->path}}}, step);
}

/// One of several libraries is loaded: which one was judged, or that it is not known.
void consider_variants(std::span<const JudgedFile* const> deciding, const Subject& subject,
                       const Place& place, ImageStep& step) {
  if (deciding.empty() || deciding.front()->role() != Role::variant) return;
  if (auto digits = missing_variant(deciding, subject, place); !digits.empty())
    return doubt({subject.kind == Subject::Kind::build ? "image.no-variant-listed" : "image.no-variant",
                  {{"digits", digits}}},
                 step);
  auto* chosen = chosen_variant(deciding, subject, place);
  step.notes.push_back({std::string(lib_2.id),
                        {chosen ? "note.variant-chosen" : "note.variant-assumed",
                         {{"file", name_of_file(deciding.front()->bin())}}}});
}

/// A package whose code is all opened on demand does the rest without it, and an environment does without a
/// library that few programs ask for by name (cuSPARSELt).
bool is_dispensable(Role role, const Subject& subject) {
  if (role == Role::on_request) return !subject.environment.empty();
  return role == Role::optional && is_package(subject);
}

/// What a user will notice although the subject runs.
void add_limits(std::span<const Share> shares, bool set, const ImageWords& words, const Caller& caller,
                const Place& place, ImageStep& step) {
  bool fails = false;
  for (auto& share : shares) {
    if (share.offer == Offer::ptx) step.limits.push_back({std::string(ptx_7.id), words(share), 0});
    if (share.offer != Offer::none || set) continue;
    fails = true;
    auto code = make_failure(share.code, caller, place).code;
    step.limits.push_back({std::string(share.rule->id), words(share), code});
  }
  if (fails) step.notes.push_back({std::string(lazy_3.id), {"note.lazy"}});
}

/// Of several files in one package, those of which nothing runs. Of NVIDIA's libraries that is all there is
/// to say; of others it is said where there are few.
void add_limits_of_files(std::span<const JudgedFile* const> deciding, bool set, const Place& place,
                         ImageStep& step) {
  constexpr int few = 3;
  auto fails = [](const JudgedFile* f) { return f->fit.axis == Axis::unfit; };
  auto count = std::ranges::count_if(deciding, fails);
  if (!set && (count > few || count == std::ssize(deciding))) return;
  for (auto* file : deciding) {
    if (!fails(file)) continue;
    auto shares = merged(file->fit.tally);
    auto* share = leading(shares, Axis::unfit, true);
    if (!share) continue;
    bool no_code = share->code == 209;
    Text text = {no_code ? "limit.file-none" : "limit.file-cannot",
                 {{"file", name_of_file(file->bin())}, {"sm", place.sm.name()}}};
    if (step.evidence.rule.empty()) step.evidence = evidence(*share->rule, Verdict::limited, text);
    step.limits.push_back({std::string(share->rule->id), std::move(text), share->code});
  }
}

}  // namespace

ImageStep judge_images(std::span<const JudgedFile> all, std::span<const JudgedFile* const> deciding,
                       const Subject& subject, const Place& place) {
  ImageStep step;
  Tally tally;
  for (auto* file : deciding) tally.add(file->fit.tally);
  step.axis = join(deciding, is_published(subject));
  if (step.axis == Axis::unfit && is_dispensable(deciding.front()->role(), subject))
    step.axis = Axis::limited;
  step.coverage = tally.coverage();
  ImageWords words = {deciding, tally.total(), place};
  auto fact = "machine.gpus." + place.gpu.id + ".sm";
  auto shares = merged(tally);
  bool set = !deciding.empty() && is_set(deciding.front()->role());
  if (auto* share = leading(shares, step.axis, set)) {
    step.evidence = evidence(*share->rule, verdict_of(step.axis), words(*share), {fact});
    for (auto& part : shares) {
      bool by_design = set && part.offer == Offer::none;
      if (&part == share || by_design) continue;
      step.evidence.parts.push_back(evidence(*part.rule, says(part.offer), words(part), {fact}));
    }
    if (share->offer == Offer::none) step.cause = cause_of(*share);
    if (step.axis == Axis::unfit) {
      auto owner = std::ranges::find_if(deciding, [](auto* f) { return f->fit.axis == Axis::unfit; });
      if (owner == deciding.end()) owner = deciding.begin();
      step.fails = make_failure(share->code, (*owner)->caller(), place);
    }
  }
  if (step.axis == Axis::limited) {
    add_limits(shares, set, words, deciding.front()->caller(), place, step);
    add_limits_of_files(deciding, set, place, step);
  }
  add_notes(deciding, step);
  consider_gaps(deciding, subject, step);
  consider_variants(deciding, subject, place, step);
  add_limits_of_others(all, deciding, place, step);
  return step;
}

}  // namespace cufit
