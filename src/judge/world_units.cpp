#include "judge/world_units.h"

#include <algorithm>
#include <set>

#include "base/text.h"
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

/// "sass 8.0, sass 9.0a, ptx 9.0": what code a file holds at all.
std::string code_of(const Binary& binary) {
  static constexpr std::array<const char*, 4> kinds = {"sass ", "ptx ", "lto ", "other "};
  std::set<std::pair<Image::Kind, Sm>> images;
  for (auto& shape : binary.shapes)
    for (auto& i : shape.images) images.emplace(i.kind, i.target);
  std::string list;
  for (auto& [kind, sm] : images) list += (list.empty() ? "" : ", ") + (kinds[size_t(kind)] + sm.dotted());
  return list.empty() ? "no GPU code" : list;
}

std::string named(const Subject& s) { return s.version.empty() ? s.name : s.name + ' ' + s.version; }

std::string joined(const std::vector<Dependency>& dependencies) {
  std::string list;
  for (auto& d : dependencies) list += (list.empty() ? "" : ", ") + d.name + d.specifier;
  return list;
}

/// What differs most in a subject that is in both worlds.
Difference difference_of(const std::string& key, const Subject& a, const Subject& b) {
  auto fact = "subjects." + key;
  auto differ = [&](const char* member, const std::string& of_a, const std::string& of_b) {
    return Difference{fact + member, kind_of(!of_a.empty(), !of_b.empty()), shortened(of_a), shortened(of_b)};
  };
  if (a.version != b.version) return differ(".version", a.version, b.version);
  if (a.build != b.build) return differ(".build", a.build, b.build);
  for (auto& m : a.members) {
    auto other = std::ranges::find_if(b.members, [&](auto& o) { return o.bin.path == m.bin.path; });
    if (other == b.members.end()) return differ((".members." + m.bin.path).c_str(), code_of(m.bin), "");
    if (*other != m) return differ((".members." + m.bin.path).c_str(), code_of(m.bin), code_of(other->bin));
  }
  for (auto& m : b.members)
    if (std::ranges::none_of(a.members, [&](auto& o) { return o.bin.path == m.bin.path; }))
      return differ((".members." + m.bin.path).c_str(), "", code_of(m.bin));
  if (a.needs != b.needs)
    return differ(".needs", a.needs.python.value_or("") + ' ' + a.needs.glibc.value_or(""),
                  b.needs.python.value_or("") + ' ' + b.needs.glibc.value_or(""));
  if (a.dependencies != b.dependencies)
    return differ(".dependencies", joined(a.dependencies), joined(b.dependencies));
  return differ("", named(a), named(b));
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
    unit.take = [root, its, in_a](World& w) {
      if (in_a)
        std::erase_if(w.subjects, [&](auto& s) { return s.environment == root; });
      else
        for (auto& s : its) append(w, s, root);
    };
    units_.push_back(std::move(unit));
    whole_.insert(root);
  }

  static void append(World& world, Subject subject, const std::string& root) {
    subject.id = "other-" + subject.id;
    subject.environment = root;
    world.subjects.push_back(std::move(subject));
  }

  void add(const std::string& key, const Subject* a, const Subject* b) {
    Unit unit;
    unit.is = a && b ? difference_of(key, *a, *b)
                     : Difference{"subjects." + key, kind_of(a, b), a ? named(*a) : "", b ? named(*b) : ""};
    unit.take = [key, b, &names = names_](World& world) {
      auto keys = names.of(world.subjects);
      auto at = world.subjects.begin() + (std::ranges::find(keys, key) - keys.begin());
      if (!b) {
        if (at != world.subjects.end()) world.subjects.erase(at);
      } else if (at == world.subjects.end()) {
        append(world, *b, names.root(b->environment));
      } else {
        auto id = at->id, environment = at->environment;
        *at = *b;
        at->id = id, at->environment = environment;
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

/// What both indexes say of a path; where nobody looked is no difference to where nothing is.
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
    auto of_a = a.files.look(path), of_b = b.files.look(path);
    if (of_a.value_or(IndexedFile{}) != of_b.value_or(IndexedFile{}))
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
  return units;
}

}  // namespace cufit
