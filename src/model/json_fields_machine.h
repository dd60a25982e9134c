// Which members the types of observed.h, file_index.h and load.h have in JSON.
#pragma once

#include "model/json_fields.h"
#include "model/json_numbers.h"
#include "model/recording.h"

namespace cufit {

// clang-format off
#define CUFIT_FOR_MACHINE_TYPES(USE)                                                                       \
  USE(Os) USE(Cpu) USE(Limits) USE(PciDevice) USE(ProcGpu) USE(KernelDriver) USE(DeviceNode) USE(DriverLibrary)     \
  USE(Toolkit) USE(FoundEnvironment) USE(SetVariable) USE(MigInstance) USE(Observed) USE(VersionNeed)      \
  USE(LoaderBuild) USE(LoadedObject) USE(CachedLibrary) USE(FileIndex) USE(Shadowed) USE(Load) USE(Loads) USE(Fact<bool>)   \
  USE(Fact<double>) USE(Fact<uint32_t>) USE(Fact<uint64_t>) USE(Recording) USE(Fact<Cpu>)
// clang-format on

using Words = std::vector<std::string>;

/// What there are thousands of is a short array of words instead of an object: to_row writes them, from_row
/// says whether they could be understood, row_is says what was expected.
template <class T>
concept Row = requires(const T& value, T& read, const Words& words) {
  { to_row(value) } -> std::same_as<Words>;
  { from_row(words, read) } -> std::same_as<bool>;
};
template <class T>
inline constexpr std::string_view row_is = "";

// ["libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34"]
template <>
inline constexpr std::string_view row_is<VersionNeed> = "a library and the versions that are needed of it";
inline Words to_row(const VersionNeed& need) {
  Words words = {need.library};
  words.insert(words.end(), need.versions.begin(), need.versions.end());
  return words;
}
inline bool from_row(const Words& words, VersionNeed& need) {
  if (words.empty()) return false;
  need = {words[0], {words.begin() + 1, words.end()}};
  return true;
}

// ["libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1", "0x0303"], and behind it the hwcap bits and the
// name of the folder of glibc-hwcaps, where there are any.
template <>
inline constexpr std::string_view row_is<CachedLibrary> =
    "an entry of ld.so.cache as in [\"libc.so.6\", \"/lib/libc.so.6\", \"0x0303\"]";
inline Words to_row(const CachedLibrary& c) {
  Words words = {c.soname, c.path, in_hex(uint32_t(c.flags), 4)};
  if (c.hwcap || !c.level.empty()) words.push_back(in_hex(c.hwcap, 1));
  if (!c.level.empty()) words.push_back(c.level);
  return words;
}
inline bool from_row(const Words& words, CachedLibrary& c) {
  if (words.size() < 3 || words.size() > 5) return false;
  auto flags = from_hex(words[2]);
  auto hwcap = words.size() > 3 ? from_hex(words[3]) : uint64_t{0};
  if (!flags || *flags > UINT32_MAX || !hwcap) return false;
  c = {words[0], words[1], int32_t(uint32_t(*flags)), *hwcap, words.size() > 4 ? words[4] : ""};
  return true;
}

/// A path with the facts of another path that names the same file.
struct SamePath {
  std::string path, as;
  bool operator==(const SamePath&) const = default;
};
/// What a folder holds for a pattern: an entry of FileIndex::matches.
struct MatchedNames {
  std::string pattern;  ///< behind the folder and '/'
  std::vector<std::string> names;
  bool operator==(const MatchedNames&) const = default;
};
template <>
inline constexpr std::string_view row_is<MatchedNames> = "a pattern and the names that match it";
inline Words to_row(const MatchedNames& m) {
  Words words = {m.pattern};
  words.insert(words.end(), m.names.begin(), m.names.end());
  return words;
}
inline bool from_row(const Words& words, MatchedNames& m) {
  if (words.empty()) return false;
  m = {words[0], {words.begin() + 1, words.end()}};
  return true;
}

template <>
inline constexpr std::string_view row_is<SamePath> = "two paths";
inline Words to_row(const SamePath& p) { return {p.path, p.as}; }
inline bool from_row(const Words& words, SamePath& p) {
  if (words.size() != 2) return false;
  p = {words[0], words[1]};
  return true;
}

template <class V>
void fields(V& v, Of<V, Os>& o) {
  v.opt("id", o.id);
  v.opt("version", o.version);
  v.opt("name", o.name);
  v.opt("kernel", o.kernel);
  v.opt("arch", o.arch);
  v.opt("libc", o.libc);
  v.opt("glibc", o.glibc);
  v.opt("secure_boot", o.secure_boot);
  v.opt("jetson", o.jetson);
  v.opt("model", o.model);
  v.opt("soc", o.soc);
  v.opt("wsl", o.wsl);
}

template <class V>
void fields(V& v, Of<V, Cpu>& c) {
  v.opt("levels", c.levels);
  v.opt("platform", c.platform);
  v.opt("avx512_1", c.avx512_1);
}

template <class V>
void fields(V& v, Of<V, Limits>& l) {
  v.opt("container", l.container);
  v.opt("cgroup", l.cgroup);
  v.opt("cpus", l.cpus);
  v.opt("memory", l.memory);
  v.opt("oom_kills", l.oom_kills);
  v.opt("shm", l.shm);
}

template <class V>
void fields(V& v, Of<V, PciDevice>& p) {
  v("address", p.address);
  v.hex("device", p.device, 4);
  v.hex("subsystem_vendor", p.subsystem_vendor, 4);
  v.hex("subsystem", p.subsystem, 4);
  v.hex("class", p.class_code, 6);
  v.opt("driver", p.driver);
  v.opt("bar1", p.bar1);
  v.opt("lost", p.lost);
}

template <class V>
void fields(V& v, Of<V, ProcGpu>& g) {
  v("address", g.address);
  v.opt("model", g.model);
  v.opt("uuid", g.uuid);
  v.opt("excluded", g.excluded);
  v.opt("minor", g.minor);
  v.opt("started", g.started);
}

template <class V>
void fields(V& v, Of<V, KernelDriver>& k) {
  v.opt("loaded", k.loaded);
  v.opt("flavour", k.flavour);
  v.opt("modules", k.modules);
  v.opt("on_disk", k.on_disk);
  v.opt("on_disk_path", k.on_disk_path);
  v.opt("other_kernels", k.other_kernels);
  v.opt("headers", k.headers);
  v.opt("on_disk_flavour", k.on_disk_flavour);
  v.opt("on_disk_signed", k.on_disk_signed);
  v.opt("blacklisted", k.blacklisted);
  v.opt("nouveau_blacklisted", k.nouveau_blacklisted);
  v.opt("modprobe", k.modprobe);
  v.octal("node_mode", k.node_mode);
  v.opt("major", k.major);
  v.opt("uvm_major", k.uvm_major);
  v.opt("nvlink_off", k.nvlink_off);
  v.opt("gpus", k.gpus);
}

template <class V>
void fields(V& v, Of<V, DeviceNode>& n) {
  v("path", n.path);
  v.octal("mode", n.mode);
  v.opt("uid", n.uid);
  v.opt("gid", n.gid);
  v.opt("major", n.major);
  v.opt("minor", n.minor);
  v.opt("opens", n.opens);
}

template <class V>
void fields(V& v, Of<V, DriverLibrary>& l) {
  v("name", l.name);
  v("path", l.path);
  v.opt("real", l.real);
  v.opt("kind", l.kind);
  v.opt("version", l.version);
  v.opt("on", l.on);
  v.opt("else_on", l.else_on);
  v.opt("compat_note", l.compat_note);
}

template <class V>
void fields(V& v, Of<V, Toolkit>& t) {
  v("path", t.path);
  v.opt("version", t.version);
  v.opt("nvcc", t.nvcc);
  v.opt("default_link", t.default_link);
}

template <class V>
void fields(V& v, Of<V, FoundEnvironment>& e) {
  v("root", e.root);
  v("kind", e.kind);
  v.opt("active", e.active);
  v.opt("python", e.python);
  v.opt("frameworks", e.frameworks);
}

template <class V>
void fields(V& v, Of<V, SetVariable>& s) {
  v("name", s.name);
  v("value", s.value);
  v.opt("file", s.file);
  v.opt("line", s.line);
}

template <class V>
void fields(V& v, Of<V, MigInstance>& m) {
  v("gpu", m.gpu);
  v("gi", m.gi);
  v.opt("ci", m.ci);
}

template <class V>
void fields(V& v, Of<V, Observed>& o) {
  v.opt("root", o.root);
  v.opt("os", o.os);
  v.opt("cpu", o.cpu);
  v.opt("limits", o.limits);
  v.opt("pci_seen", o.pci_seen);
  v.opt("pci", o.pci);
  v.opt("kernel", o.kernel);
  v.opt("nodes", o.nodes);
  v.opt("mig", o.mig);
  v.opt("fabric_manager", o.fabric_manager);
  v.opt("fabric_manager_version", o.fabric_manager_version);
  v.opt("libraries", o.libraries);
  v.opt("preloads", o.preloads);
  v.opt("sharing", o.sharing);
  v.opt("toolkits", o.toolkits);
  v.opt("environments", o.environments);
  v.opt("variables", o.variables);
  v.opt("compiler", o.compiler);
}

template <class V>
void fields(V& v, Of<V, LoaderBuild>& b) {
  v.opt("folders", b.folders);
  v.opt("cache", b.cache);
  v.opt("version", b.version);
}

template <class V>
void fields(V& v, Of<V, Filtee>& f) {
  v("name", f.name);
  v.opt("auxiliary", f.auxiliary);
  v.opt("behind", f.behind);
}

template <class V>
void fields(V& v, Of<V, LoadedObject>& o) {
  v.opt("bits", o.bits, uint8_t{64});
  v.opt("arch", o.arch);
  v.opt("type", o.type, uint16_t{3});
  v.opt("dynamic", o.dynamic, true);
  v.opt("interpreter", o.interpreter);
  fields(v, o.dyn);
  v.opt("nodeflib", o.nodeflib);
  v.opt("pie", o.pie);
  v.opt("needs", o.needs);
  v.opt("defines", o.defines);
  v.opt("loader", o.loader);
  v.opt("filtees", o.filtees);
  v.opt("audits", o.audits);
  v.opt("whole_size", o.whole_size);
}

/// An entry of a FileIndex that stands in full. Usual is a file that no link leads to.
struct IndexedPath {
  std::string path;
  IndexedFile file = {IndexedFile::Kind::file};
  bool operator==(const IndexedPath&) const = default;
};

template <class V>
void fields(V& v, Of<V, IndexedPath>& p) {
  v("path", p.path);
  v.opt("kind", p.file.kind, IndexedFile::Kind::file);
  std::optional<std::string> real;
  if (V::writes && p.file.real != p.path) real = p.file.real;
  v.opt("real", real);
  if constexpr (!V::writes) p.file.real = real.value_or(p.path);
  v.opt("size", p.file.size);
  v.opt("hard_link", p.file.hard_link);
  v.opt("object", p.file.object);
  v.opt("unreadable", p.file.unreadable);
  v.opt("set_user_id", p.file.set_user_id);
  v.opt("secure", p.file.secure);
}

/// A FileIndex as it is written: what is known of a file stands once, at its own path if that is in the
/// index, else at the first that leads to it.
struct WrittenIndex {
  std::vector<std::string> absent;
  std::vector<SamePath> same;
  std::vector<IndexedPath> paths;
  std::vector<MatchedNames> matches;
};

inline WrittenIndex written(const FileIndex& index) {
  WrittenIndex out;
  for (auto& [pattern, names] : index.matches) out.matches.push_back({pattern, names});
  std::map<std::string, std::string> first;  // path behind all links -> the one at which it stands
  for (auto& [path, file] : index.files)
    if (path == file.real) first[path] = path;
  for (auto& [path, file] : index.files) {
    if (file == IndexedFile{}) {
      out.absent.push_back(path);
      continue;
    }
    auto& at = first.try_emplace(file.real, path).first->second;
    if (at != path && index.files.at(at) == file)
      out.same.push_back({path, at});
    else
      out.paths.push_back({path, file});
  }
  return out;
}

/// The error, empty if there is none.
inline std::string read_back(const WrittenIndex& in, FileIndex& index) {
  auto& files = index.files;
  auto add = [&](const std::string& path, const IndexedFile& file) {
    return files.emplace(path, file).second ? "" : "every path once, \"" + path + "\" stands there twice";
  };
  std::string error;
  for (auto& p : in.paths)
    if (error = add(p.path, p.file); !error.empty()) return error;
  for (auto& p : in.absent)
    if (error = add(p, {}); !error.empty()) return error;
  for (auto& p : in.same) {
    auto as = files.find(p.as);
    if (as == files.end()) return "\"" + p.as + "\" in \"paths\", since \"" + p.path + "\" is the same";
    if (error = add(p.path, as->second); !error.empty()) return error;
  }
  for (auto& m : in.matches)
    if (!index.matches.emplace(m.pattern, m.names).second)
      return "every pattern once, \"" + m.pattern + "\" stands there twice";
  return {};
}

template <class V>
void fields(V& v, Of<V, FileIndex>& f) {
  WrittenIndex w;
  if constexpr (V::writes) w = written(f);
  v.opt("cache", f.cache);
  v.opt("listed", f.listed);
  v.opt("absent", w.absent);
  v.opt("same", w.same);
  v.opt("paths", w.paths);
  v.opt("matches", w.matches);
  if constexpr (!V::writes) {
    auto error = read_back(w, f);
    v.check(error.empty(), error);
  }
}

template <class V>
void fields(V& v, Of<V, Shadowed>& s) {
  v("path", s.path);
  v("found", s.found);
  v.opt("version", s.version);
}

template <class V>
void fields(V& v, Of<V, CutOff>& c) {
  v("size", c.size);
  v("whole", c.whole);
  v.opt("kills", c.kills);
}

template <class V>
void fields(V& v, Of<V, Load>& l) {
  v("name", l.name);
  v.opt("by", l.by);
  v.opt("dlopened", l.dlopened);
  v("found", l.found);
  v.opt("path", l.path);
  v.opt("real", l.real);
  v.opt("place", l.place);
  v.opt("place_of", l.place_of);
  v.opt("soname", l.soname);
  v.opt("version", l.version);
  v.opt("owner", l.owner);
  v.opt("shadows", l.shadows);
  v.opt("missing_versions", l.missing_versions);
  v.opt("cut_off", l.cut_off);
  v.opt("why", l.why);
  v.opt("stops", l.stops);
}

template <class V>
void fields(V& v, Of<V, Loads>& l) {
  v.opt("subject", l.subject);
  v("start", l.start);
  v.opt("framework", l.framework);
  v("loads", l.loads);
}

/// The world stands open in it. What wrote the recording may be missing: people write some by hand.
template <class V>
void fields(V& v, Of<V, Recording>& r) {
  v.schema("cufit.machine/1");
  v.opt("cufit", r.cufit);
  v.opt("knowledge", r.knowledge);
  if constexpr (V::writes)
    v("redacted", r.redacted);
  else
    v.opt("redacted", r.redacted);
  v("machine", r.world.machine);
  v.opt("observed", r.world.observed);
  v.opt("files", r.world.files);
  v.opt("subjects", r.world.subjects);
  v.opt("loads", r.world.loads);
  v.opt("probed", r.world.probed);
}

}  // namespace cufit
