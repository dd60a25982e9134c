// Random values of every type of the model, for round trips.
#pragma once

#include <algorithm>
#include <random>

#include "model/json_names.h"
#include "model/report.h"

namespace cufit {

class RandomModel {
 public:
  explicit RandomModel(uint32_t seed) : engine_(seed) {}

  size_t below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  bool coin() { return below(2) == 1; }
  uint64_t wide() { return engine_() >> below(64); }

  void fill(bool& b) { b = coin(); }
  void fill(int& n) { n = int(wide()); }
  void fill(double& n) { n = double(wide()) / 3; }
  void fill(uint8_t& n) { n = uint8_t(wide()); }
  void fill(uint16_t& n) { n = uint16_t(wide()); }
  void fill(uint32_t& n) { n = uint32_t(wide()); }
  void fill(uint64_t& n) { n = wide(); }
  void fill(std::string& s) {
    static const char* const pieces[] = {"libtorch", " ",        ".so", "\"", "\\",   "显卡",
                                         "\n",       "\x1b[31m", ":",   "!",  "12.4", "{a}"};
    s.clear();
    for (size_t n = below(4); n > 0; n--) s += pieces[below(std::size(pieces))];
  }
  void fill(Version& v) {
    std::string text = std::to_string(below(700));
    for (size_t n = below(3); n > 0; n--) text += (coin() ? ".0" : ".") + std::to_string(below(200));
    v = *Version::parse(text);
  }
  void fill(Sm& sm) { sm = {uint8_t(below(256)), uint8_t(below(256)), Sm::Suffix(below(3))}; }
  void fill(Isa& isa) { isa = {uint8_t(below(256)), uint8_t(below(256))}; }
  void fill(Text& t) {
    t.id = coin() ? "judge.some-id" : "";
    t.args.clear();
    for (const char* name : {"b", "a", "显卡"})
      if (coin()) t.args.emplace_back(name, some<std::string>());
  }

  template <class E>
    requires std::is_enum_v<E>
  void fill(E& e) {
    e = E(below(Names<E>::list.size()));
  }
  template <class T>
  void fill(std::optional<T>& o) {
    if (coin()) fill(o.emplace());
  }
  template <class T>
  void fill(std::vector<T>& list) {
    list.resize(depth_ > 6 ? 0 : below(3));
    depth_++;
    for (auto& item : list) fill(item);
    depth_--;
  }
  void fill(std::map<std::string, std::string>& m) {
    for (size_t n = below(3); n > 0; n--) m[some<std::string>()] = some<std::string>();
  }
  template <class A, class B>
  void fill(std::pair<A, B>& p) {
    all(p.first, p.second);
  }
  void fill(Source& s) { all(s.kind, s.where); }
  template <class T>
  void fill(Fact<T>& f) {
    fill(f.from);
    if (coin())
      f.is = some<T>();
    else if (coin())
      f.is = Unreadable{some<std::string>()};
  }

  void fill(Image& i) {
    all(i.kind, i.target, i.isa, i.isa_at_most, i.packing, i.debug, i.empty, i.relocatable, i.unresolved);
  }
  void fill(ModuleShape& s) { all(s.images, s.count, s.link, s.section, s.example); }
  void fill(Gap& g) { all(g.path, g.offset, g.what); }
  void fill(Dynamic& d) { all(d.soname, d.rpath, d.runpath, d.needed); }
  void fill(Binary& b) {
    all(b.path, b.size, b.format, b.arch, b.build_id, b.dyn, b.shapes, b.toolkits, b.pass, b.unread);
  }
  void fill(Member& m) { all(m.bin, m.role); }
  void fill(Requires& r) { all(r.python, r.glibc, r.platforms); }
  void fill(Dependency& d) { all(d.name, d.specifier); }
  void fill(Subject& s) {
    all(s.id, s.kind, s.name, s.path, s.version, s.environment, s.build, s.needs, s.dependencies, s.members,
        s.files_read, s.unread);
  }
  void fill(Gpu& g) { all(g.id, g.name, g.sm, g.chip, g.board); }
  void fill(Driver& d) { all(d.version, d.cuda, d.compat); }
  void fill(Machine& m) {
    all(m.origin, m.platform, m.gpus, m.driver, m.arch, m.glibc, m.python, m.wsl, m.env, m.assumed);
  }

  void fill(Os& o) {
    all(o.id, o.version, o.name, o.kernel, o.arch, o.libc, o.glibc, o.secure_boot, o.jetson, o.model, o.soc,
        o.wsl);
  }
  void fill(Cpu& c) { all(c.levels, c.platform, c.avx512_1); }
  void fill(Limits& l) { all(l.container, l.cgroup, l.cpus, l.memory, l.oom_kills, l.shm); }
  void fill(PciDevice& p) {
    all(p.address, p.device, p.subsystem_vendor, p.subsystem, p.class_code, p.driver, p.bar1, p.lost);
  }
  void fill(ProcGpu& g) { all(g.address, g.model, g.uuid, g.excluded, g.minor, g.started); }
  void fill(KernelDriver& k) {
    all(k.loaded, k.flavour, k.modules, k.on_disk, k.on_disk_path, k.other_kernels, k.headers,
        k.on_disk_flavour, k.blacklisted, k.nouveau_blacklisted, k.node_mode, k.gpus);
  }
  void fill(DeviceNode& n) { all(n.path, n.mode, n.uid, n.gid, n.major, n.minor, n.opens); }
  void fill(DriverLibrary& l) { all(l.name, l.path, l.real, l.kind, l.version, l.on, l.compat_note); }
  void fill(Toolkit& t) { all(t.path, t.version, t.nvcc, t.default_link); }
  void fill(FoundEnvironment& e) { all(e.root, e.kind, e.active, e.python, e.frameworks); }
  void fill(SetVariable& v) { all(v.name, v.value, v.file, v.line); }
  void fill(MigInstance& m) { all(m.gpu, m.gi, m.ci); }
  void fill(Observed& o) {
    all(o.root, o.os, o.cpu, o.limits, o.pci, o.pci_seen, o.kernel, o.nodes, o.mig, o.fabric_manager,
        o.fabric_manager_version, o.libraries, o.preloads, o.sharing, o.toolkits, o.environments, o.variables,
        o.compiler);
  }
  void fill(VersionNeed& n) { all(n.library, n.versions); }
  void fill(LoaderBuild& b) { all(b.folders, b.cache, b.version); }
  void fill(LoadedObject& o) {
    all(o.bits, o.arch, o.type, o.dynamic, o.interpreter, o.dyn, o.nodeflib, o.pie, o.needs, o.defines,
        o.loader);
  }
  void fill(IndexedFile& f) { all(f.kind, f.real, f.size, f.object, f.hard_link, f.unreadable); }
  void fill(CachedLibrary& c) { all(c.soname, c.path, c.flags, c.hwcap, c.level); }
  /// Some paths name the same file, some are not there, as on a machine.
  void fill(FileIndex& f) {
    all(f.listed, f.cache);
    for (size_t n = below(4); n > 0; n--) {
      auto path = '/' + some<std::string>();
      fill(f.files[path]);
      if (coin()) f.files[path].real = path;
      if (coin()) f.files[path + ".1"] = f.files[path];
      if (coin()) f.files[path + ".2"] = f.files[path];
      if (coin()) f.files[path + ".3"] = {};
    }
  }
  void fill(Shadowed& s) { all(s.path, s.found, s.version); }
  void fill(Load& l) {
    all(l.name, l.by, l.dlopened, l.found, l.path, l.real, l.place, l.place_of, l.soname, l.version, l.owner,
        l.shadows, l.missing_versions, l.why);
  }
  void fill(Loads& l) { all(l.subject, l.start, l.framework, l.loads); }
  void fill(World& w) { all(w.machine, w.subjects, w.observed, w.files); }
  void fill(Evidence& e) { all(e.rule, e.says, e.text, e.facts, e.rows, e.parts); }
  void fill(Failure& f) { all(f.code, f.name, f.when, f.call, f.seen_as); }
  void fill(Coverage& c) { all(c.modules, c.native, c.compatible, c.ptx, c.none); }
  void fill(Limit& l) { all(l.rule, l.text, l.code); }
  void fill(Note& n) { all(n.rule, n.text); }
  void fill(Condition& c) { all(c.driver, c.before); }
  void fill(Use& u) { all(u.id, u.verdict, u.code, u.rule, u.text); }
  void fill(Judgement& j) {
    all(j.subject, j.gpu, j.verdict, j.fails, j.driver_axis, j.image_axis, j.coverage, j.limits, j.notes,
        j.uses, j.needs, j.why);
  }
  void fill(Remedy& r) {
    all(r.id, r.kind, r.text, r.commands, r.minimum, r.suggest, r.root, r.reboot, r.checked, r.after);
  }
  void fill(Rejected& r) { all(r.change, r.rule, r.why); }
  void fill(Finding& f) { all(f.cause, f.severity, f.on, f.remedies, f.rejected); }
  void fill(Group& g) { all(g.name, g.count, g.machine); }
  void fill(Cell& c) { all(c.subject, c.group, c.gpu, c.judgement); }
  void fill(Difference& d) { all(d.fact, d.kind, d.a, d.b, d.also, d.effect, d.with); }
  void fill(Report& r) {
    all(r.command, r.knowledge, r.machine, r.observed, r.loads, r.subjects, r.judgements, r.findings,
        r.groups, r.cells, r.unread);
  }

  template <class T>
  T some() {
    T value{};
    fill(value);
    return value;
  }

 private:
  template <class... T>
  void all(T&... members) {
    (fill(members), ...);
  }

  std::mt19937_64 engine_;
  int depth_ = 0;
};

}  // namespace cufit
