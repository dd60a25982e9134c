// Libraries that a process needs and does not get: not found, cut off, or none at all.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "judge/seen_loads.h"
#include "model/cuda_library.h"
#include "model/duplicates.h"
#include "model/hidden_code.h"

namespace cufit {

namespace {

// --- Cut off, or no library ---

/// What of a refusal ld.so says: "file too short".
std::string refusal_of(const Load& l, std::string_view name) {
  auto* value = argument(l.why.args, name);
  return value ? *value : std::string();
}

CauseArgs damage_of(const Load& l, const std::string& by) {
  if (is_refused(l))
    return {{"library", l.name}, {"by", by}, {"path", refusal_of(l, "path")}, {"why", refusal_of(l, "why")}};
  return {{"library", l.name},
          {"by", by},
          {"path", l.file()},
          {"size", std::to_string(l.cut_off->size)},
          {"whole", std::to_string(l.cut_off->whole)}};
}

/// Of a library that somebody else opens, only what it needs itself is known to be met.
void find_damaged(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  for (auto& l : process.loads) {
    bool refused = is_refused(l);
    if (!refused && !l.cut_off) continue;
    if (!l.stops && l.dlopened && !is_cuda_library(l.name)) continue;
    auto args = damage_of(l, asker_of(process, l));
    const char* text = refused     ? "evidence.library-refused"
                       : l.kills() ? "evidence.library-cut-off"
                                   : "evidence.library-end-missing";
    std::vector<FactRef> facts = {load_fact(process, l)};
    bool open = !refused && !l.kills();
    auto cause = l.stops || open
                     ? fault(v.facts, "library-damaged", Stage::start, 0, {text, args}, std::move(facts))
                     : found(v.facts, "library-damaged", {text, args}, std::move(facts));
    if (open) leave_open(cause);
    if (!l.stops) cause.severity = Severity::warning;
    out.push_back(in_process(std::move(cause), process, l));
  }
}

// --- Not found ---

/// Where a file of this SONAME lies: among the subjects, or in a toolkit that the index knows.
std::string lies_at(const MachineView& v, const std::string& soname) {
  for (auto& s : v.facts.subjects)
    for (auto& m : s.members)
      if (m.bin.dyn.soname == soname || base_name(m.bin.path) == soname) return m.bin.path;
  for (auto& l : v.observed.libraries)
    if (l.name == soname && l.on.empty()) return l.path;
  for (auto& toolkit : v.observed.toolkits)
    for (auto* folder : {"/lib64/", "/targets/x86_64-linux/lib/", "/targets/sbsa-linux/lib/", "/lib/"}) {
      auto path = toolkit.path + folder + soname;
      auto file = v.facts.files.look(path);
      if (file && file->kind == IndexedFile::Kind::file) return path;
    }
  return {};
}

/// Another major of the same library that is there: "libcudart.so.13" for "libcudart.so.12".
std::string other_major(const MachineView& v, const Loads& process, const Subject* subject,
                        const std::string& soname) {
  auto is_other = [&](std::string_view name) { return name != soname && stem_of(name) == stem_of(soname); };
  for (auto& l : process.loads)
    if (l.is_there() && is_other(l.soname.empty() ? l.name : l.soname))
      return l.soname.empty() ? l.name : l.soname;
  for (auto& s : v.facts.subjects) {
    if (!subject || subject->environment.empty() || s.environment != subject->environment) continue;
    for (auto& m : s.members)
      if (m.bin.dyn.soname && is_other(*m.bin.dyn.soname)) return *m.bin.dyn.soname;
  }
  return {};
}

/// Libraries of the driver are asked about where libcuda is (causes_libcuda.cpp); an image has none.
bool is_of_driver(const Load& l) { return stem_of(l.name) == "libcuda" || l.name.starts_with("libnvidia-"); }

/// What the program or the import ends for, each name once.
std::vector<const Load*> what_stops(const Loads& process) {
  std::vector<const Load*> all;
  for (auto& l : process.loads) {
    auto same = [&](auto* other) { return other->name == l.name; };
    if (l.stops && l.found == Found::not_found && !is_refused(l) && !is_of_driver(l) &&
        std::ranges::none_of(all, same))
      all.push_back(&l);
  }
  return all;
}

std::string names_of(const std::vector<const Load*>& loads) {
  std::string names;
  for (auto* l : loads) names += (names.empty() ? "" : ", ") + l->name;
  return names;
}

/// Why nobody can tell whether the libraries are missing: what is not known besides may bring them.
std::optional<Text> what_is_open(const Loads& process, const std::string& names) {
  auto open = std::ranges::find(process.loads, Found::unknown, &Load::found);
  if (open != process.loads.end())
    return Text{"evidence.libraries-open", {{"libraries", names}, {"open", open->name}}};
  if (process.start.empty()) return Text{"evidence.libraries-without-python", {{"libraries", names}}};
  return std::nullopt;
}

/// The library that the environment has, and that this user may not read: the loader passes over it. Empty if
/// there is none.
std::string denied_at(const MachineView& v, const Subject* subject, const std::string& name) {
  for (auto& s : v.facts.subjects)
    for (auto& gap : s.unread)
      if (subject && s.environment == subject->environment && gap.what.id == gap_denied &&
          base_name(std::string_view(gap.path)) == name)
        return gap.path;
  return {};
}

/// Whoever runs the program may be another user.
void find_denied(const MachineView& v, const Loads& process, const Load& missing, const std::string& at,
                 std::vector<FoundCause>& out) {
  Text text = {"evidence.library-denied",
               {{"library", missing.name}, {"by", asker_of(process, missing)}, {"path", at}}};
  auto cause =
      fault(v.facts, "library-unreadable", Stage::start, 0, std::move(text), {load_fact(process, missing)});
  leave_open(cause);
  out.push_back(in_process(std::move(cause), process, missing));
}

/// One finding for all that is missing. Where all of it lies on the disk, only the way to it is.
void find_what_stops(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  auto missing = what_stops(process);
  if (missing.empty()) return;
  auto* subject = subject_of(v, process);
  for (auto* l : missing)
    if (auto at = denied_at(v, subject, l->name); !at.empty()) return find_denied(v, process, *l, at, out);
  auto names = names_of(missing);
  auto& first = *missing.front();
  auto by = asker_of(process, first);
  std::vector<FactRef> facts;
  for (auto* l : missing) facts.push_back(load_fact(process, *l));
  auto at = lies_at(v, first.name);
  bool all_lie = std::ranges::none_of(missing, [&](auto* l) { return lies_at(v, l->name).empty(); });
  auto id = all_lie ? "cuda-lib-not-on-path" : "needed-library-missing";
  Text text = {"evidence.libraries-missing", {{"libraries", names}, {"by", by}}};
  if (all_lie)
    text = missing.size() == 1
               ? Text{"evidence.library-lies", {{"library", first.name}, {"by", by}, {"path", at}}}
               : Text{"evidence.libraries-lie", {{"libraries", names}, {"by", by}, {"path", at}}};
  auto open = what_is_open(process, names);
  auto cause = fault(v.facts, id, Stage::start, 0, open ? *open : std::move(text), std::move(facts));
  if (open) leave_open(cause);
  cause.args = {{"library", first.name}, {"by", by}};
  if (all_lie) cause.args.emplace_back("folder", folder_of(at));
  out.push_back(in_process(std::move(cause), process, first));
}

/// Why a CUDA library is not found, as far as that can be told.
struct Missing {
  std::string_view cause;
  std::string at;     ///< where it lies all the same
  std::string other;  ///< another major of it that is there
};

std::optional<Missing> missing_for(const MachineView& v, const Loads& process, const Subject* subject,
                                   const Load& l) {
  if (l.found != Found::not_found || l.stops || is_refused(l) || !is_cuda_library(l.name) || is_of_driver(l))
    return std::nullopt;
  auto by = asker_of(process, l);
  Missing missing{"", lies_at(v, l.name), other_major(v, process, subject, l.name)};
  if (by.starts_with("libonnxruntime_providers_cuda"))
    missing.cause = "ort-cuda-mismatch";
  else if (by.starts_with("libtensorflow") || process.framework.starts_with("tensorflow"))
    missing.cause = "tf-gpu-libs-missing";
  else if (!missing.at.empty())
    missing.cause = "cuda-lib-not-on-path";
  else if (stem_of(l.name).starts_with("libcudnn"))
    missing.cause = "cudnn-lib-missing";
  else if (!missing.other.empty())
    missing.cause = "package-for-other-cuda-major";
  else
    return std::nullopt;
  return missing;
}

void find_not_found(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  auto* subject = subject_of(v, process);
  std::set<std::string> said;
  for (auto& l : process.loads) {
    auto missing = missing_for(v, process, subject, l);
    // That a stranger was put before the program's own copy is told as what it is (find_duplicates).
    auto has_copies = [](auto& other) { return !duplicates_of(other.loads).empty(); };
    if (missing && is_behind_preload(process, l) && std::ranges::any_of(v.facts.loads, has_copies)) continue;
    if (!missing || !said.insert(std::string(missing->cause) + l.by).second) continue;
    CauseArgs args = {{"library", l.name}, {"by", asker_of(process, l)}};
    const char* text = "evidence.library-not-found";
    if (!missing->at.empty()) {
      args.emplace_back("path", missing->at);
      text = "evidence.library-lies";
    } else if (!missing->other.empty()) {
      args.emplace_back("other", missing->other);
      text = "evidence.library-of-other-major";
    }
    auto cause =
        in_process(found(v.facts, missing->cause, {text, args}, {load_fact(process, l)}), process, l);
    if (!missing->at.empty()) cause.args.emplace_back("folder", folder_of(missing->at));
    out.push_back(std::move(cause));
  }
}

/// What a library needs that is judged by itself. Whoever opens it may have loaded that before.
void find_left_to_the_opener(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  if (!process.framework.empty()) return;
  auto* subject = subject_of(v, process);
  std::vector<const Load*> left;
  for (auto& l : process.loads) {
    bool open = l.found == Found::unknown && is_cuda_library(l.name) && l.why.id != "loader.audit";
    bool needed = (l.found == Found::not_found || open) && !l.stops && !l.dlopened && l.place_of.empty();
    if (needed && !is_refused(l) && !is_of_driver(l) && !missing_for(v, process, subject, l))
      left.push_back(&l);
  }
  if (left.empty()) return;
  auto by = asker_of(process, *left.front());
  std::vector<FactRef> facts;
  for (auto* l : left) facts.push_back(load_fact(process, *l));
  bool sure = std::ranges::any_of(left, [](auto* l) { return l->found == Found::not_found; });
  auto cause = found(v.facts, "needed-library-missing",
                     {sure ? "evidence.libraries-of-opener" : "evidence.libraries-not-known",
                      {{"libraries", names_of(left)}, {"by", by}}},
                     std::move(facts));
  if (!sure) {
    leave_open(cause);
    cause.curable = false;
  }
  cause.severity = Severity::warning;
  cause.args = {{"library", left.front()->name}, {"by", by}};
  out.push_back(in_process(std::move(cause), process, *left.front()));
}

/// Nobody knows then which files a process loads.
void find_audited(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  auto l = std::ranges::find(process.loads, "loader.audit", [](auto& load) { return load.why.id; });
  if (l == process.loads.end()) return;
  auto* library = argument(l->why.args, "library");
  Text text = {
      "evidence.audited",
      {{"path", library ? *library : ""}, {"by", std::string(base_name(std::string_view(process.start)))}}};
  auto cause = found(v.facts, "audit-library", std::move(text), {load_fact(process, *l)});
  out.push_back(in_process(std::move(cause), process, *l));
}

}  // namespace

void find_not_loaded(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  find_damaged(v, process, out);
  find_what_stops(v, process, out);
  find_left_to_the_opener(v, process, out);
  find_audited(v, process, out);
  find_not_found(v, process, out);
}

}  // namespace cufit
