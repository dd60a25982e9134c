// Random values of every type of the model, for round trips.
#pragma once

#include <algorithm>
#include <random>

#include "model/json_names.h"
#include "model/recording.h"

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

  // Structured bindings: the compiler refuses a member that is forgotten here, the round trip one that JSON
  // forgets.
  void fill(Os& value) {
    auto& [id, version, name, kernel, arch, libc, glibc, secure_boot, jetson, model, soc, wsl] = value;
    all(id, version, name, kernel, arch, libc, glibc, secure_boot, jetson, model, soc, wsl);
  }
  void fill(Cpu& value) {
    auto& [levels, platform, avx512_1] = value;
    all(levels, platform, avx512_1);
  }
  void fill(Limits& value) {
    auto& [container, cgroup, cpus, memory, oom_kills, shm] = value;
    all(container, cgroup, cpus, memory, oom_kills, shm);
  }
  void fill(PciDevice& value) {
    auto& [address, device, subsystem_vendor, subsystem, class_code, driver, bar1, lost] = value;
    all(address, device, subsystem_vendor, subsystem, class_code, driver, bar1, lost);
  }
  void fill(ProcGpu& value) {
    auto& [address, model, uuid, excluded, minor, started] = value;
    all(address, model, uuid, excluded, minor, started);
  }
  void fill(KernelDriver& value) {
    auto& [loaded, flavour, modules, on_disk, on_disk_path, other_kernels, headers, on_disk_flavour,
           on_disk_signed, blacklisted, nouveau_blacklisted, modprobe, node_mode, major, uvm_major,
           nvlink_off, gpus] = value;
    all(loaded, flavour, modules, on_disk, on_disk_path, other_kernels, headers, on_disk_flavour,
        on_disk_signed, blacklisted, nouveau_blacklisted, modprobe, node_mode, major, uvm_major, nvlink_off,
        gpus);
  }
  void fill(DeviceNode& value) {
    auto& [path, mode, uid, gid, major, minor, opens] = value;
    all(path, mode, uid, gid, major, minor, opens);
  }
  void fill(DriverLibrary& value) {
    auto& [name, path, real, kind, version, on, else_on, compat_note] = value;
    all(name, path, real, kind, version, on, else_on, compat_note);
  }
  void fill(Toolkit& value) {
    auto& [path, version, nvcc, default_link] = value;
    all(path, version, nvcc, default_link);
  }
  void fill(FoundEnvironment& value) {
    auto& [root, kind, active, python, frameworks] = value;
    all(root, kind, active, python, frameworks);
  }
  void fill(SetVariable& v) {
    auto& [name, value, file, line] = v;
    all(name, value, file, line);
  }
  void fill(MigInstance& value) {
    auto& [gpu, gi, ci] = value;
    all(gpu, gi, ci);
  }
  void fill(Observed& value) {
    auto& [root, os, cpu, limits, pci, pci_seen, kernel, nodes, mig, fabric_manager, fabric_manager_version,
           libraries, preloads, sharing, toolkits, environments, variables, compiler] = value;
    all(root, os, cpu, limits, pci, pci_seen, kernel, nodes, mig, fabric_manager, fabric_manager_version,
        libraries, preloads, sharing, toolkits, environments, variables, compiler);
  }
  void fill(VersionNeed& value) {
    auto& [library, versions] = value;
    all(library, versions);
  }
  void fill(LoaderBuild& value) {
    auto& [folders, cache, version] = value;
    all(folders, cache, version);
  }
  void fill(Filtee& value) {
    auto& [name, auxiliary, behind] = value;
    all(name, auxiliary, behind);
  }
  void fill(LoadedObject& value) {
    auto& [bits, arch, type, dynamic, interpreter, dyn, nodeflib, pie, needs, defines, loader, filtees,
           audits, whole_size] = value;
    all(bits, arch, type, dynamic, interpreter, dyn, nodeflib, pie, needs, defines, loader, filtees, audits,
        whole_size);
  }
  void fill(IndexedFile& value) {
    auto& [kind, real, size, hard_link, object, unreadable, set_user_id, secure] = value;
    all(kind, real, size, hard_link, object, unreadable, set_user_id, secure);
  }
  void fill(CachedLibrary& value) {
    auto& [soname, path, flags, hwcap, level] = value;
    all(soname, path, flags, hwcap, level);
  }
  void fill(Shadowed& value) {
    auto& [path, found, version] = value;
    all(path, found, version);
  }
  void fill(CutOff& value) {
    auto& [size, whole, kills] = value;
    all(size, whole, kills);
  }
  void fill(Load& value) {
    auto& [name, by, dlopened, found, path, real, place, place_of, soname, version, owner, shadows,
           missing_versions, cut_off, why, stops] = value;
    all(name, by, dlopened, found, path, real, place, place_of, soname, version, owner, shadows,
        missing_versions, cut_off, why, stops);
  }
  void fill(Loads& value) {
    auto& [subject, start, framework, loads] = value;
    all(subject, start, framework, loads);
  }
  /// Some paths name the same file, some are not there, as on a machine.
  void fill(FileIndex& f) {
    all(f.listed, f.cache);
    for (size_t n = below(3); n > 0; n--) fill(f.matches['/' + some<std::string>()]);
    for (size_t n = below(4); n > 0; n--) {
      auto path = '/' + some<std::string>();
      fill(f.files[path]);
      if (coin()) f.files[path].real = path;
      if (coin()) f.files[path + ".1"] = f.files[path];
      if (coin()) f.files[path + ".2"] = f.files[path];
      if (coin()) f.files[path + ".3"] = {};
    }
  }
  void fill(DriverCall& value) {
    auto& [name, on, code, micros] = value;
    all(name, on, code, micros);
  }
  void fill(Asking& value) {
    auto& [end, in, how, library, calls, mapped, micros] = value;
    all(end, in, how, library, calls, mapped, micros);
  }
  void fill(GpuProcess& value) {
    auto& [pid, memory, name] = value;
    all(pid, memory, name);
  }
  void fill(NvmlGpu& value) {
    auto& [index, name, uuid, address, minor, sm, memory, memory_free, mig, persistence, ecc, compute_mode,
           ecc_uncorrected, remapped_rows, remap_pending, remap_failed, sm_clock, sm_clock_max, memory_clock,
           memory_clock_max, clock_reasons, pcie_generation, pcie_generation_max, pcie_width, pcie_width_max,
           power, power_limit, temperature, nvlinks, nvlink_rate, fabric, recovery, processes] = value;
    all(index, name, uuid, address, minor, sm, memory, memory_free, mig, persistence, ecc, compute_mode,
        ecc_uncorrected, remapped_rows, remap_pending, remap_failed, sm_clock, sm_clock_max, memory_clock,
        memory_clock_max, clock_reasons, pcie_generation, pcie_generation_max, pcie_width, pcie_width_max,
        power, power_limit, temperature, nvlinks, nvlink_rate, fabric, recovery, processes);
  }
  void fill(GpuPair& value) {
    auto& [a, b, p2p, path] = value;
    all(a, b, p2p, path);
  }
  void fill(NvmlAnswers& value) {
    auto& [asking, driver, cuda, init, count, gpus, pairs] = value;
    all(asking, driver, cuda, init, count, gpus, pairs);
  }
  void fill(Proof& value) {
    auto& [what, of, file, call, code, right, micros] = value;
    all(what, of, file, call, code, right, micros);
  }
  void fill(CudaGpu& value) {
    auto& [ordinal, name, uuid, address, sm, memory, memory_free, compute_mode, integrated, proofs] = value;
    all(ordinal, name, uuid, address, sm, memory, memory_free, compute_mode, integrated, proofs);
  }
  void fill(CudaAnswers& value) {
    auto& [asking, cuda, init, count, gpus] = value;
    all(asking, cuda, init, count, gpus);
  }
  void fill(PythonProof& value) {
    auto& [environment, framework, end, how, imports, file, version, available, devices, ran_on, right,
           output, mapped, micros] = value;
    all(environment, framework, end, how, imports, file, version, available, devices, ran_on, right, output,
        mapped, micros);
  }
  void fill(Probed& value) {
    auto& [nvml, cuda, python] = value;
    all(nvml, cuda, python);
  }
  void fill(World& value) {
    auto& [machine, subjects, observed, files, loads, probed] = value;
    all(machine, subjects, observed, files, loads, probed);
  }
  void fill(Recording& r) { all(r.world, r.cufit, r.knowledge, r.redacted); }
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
    all(r.id, r.kind, r.text, r.commands, r.minimum, r.suggest, r.root, r.reboot, r.besides, r.checked,
        r.after);
  }
  void fill(Rejected& r) { all(r.change, r.rule, r.why); }
  void fill(Finding& f) {
    all(f.cause, f.severity, f.on, f.remedies, f.rejected, f.folds, f.confidence, f.why);
  }
  void fill(Group& g) { all(g.name, g.count, g.machine); }
  void fill(Cell& c) { all(c.subject, c.group, c.gpu, c.judgement); }
  void fill(Difference& value) {
    auto& [fact, kind, a, b, also, effect, with] = value;
    all(fact, kind, a, b, also, effect, with);
  }
  void fill(MachineOutcome& value) {
    auto& [name, verdict, subject, gpu, why, fails, findings, exit] = value;
    all(name, verdict, subject, gpu, why, fails, findings, exit);
  }
  void fill(Compared& c) { all(c.a, c.b, c.differ, c.tried_on_first, c.other_sets, c.unattributed); }
  void fill(DoctorStep& value) {
    auto& [step, state, says] = value;
    all(step, state, says);
  }
  void fill(Sighting& s) { all(s.message, s.line, s.text, s.stream, s.captures); }
  void fill(Log& l) { all(l.name, l.bytes, l.lines, l.sightings, l.ends_with); }
  void fill(ExplainedLog& e) { all(e.log, e.outcome, e.facts, e.machine); }
  void fill(Report& value) {
    auto& [command, knowledge, machine, observed, probed, loads, subjects, judgements, findings, groups,
           cells, differences, compared, steps, log, normal, unread] = value;
    all(command, knowledge, machine, observed, probed, loads, subjects, judgements, findings, groups, cells,
        differences, compared, steps, log, normal, unread);
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
