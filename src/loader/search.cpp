#include "loader/search.h"

#include <algorithm>

#include "base/text.h"
#include "loader/lookup.h"
#include "loader/paths.h"
#include "model/preload.h"

namespace cufit {
namespace {

constexpr size_t kMaxObjects = 10'000;  // of one process

/// A program of its own: nothing is loaded for it.
bool is_static(const LoadedObject& elf) {
  return elf.interpreter.empty() && (elf.type == 2 || (elf.pie && elf.dyn.needed.empty()));
}

std::optional<CutOff> cut_off_of(const IndexedFile& file) {
  return file.object ? cut_off(file.size, file.object->whole_size, file.object->arch) : std::nullopt;
}

class Process {
 public:
  Process(const Files& files, const LoaderSettings& settings) : files_(files), settings_(settings) {}

  /// False: it is clear what all else comes to, and that is in the result.
  bool start(const std::string& program);
  void preload();
  void load_needed(size_t from);
  void open(const Opened& what);
  /// What is opened in a process of which nothing is known.
  void open_in_vain(const Opened& what);
  const std::vector<Load>& loads() const { return loads_; }

 private:
  bool start_known(const std::string& program);
  Text audited();
  void add_loader();
  size_t ask(size_t asker, const std::string& name, Load load, size_t parent);
  size_t take_in(Hit&& hit, Load&& load, size_t parent);
  Hit first_hit(size_t asker, const std::string& name, std::vector<Shadowed>& shadows);
  size_t loaded_as(const std::string& name) const;
  size_t loaded_from(const IndexedFile& file) const;
  bool same_file(const Object& object, const IndexedFile& file) const;
  size_t find_caller(const std::string& by) const;
  void note_other(size_t asker, const std::string& name, size_t object);
  void preload_all(const std::vector<std::string>& names, const std::string& of);
  std::optional<std::string> plain_name(size_t asker, const std::string& written);
  size_t ask_filtee(size_t asker, const Filtee& filtee);
  void check_versions(size_t object);
  void fail(Load&& load, Found found, Text why);
  Text not_found(const std::string& name) const;
  size_t program() const { return !objects_.empty() && objects_[0].program ? 0 : kNoObject; }
  std::string path_of(size_t object) const {
    return object == kNoObject ? std::string() : objects_[object].path;
  }

  const Files& files_;
  LoaderSettings settings_;
  std::optional<Lookup> lookup_;
  std::vector<Object> objects_;
  std::vector<Load> loads_;
  bool failed_ = false;  ///< something was not found, lacks versions or is cut off, since this was reset
  Text vain_ = {};       ///< why nothing can be said of what is opened
};

bool Process::start(const std::string& program) {
  if (!program.empty()) return start_known(program);
  lookup_.emplace(files_, settings_, loader_of(nullptr, settings_.arch, files_, settings_));
  vain_ = lookup_->loader().refused;
  if (!vain_.empty()) return false;
  add_loader();
  vain_ = audited();
  return vain_.empty();
}

bool Process::start_known(const std::string& program) {
  Load load{.name = program, .found = Found::as_path, .path = program};
  Lookup paths(files_, settings_, {});
  auto at = paths.absolute(program);
  auto file = at ? files_.look(normal_path(*at)) : FileAnswer();
  if (!file || (file->kind == IndexedFile::Kind::other && !file->unreadable.empty())) {
    vain_ = !at     ? Text{"loader.no-cwd", {{"entry", program}}}
            : !file ? Text{"loader.not-recorded", {{"path", program}}}
                    : Text{"loader.unreadable", {{"path", program}, {"why", file->unreadable}}};
    fail(std::move(load), Found::unknown, vain_);
    return false;
  }
  if (file->kind != IndexedFile::Kind::file || !file->object || !file->unreadable.empty()) {
    bool absent = file->kind == IndexedFile::Kind::absent;
    vain_ = absent ? Text{"loader.not-found", {{"name", program}, {"places", program}}}
                   : Text{"loader.bad-file",
                          {{"path", program},
                           {"why", file->unreadable.empty() ? "not a program" : file->unreadable}}};
    fail(std::move(load), Found::not_found, vain_);
    return false;
  }
  load.real = file->real;
  load.soname = file->object->dyn.soname.value_or("");
  load.cut_off = cut_off_of(*file);
  const auto& elf = *file->object;
  if (elf.bits != 64) {
    vain_ = {"loader.bits", {}};
    fail(std::move(load), Found::unknown, vain_);
    return false;
  }
  loads_.push_back(std::move(load));
  if (is_static(elf)) {
    vain_ = {"loader.static", {}};
    return false;
  }
  settings_.secure |= file->secure;
  lookup_.emplace(files_, settings_, loader_of(&elf, elf.arch, files_, settings_));
  const auto& loader = lookup_->loader();
  if (!loader.refused.empty()) {
    vain_ = loader.refused;
    if (vain_.id.starts_with("loader.missing"))
      fail({.name = elf.interpreter, .by = program}, Found::not_found, vain_);
    else
      for (const auto& name : elf.dyn.needed) fail({.name = name, .by = program}, Found::unknown, vain_);
    return false;
  }
  // What the kernel starts gets $ORIGIN by /proc/self/exe: links to it are followed. A library that the
  // loader is given has it, like those that are found, where its path says that it lies.
  bool by_kernel = !elf.interpreter.empty();
  objects_.push_back({.path = program,
                      .real = file->real,
                      .hard_link = file->hard_link,
                      .origin = folder_of(by_kernel ? file->real : *at),
                      .names = {},
                      .elf = elf,
                      .load = 0,
                      .program = true,
                      .identity = false});
  add_loader();
  vain_ = audited();
  if (!vain_.empty())
    for (const auto& name : elf.dyn.needed) fail({.name = name, .by = program}, Found::unknown, vain_);
  return vain_.empty();
}

/// Whether an audit library comes in (rtld-audit(7)): it may answer every search in another way, and how only
/// its code knows. One that is not there is left out with a message. Of objects only the program is asked.
Text Process::audited() {
  std::vector<std::string> names;
  auto take = [&](const std::string& list, bool variable) {
    for (auto& name : split(list, ':'))
      if (!name.empty() && !(variable && settings_.secure && name.find('/') != name.npos))
        names.emplace_back(name);
  };
  if (auto value = settings_.env.find("LD_AUDIT"); value != settings_.env.end()) take(value->second, true);
  if (program() != kNoObject)
    for (const auto& list : objects_[0].elf.audits) take(list, false);
  for (const auto& name : names) {
    std::vector<Shadowed> shadows;
    lookup_->only_set_user_id(settings_.secure);
    auto hit = name.find('/') != name.npos ? lookup_->by_path(objects_, program(), name)
                                           : first_hit(program(), name, shadows);
    lookup_->only_set_user_id(false);
    if (hit.is == Hit::Is::found || hit.is == Hit::Is::open)
      return {"loader.audit", {{"library", hit.path.empty() ? name : hit.path}}};
  }
  return {};
}

/// The loader itself is in the process, known by the name in PT_INTERP and by its SONAME. Not by its file:
/// glibc 2.36 loads it a second time if it is opened by another path.
void Process::add_loader() {
  const auto& loader = lookup_->loader();
  Object object{.path = loader.path, .names = {std::string(base_name(std::string_view(loader.path)))}};
  object.identity = false;
  if (loader.file && loader.file->kind == IndexedFile::Kind::file) {
    object.real = loader.file->real;
    if (loader.file->object) object.elf = *loader.file->object;
    object.load = loads_.size();
    loads_.push_back({.name = loader.path,
                      .by = path_of(program()),
                      .found = Found::as_path,
                      .path = loader.path,
                      .real = object.real,
                      .soname = object.elf.dyn.soname.value_or("")});
  }
  object.elf.dyn.needed.clear();
  objects_.push_back(std::move(object));
  // The kernel's own library has no file.
  objects_.push_back({.path = "linux-vdso.so.1", .identity = false});
}

void Process::fail(Load&& load, Found found, Text why) {
  load.found = found;
  load.path.clear();
  load.why = std::move(why);
  failed_ |= found == Found::not_found;
  loads_.push_back(std::move(load));
}

Text Process::not_found(const std::string& name) const {
  const char* id = lookup_->met_other_machine() ? "loader.wrong-machine" : "loader.not-found";
  return {id, {{"name", name}, {"places", joined(lookup_->looked_in())}}};
}

size_t Process::loaded_as(const std::string& name) const {
  for (size_t i = 0; i < objects_.size(); i++) {
    const auto& o = objects_[i];
    if ((!o.program && o.path == name) || o.elf.dyn.soname == name ||
        std::ranges::find(o.names, name) != o.names.end())
      return i;
  }
  return kNoObject;
}

bool Process::same_file(const Object& o, const IndexedFile& file) const {
  return o.real == file.real || (!o.hard_link.empty() && o.hard_link == file.hard_link);
}

size_t Process::loaded_from(const IndexedFile& file) const {
  for (size_t i = 0; i < objects_.size(); i++)
    if (objects_[i].identity && same_file(objects_[i], file)) return i;
  return kNoObject;
}

/// The first thing that the search meets; behind it, `shadows` gets the other files of that name.
Hit Process::first_hit(size_t asker, const std::string& name, std::vector<Shadowed>& shadows) {
  Hit first;
  lookup_->search(objects_, asker, name, [&](Hit&& hit) {
    if (first.is == Hit::Is::nothing) {
      first = std::move(hit);
    } else if (hit.is == Hit::Is::found && hit.file.real != first.file.real &&
               std::ranges::find(shadows, hit.file.real, &Shadowed::path) == shadows.end()) {
      shadows.push_back({hit.file.real, hit.found, {}});
    }
    return true;
  });
  return first;
}

/// `object` is loaded under `name`. What `asker` would have found instead is shadowed by it.
void Process::note_other(size_t asker, const std::string& name, size_t object) {
  size_t load = objects_[object].load;
  if (load == kNoObject || name.find('/') != name.npos) return;
  lookup_->search(objects_, asker, name, [&](Hit&& hit) {
    auto& shadows = loads_[load].shadows;
    if (hit.is == Hit::Is::found && !same_file(objects_[object], hit.file) &&
        std::ranges::find(shadows, hit.file.real, &Shadowed::path) == shadows.end())
      shadows.push_back({hit.file.real, hit.found, {}});
    return false;
  });
}

/// The object that `name` leads to, loaded if it was not; kNoObject if there is none.
size_t Process::ask(size_t asker, const std::string& name, Load load, size_t parent) {
  load.name = name;
  load.by = path_of(asker);
  auto already = [&](size_t object) {
    if (!load.dlopened) return object;
    load.found = Found::already_loaded;
    load.path = objects_[object].path;
    load.real = objects_[object].real;
    load.soname = objects_[object].elf.dyn.soname.value_or("");
    loads_.push_back(std::move(load));
    return object;
  };
  if (size_t have = loaded_as(name); have != kNoObject) {
    note_other(asker, name, have);
    return already(have);
  }
  bool path = name.find('/') != name.npos;
  Hit hit = path ? lookup_->by_path(objects_, asker, name) : first_hit(asker, name, load.shadows);
  if (hit.is == Hit::Is::found)
    if (size_t have = loaded_from(hit.file); have != kNoObject) {
      objects_[have].names.push_back(name);
      return already(have);
    }
  return take_in(std::move(hit), std::move(load), parent);
}

size_t Process::take_in(Hit&& hit, Load&& load, size_t parent) {
  if (hit.is == Hit::Is::found) {
    const auto& elf = *hit.file.object;
    const char* why = elf.pie || elf.type == 2 ? "a program, not a library"
                      : !elf.dynamic           ? "object file has no dynamic section"
                                               : nullptr;
    if (why) {
      hit.is = Hit::Is::bad;
      hit.why = {"loader.bad-file", {{"path", hit.path}, {"why", why}}};
    }
  }
  if (hit.is != Hit::Is::found || objects_.size() >= kMaxObjects) {
    load.shadows.clear();
    if (hit.is == Hit::Is::open)
      fail(std::move(load), Found::unknown, std::move(hit.why));
    else if (hit.is == Hit::Is::bad)
      fail(std::move(load), Found::not_found, std::move(hit.why));
    else if (hit.is == Hit::Is::found)
      fail(std::move(load), Found::unknown, {"loader.too-many", {}});
    else {
      auto why = not_found(load.name);
      fail(std::move(load), Found::not_found, std::move(why));
    }
    return kNoObject;
  }
  load.cut_off = cut_off_of(hit.file);
  failed_ |= load.kills();
  Object object{.path = hit.path,
                .real = hit.file.real,
                .hard_link = hit.file.hard_link,
                .origin = folder_of(lookup_->absolute(hit.path).value_or("")),
                .names = {load.name},
                .elf = std::move(*hit.file.object),
                .parent = parent,
                .load = loads_.size()};
  bool preloaded = load.found == Found::preload;
  load.path = hit.path;
  load.real = hit.file.real;
  load.soname = object.elf.dyn.soname.value_or("");
  if (!preloaded) {
    load.found = hit.found;
    load.place = hit.entry;
    load.place_of = hit.of;
  }
  loads_.push_back(std::move(load));
  objects_.push_back(std::move(object));
  return objects_.size() - 1;
}

void Process::preload_all(const std::vector<std::string>& names, const std::string& of) {
  for (const auto& name : names) {
    Load load{.found = Found::preload, .place = name, .place_of = of};
    bool path = name.find('/') != name.npos;
    if (settings_.secure && path && of == "LD_PRELOAD") {
      load.name = name;
      load.by = path_of(program());
      fail(std::move(load), Found::not_found, {"loader.secure-preload", {{"name", name}}});
      continue;
    }
    lookup_->only_set_user_id(settings_.secure);
    ask(program(), name, std::move(load), program());
    lookup_->only_set_user_id(false);
  }
}

void Process::preload() {
  if (auto value = settings_.env.find("LD_PRELOAD"); value != settings_.env.end())
    preload_all(preload_variable(value->second), "LD_PRELOAD");
  preload_all(settings_.preload_file, "/etc/ld.so.preload");
}

/// A name of the dynamic section with its tokens looked up; nothing if that fails, and is told, or gives
/// nothing.
std::optional<std::string> Process::plain_name(size_t asker, const std::string& written) {
  if (!has_token(written)) return written;
  Load load{.name = written, .by = path_of(asker)};
  if (settings_.secure) {
    fail(std::move(load), Found::not_found, {"loader.secure-token", {{"entry", written}}});
    return std::nullopt;
  }
  auto expanded = expand(written, lookup_->tokens(objects_, asker));
  if (!expanded.open.empty()) {
    fail(std::move(load), Found::unknown, {"loader.token", {{"token", expanded.open}, {"entry", written}}});
    return std::nullopt;
  }
  return expanded.text.empty() ? std::nullopt : std::optional(expanded.text);
}

/// An auxiliary one that cannot be loaded is as if it had not been named.
size_t Process::ask_filtee(size_t asker, const Filtee& filtee) {
  bool failed = failed_;
  auto name = plain_name(asker, filtee.name);
  size_t object = name ? ask(asker, *name, {}, asker) : kNoObject;
  if (name && object == kNoObject && filtee.auxiliary && loads_.back().found == Found::not_found) {
    loads_.pop_back();
    failed_ = failed;
  }
  return object;
}

/// Breadth first, as elf/dl-deps.c: what the object `from` needs, then what those need that came in, but what
/// was preloaded comes before them. A library for which an object stands in comes before that object, and so
/// it is next.
void Process::load_needed(size_t from) {
  std::vector<size_t> queue{from};
  if (from == 0)
    for (size_t i = 1; i < objects_.size(); i++)
      if (objects_[i].identity) queue.push_back(i);
  std::vector<bool> queued(objects_.size()), done;
  for (size_t object : queue) queued[object] = true;
  for (size_t i = 0; i < queue.size();) {
    size_t asker = queue[i], place = i;
    auto needed = objects_[asker].elf.dyn.needed;  // copies: objects move
    auto filtees = objects_[asker].elf.filtees;
    auto filtee = filtees.begin();
    auto add_filtees = [&](size_t behind) {
      for (; filtee != filtees.end() && filtee->behind <= behind; ++filtee) {
        size_t object = ask_filtee(asker, *filtee);
        if (object == kNoObject) continue;
        queued.resize(objects_.size());
        if (queued[object]) {
          auto later = std::find(queue.begin() + long(place), queue.end(), object);
          if (later == queue.end() || *later == asker) continue;
          queue.erase(later);
        }
        queue.insert(queue.begin() + long(place++), object);
        queued[object] = true;
      }
    };
    for (size_t n = 0; n < needed.size(); n++) {
      add_filtees(n);
      auto name = plain_name(asker, needed[n]);
      size_t object = name ? ask(asker, *name, {}, asker) : kNoObject;
      if (object == kNoObject) continue;
      queued.resize(objects_.size());
      if (!queued[object]) queue.push_back(object), queued[object] = true;
    }
    add_filtees(UINT32_MAX);
    done.resize(objects_.size());
    done[asker] = true;
    while (i < queue.size() && done[queue[i]]) i++;
  }
  for (size_t object : queue) check_versions(object);
}

/// elf/dl-version.c: each file of which an object needs versions is looked up among the loaded ones by name.
void Process::check_versions(size_t object) {
  for (const auto& need : objects_[object].elf.needs) {
    size_t from = loaded_as(need.library);
    if (from == kNoObject || objects_[from].elf.defines.empty()) continue;
    std::vector<std::string> missing;
    std::ranges::set_difference(need.versions, objects_[from].elf.defines, std::back_inserter(missing));
    if (missing.empty()) continue;
    failed_ = true;
    auto load = std::ranges::find_if(loads_, [&](const Load& l) {
      return l.name == need.library && l.by == objects_[object].path && l.path == objects_[from].path;
    });
    if (load == loads_.end()) {
      const auto& o = objects_[from];
      loads_.push_back({.name = need.library,
                        .by = objects_[object].path,
                        .found = Found::already_loaded,
                        .path = o.path,
                        .real = o.real,
                        .soname = o.elf.dyn.soname.value_or("")});
      load = loads_.end() - 1;
    }
    load->missing_versions = std::move(missing);
  }
}

size_t Process::find_caller(const std::string& by) const {
  if (by.empty()) return program();
  for (size_t i = 0; i < objects_.size(); i++)
    if (objects_[i].path == by || objects_[i].real == by) return i;
  return kNoObject;
}

void Process::open(const Opened& what) {
  if (what.name.empty()) return;
  size_t caller = find_caller(what.by);
  Load load{.name = what.name, .by = what.by, .dlopened = true};
  if (caller == kNoObject && !what.by.empty())
    return fail(std::move(load), Found::unknown, {"loader.caller", {{"by", what.by}}});
  size_t before = objects_.size();
  failed_ = false;
  // The new object has no parent: it inherits no DT_RPATH but the program's.
  size_t object = ask(caller, what.name, std::move(load), kNoObject);
  if (object == kNoObject) return;
  load_needed(object);
  if (!failed_) return;
  objects_.resize(std::min(before, objects_.size()));
  lookup_->forget(before);
}

void Process::open_in_vain(const Opened& what) {
  fail({.name = what.name, .by = what.by, .dlopened = true}, Found::unknown, vain_);
}

}  // namespace

struct OpenProcess::State {
  Process process;
  bool started = false;
};

OpenProcess::OpenProcess(const std::string& program, const Files& files, const LoaderSettings& settings)
    : state_(std::make_unique<State>(State{Process(files, settings)})) {
  state_->started = state_->process.start(program);
  if (!state_->started) return;
  state_->process.preload();
  state_->process.load_needed(0);
}

OpenProcess::~OpenProcess() = default;

void OpenProcess::open(const Opened& what) {
  if (state_->started)
    state_->process.open(what);
  else
    state_->process.open_in_vain(what);
}

const std::vector<Load>& OpenProcess::loads() const { return state_->process.loads(); }

std::vector<Load> loads_of(const std::string& program, std::span<const Opened> opened, const Files& files,
                           const LoaderSettings& settings) {
  OpenProcess process(program, files, settings);
  for (const auto& what : opened) process.open(what);
  return process.loads();
}

}  // namespace cufit
