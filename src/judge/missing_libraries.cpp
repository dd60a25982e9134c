#include "judge/missing_libraries.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "judge/bin.h"
#include "judge/driver.h"
#include "model/hidden_code.h"

namespace cufit {

namespace {

std::string_view file_name(std::string_view path) { return base_name(path); }

/// The core file that names the library among what it needs; null if none does.
const Member* needed_by(const Subject& s, std::string_view library) {
  auto needs = [&](const Member& m) {
    return is_core(m.role) && std::ranges::find(m.bin.dyn.needed, library) != m.bin.dyn.needed.end();
  };
  auto at = std::ranges::find_if(s.members, needs);
  return at == s.members.end() ? nullptr : &*at;
}

/// Holds GPU code that a subject does not do without. A module of Python that only wraps one more library is
/// imported by few (CuPy and cuTENSOR).
bool decides(const Member& m) { return !m.bin.shapes.empty() && (is_core(m.role) || m.role == Role::math); }

/// Holds it, or something of its name that cannot be loaded, which is told as that.
bool brings(const Subject& s, std::string_view library) {
  return std::ranges::any_of(
             s.members,
             [&](auto& m) { return m.bin.dyn.soname == library || file_name(m.bin.path) == library; }) ||
         std::ranges::any_of(s.unread, [&](auto& g) { return is_damage(g) && file_name(g.path) == library; });
}

/// Libraries that are seen in an environment that holds them: they hold GPU code or ask for a driver. Of the
/// driver's, of NVTX and of the front of cuDNN, which do neither, nothing can be said.
bool is_expected(std::string_view library) {
  static constexpr std::array<std::string_view, 11> seen = {
      "libcudart.",   "libcublas.",     "libcublasLt.", "libcufft.",     "libcurand.", "libcusolver.",
      "libcusparse.", "libcusparseLt.", "libnccl.",     "libnvJitLink.", "libnvrtc."};
  return std::ranges::any_of(seen, [&](auto stem) { return library.starts_with(stem); });
}

/// CUDA's libraries that the code of a subject names: which the environment holds, which it does not.
struct Named {
  bool brought = false;
  std::string missing = {};  ///< "libcufft.so.11, libcurand.so.10"; empty if none
};
Named named_libraries(const Subject& s, std::span<const Subject> all) {
  Named named;
  std::set<std::string> missing;
  if (s.environment.empty() || s.kind != Subject::Kind::distribution) return named;
  for (auto& m : s.members) {
    if (!decides(m)) continue;
    for (auto& library : m.bin.dyn.needed) {
      if (!is_expected(library)) continue;
      bool there = std::ranges::any_of(
          all, [&](auto& other) { return other.environment == s.environment && brings(other, library); });
      named.brought |= there;
      if (!there) missing.insert(library);
    }
  }
  for (auto& library : missing) named.missing += (named.missing.empty() ? "" : ", ") + library;
  return named;
}

}  // namespace

bool is_loaded_with(const Member& m) { return is_core(m.role) || decides(m); }

bool needs_library(const Subject& s, std::string_view library) { return needed_by(s, library) != nullptr; }

Step judge_gone_files(const Subject& subject, const Place& place) {
  Step step;
  auto consider = [&](const Subject& owner) {
    bool own = owner.id == subject.id;
    for (auto& gap : owner.unread) {
      auto library = std::string(file_name(gap.path));
      auto* by = gap.what.id == gap_file_missing ? needed_by(subject, library) : nullptr;
      if (!by || (step.axis == Axis::unfit) || (!own && step.axis != Axis::not_asked)) continue;
      auto says = own ? Verdict::unfit : Verdict::unknown;
      step.axis = own ? Axis::unfit : Axis::unknown;
      step.evidence = evidence(lib_1, says,
                               {"start.needs-gone-file",
                                {{"file", gap.path},
                                 {"needed_by", std::string(file_name(by->bin.path))},
                                 {"package", owner.name}}},
                               {"subjects." + owner.id + ".unread"});
      if (own)
        step.fails = Failure{
            2, "ENOENT", When::before_start, "ld.so", {"seen.library-missing", {{"library", library}}}};
    }
  };
  consider(subject);
  for (auto& other : place.installed)
    if (other.id != subject.id && Place::beside(subject, other)) consider(other);
  // Where the loader was asked about the environment, it has told what is not found.
  auto beside = [&](const Subject& s) { return s.id == subject.id || Place::beside(subject, s); };
  bool asked = std::ranges::any_of(place.loads, [&](auto& process) {
    auto of = std::ranges::find(place.installed, process.subject, &Subject::id);
    return of != place.installed.end() && beside(*of);
  });
  if (step.axis != Axis::not_asked || asked) return step;
  // An environment that takes all of CUDA from the machine is made so (NGC); one that brings a part lost one.
  auto named = named_libraries(subject, place.installed);
  if (named.missing.empty() || !named.brought) return step;
  step.axis = Axis::unknown;
  step.evidence =
      evidence(bin_1, Verdict::unknown, {"start.libraries-absent", {{"libraries", named.missing}}},
               {"subjects." + subject.id + ".members"});
  return step;
}

void note_libraries_of_machine(std::span<const Subject> subjects, std::span<const Loads> loads,
                               std::vector<Judgement>& judgements) {
  for (auto& s : subjects) {
    if (std::ranges::find(loads, s.id, &Loads::subject) != loads.end()) continue;
    auto missing = named_libraries(s, subjects).missing;
    if (missing.empty()) continue;
    for (auto& j : judgements)
      if (j.subject == s.id)
        j.notes.push_back({std::string(bin_1.id), {"note.libraries-of-machine", {{"libraries", missing}}}});
  }
}

}  // namespace cufit
