#include "loader/lookup.h"

#include <algorithm>

#include "base/text.h"
#include "loader/cache_lookup.h"
#include "loader/paths.h"

namespace cufit {
namespace {

using Kind = IndexedFile::Kind;

Hit open_hit(Text why) { return {.is = Hit::Is::open, .why = std::move(why)}; }

}  // namespace

Lookup::Lookup(const Files& files, const LoaderSettings& settings, Loader loader)
    : files_(files), settings_(settings), loader_(std::move(loader)), cpu_(settings.cpu) {
  auto tunables = settings.env.find("GLIBC_TUNABLES");
  if (cpu_ && tunables != settings.env.end() && !settings.secure)
    cpu_->levels = levels_left(cpu_->levels, tunables->second);
  subfolders_ = subfolders(loader_.arch, cpu_ ? &*cpu_ : nullptr, loader_.minor ? &*loader_.minor : nullptr,
                           settings.env.contains("LD_HWCAP_MASK") && !settings.secure);
  for (const auto& folder : loader_.folders.value_or(std::vector<std::string>()))
    defaults_.push_back({Found::default_folder, folder, folder, loader_.path});
}

std::optional<std::string> Lookup::absolute(const std::string& path) const {
  if (path.starts_with('/')) return path;
  if (settings_.cwd.empty()) return std::nullopt;
  return path_in(settings_.cwd, path);
}

void Lookup::forget(size_t first) {
  for (auto* lists : {&rpaths_, &runpaths_})
    std::erase_if(*lists, [&](const auto& l) { return l.first >= first; });
}

Tokens Lookup::tokens(const std::vector<Object>& objects, size_t of) const {
  Tokens t;
  t.secure = settings_.secure;
  t.lib = loader_.lib;
  if (cpu_ && !cpu_->platform.empty()) t.platform = cpu_->platform;
  if (of == kNoObject) return t;
  if (!objects[of].origin.empty()) t.origin = objects[of].origin;
  if (t.secure && objects[of].program) t.trusted = loader_.folders.value_or(std::vector<std::string>());
  return t;
}

/// What ld.so makes of a file that it has come to (open_verify): others' files are passed over, broken ones
/// end everything.
Hit Lookup::judge(Hit hit, const IndexedFile& file) {
  auto bad = [&](std::string why) {
    hit.is = Hit::Is::bad;
    hit.why = {"loader.bad-file", {{"path", hit.path}, {"why", std::move(why)}}};
    return hit;
  };
  if (file.kind == Kind::absent) return hit;
  if (file.kind == Kind::directory) return bad("Is a directory");
  if (file.object && (file.object->bits != 64 || file.object->arch != loader_.arch)) {
    met_other_machine_ = true;
    return hit;
  }
  if (!file.unreadable.empty()) {
    const auto& why = file.unreadable;
    bool denied = why == "EACCES";
    if (denied && settings_.same_rights) return hit;
    if (why == "ELOOP" || why == "ENAMETOOLONG") {
      hit.is = Hit::Is::ends_list;
      return hit;
    }
    if (file.kind == Kind::file && !denied) return bad(why);
    hit.is = Hit::Is::open;
    hit.why = {"loader.unreadable", {{"path", hit.path}, {"why", why}}};
    return hit;
  }
  if (file.kind == Kind::other) return bad("not a regular file");
  if (!file.object) {
    hit.is = Hit::Is::open;
    hit.why = {"loader.not-recorded", {{"path", hit.path}}};
    return hit;
  }
  hit.is = Hit::Is::found;
  hit.file = file;
  return hit;
}

Hit Lookup::try_path(const std::string& path) {
  // Thousands are usual; only files that somebody made for it come to more.
  constexpr size_t kMaxPaths = 500'000;
  if (++tried_ > kMaxPaths) return open_hit({"loader.too-many", {}});
  auto at = absolute(path);
  if (!at) return open_hit({"loader.no-cwd", {{"entry", path}}});
  auto file = files_.look(normal_path(*at));
  if (!file) return open_hit({"loader.not-recorded", {{"path", normal_path(*at)}}});
  return judge({.path = path}, *file);
}

/// Those that are there. A folder that is not there has none, and then itself counts as looked at.
const std::vector<const Subfolder*>& Lookup::subfolders_in(const std::string& folder) {
  auto known = subfolders_in_.find(folder);
  if (known != subfolders_in_.end()) return known->second;
  std::vector<const Subfolder*> there;
  std::unordered_map<std::string, bool> seen;  // "glibc-hwcaps" and "tls" are asked for once
  auto may_be = [&](const std::string& path) {
    auto [it, fresh] = seen.try_emplace(path, true);
    if (fresh) {
      auto what = files_.look(normal_path(path));
      it->second =
          !what || what->kind == Kind::directory || (what->kind == Kind::other && !what->unreadable.empty());
    }
    return it->second;
  };
  if (may_be(folder))
    for (const auto& sub : subfolders_)
      if (may_be(path_in(folder, sub.name.substr(0, sub.name.find('/')))) &&
          may_be(path_in(folder, sub.name)))
        there.push_back(&sub);
  return subfolders_in_.emplace(folder, std::move(there)).first->second;
}

bool Lookup::try_folder(const SearchPlace& place, const std::string& name, const See& see, bool& ends_list) {
  auto give = [&](Hit&& hit) {
    if (hit.is == Hit::Is::nothing) return true;
    if (only_set_user_id_ && hit.is == Hit::Is::found && !hit.file.set_user_id) return true;
    if (hit.is == Hit::Is::ends_list) {
      ends_list = true;
      return true;
    }
    hit.found = place.found;
    hit.entry = place.entry;
    hit.of = place.of;
    bool more = hit.is == Hit::Is::found;
    return see(std::move(hit)) && more;
  };
  if (!place.open.empty())
    return give(open_hit({"loader.token", {{"token", place.open}, {"entry", place.entry}}}));
  auto folder = absolute(place.folder.empty() ? "." : place.folder);
  if (!folder) return give(open_hit({"loader.no-cwd", {{"entry", place.of + ": \"" + place.entry + '"'}}}));
  looked_in_.push_back(place.folder.empty() ? "." : place.folder);
  for (const auto* sub : subfolders_in(*folder)) {
    auto hit = try_path(path_in(path_in(place.folder, sub->name), name));
    if (hit.is != Hit::Is::nothing && !sub->sure) hit = open_hit({"loader.cpu", {{"path", hit.path}}});
    if (!give(std::move(hit))) return false;
    if (ends_list) return true;
  }
  return give(try_path(path_in(place.folder, name)));
}

bool Lookup::try_list(const std::vector<SearchPlace>& list, const std::string& name, const See& see) {
  for (const auto& place : list) {
    bool ends_list = false;
    if (!try_folder(place, name, see, ends_list)) return false;
    if (ends_list) break;
  }
  return true;
}

const std::vector<SearchPlace>& Lookup::rpath(const std::vector<Object>& objects, size_t of) {
  auto known = rpaths_.find(of);
  if (known != rpaths_.end()) return known->second;
  const auto& dyn = objects[of].elf.dyn;
  // Beside DT_RUNPATH, DT_RPATH does not count, also not for what inherits it.
  std::vector<SearchPlace> places;
  if (dyn.rpath && !dyn.runpath)
    places = places_of(*dyn.rpath, ":", Found::rpath, objects[of].path, tokens(objects, of));
  return rpaths_.emplace(of, std::move(places)).first->second;
}

const std::vector<SearchPlace>& Lookup::runpath(const std::vector<Object>& objects, size_t of) {
  auto known = runpaths_.find(of);
  if (known != runpaths_.end()) return known->second;
  std::vector<SearchPlace> places;
  if (const auto& list = objects[of].elf.dyn.runpath)
    places = places_of(*list, ":", Found::runpath, objects[of].path, tokens(objects, of));
  return runpaths_.emplace(of, std::move(places)).first->second;
}

/// LD_LIBRARY_PATH: its tokens are those of the program.
const std::vector<SearchPlace>& Lookup::variable(const std::vector<Object>& objects) {
  if (variable_) return *variable_;
  variable_.emplace();
  auto value = settings_.env.find("LD_LIBRARY_PATH");
  if (value != settings_.env.end() && !settings_.secure) {
    size_t program = !objects.empty() && objects[0].program ? 0 : kNoObject;
    variable_ =
        places_of(value->second, ":;", Found::ld_library_path, "LD_LIBRARY_PATH", tokens(objects, program));
  }
  return *variable_;
}

bool Lookup::in_default_folder(const std::string& path) const {
  return std::ranges::any_of(defaults_,
                             [&](const SearchPlace& p) { return path.starts_with(p.folder + '/'); });
}

bool Lookup::try_cache(bool nodeflib, const std::string& name, const See& see) {
  if (!loader_.cache || only_set_user_id_) return true;
  const auto& cache = files_.ld_cache();
  if (auto* why = std::get_if<Unreadable>(&cache.is)) {
    see(open_hit({"loader.cache", {{"why", why->why}}}));
    return false;
  }
  if (!cache) return true;
  looked_in_.push_back("/etc/ld.so.cache");
  auto answer = look_up(*cache, name, loader_.arch, cpu_, loader_.minor);
  if (answer.open) {
    see(open_hit({"loader.cpu", {{"path", answer.path.empty() ? "/etc/ld.so.cache" : answer.path}}}));
    return false;
  }
  if (answer.path.empty()) return true;
  // Only what the cache has in default folders is forbidden (ld.so(8) says less).
  if (nodeflib && !loader_.folders) {
    see(open_hit({"loader.folders", {{"interpreter", loader_.path}}}));
    return false;
  }
  if (nodeflib && in_default_folder(answer.path)) return true;
  auto hit = try_path(answer.path);
  if (hit.is == Hit::Is::nothing || hit.is == Hit::Is::ends_list) return true;
  hit.found = Found::cache;
  hit.entry = answer.path;
  hit.of = "/etc/ld.so.cache";
  bool more = hit.is == Hit::Is::found;
  return see(std::move(hit)) && more;
}

bool Lookup::try_defaults(const std::string& name, const See& see) {
  if (loader_.folders) return try_list(defaults_, name, see);
  see(open_hit({"loader.folders", {{"interpreter", loader_.path}}}));
  return false;
}

void Lookup::search(const std::vector<Object>& objects, size_t asker, const std::string& name,
                    const See& see) {
  looked_in_.clear();
  met_other_machine_ = false;
  bool known = asker != kNoObject;
  if (!known || !objects[asker].elf.dyn.runpath) {
    bool did_program = false;
    for (size_t at = asker; at != kNoObject; at = objects[at].parent) {
      const auto& list = rpath(objects, at);
      if (!try_list(list, name, see)) return;
      did_program |= objects[at].program && !list.empty();
    }
    // The program's DT_RPATH counts for all that it opens, however that came into the process.
    if (!did_program && !objects.empty() && objects[0].program && !try_list(rpath(objects, 0), name, see))
      return;
  }
  if (!try_list(variable(objects), name, see)) return;
  if (known && !try_list(runpath(objects, asker), name, see)) return;
  bool nodeflib = known && objects[asker].elf.nodeflib;
  if (!try_cache(nodeflib, name, see)) return;
  if (!nodeflib) try_defaults(name, see);
}

Hit Lookup::by_path(const std::vector<Object>& objects, size_t asker, const std::string& name) {
  looked_in_.clear();
  met_other_machine_ = false;
  auto expanded = expand(name, tokens(objects, asker));
  if (!expanded.open.empty()) return open_hit({"loader.token", {{"token", expanded.open}, {"entry", name}}});
  if (expanded.text.empty()) return {};
  looked_in_.push_back(expanded.text);
  auto hit = try_path(expanded.text);
  hit.found = Found::as_path;
  hit.entry = name;
  return hit;
}

}  // namespace cufit
