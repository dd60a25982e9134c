#include "model/redact.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/each_string.h"
#include "model/private_patterns.h"
#include "model/variables.h"

namespace cufit {

namespace {

/// Members of the model that hold a path even if it is relative: targets as users write them.
constexpr std::array<std::string_view, 14> path_members = {
    "path", "root", "environment", "real",     "place", "place_of", "start",
    "by",   "file", "listed",      "preloads", "rpath", "runpath",  "on_disk_path"};

/// Of a file in a cgroup: the folders on the way are called like users, jobs and containers.
std::string without_cgroups(const std::string& path) {
  constexpr std::string_view mount = "/sys/fs/cgroup/";
  auto file = path.rfind('/');
  bool below = path.starts_with(mount) && file >= mount.size();
  return below ? std::string(mount) + "..." + path.substr(file) : path;
}

void learn_variable(Pseudonyms& names, std::string_view name, std::string_view value) {
  if (names_user(name)) names.learn_user(value);
  if (names_host(name)) names.learn_host(value);
  // What names a machine in one variable is replaced in the others as well.
  bool machines = names_hosts(name) && !is_secret_name(name);  // as in_variable takes it
  if (machines && !value.contains('/')) names.learn_host(value.substr(0, value.find_first_of(":,")));
  if (name != "HOME") return;
  auto path = trimmed(value, "/");
  // A home that is the folder of a program names nobody: "/app", "/workspace".
  if (path.contains('/')) names.learn_user(base_name(path));
}

void learn(Pseudonyms& names, const Machine& machine, const std::optional<Observed>& observed,
           const std::vector<Subject>& subjects) {
  for (auto& s : subjects)
    if (!s.name.contains('/')) names.learn_meaning(s.name);
  for (auto& [name, value] : machine.env) learn_variable(names, name, value);
  if (!observed) return;
  for (auto& v : observed->variables) learn_variable(names, v.name, v.value);
}

/// The change that each_string makes.
struct Redaction {
  Pseudonyms& names;
  std::map<std::string, std::string>& values;

  void text(std::string_view key, std::string& s) {
    if (key == "from") s = without_cgroups(s);
    // Reports quote values of variables: those become what they became in the variable.
    if (auto value = values.find(s); value != values.end()) {
      s = value->second;
      return;
    }
    for (auto& [before, after] : values) {
      constexpr size_t shortest = 8;  // of a value that is looked for within others
      if (before.size() < shortest) continue;
      for (auto at = s.find(before); at != s.npos; at = s.find(before, at + after.size()))
        s.replace(at, before.size(), after);
    }
    s = names.in_text(s, std::ranges::find(path_members, key) != path_members.end());
  }

  void variable(const std::string& name, std::string& value) {
    auto after = names.in_variable(name, value);
    if (!value.empty() && names.in_text(value, true) != after) values[value] = after;
    value = std::move(after);
  }

  void variables(std::map<std::string, std::string>& all) {
    std::erase_if(all, [](auto& v) { return use_of_variable(v.first) == VariableUse::none; });
    for (auto& [name, value] : all) variable(name, value);
  }

  void variables(std::vector<SetVariable>& all) {
    std::erase_if(all, [](auto& v) { return use_of_variable(v.name) == VariableUse::none; });
    for (auto& v : all) {
      variable(v.name, v.value);
      text("file", v.file);
    }
  }

  void files(FileIndex& index) {
    std::map<std::string, IndexedFile> files;
    for (auto& [path, file] : index.files) {
      // Each member by name, so that a new one does not come through unseen.
      auto& [kind, real, size, hard_link, object, unreadable, set_user_id, secure] = file;
      if (object) each_string(*object, *this);
      text("real", real);
      text("unreadable", unreadable);
      files.emplace(names.in_text(path, true), std::move(file));
    }
    index.files = std::move(files);
    std::map<std::string, std::vector<std::string>> matches;
    for (auto& [pattern, found] : index.matches) {
      for (auto& name : found) text("name", name);
      matches.emplace(names.in_text(pattern, true), std::move(found));
    }
    index.matches = std::move(matches);
    for (auto& folder : index.listed) text("listed", folder);
    std::ranges::sort(index.listed);
    text("from", index.cache.from.where);
    if (auto* why = std::get_if<Unreadable>(&index.cache.is)) text("unreadable", why->why);
    if (auto* entries = std::get_if<std::vector<CachedLibrary>>(&index.cache.is))
      for (auto& [soname, path, flags, hwcap, level] : *entries) {
        text("path", path);
        text("soname", soname);
        text("level", level);
      }
  }
};

/// Twice, since the second time all names are known that the first time met.
template <class T>
T twice(Redaction redaction, T value) {
  auto first = value;
  each_string(first, redaction);
  each_string(value, redaction);
  return value;
}

}  // namespace

Redactor::Redactor(const Private& known) {
  for (auto& user : known.users) names_.learn_user(user);
  for (auto& host : known.hosts) names_.learn_host(host);
  for (auto& [name, value] : known.env) learn_variable(names_, name, value);
}

World Redactor::redacted(World world) {
  learn(names_, world.machine, world.observed, world.subjects);
  // The devices of the driver first: their numbers are those that nvidia-smi would count.
  if (world.observed)
    for (auto& gpu : world.observed->kernel.gpus)
      if (gpu.uuid) names_.in_text(*gpu.uuid);
  return twice(Redaction{names_, values_}, std::move(world));
}

Report Redactor::redacted(Report report) {
  learn(names_, report.machine, report.observed, report.subjects);
  if (report.observed)
    for (auto& gpu : report.observed->kernel.gpus)
      if (gpu.uuid) names_.in_text(*gpu.uuid);
  return twice(Redaction{names_, values_}, std::move(report));
}

World redact(World world, const Private& known) { return Redactor(known).redacted(std::move(world)); }

}  // namespace cufit
