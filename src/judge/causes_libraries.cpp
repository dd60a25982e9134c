// CUDA libraries that a process loads and that do not go together: known-bad combinations, versions that are
// missing, copies that shadow each other. Reads what the loader answered (model/load.h).
#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "judge/seen_loads.h"
#include "model/cuda_library.h"
#include "model/duplicates.h"
#include "model/package.h"

namespace cufit {

namespace {

std::optional<Version> version_of(const Load& l) { return Version::parse(l.version); }

/// The first that was loaded under the name; where it was loaded before, that is the one.
const Load* loaded(const Loads& process, std::string_view soname) {
  auto named = [&](auto& l) { return l.is_there() && (l.name == soname || l.soname == soname); };
  auto at = std::ranges::find_if(process.loads, named);
  return at == process.loads.end() ? nullptr : &*at;
}

CauseArgs pair_of(const Load& a, const Load& b) {
  auto version = [](const Load& load) { return load.version.empty() ? "?" : load.version; };
  return {{"library", a.name}, {"version", version(a)},       {"path", a.file()},
          {"other", b.name},   {"other_version", version(b)}, {"other_path", b.file()}};
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
    if (row.severity != Severity::error) cause.severity = row.severity;
    out.push_back(in_process(std::move(cause), process, blamed));
  }
}

/// Parts of glibc, which come together with the system.
bool is_of_glibc(std::string_view name) {
  auto plain = stem_of(name);
  return plain.starts_with("ld-linux") || plain == "libc" || plain == "libm" || plain == "libpthread" ||
         plain == "libdl" || plain == "librt";
}

std::string_view lacking_cause(const Load& l) {
  auto name = stem_of(l.name);
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
    auto cause = found(v.facts, pin.cause,
                       {"evidence.older-library",
                        {{"library", l->name},
                         {"version", l->version},
                         {"path", l->file()},
                         {"wanted", wanted->text()},
                         {"name", subject->name}}},
                       {load_fact(process, *l), "subjects." + subject->id + ".dependencies"});
    // What is called is the same in a minor; only faults are mended (PyTorch asks no more of cuDNN:
    // torch/backends/cudnn/__init__.py).
    bool same_minor = have->size() > 1 && have->major() == wanted->major() && (*have)[1] == (*wanted)[1];
    if (same_minor) cause.severity = Severity::warning;
    out.push_back(in_process(std::move(cause), process, *l));
  }
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

void find_library_causes(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& process : v.facts.loads) {
    find_combinations(v, process, out);
    find_missing_versions(v, process, out);
    find_not_loaded(v, process, out);
    find_older_than_pinned(v, process, out);
    find_shadowing(v, process, out);
    find_duplicates(v, process, out);
  }
}

/// The toolkit's, made for linkers.
void find_loaded_stubs(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& process : v.facts.loads)
    for (auto& l : process.loads)
      if (l.name == "libcuda.so.1" && l.is_there() && l.file().contains("/stubs/"))
        out.push_back(in_process(
            fault(v.facts, "stub-libcuda-loaded", Stage::libcuda, 34,
                  {"cause.stub-libcuda-loaded.by-loader", {{"path", l.file()}}}, {load_fact(process, l)}),
            process, l));
}

}  // namespace cufit
