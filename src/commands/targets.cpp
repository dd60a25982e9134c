#include "commands/targets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "collect/environment.h"
#include "collect/target.h"
#include "commands/address.h"
#include "commands/index_map.h"
#include "commands/looked_at.h"
#include "commands/message.h"
#include "commands/progress.h"
#include "commands/requirements.h"
#include "commands/requirements_file.h"
#include "commands/standing.h"
#include "judge/build_subject.h"
#include "knowledge/gpu_lookup.h"
#include "render/labels.h"

namespace cufit::commands {

namespace {

using Read = Result<std::vector<Subject>>;

/// What uses all cores for itself: directories, wheels, large libraries.
bool is_large(const std::string& path) {
  constexpr off_t kLarge = 32 << 20;
  struct stat st;
  return stat(path.c_str(), &st) == 0 && (S_ISDIR(st.st_mode) || st.st_size > kLarge);
}

/// Small files side by side, the others one after the other.
std::vector<Read> read_all(const std::vector<std::string>& paths, const collect::Options& options) {
  std::vector<Read> results(paths.size());
  std::vector<size_t> small;
  for (size_t i = 0; i < paths.size(); i++) {
    if (is_large(paths[i]))
      results[i] = collect::read_target(paths[i], options);
    else
      small.push_back(i);
  }
  parallel_for(small.size(),
               [&](size_t i) { results[small[i]] = collect::read_target(paths[small[i]], options); });
  return results;
}

Gap unopened(const std::string& path, const Error& error) {
  Text what{"target.unread", {{"error", error.message}}};
  if (!error.id.empty()) what = {error.id};
  return {without_credentials(error.file.empty() ? path : error.file), error.offset, std::move(what)};
}

/// --root DIR: targets are paths in the file system that begins there; without a target, all its
/// environments.
std::expected<void, Complaint> look_below_root(const Invocation& invocation, collect::Options& options,
                                               std::vector<std::string>& paths) {
  if (!invocation.has("root")) return {};
  auto system = root_option(invocation);
  if (!system) return std::unexpected(system.error());
  options.system = *system;
  auto root = system->empty() ? std::string("/") : *system;
  for (auto& path : paths)
    if (!path.starts_with(options.system + '/') && path != root)
      path = options.system + (path.starts_with('/') ? "" : "/") + path;
  if (!paths.empty() || invocation.has("requirement")) return {};
  paths = collect::environments_below(root);
  if (paths.empty()) return complain({"root.no-environment", {{"path", root}}}, {{"root.give-a-path"}});
  return {};
}

/// Who names nothing, neither targets nor a machine that has some, means the environment that is active.
void take_active_environment(const Invocation& invocation, std::vector<std::string>& paths) {
  bool named = !invocation.operands().empty() || invocation.has("requirement") || invocation.has("root") ||
               invocation.has("machine");
  auto active = active_environment(invocation.io());
  if (named || active.empty()) return;
  if (!invocation.has("quiet"))
    say(Message::note, {"check.active", {{"path", active}}}, invocation.lang(), invocation.io());
  paths.push_back(active);
}

/// What is installed is judged whether its Python starts or not; that it does not is said.
void say_what_does_not_start(const std::vector<Subject>& subjects, const std::string& system,
                             const Invocation& invocation) {
  std::set<std::string> environments;
  for (auto& s : subjects)
    if (!s.environment.empty()) environments.insert(s.environment);
  for (auto& environment : environments)
    if (auto python = collect::dangling_interpreter(environment, system))
      say(Message::note, {"target.python-gone", {{"path", *python}, {"environment", environment}}},
          invocation.lang(), invocation.io());
}

/// Operands that are requirements, and the lines of the files that -r names.
class CatalogueTargets {
 public:
  CatalogueTargets(const Invocation& invocation, std::span<const Machine> machines, const Knowledge& k,
                   Targets& targets)
      : invocation_(invocation), k_(k), places_(places_of(machines)), targets_(targets) {}

  std::expected<void, Complaint> read(const std::vector<std::string>& operands) {
    auto index = IndexMap::from(invocation_);
    if (!index) return std::unexpected(index.error());
    std::vector<Requirement> given;
    for (auto& operand : operands) given.push_back(*requirement_of(operand));
    for (auto& resolved : resolve_set(given, {index->indexes(), {}, places_}, k_)) add(std::move(resolved));
    for (auto& path : invocation_.values("requirement")) {
      auto file = read_requirements(path, index->indexes());
      if (!file) return std::unexpected(file.error());
      std::ranges::move(file->unread, std::back_inserter(targets_.unread));
      Installation installation{file->indexes, file->constraints, places_, file->notes};
      for (auto& resolved : resolve_set(joined_by_name(file->requirements), installation, k_)) {
        auto standing = standing_of(resolved.name, k_);
        if (standing == Standing::judged || standing == Standing::suspect)
          add(std::move(resolved));
        else
          not_judged_[standing].push_back(resolved.name);
      }
    }
    note("requirements.companions", not_judged_[Standing::companion]);
    note("requirements.passed-over", not_judged_[Standing::other]);
    note("requirements.skipped", skipped_);
    return {};
  }

 private:
  void add(Resolved resolved) {
    if (resolved.skipped) skipped_.push_back(resolved.name);
    for (auto& subject : resolved.subjects) {
      subject.id = "s" + std::to_string(targets_.subjects.size());
      if (!resolved.notes.empty()) targets_.notes.emplace_back(subject.id, resolved.notes);
      targets_.subjects.push_back(std::move(subject));
    }
  }

  void note(const char* id, const std::vector<std::string>& names) const {
    if (names.empty() || invocation_.has("quiet")) return;
    Text text{id, {{"n", std::to_string(names.size())}, {"names", joined(names)}}};
    say(Message::note, text, invocation_.lang(), invocation_.io());
  }

  const Invocation& invocation_;
  const Knowledge& k_;
  std::vector<collect::MarkerPlace> places_;
  Targets& targets_;
  std::map<Standing, std::vector<std::string>> not_judged_;
  std::vector<std::string> skipped_;
};

}  // namespace

void read_paths(const std::vector<std::string>& paths, const collect::Options& options,
                const Knowledge& knowledge, Targets& targets) {
  auto results = read_all(paths, options);
  for (size_t i = 0; i < paths.size(); i++) {
    if (!results[i]) {
      targets.unread.push_back(unopened(paths[i], results[i].error()));
      std::ranges::move(hints_on_target(paths[i], knowledge), std::back_inserter(targets.hints));
      continue;
    }
    for (auto& subject : *results[i]) {
      subject.id = "s" + std::to_string(targets.subjects.size());
      for (auto& member : subject.members) member.role = knowledge.role_of(member.bin.path);
      if (auto* row = identify_build(knowledge, subject)) subject.build = std::string(row->id);
      targets.subjects.push_back(std::move(subject));
    }
  }
}

void strip_root(std::vector<Subject>& subjects, const std::string& root) {
  if (root.empty()) return;
  auto strip = [&](std::string& path) {
    if (path.starts_with(root + '/')) path.erase(0, root.size());
  };
  for (auto& s : subjects) {
    strip(s.path);
    strip(s.environment);
    if (s.kind == Subject::Kind::directory) strip(s.name);
    for (auto& m : s.members) strip(m.bin.path);
    for (auto& gap : s.unread) strip(gap.path);
  }
}

collect::Options reading_options(const Invocation& invocation, collect::Progress& progress) {
  return {.pass = invocation.value("pass") == "usual" ? Pass::usual : Pass::full,
          .progress = &progress,
          .cache = !invocation.has("no-cache")};
}

std::expected<Targets, Complaint> read_targets(const Invocation& invocation, const Knowledge& knowledge,
                                               std::span<const Machine> machines) {
  collect::Progress progress;
  auto options = reading_options(invocation, progress);
  ProgressLine line(progress, invocation.io(), invocation.lang());
  Targets targets;
  std::vector<std::string> paths, requirements;
  for (auto& operand : invocation.operands()) {
    bool there = invocation.has("root") || access(operand.c_str(), F_OK) == 0;
    (there || !is_requirement(operand, knowledge) ? paths : requirements).push_back(operand);
  }
  if (auto done = look_below_root(invocation, options, paths); !done) return std::unexpected(done.error());
  take_active_environment(invocation, paths);
  read_paths(paths, options, knowledge, targets);
  say_what_does_not_start(targets.subjects, options.system, invocation);
  CatalogueTargets catalogue(invocation, machines, knowledge, targets);
  if (auto done = catalogue.read(requirements); !done) return std::unexpected(done.error());
  return targets;
}

std::string active_environment(const Io& io) {
  for (auto* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (auto value = io.env(variable); value.starts_with('/')) return std::string(value);
  return {};
}

std::vector<Text> hints_on_target(const std::string& operand, const Knowledge& knowledge) {
  auto name = operand.substr(operand.rfind('/') + 1);
  auto ends = [&](std::string_view end) { return name.ends_with(end); };
  if (access(operand.c_str(), F_OK) == 0) {
    if (ends(".txt") || ends(".in")) return {{"hint.requirements-file", {{"path", operand}}}};
    if (ends(".toml") || ends(".yml") || ends(".yaml") || ends(".lock") || ends(".cfg") || name == "Pipfile")
      return {{"hint.other-list", {{"name", name}}}};
    return {};
  }
  if (operand == "-") return {{"hint.pipe"}};
  auto operators = operand.find_first_of("=<>~!");
  if (operators != operand.npos && operators > 0 && operand.find('/') == operand.npos)
    return {{"hint.requirement"}};
  if (operand.find("://") != operand.npos) return {{"hint.address"}};
  if (!find_gpu(knowledge, operand).candidates.empty()) return {{"hint.gpu-list", {{"name", operand}}}};
  if (operand.find_first_of("./") == operand.npos && Requirement::parse(operand))
    return {not_in_catalogue(normalized_name(operand), knowledge)};
  return {};
}

std::expected<void, Complaint> some_could_be_read(const Targets& targets, const Invocation& invocation) {
  if (targets.subjects.empty() && !targets.unread.empty() && !invocation.json()) {
    auto& gap = targets.unread.front();
    auto error = render::phrase(gap.what, invocation.lang());
    auto hints = targets.hints;
    if (auto others = targets.unread.size() - 1; others > 0)
      hints.push_back({"target.others", {{"n", std::to_string(others)}}});
    return complain({"target.failed", {{"path", gap.path}, {"error", error}}}, std::move(hints));
  }
  for (auto& hint : targets.hints) say(Message::hint, hint, invocation.lang(), invocation.io());
  return {};
}

}  // namespace cufit::commands
