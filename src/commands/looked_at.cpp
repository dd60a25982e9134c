#include "commands/looked_at.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "collect/fleet.h"
#include "collect/observe.h"
#include "collect/observe_software.h"
#include "commands/contradictions.h"
#include "commands/machine_options.h"
#include "commands/message.h"
#include "knowledge/machine_of.h"
#include "loader/seen_with.h"
#include "model/library_path.h"
#include "model/recording.h"
#include "model/variables.h"

namespace cufit::commands {

namespace {

/// What a process keeps of its variables that the rules and the loader ask for.
Variables that_matter(const Variables& env) {
  Variables kept;
  for (auto& [name, value] : env)
    if (use_of_variable(name) >= VariableUse::recorded) kept[name] = value;
  return kept;
}

bool names_unseen_folder(const Observed& seen, const std::string& library_path) {
  auto is_seen = [&](auto& folder) {
    return std::ranges::any_of(seen.libraries, [&](auto& l) { return folder_of(l.path) == folder; });
  };
  return !std::ranges::all_of(library_path_folders(library_path), is_seen);
}

}  // namespace

std::expected<World, Complaint> recorded_world(const std::string& path, render::Lang lang) {
  auto refused = [&](const Error& e) {
    return complain({"recorded.bad", {{"path", path}, {"error", words_of(e, lang)}}});
  };
  std::error_code no_size;
  if (auto size = std::filesystem::file_size(path, no_size); !no_size && size > largest_recording)
    return refused({{}, {}, {}, "record.too-large"});
  auto text = collect::read_text(path, largest_recording);
  if (!text) return refused(text.error());
  auto recording = world_from_recording(*text);
  if (!recording) return refused(recording.error());
  return std::move(recording->world);
}

std::expected<std::string, Complaint> root_option(const Invocation& invocation) {
  std::string root(invocation.value("root"));
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  if (root.empty()) return root;
  struct stat st;
  if (stat(root.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) return complain({"root.bad", {{"path", root}}});
  // "/" is this machine: links lead where they lead anyway.
  return root == "/" ? std::string() : root;
}

std::expected<LookedAt, Complaint> LookedAt::from(const Invocation& invocation, const Knowledge& knowledge) {
  LookedAt at;
  auto given = given_env(invocation);
  if (!given) return std::unexpected(given.error());
  if (invocation.has("machine")) {
    auto world = recorded_world(std::string(invocation.value("machine")), invocation.lang());
    if (!world) return std::unexpected(world.error());
    at.world = std::move(*world);
    at.recorded = true;
    if (!invocation.has("quiet"))
      for (auto& text : contradictions_of(at.world, knowledge))
        say(Message::note, text, invocation.lang(), invocation.io());
    at.world.machine.origin = "recorded";
    at.env_ = at.world.machine.env;
    for (auto& [name, value] : *given) at.env_[name] = value;
    auto before = std::exchange(at.world.machine.env, at.env_);
    if (!at.world.observed) return at;
    at.preload_file_ = settings_of(*at.world.observed, before).preload_file;
    see_with(*at.world.observed, before, at.env_);
    bool other_folders = given->contains("LD_LIBRARY_PATH");
    if (other_folders && names_unseen_folder(*at.world.observed, at.env_["LD_LIBRARY_PATH"]))
      at.world.machine.assumed.push_back("no-library-in-other-folders");
    return at;
  }
  auto root = root_option(invocation);
  if (!root) return std::unexpected(root.error());
  at.root_ = std::move(*root);
  // The variables of this shell say nothing of another root.
  if (at.root_.empty()) at.env_ = invocation.io().variables();
  for (auto& [name, value] : *given) at.env_[name] = value;
  std::error_code ec;
  at.look(at.root_.empty() ? std::filesystem::current_path(ec).string() : "", knowledge);
  return at;
}

LookedAt LookedAt::of_process(const std::string& root, Variables env, const Knowledge& knowledge) {
  LookedAt at;
  at.root_ = root;
  at.env_ = std::move(env);
  at.look("", knowledge);
  return at;
}

void LookedAt::look(const std::string& cwd, const Knowledge& knowledge) {
  cwd_ = cwd;
  live_ = std::make_unique<collect::LiveFiles>(root_);
  collect::Root root(root_);
  auto seen = collect::observe_machine(root, env_);
  auto& cached = live_->ld_cache();
  if (auto& why = live_->cache_damage(); !why.empty())
    unread.push_back({"/etc/ld.so.cache", {}, {"loader.cache-extensions", {{"why", why}}}});
  std::ranges::move(
      collect::observe_software(root, env_, cwd, cached ? *cached : std::vector<CachedLibrary>(), seen),
      std::back_inserter(unread));
  auto cpuinfo = root.text("/proc/cpuinfo", size_t{256} << 10);
  if (cpuinfo) seen.cpu = {cpu_of(*cpuinfo), cpuinfo.from};
  preload_file_ = settings_of(seen, env_).preload_file;
  world.machine = machine_of(seen, that_matter(env_), knowledge);
  world.observed = std::move(seen);
}

LoaderSettings LookedAt::loader_settings() const {
  auto s = settings_of(world.observed ? *world.observed : Observed(), env_);
  s.cwd = cwd_;
  s.preload_file = preload_file_;  // of a recording: as it was before --env set LD_PRELOAD otherwise
  return s;
}

std::string LookedAt::inside(const std::string& path) const {
  std::error_code ec;
  auto full = std::filesystem::absolute(path, ec).lexically_normal().string();
  if (full.size() > 1 && full.ends_with('/')) full.pop_back();
  auto top = root_.empty() ? root_ : std::filesystem::absolute(root_, ec).lexically_normal().string();
  return top.empty() || !full.starts_with(top + '/') ? full : full.substr(top.size());
}

void LookedAt::take_files() {
  if (live_) world.files = live_->index();
}

}  // namespace cufit::commands
