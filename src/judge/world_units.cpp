#include "judge/world_units.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "model/json_names.h"
#include "model/package.h"

namespace cufit {

namespace {

std::set<std::string> roots_of(const World& world) {
  std::set<std::string> roots;
  for (auto& s : world.subjects) roots.insert(s.environment);
  roots.erase("");
  return roots;
}

Difference::Kind kind_of(bool in_a, bool in_b) {
  return !in_a ? Difference::Kind::added : !in_b ? Difference::Kind::removed : Difference::Kind::changed;
}

// --- subjects

/// "ptx 8.0 (ISA 8.4), sass 8.0, sass 9.0a zstd": what code a file holds at all.
std::string code_of(const Binary& binary) {
  static constexpr std::array<std::string_view, 3> packings = {"", " lz4", " zstd"};
  std::set<std::string> images;
  for (auto& shape : binary.shapes)
    for (auto& i : shape.images)
      images.insert(std::string(name_of(i.kind)) + ' ' + i.target.dotted() +
                    (i.kind == Image::Kind::ptx ? " (ISA " + i.isa_text() + ')' : "") +
                    std::string(packings[size_t(i.packing)]));
  return images.empty() ? "no GPU code" : joined(images);
}

std::string paths_of(const std::vector<Gap>& gaps) {
  std::set<std::string> paths;
  for (auto& g : gaps) paths.insert(g.path);
  return joined(paths);
}

std::string named(const Subject& s) { return s.version.empty() ? s.name : s.name + ' ' + s.version; }

std::string dependencies_of(const Subject& s) {
  std::set<std::string> all;
  for (auto& d : s.dependencies) all.insert(d.name + d.specifier);
  return joined(all);
}

/// A member of a subject or of a file as text, and its name.
struct Said {
  std::string name;
  std::string a, b;
};

/// What differs in a file that both have: the first of these.
Said said_of(const Member& a, const Member& b) {
  auto needed = [](const Member& m) {
    return joined(std::set(m.bin.dyn.needed.begin(), m.bin.dyn.needed.end()));
  };
  auto toolkits = [](const Member& m) {
    std::set<std::string> all;
    for (auto& t : m.bin.toolkits) all.insert(t.text());
    return joined(all);
  };
  for (auto& said : {Said{"", code_of(a.bin), code_of(b.bin)}, Said{".needed", needed(a), needed(b)},
                     Said{".toolkits", toolkits(a), toolkits(b)},
                     Said{".unread", paths_of(a.bin.unread), paths_of(b.bin.unread)},
                     Said{".role", std::string(name_of(a.role)), std::string(name_of(b.role))},
                     Said{".build_id", a.bin.build_id, b.bin.build_id}})
    if (said.a != said.b) return said;
  return {".size", std::to_string(a.bin.size), std::to_string(b.bin.size)};
}

/// The first file that differs; nothing if none does.
std::optional<Said> said_of_files(const Subject& a, const Subject& b) {
  auto in = [](const Subject& s, const Member& m) {
    auto at = std::ranges::find_if(s.members, [&](auto& o) { return o.bin.path == m.bin.path; });
    return at == s.members.end() ? nullptr : &*at;
  };
  for (auto& m : a.members) {
    auto* other = in(b, m);
    if (other && *other == m) continue;
    auto said = other ? said_of(m, *other) : Said{"", code_of(m.bin), ""};
    said.name = ".members." + m.bin.path + said.name;
    return said;
  }
  for (auto& m : b.members)
    if (!in(a, m)) return Said{".members." + m.bin.path, "", code_of(m.bin)};
  return std::nullopt;
}

/// What differs most in a subject that is in both worlds.
Difference difference_of(const std::string& key, const Subject& a, const Subject& b) {
  auto platforms = [](const Subject& s) {
    return joined(std::set(s.needs.platforms.begin(), s.needs.platforms.end()));
  };
  auto python = [](const Subject& s) { return s.needs.python.value_or(""); };
  auto glibc = [](const Subject& s) { return s.needs.glibc.value_or(""); };
  std::vector<Said> all = {{".version", a.version, b.version}, {".build", a.build, b.build}};
  if (auto file = said_of_files(a, b)) all.push_back(*file);
  all.push_back({".needs.python", python(a), python(b)});
  all.push_back({".needs.glibc", glibc(a), glibc(b)});
  all.push_back({".needs.platforms", platforms(a), platforms(b)});
  all.push_back({".dependencies", dependencies_of(a), dependencies_of(b)});
  all.push_back({".unread", paths_of(a.unread), paths_of(b.unread)});
  auto differs = std::ranges::find_if(all, [](auto& said) { return said.a != said.b; });
  auto said = differs == all.end() ? Said{"", named(a), named(b)} : *differs;
  return {"subjects." + key + said.name, kind_of(!said.a.empty(), !said.b.empty()), shortened(said.a),
          shortened(said.b)};
}

/// Ids, roots and how a target was written are no differences.
bool are_alike(Subject a, const Subject& b) {
  a.id = b.id, a.environment = b.environment, a.path = b.path;
  return a == b;
}

/// Subjects of two worlds by the names that hold in both.
class Subjects {
 public:
  Subjects(const World& a, const World& b, const SubjectNames& names, std::vector<Unit>& units)
      : a_(a),
        b_(b),
        names_(names),
        units_(units),
        keys_a_(names.of(a.subjects)),
        keys_b_(names.of(b.subjects)) {}

  void compare() {
    add_whole_environments();
    for (size_t i = 0; i < keys_a_.size(); i++) {
      auto* other = find(b_, keys_b_, keys_a_[i]);
      auto& mine = a_.subjects[i];
      if (other ? !are_alike(mine, *other) : !whole_.contains(mine.environment))
        add(keys_a_[i], &mine, other);
    }
    for (size_t i = 0; i < keys_b_.size(); i++)
      if (!find(a_, keys_a_, keys_b_[i]) && !whole_.contains(names_.root(b_.subjects[i].environment)))
        add(keys_b_[i], nullptr, &b_.subjects[i]);
  }

 private:
  static const Subject* find(const World& world, const std::vector<std::string>& keys,
                             const std::string& key) {
    auto at = std::ranges::find(keys, key);
    return at == keys.end() ? nullptr : &world.subjects[size_t(at - keys.begin())];
  }

  /// An environment that only one world has is one difference.
  void add_whole_environments() {
    auto of_a = roots_of(a_);
    std::set<std::string> of_b;
    for (auto& root : roots_of(b_)) of_b.insert(names_.root(root));
    for (auto& root : of_a)
      if (!of_b.contains(root)) add_environment(root, a_, true);
    for (auto& root : of_b)
      if (!of_a.contains(root)) add_environment(root, b_, false);
  }

  void add_environment(const std::string& root, const World& world, bool in_a) {
    std::string what;
    std::vector<Subject> its;
    for (auto& s : world.subjects)
      if (names_.root(s.environment) == root) {
        what += (what.empty() ? "" : ", ") + named(s);
        its.push_back(s);
      }
    Unit unit{{"environments." + root, kind_of(in_a, !in_a), in_a ? shortened(what) : "",
               in_a ? "" : shortened(what)},
              {}};
    unit.take = [root, its, in_a, &b = b_](World& w) {
      if (in_a)
        std::erase_if(w.subjects, [&](auto& s) { return s.environment == root; });
      else
        for (auto& s : its) append(w, s, root, b);
    };
    units_.push_back(std::move(unit));
    whole_.insert(root);
  }

  static void append(World& world, Subject subject, const std::string& root, const World& from) {
    auto id_there = subject.id;
    subject.id = "other-" + id_there;
    subject.environment = root;
    take_loads(world, subject.id, from, id_there);
    world.subjects.push_back(std::move(subject));
  }

  void add(const std::string& key, const Subject* a, const Subject* b) {
    Unit unit;
    unit.is = a && b ? difference_of(key, *a, *b)
                     : Difference{"subjects." + key, kind_of(a, b), a ? named(*a) : "", b ? named(*b) : ""};
    unit.take = [key, b, &names = names_, &from = b_](World& world) {
      auto keys = names.of(world.subjects);
      auto at = world.subjects.begin() + (std::ranges::find(keys, key) - keys.begin());
      if (!b) {
        if (at != world.subjects.end()) world.subjects.erase(at);
      } else if (at == world.subjects.end()) {
        append(world, *b, names.root(b->environment), from);
      } else {
        auto id = at->id, environment = at->environment;
        *at = *b;
        at->id = id, at->environment = environment;
        take_loads(world, id, from, b->id);
      }
    };
    units_.push_back(std::move(unit));
  }

  const World &a_, &b_;
  const SubjectNames& names_;
  std::vector<Unit>& units_;
  std::vector<std::string> keys_a_, keys_b_;
  std::set<std::string> whole_;
};

// --- files

std::string words_of(const FileIndex& index, const std::string& path) {
  auto file = index.look(path);
  if (!file) return {};
  if (!file->unreadable.empty()) return "unreadable: " + file->unreadable;
  if (file->kind == IndexedFile::Kind::absent) return "absent";
  auto words = file->real;
  if (file->object && file->object->dyn.soname) words += " (" + *file->object->dyn.soname + ')';
  return words;
}

std::string words_of(const Fact<std::vector<CachedLibrary>>& cache) {
  if (auto* unreadable = std::get_if<Unreadable>(&cache.is)) return "unreadable: " + unreadable->why;
  return cache ? std::to_string(cache->size()) + " entries" : "";
}

/// Where nobody looked is no difference to where nothing is.
bool is_there(const FileIndex& index, const std::string& path) {
  auto file = index.look(path);
  return file && *file != IndexedFile{};
}

void take_file(World& world, const FileIndex& from, const std::string& path) {
  if (auto file = from.look(path))
    world.files.files[path] = *file;
  else
    world.files.files.erase(path);
}

}  // namespace

SubjectNames::SubjectNames(const World& a, const World& b) {
  auto of_a = roots_of(a), of_b = roots_of(b);
  several_ = of_a.size() > 1 || of_b.size() > 1;
  std::vector<std::string> only_a, only_b;
  std::ranges::set_difference(of_a, of_b, std::back_inserter(only_a));
  std::ranges::set_difference(of_b, of_a, std::back_inserter(only_b));
  if (only_a.size() == 1 && only_b.size() == 1) same_[only_b[0]] = only_a[0];
}

const std::string& SubjectNames::root(const std::string& environment) const {
  auto same = same_.find(environment);
  return same == same_.end() ? environment : same->second;
}

std::vector<std::string> SubjectNames::of(const std::vector<Subject>& subjects) const {
  std::vector<std::string> names;
  std::map<std::string, int> seen;
  for (auto& s : subjects) {
    auto name = is_package(s) ? normalized_name(s.name) : std::string(base_name(s.path));
    if (several_ && !s.environment.empty()) name = root(s.environment) + ' ' + name;
    if (auto n = ++seen[name]; n > 1) name += " #" + std::to_string(n);
    names.push_back(name);
  }
  return names;
}

void add_subject_units(const World& a, const World& b, const SubjectNames& names, std::vector<Unit>& units) {
  Subjects(a, b, names, units).compare();
}

/// What a path names, without the number that a file has on its disk.
IndexedFile file_at(const FileIndex& index, const std::string& path) {
  auto known = index.look(path);
  auto file = known ? *known : IndexedFile{};
  file.hard_link.clear();
  return file;
}

/// Files that differ in one folder are one difference, unless they are few.
void add_file_units(const World& a, const World& b, std::vector<Unit>& units) {
  constexpr size_t few = 3;
  if (words_of(a.files.cache) != words_of(b.files.cache) || a.files.cache.is != b.files.cache.is)
    units.push_back({{"files./etc/ld.so.cache", kind_of(a.files.cache.get(), b.files.cache.get()),
                      words_of(a.files.cache), words_of(b.files.cache)},
                     [&b](World& world) { world.files.cache = b.files.cache; }});

  std::map<std::string, std::vector<std::string>> folders;
  std::set<std::string> paths;
  for (auto* index : {&a.files, &b.files})
    for (auto& [path, file] : index->files) paths.insert(path);
  for (auto& path : paths) {
    if (file_at(a.files, path) != file_at(b.files, path))
      folders[path.substr(0, path.rfind('/'))].push_back(path);
  }
  for (auto& [folder, its] : folders) {
    if (its.size() <= few) {
      for (auto& path : its)
        units.push_back({{"files." + path, kind_of(is_there(a.files, path), is_there(b.files, path)),
                          words_of(a.files, path), words_of(b.files, path)},
                         [&b, path](World& world) { take_file(world, b.files, path); }});
      continue;
    }
    auto count = [&](const FileIndex& index) {
      return size_t(std::ranges::count_if(its, [&](auto& path) { return is_there(index, path); }));
    };
    auto in_a = count(a.files), in_b = count(b.files);
    units.push_back({{"files." + folder, kind_of(in_a, in_b), std::to_string(in_a) + " files",
                      std::to_string(in_b) + " files"},
                     [&b, its](World& world) {
                       for (auto& path : its) take_file(world, b.files, path);
                     }});
  }
}

std::vector<Unit> units_between(const World& a, const World& b, const SubjectNames& names) {
  std::vector<Unit> units;
  add_json_units(a, b, units);
  auto observed =
      std::ranges::stable_partition(units, [](auto& u) { return !u.is.fact.starts_with("observed"); });
  std::vector<Unit> later(std::make_move_iterator(observed.begin()), std::make_move_iterator(observed.end()));
  units.erase(observed.begin(), units.end());
  add_subject_units(a, b, names, units);
  std::ranges::move(later, std::back_inserter(units));
  add_file_units(a, b, units);
  add_load_units(a, b, names, units);
  return units;
}

}  // namespace cufit
