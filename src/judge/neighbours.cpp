#include "judge/neighbours.h"

#include <algorithm>
#include <array>

#include "judge/driver.h"
#include "judge/toolkit_need.h"
#include "judge/uses.h"
#include "model/package.h"

namespace cufit {

namespace {

/// Libraries that keep their SONAME over two CUDA majors (LIB-1).
constexpr std::array<std::string_view, 2> same_name_in_two_majors = {"libcusparse.so.12",
                                                                     "libcusolver.so.11"};

bool is_nccl(const Subject& s) { return normalized_name(s.name).starts_with("nvidia-nccl"); }

/// The CUDA major of a library file: from what it needs, or from the marks in its code.
std::optional<unsigned> major_of(const Binary& bin) {
  std::optional<unsigned> major;
  for (auto& name : bin.dyn.needed) {
    if (auto cuda = cuda_of_soname(name)) major = cuda->major;
    for (std::string_view named : {"libnvJitLink.so.", "libcublas.so.", "libcublasLt.so."})
      if (name.starts_with(named))
        if (auto version = Version::parse(name.substr(named.size()))) major = version->major();
  }
  if (!bin.toolkits.empty()) major = bin.toolkits.back().major();
  return major;
}

/// LIB-9: a compiled extension of another CUDA major than the framework.
Step judge_extension(const Subject& subject, const Place& place) {
  Step step;
  auto its = cuda_major_of(subject);
  if (!its || !links_torch(subject) || is_torch(subject)) return step;
  for (auto& other : place.installed) {
    if (!Place::beside(subject, other) || !is_torch(other)) continue;
    auto major = cuda_major_of(other);
    if (!major || *major == *its) continue;
    step.axis = Axis::limited;
    step.cause = Cause::none;
    Text text = {"use.other-cuda-major",
                 {{"name", subject.name}, {"its", std::to_string(*its)}, {"major", std::to_string(*major)}}};
    step.evidence = evidence(lib_9, Verdict::limited, text, {"subjects." + other.id + ".toolkit"});
    step.limits.push_back({std::string(lib_9.id), std::move(text), 0});
  }
  return step;
}

/// LIB-1: the only library of a name that is there belongs to another CUDA major.
Step judge_shared_names(const Subject& subject, const Place& place) {
  Step step;
  auto major = cuda_major_of(subject);
  if (!major || subject.environment.empty()) return step;
  for (auto name : same_name_in_two_majors) {
    bool needed = std::ranges::any_of(subject.members, [&](auto& m) {
      return is_core(m.role) && std::ranges::find(m.bin.dyn.needed, name) != m.bin.dyn.needed.end();
    });
    if (!needed) continue;
    bool right = false;
    std::optional<unsigned> wrong;
    for (auto& other : place.installed)
      for (auto& m : other.members) {
        if (!Place::beside(subject, other) || m.bin.dyn.soname != name) continue;
        auto of_file = major_of(m.bin);
        right |= !of_file || *of_file == *major;
        if (of_file && *of_file != *major) wrong = of_file;
      }
    if (right || !wrong) continue;
    Text text = {
        "library.other-major",
        {{"library", std::string(name)}, {"its", std::to_string(*wrong)}, {"major", std::to_string(*major)}}};
    step.axis = Axis::limited;
    step.evidence = evidence(lib_1, Verdict::limited, text);
    step.limits.push_back({std::string(lib_1.id), std::move(text), 0});
  }
  return step;
}

}  // namespace

bool is_extension(const Subject& s) {
  if (is_torch(s) || is_triton(s)) return false;
  return links_torch(s) || std::ranges::any_of(s.dependencies, [](auto& d) { return d.name == "torch"; });
}

bool links_torch(const Subject& s) {
  for (auto& m : s.members)
    for (auto& name : m.bin.dyn.needed)
      if (name.starts_with("libtorch") || name.starts_with("libc10")) return true;
  return false;
}

std::optional<unsigned> cuda_major_of(const Subject& s) {
  std::optional<unsigned> major;
  for (auto& m : s.members)
    if (is_core(m.role))
      for (auto& name : m.bin.dyn.needed)
        if (auto cuda = cuda_of_soname(name)) major = std::max<unsigned>(major.value_or(0), cuda->major);
  return major;
}

Step judge_neighbours(const Subject& subject, const Place& place) {
  auto step = judge_extension(subject, place);
  return step.axis == Axis::not_asked ? judge_shared_names(subject, place) : step;
}

void add_neighbour_uses(std::span<const Subject> subjects, std::vector<Judgement>& judgements) {
  auto subject_of = [&](const Judgement& j) { return std::ranges::find(subjects, j.subject, &Subject::id); };
  for (auto& j : judgements) {
    auto torch = subject_of(j);
    if (torch == subjects.end() || torch->environment.empty() || !is_torch(*torch)) continue;
    for (auto& other : judgements) {
      auto s = subject_of(other);
      if (s == subjects.end() || other.gpu != j.gpu || s == torch || !Place::beside(*torch, *s)) continue;
      if (!is_nccl(*s) && !is_extension(*s)) continue;
      j.uses.push_back({is_nccl(*s) ? "nccl" : normalized_name(s->name), other.verdict,
                        other.fails ? other.fails->code : 0, other.why.rule, other.why.text});
    }
  }
}

}  // namespace cufit
