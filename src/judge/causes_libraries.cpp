// Which CUDA libraries a process really loads: known-bad combinations, what is not found, copies that shadow
// each other. Reads what the loader answered (model/load.h).
#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/text.h"
#include "judge/machine_view.h"
#include "judge/uses.h"
#include "model/cuda_library.h"
#include "model/duplicates.h"
#include "model/package.h"

namespace cufit {

namespace {

/// "libcublas" of "libcublas.so.12".
std::string_view stem(std::string_view soname) { return soname.substr(0, soname.find(".so")); }

std::optional<Version> version_of(const Load& l) { return Version::parse(l.version); }

FactRef load_fact(const Loads& process, const Load& l) {
  return "loads." + (process.subject.empty() ? process.start : process.subject) + '.' + l.name;
}

const Subject* subject_of(const MachineView& v, const Loads& process) {
  auto at = std::ranges::find(v.facts.subjects, process.subject, &Subject::id);
  return at == v.facts.subjects.end() ? nullptr : &*at;
}

/// The first that was loaded under the name; where it was loaded before, that is the one.
const Load* loaded(const Loads& process, std::string_view soname) {
  auto named = [&](auto& l) { return l.is_there() && (l.name == soname || l.soname == soname); };
  auto at = std::ranges::find_if(process.loads, named);
  return at == process.loads.end() ? nullptr : &*at;
}

/// File name of what asked for it.
std::string asker_of(const Loads& process, const Load& l) {
  return std::string(base_name(std::string_view(l.by.empty() ? process.start : l.by)));
}

FoundCause in_process(FoundCause cause, const Loads& process, const Load& blamed) {
  if (!process.subject.empty()) cause.subjects.push_back(process.subject);
  if (blamed.found == Found::ld_library_path) cause.args.emplace_back("folder", folder_of(blamed.path));
  return cause;
}

CauseArgs pair_of(const Load& a, const Load& b) {
  return {{"library", a.name}, {"version", a.version},       {"path", a.file()},
          {"other", b.name},   {"other_version", b.version}, {"other_path", b.file()}};
}

// --- Combinations ---

bool is_bad(const CombinationRow& row, const Load& a, const Load& b) {
  auto mine = version_of(a), its = version_of(b);
  if (!mine || !its) return false;
  switch (row.relation) {
    case Relation::versions:
      return in_range(*mine, row.from, row.before) && in_range(*its, row.other_from, row.other_before);
    case Relation::other_place:
      return folder_of(a.file()) != folder_of(b.file()) && *mine != *its;
    case Relation::other_minor:
      return mine->major() == its->major() && mine->minor() != its->minor();
    case Relation::packages:
    case Relation::host_compiler:
      break;
  }
  return false;
}

void find_combinations(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  for (auto& row : v.facts.knowledge.tables().combinations) {
    auto *a = loaded(process, row.library), *b = loaded(process, row.other);
    if (!a || !b || !is_bad(row, *a, *b)) continue;
    auto& blamed = b->found == Found::ld_library_path ? *b : *a;
    auto cause = found(v.facts, row.cause, {"evidence.combination", pair_of(*a, *b)},
                       {load_fact(process, *a), load_fact(process, *b)});
    cause.why.rows.push_back("combination/" + std::string(row.id));
    cause.confidence = row.provenance.confidence;
    out.push_back(in_process(std::move(cause), process, blamed));
  }
}

/// Parts of glibc, which come together with the system.
bool is_of_glibc(std::string_view name) {
  auto plain = stem(name);
  return plain.starts_with("ld-linux") || plain == "libc" || plain == "libm" || plain == "libpthread" ||
         plain == "libdl" || plain == "librt";
}

std::string_view lacking_cause(const Load& l) {
  auto name = stem(l.name);
  if (name == "libnvJitLink") return "nvjitlink-mismatch";
  if (name.starts_with("libcublas")) return "cublas-mismatch";
  if (name.starts_with("libcudnn")) return "cudnn-version-mismatch";
  if (name == "libnccl") return "nccl-mismatch";
  if (is_of_glibc(l.name)) return "glibc-too-old";
  bool other_place = l.found == Found::ld_library_path && is_cuda_library(l.name);
  return other_place ? "ld-library-path-shadowing" : "symbol-version-missing";
}

/// A symbol version that a library needs of another and that the file does not define: ld.so refuses it. Of
/// what several libraries need of one file the first is told.
void find_missing_versions(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  std::set<std::string> said;
  for (auto& l : process.loads) {
    if (l.missing_versions.empty() || !said.emplace(l.file()).second) continue;
    std::string versions;
    for (auto& version : l.missing_versions) versions += (versions.empty() ? "" : ", ") + version;
    Text text{"evidence.missing-version",
              {{"library", l.name}, {"path", l.file()}, {"by", l.by}, {"symbol", versions}}};
    auto id = lacking_cause(l);
    std::vector<FactRef> facts = {load_fact(process, l)};
    auto cause = l.stops ? fault(v.facts, id, Stage::start, 0, std::move(text), std::move(facts))
                         : found(v.facts, id, std::move(text), std::move(facts));
    cause.args = {
        {"library", l.name}, {"path", l.file()}, {"by", l.by}, {"symbol", l.missing_versions.front()}};
    out.push_back(in_process(std::move(cause), process, l));
  }
}

// --- Cut off, or no library ---

/// The loader came to a file and gave up on it: it does not look further.
bool is_refused(const Load& l) { return l.found == Found::not_found && l.why.id == "loader.bad-file"; }

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
    if (open) cause.answer = Answer::unknown, cause.why.says = Verdict::unknown;
    if (!l.stops) cause.severity = Severity::warning;
    out.push_back(in_process(std::move(cause), process, l));
  }
}

// --- Older than what the package asks for ---

/// The version that the metadata of a package fixes of a library's package: "9.1.0.70" of "==9.1.0.70".
std::optional<Version> pinned(const Subject& s, std::string_view package) {
  for (auto& d : s.dependencies) {
    if (!d.name.starts_with(package)) continue;
    auto rest = d.name.substr(package.size());
    if (!rest.empty() && !rest.starts_with("-cu")) continue;
    if (auto specifier = Specifier::parse(d.specifier))
      if (auto exact = specifier->exactly()) return Version::parse(exact->text());
  }
  return std::nullopt;
}

void find_older_than_pinned(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  auto* subject = subject_of(v, process);
  if (!subject) return;
  struct Pin {
    std::string_view soname, package, cause;
  };
  constexpr Pin pins[] = {{"libcudnn.so.", "nvidia-cudnn", "cudnn-version-mismatch"},
                          {"libnccl.so.", "nvidia-nccl", "nccl-mismatch"}};
  for (auto& pin : pins) {
    auto of_name = [&](auto& l) { return l.is_there() && l.name.starts_with(pin.soname); };
    auto l = std::ranges::find_if(process.loads, of_name);
    auto wanted = pinned(*subject, pin.package);
    if (l == process.loads.end() || !wanted) continue;
    auto have = version_of(*l);
    if (!have || *have >= *wanted) continue;
    // The number may have fewer fields than the package's ("9.10" by a file name): only what it says counts.
    bool same = true;
    for (size_t i = 0; i < have->size(); i++) same &= (*have)[i] == (*wanted)[i];
    if (same) continue;
    out.push_back(in_process(found(v.facts, pin.cause,
                                   {"evidence.older-library",
                                    {{"library", l->name},
                                     {"version", l->version},
                                     {"path", l->file()},
                                     {"wanted", wanted->text()},
                                     {"name", subject->name}}},
                                   {load_fact(process, *l), "subjects." + subject->id + ".dependencies"}),
                             process, *l));
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
  auto is_other = [&](std::string_view name) { return name != soname && stem(name) == stem(soname); };
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
bool is_of_driver(const Load& l) { return stem(l.name) == "libcuda" || l.name.starts_with("libnvidia-"); }

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

/// One finding for all that is missing. Where all of it lies on the disk, only the way to it is.
void find_what_stops(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  auto missing = what_stops(process);
  if (missing.empty()) return;
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
  if (open) cause.answer = Answer::unknown, cause.why.says = Verdict::unknown;
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
  else if (stem(l.name).starts_with("libcudnn"))
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
    cause.answer = Answer::unknown;
    cause.why.says = Verdict::unknown;
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

// --- Shadowing and copies ---

/// LD_LIBRARY_PATH leads to another version than the one that the program would get without it.
void find_shadowing(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  for (auto& l : process.loads) {
    if (l.found != Found::ld_library_path || !is_cuda_library(l.name) || l.name == "libcuda.so.1") continue;
    auto other = std::ranges::find_if(l.shadows, [&](auto& s) {
      return s.found != Found::ld_library_path && s.path != l.file() && s.version != l.version;
    });
    if (other == l.shadows.end()) continue;
    out.push_back(in_process(found(v.facts, "ld-library-path-shadowing",
                                   {"cause.ld-library-path-shadowing.found",
                                    {{"library", l.name},
                                     {"path", l.file()},
                                     {"version", l.version.empty() ? "?" : l.version},
                                     {"other_path", other->path},
                                     {"other_version", other->version.empty() ? "?" : other->version}}},
                                   {load_fact(process, l), "machine.env.LD_LIBRARY_PATH"}),
                             process, l));
    return;  // one is enough to say where it comes from
  }
}

void find_duplicates(const MachineView& v, const Loads& process, std::vector<FoundCause>& out) {
  for (auto& [library, files] : duplicates_of(process.loads))
    for (auto* other : std::span(files).subspan(1))
      out.push_back(in_process(found(v.facts, "duplicate-cuda-library",
                                     {"cause.duplicate-cuda-library.found", pair_of(*files[0], *other)},
                                     {load_fact(process, *files[0]), load_fact(process, *other)}),
                               process, *other));
}

}  // namespace

bool in_range(const Version& version, std::string_view from, std::string_view before) {
  auto bound = [](std::string_view text) { return Version::parse(text); };
  return (from.empty() || version >= *bound(from)) && (before.empty() || version < *bound(before));
}

void find_library_causes(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& process : v.facts.loads) {
    find_combinations(v, process, out);
    find_missing_versions(v, process, out);
    find_damaged(v, process, out);
    find_older_than_pinned(v, process, out);
    find_what_stops(v, process, out);
    find_left_to_the_opener(v, process, out);
    find_audited(v, process, out);
    find_not_found(v, process, out);
    find_shadowing(v, process, out);
    find_duplicates(v, process, out);
    for (auto& l : process.loads)
      if (l.name == "libcuda.so.1" && l.is_there() && l.file().contains("/stubs/"))
        out.push_back(in_process(
            fault(v.facts, "stub-libcuda-loaded", Stage::libcuda, 34,
                  {"cause.stub-libcuda-loaded.by-loader", {{"path", l.file()}}}, {load_fact(process, l)}),
            process, l));
  }
}

}  // namespace cufit
