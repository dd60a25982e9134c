// What an environment's own interpreter met when it used its framework on a GPU.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "judge/driver_answers.h"
#include "judge/machine_view.h"
#include "model/cuda_library.h"
#include "model/duplicates.h"

namespace cufit {

namespace {

FactRef fact_of(const PythonProof& p) { return "probed.python." + p.environment + '.' + p.framework; }

/// The distribution that was imported; null if it is none of the subjects.
const Subject* subject_of(const MachineView& v, const PythonProof& p) {
  for (auto& s : v.facts.subjects)
    if (s.environment == p.environment && s.name + ' ' + s.version == p.framework) return &s;
  return nullptr;
}

class PythonCauses {
 public:
  PythonCauses(const MachineView& v, const PythonProof& p, std::vector<FoundCause>& out)
      : v_(v), p_(p), out_(out), works_(cuda_works(*v.facts.probed)) {}

  void find() {
    find_other_module();
    find_failed();
    find_copies();
    find_otherwise();
  }

 private:
  void add(const char* id, Text text, Answer answer = Answer::yes) {
    take(found(v_.facts, id, std::move(text), {fact_of(p_)}), answer);
  }

  void take(FoundCause cause, Answer answer = Answer::yes) {
    if (answer == Answer::unknown) leave_open(cause);
    auto* s = subject_of(v_, p_);
    if (s) cause.subjects = {s->id};
    cause.limits = s && cause.severity != Severity::info;
    out_.push_back(std::move(cause));
  }

  /// What was imported lies neither in the environment nor where the package says that its files are: a
  /// module of the same name comes first (PYTHONPATH, ~/.local). What is said of the package is not said of
  /// it.
  void find_other_module() {
    auto* s = subject_of(v_, p_);
    if (!s || !p_.file || p_.environment.empty() || p_.file->starts_with(p_.environment + '/')) return;
    auto folder = folder_of(*p_.file) + '/';
    if (std::ranges::any_of(s->members, [&](auto& m) { return m.bin.path.starts_with(folder); })) return;
    auto cause = found(
        v_.facts, "loaded-otherwise",
        {"cause.loaded-otherwise.module",
         {{"framework", p_.framework}, {"path", *p_.file}, {"version", p_.version ? *p_.version : "?"}}},
        {fact_of(p_)});
    cause.severity = Severity::warning;
    take(std::move(cause));
  }

  /// Where CUDA itself does not work, all of it follows.
  void find_failed() {
    if (!works_) return;
    if (p_.end == Asking::End::hung || p_.end == Asking::End::crashed) return find_ended();
    if (p_.end != Asking::End::done) return;
    auto& name = p_.framework;
    if (auto* why = std::get_if<Unreadable>(&p_.imports.is))
      return add("framework-fails",
                 {"cause.framework-fails.import", {{"framework", name}, {"error", why->why}}});
    for (auto* why : {std::get_if<Unreadable>(&p_.available.is), std::get_if<Unreadable>(&p_.devices.is)})
      if (why)
        return add("framework-fails",
                   {"cause.framework-fails.asked", {{"framework", name}, {"error", why->why}}});
    if (p_.available && !*p_.available)
      return add("silent-cpu-fallback", {"cause.silent-cpu-fallback.none", {{"framework", name}}});
    if (auto* why = std::get_if<Unreadable>(&p_.right.is))
      return add("framework-fails",
                 {"cause.framework-fails.product", {{"framework", name}, {"error", why->why}}});
    if (p_.ran_on && !p_.ran_on->starts_with("cuda"))
      return add("silent-cpu-fallback",
                 {"cause.silent-cpu-fallback.on-cpu", {{"framework", name}, {"device", *p_.ran_on}}});
    if (p_.right && !*p_.right)
      add("gpu-computes-wrong", {"cause.gpu-computes-wrong.python", {{"framework", name}}});
  }

  /// The time is one for all that is done, so what is slow comes to its end as well; and who killed it nobody
  /// knows.
  void find_ended() {
    bool crashed = p_.end == Asking::End::crashed, killed = crashed && p_.how == "SIGKILL";
    const char* text = killed    ? "cause.framework-fails.killed"
                       : crashed ? "cause.framework-fails.crashes"
                                 : "cause.framework-fails.hangs";
    add("framework-fails", {text, {{"framework", p_.framework}, {"how", p_.how}}},
        crashed && !killed ? Answer::yes : Answer::unknown);
  }

  /// Two files of one library in the process, as it mapped them.
  void find_copies() {
    auto* s = subject_of(v_, p_);
    auto is_told = [&](const FoundCause& cause) {
      return cause.id == "duplicate-cuda-library" &&
             (!s || cause.subjects.empty() ||
              std::ranges::find(cause.subjects, s->id) != cause.subjects.end());
    };
    if (std::ranges::any_of(out_, is_told)) return;
    std::map<std::string, std::string> files;
    for (auto& path : p_.mapped) {
      auto name = base_name(std::string_view(path));
      if (!is_cuda_library(name)) continue;
      auto [at, is_first] = files.emplace(library_stem(name), path);
      if (!is_first && at->second != path)
        return add("duplicate-cuda-library",
                   {"cause.duplicate-cuda-library.mapped", {{"path", at->second}, {"other", path}}});
    }
  }

  /// A library from another file than the search of the loader gave: one of both does not know something.
  void find_otherwise() {
    std::map<std::string, std::string> promised;
    auto* s = subject_of(v_, p_);
    for (auto& process : v_.facts.loads)
      if (s && process.subject == s->id)
        for (auto& l : process.loads)
          if (l.is_there() && is_cuda_library(base_name(std::string_view(l.file()))))
            promised.emplace(library_stem(l.file()), l.file());
    for (auto& path : p_.mapped) {
      auto at = promised.find(library_stem(path));
      if (at == promised.end() || at->second == path) continue;
      return add("loaded-otherwise",
                 {"cause.loaded-otherwise.found", {{"path", path}, {"promised", at->second}}});
    }
  }

  const MachineView& v_;
  const PythonProof& p_;
  std::vector<FoundCause>& out_;
  bool works_;
};

}  // namespace

void find_python_causes(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& p : v.facts.probed->python) PythonCauses(v, p, out).find();
}

}  // namespace cufit
