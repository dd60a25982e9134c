#include "judge/missing_libraries.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "judge/bin.h"
#include "judge/driver.h"
#include "model/cuda_library.h"
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

bool brings(const Subject& s, std::string_view library) {
  return std::ranges::any_of(
      s.members, [&](auto& m) { return m.bin.dyn.soname == library || file_name(m.bin.path) == library; });
}

/// Of the driver, which no environment brings, and NVTX, which holds nothing that environments are read for.
bool is_expected(std::string_view library) {
  static constexpr std::array<std::string_view, 3> others = {"libcuda.so", "libnvidia-", "libnvToolsExt"};
  return is_cuda_library(library) &&
         std::ranges::none_of(others, [&](auto stem) { return library.starts_with(stem); });
}

}  // namespace

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
  return step;
}

void note_libraries_of_machine(std::span<const Subject> subjects, std::span<const Loads> loads,
                               std::vector<Judgement>& judgements) {
  for (auto& s : subjects) {
    if (s.environment.empty() || s.kind != Subject::Kind::distribution) continue;
    if (std::ranges::find(loads, s.id, &Loads::subject) != loads.end()) continue;
    std::set<std::string> missing;
    for (auto& m : s.members) {
      if (!decides(m)) continue;
      for (auto& library : m.bin.dyn.needed)
        if (is_expected(library) && std::ranges::none_of(subjects, [&](auto& other) {
              return other.environment == s.environment && brings(other, library);
            }))
          missing.insert(library);
    }
    if (missing.empty()) continue;
    std::string list;
    for (auto& library : missing) list += (list.empty() ? "" : ", ") + library;
    for (auto& j : judgements)
      if (j.subject == s.id)
        j.notes.push_back({std::string(bin_1.id), {"note.libraries-of-machine", {{"libraries", list}}}});
  }
}

}  // namespace cufit
