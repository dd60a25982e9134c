// Worlds of machines that were looked at, from a few words over a healthy one.
//
// A case is a JSON merge patch (RFC 7396) over a healthy machine ("base": host, container, wsl, jetson);
// lists are objects keyed by path, so that one entry can be changed or taken out (null). Facts: a value,
// "absent" (looked, not there), "unknown" (nobody looked), {"unreadable": why}.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "judge/world.h"

namespace cufit::testing {

inline const Source looked_at = {Source::Kind::path, "test"};

inline std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

template <class T>
Fact<T> fact(const Json& j) {
  if (j == "unknown") return {};
  Fact<T> f;
  f.from = looked_at;
  if (j == "absent") return f;
  if (j.is_object()) {
    f.is = Unreadable{j["unreadable"].get<std::string>()};
    return f;
  }
  if constexpr (std::is_same_v<T, Version>)
    f.is = version(j.get<std::string>());
  else
    f.is = j.get<T>();
  return f;
}

/// "driver 550.54.14 cache", "stub - LD_LIBRARY_PATH", "foreign damaged cache", "wsl - hidden"; the SONAME
/// behind it where the file has another name; "LD_LIBRARY_PATH/cache": found by either.
inline DriverLibrary driver_library(const std::string& path, const std::string& words) {
  std::istringstream in(words);
  std::string kind, number, on, name;
  in >> kind >> number >> on >> name;
  DriverLibrary l;
  l.path = l.real = path;
  l.name = std::string(base_name(std::string_view(path)));
  using Kind = DriverLibrary::Kind;
  l.kind = kind == "stub"      ? Kind::stub
           : kind == "compat"  ? Kind::compat
           : kind == "wsl"     ? Kind::wsl
           : kind == "driver"  ? Kind::driver
           : kind == "foreign" ? Kind::foreign
           : kind == "unknown" ? Kind::unknown
                               : throw std::runtime_error("no such kind: " + kind);
  if (number == "damaged")
    l.version.is = Unreadable{"the file is cut off"};
  else if (number != "-")
    l.version = {version(number), looked_at};
  if (!name.empty()) l.name = name;
  auto slash = on.find('/');
  l.on = on == "hidden" ? "" : on.substr(0, slash);
  if (slash != on.npos) l.else_on = on.substr(slash + 1);
  return l;
}

/// "opens", "untried", "another" (it opens, and is another device), or the name of an error.
inline DeviceNode device_node(const std::string& path, const std::string& state) {
  DeviceNode n;
  n.path = path;
  n.mode = 0666;
  n.major = state == "another" ? 1 : path == "/dev/nvidia-uvm" ? 235 : 195;
  if (state == "opens" || state == "another")
    n.opens = {true, looked_at};
  else if (state != "untried")
    n.opens.is = Unreadable{state}, n.opens.from = looked_at;
  return n;
}

inline PciDevice pci_device(const std::string& address, const Json& j) {
  PciDevice d;
  d.address = address;
  d.device = 0x20b5;
  d.class_code = j.value("switch", false) ? 0x068000 : 0x030200;
  d.driver = fact<std::string>(j.value("driver", Json("nvidia")));
  d.bar1 = fact<uint64_t>(j.value("bar1", Json(uint64_t{128} << 30)));
  d.lost = fact<bool>(j.value("lost", Json(false)));
  return d;
}

/// What the driver tells of the GPU at this address.
inline ProcGpu& proc_gpu(Observed& o, const std::string& address) {
  auto at = std::ranges::find(o.kernel.gpus, address, &ProcGpu::address);
  return at == o.kernel.gpus.end() ? o.kernel.gpus.emplace_back(ProcGpu{address, {}, {}, false, {}, false})
                                   : *at;
}

inline Observed observed(const Json& j) {
  Observed o;
  o.root = j["root"];
  o.os.kernel = {"6.8.0-45-generic", looked_at};
  o.os.secure_boot = fact<bool>(j["secure_boot"]);
  o.os.jetson = fact<std::string>(j["jetson"]);
  o.os.soc = fact<std::string>(j["soc"]);
  o.limits.container = fact<std::string>(j["container"]);
  o.limits.shm = fact<uint64_t>(j["shm"]);
  o.limits.oom_kills = fact<uint64_t>(j["oom_kills"]);
  o.pci_seen = fact<bool>(j.value("pci_seen", Json(true)));
  for (auto& [address, device] : j["pci"].items()) o.pci.push_back(pci_device(address, device));
  o.kernel.loaded = fact<Version>(j["loaded"]);
  o.kernel.flavour = fact<std::string>(j["flavour"]);
  o.kernel.modules = j["modules"].get<std::vector<std::string>>();
  o.kernel.on_disk = fact<Version>(j["on_disk"]);
  if (o.kernel.on_disk)
    o.kernel.on_disk_path = {"/lib/modules/6.8.0-45-generic/updates/dkms/nvidia.ko", looked_at};
  o.kernel.on_disk_signed = fact<bool>(j["signed"]);
  o.kernel.other_kernels = j["other_kernels"].get<std::vector<std::string>>();
  o.kernel.headers = fact<bool>(j["headers"]);
  o.kernel.blacklisted = fact<std::string>(j["blacklisted"]);
  o.kernel.modprobe = fact<bool>(j["modprobe"]);
  o.kernel.major = fact<uint32_t>(j["major"]), o.kernel.uvm_major = fact<uint32_t>(j["uvm_major"]);
  o.kernel.nvlink_off = fact<bool>(j["nvlink_off"]);
  for (auto& address : j["excluded"]) proc_gpu(o, address).excluded = true;
  for (auto& [address, minor] : j["minors"].items()) {
    auto& gpu = proc_gpu(o, address);
    gpu.minor = {minor.get<uint32_t>(), looked_at}, gpu.started = true;
  }
  for (auto& [address, uuid] : j["uuids"].items())
    proc_gpu(o, address).uuid = {uuid.get<std::string>(), looked_at};
  for (auto& [path, state] : j["nodes"].items()) o.nodes.push_back(device_node(path, state));
  for (auto& [path, words] : j["libraries"].items()) o.libraries.push_back(driver_library(path, words));
  for (auto& m : j["mig"]) o.mig.push_back({m[0], m[1], m[2].get<std::vector<uint32_t>>()});
  o.fabric_manager = fact<bool>(j["fabric_manager"]);
  o.fabric_manager_version = fact<Version>(j["fabric_manager_version"]);
  o.sharing = fact<std::string>(j["sharing"]);
  o.preloads = j["preloads"].get<std::vector<std::string>>();
  o.compiler = fact<std::string>(j["compiler"]);
  for (auto& [path, number] : j["toolkits"].items())
    o.toolkits.push_back({path, fact<Version>(number), true, true});
  return o;
}

/// A machine without fault, as far as `kind` has the part.
inline Json healthy(const std::string& kind, const std::string& driver) {
  Json o = {{"root", "/"},
            {"secure_boot", false},
            {"jetson", "absent"},
            {"soc", "absent"},
            {"container", "absent"},
            {"shm", 8ull << 30},
            {"oom_kills", 0},
            {"loaded", driver},
            {"flavour", "proprietary"},
            {"on_disk", driver},
            {"other_kernels", Json::array()},
            {"headers", true},
            {"signed", "unknown"},
            {"blacklisted", "absent"},
            {"modprobe", true},
            {"major", 195},
            {"uvm_major", 235},
            {"nvlink_off", "absent"},
            {"mig", Json::array()},
            {"uuids", Json::object()},
            {"excluded", Json::array()},
            {"minors", Json::object()},
            {"fabric_manager", "unknown"},
            {"fabric_manager_version", "unknown"},
            {"sharing", "absent"},
            {"preloads", Json::array()},
            {"compiler", "gcc 12.2"},
            {"toolkits", Json::object()},
            {"modules", {"nvidia", "nvidia_uvm"}}};
  o["pci"] = {{"0000:3b:00.0", Json::object()}};
  o["nodes"] = {{"/dev/nvidiactl", "opens"}, {"/dev/nvidia0", "opens"}, {"/dev/nvidia-uvm", "opens"}};
  std::string folder = "/usr/lib/x86_64-linux-gnu/", words = "driver " + driver + " cache";
  for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
    o["libraries"][folder + name] = words;
  if (kind == "container") {
    o["container"] = "docker", o["on_disk"] = "absent", o["headers"] = "absent", o["modprobe"] = "absent";
  } else if (kind == "wsl") {
    for (auto* key : {"loaded", "on_disk", "flavour"}) o[key] = "absent";
    o["modules"] = Json::array(), o["pci"] = Json::object();
    o["nodes"] = {{"/dev/dxg", "opens"}};
    o["libraries"] = {{"/usr/lib/wsl/lib/libcuda.so.1", "wsl - cache"},
                      {"/usr/lib/wsl/lib/libnvidia-ml.so.1", "wsl - cache"}};
  } else if (kind == "jetson") {
    for (auto* key : {"loaded", "on_disk", "flavour"}) o[key] = "absent";
    o["jetson"] = "R36.4.0", o["pci"] = Json::object(), o["modules"] = {"nvgpu"};
    o["nodes"] = {{"/dev/nvhost-gpu", "opens"}};
    o["libraries"] = {{"/usr/lib/aarch64-linux-gnu/tegra/libcuda.so.1", "driver - cache"}};
  } else if (kind != "host") {
    throw std::runtime_error("no such base: " + kind);
  }
  auto files = Json::array({{{"modules", {"s80"}}, {"toolkits", {"12.4"}}, {"needed", {"libcudart.so.12"}}}});
  return {{"gpus", {"a100-pcie-80gb"}},
          {"driver", kind == "jetson" ? "none" : driver},
          {"env", Json::object()},
          {"machine", Json::object()},
          {"subjects", {{"s0", {{"kind", "file"}, {"files", files}}}}},
          {"observed", o},
          {"loads", Json::object()}};
}

inline Found found_by(const std::string& word) {
  static const std::map<std::string, Found> words = {{"preload", Found::preload},
                                                     {"path", Found::as_path},
                                                     {"rpath", Found::rpath},
                                                     {"variable", Found::ld_library_path},
                                                     {"runpath", Found::runpath},
                                                     {"cache", Found::cache},
                                                     {"default", Found::default_folder},
                                                     {"maps", Found::in_maps},
                                                     {"none", Found::not_found},
                                                     {"open", Found::unknown}};
  auto at = words.find(word);
  if (at == words.end()) throw std::runtime_error("no such place: " + word);
  return at->second;
}

/// "12.4.5.8 rpath /venv/lib/libcublas.so.12", "- none", with {"is", "by", "shadows": ["12.1 runpath /a.so"],
/// "missing": ["GLIBC_2.34"], "cut_off": [8192, 20480], "refused": "file too short",
/// "audited": "/opt/libaudit.so"} where there is more.
inline Load load(const std::string& name, const Json& j) {
  auto words = split_words(j.is_string() ? j : j["is"]);
  Load l;
  l.name = l.soname = name;
  l.version = words[0] == "-" ? "" : words[0];
  l.found = found_by(words[1]);
  if (words.size() > 2) l.path = l.real = words[2];
  if (!j.is_object()) return l;
  l.by = j.value("by", "");
  l.stops = j.value("stops", false);
  l.missing_versions = j.value("missing", std::vector<std::string>{});
  if (auto sizes = j.value("cut_off", std::vector<uint64_t>{}); sizes.size() == 2)
    l.cut_off = {sizes[0], sizes[1], (sizes[1] - 1) / 4096 > (sizes[0] - 1) / 4096};
  if (auto why = j.value("refused", std::string()); !why.empty())
    l.why = {"loader.bad-file", {{"path", "/opt/" + name}, {"why", why}}};
  if (auto library = j.value("audited", std::string()); !library.empty())
    l.why = {"loader.audit", {{"library", library}}};
  for (auto& s : j.value("shadows", std::vector<std::string>{})) {
    auto parts = split_words(s);
    l.shadows.push_back({parts[2], found_by(parts[1]), parts[0]});
  }
  return l;
}

const inline Source called = {Source::Kind::call, "test"};

/// A value; "untried": nobody asked; of what is no text, any other text: why it could not be read.
template <class T>
Fact<T> answer(const Json& part, const char* key, T usual) {
  Fact<T> f;
  f.from = called;
  auto value = part.value(key, Json(usual));
  if (value == "untried") return f;
  if (value.is_string() && !std::is_same_v<T, std::string>)
    f.is = Unreadable{value.get<std::string>()};
  else
    f.is = value.get<T>();
  return f;
}

inline Asking::End end_of(const Json& part) {
  auto& names = names_of<Asking::End>();
  return Asking::End(std::ranges::find(names, part.value("end", "done")) - names.begin());
}

inline void fill_asking(const Json& part, const char* init, Asking& a) {
  a.end = end_of(part), a.in = part.value("in", ""), a.how = part.value("how", "");
  if (!part.value("no_calls", false)) a.calls.push_back({init, "", answer(part, "init", uint32_t{0}), 1});
  const auto gets = part.value("gets", Json::object());
  for (auto& [on, code] : gets.items())
    a.calls.push_back({"cuDeviceGet", on, {code.get<uint32_t>(), called}, 1});
  const auto handles = part.value("handles", Json::object());
  for (auto& [on, code] : handles.items())
    a.calls.push_back({"nvmlDeviceGetHandleByIndex_v2", on, {code.get<uint32_t>(), called}, 1});
  if (part.contains("on")) a.calls.push_back({a.in, part["on"], {}, 1});
}

/// Those of a part: its words hold for each, what stands in "gpus" for one. Without "gpus": one.
inline std::vector<Json> gpus_of(const Json& part) {
  std::vector<Json> all;
  for (auto& words : part.value("gpus", Json::array({Json::object()}))) {
    all.push_back(part);
    all.back().update(words);
    all.back().emplace("is", all.size() - 1);
  }
  return all;
}

/// By "is": the GPU of the machine, in the order of the bus, under whatever number it is listed.
void describe(const Json& words, auto& gpu) {
  static const std::vector<std::string> addresses = {"0000:3b:00.0", "0000:5e:00.0", "0000:86:00.0"};
  size_t is = words["is"];
  gpu.name = {words.value("name", "NVIDIA A100"), called};
  gpu.uuid = answer(words, "uuid", "GPU-" + std::to_string(is) + "1111111-2222-3333-4444-555555555555");
  gpu.address = answer(words, "address", addresses.at(is));
}

inline CudaGpu cuda_gpu(const Json& words, uint32_t ordinal) {
  CudaGpu gpu;
  gpu.ordinal = ordinal;
  describe(words, gpu);
  gpu.sm = {Sm{8, 0, {}}, called};
  for (auto [key, what] : {std::pair("context", Proof::What::context), std::pair("ptx", Proof::What::ptx),
                           std::pair("sass", Proof::What::sass), std::pair("image", Proof::What::image)}) {
    if (words.contains(key) && words[key] == "untried") continue;
    Proof proof;
    proof.what = what, proof.call = "cuModuleLoadData", proof.code = answer(words, key, uint32_t{0});
    if (what == Proof::What::image) proof.of = "s0", proof.file = "/opt/app/kernels.so";
    bool ran = what == Proof::What::ptx || what == Proof::What::sass;
    if (ran && proof.code && *proof.code == 0) proof.right = answer(words, "right", true);
    gpu.proofs.push_back(proof);
    if (what == Proof::What::context && (!proof.code || *proof.code != 0)) break;
  }
  return gpu;
}

inline NvmlGpu nvml_gpu(const Json& words, uint32_t index) {
  NvmlGpu gpu;
  gpu.index = index;
  describe(words, gpu);
  gpu.compute_mode = answer(words, "compute_mode", std::string("default"));
  gpu.recovery = answer(words, "recovery", std::string("none"));
  gpu.mig = answer(words, "mig", false);
  if (auto fabric = words.value("fabric", ""); !fabric.empty()) {
    gpu.fabric.from = called;
    if (fabric != "none") gpu.fabric.is = fabric;
  }
  gpu.remap_pending = answer(words, "remap_pending", false);
  gpu.remap_failed = answer(words, "remap_failed", false);
  gpu.ecc_uncorrected = answer(words, "ecc_uncorrected", uint64_t{0});
  gpu.memory = answer(words, "memory", uint64_t{80} << 30);
  gpu.memory_free = answer(words, "memory_free", uint64_t{79} << 30);
  if (auto pids = words.value("processes", Json::array()); pids.is_array()) {
    gpu.processes = {std::vector<GpuProcess>(), called};
    for (auto& pid : pids) std::get<std::vector<GpuProcess>>(gpu.processes.is).push_back({pid, {}, ""});
  }
  return gpu;
}

inline PythonProof python_proof(const Json& words) {
  PythonProof proof;
  proof.end = end_of(words), proof.how = words.value("how", "");
  proof.environment = "/venv", proof.framework = "torch 2.6.0";
  proof.imports = answer(words, "imports", true), proof.available = answer(words, "available", true);
  proof.ran_on = answer(words, "ran_on", std::string("cuda:0")), proof.right = answer(words, "right", true);
  if (words.contains("file")) proof.file = answer(words, "file", std::string());
  proof.mapped = words.value("mapped", std::vector<std::string>());
  return proof;
}

/// What the driver answered, from a few words: {"cuda": {"init": 0, "context": 2, "ptx": 0, "right": false,
/// "image": 200, "end": "hung", "in": "cuInit"}, "nvml": {"init": 18, "recovery": "reset"}, "python": {...}}.
/// What is not named went well. Of several GPUs: "gpus": [{"context": 2}, {"is": 2}], and "on": "1" for the
/// number of the one about which the last call was.
inline Probed probed(const Json& j) {
  Probed p;
  const auto cuda = j.value("cuda", Json::object()), nvml = j.value("nvml", Json::object());
  fill_asking(cuda, "cuInit", p.cuda.asking);
  fill_asking(nvml, "nvmlInit_v2", p.nvml.asking);
  p.cuda.init = answer(cuda, "init", uint32_t{0});
  p.nvml.init = answer(nvml, "init", uint32_t{0});
  const auto of_cuda = gpus_of(cuda), of_nvml = gpus_of(nvml);
  if (p.nvml.init && *p.nvml.init == 0) {
    p.nvml.count = answer(nvml, "count", uint32_t(of_nvml.size()));
    for (auto& words : of_nvml) p.nvml.gpus.push_back(nvml_gpu(words, uint32_t(p.nvml.gpus.size())));
  }
  if (p.cuda.init && *p.cuda.init == 0) {
    p.cuda.count = answer(cuda, "count", uint32_t(of_cuda.size()));
    for (auto& words : of_cuda)
      if (p.cuda.gpus.size() < *p.cuda.count)
        p.cuda.gpus.push_back(cuda_gpu(words, uint32_t(p.cuda.gpus.size())));
  }
  if (auto python = j.value("python", Json()); python.is_object()) p.python.push_back(python_proof(python));
  return p;
}

/// The patches over a healthy machine, one after the other.
inline World observed_world(const std::string& base, std::initializer_list<Json> patches) {
  std::string driver = "550.54.14";
  for (auto& patch : patches) driver = patch.value("driver", driver);
  auto j = healthy(base, driver == "none" ? "550.54.14" : driver);
  for (auto& patch : patches) j.merge_patch(patch);
  j["gpu"] = j["gpus"][0];
  World w;
  w.machine = machine(j);
  w.machine.origin = "recorded";
  w.machine.gpus.clear();
  for (auto& name : j["gpus"])
    w.machine.gpus.push_back(gpu(name, "gpu" + std::to_string(w.machine.gpus.size())));
  w.machine.wsl |= base == "wsl";
  for (auto& [id, subject_json] : j["subjects"].items()) {
    w.subjects.push_back(subject(subject_json));
    auto& s = w.subjects.back();
    s.id = id;
    if (s.kind == Subject::Kind::distribution || s.kind == Subject::Kind::build) s.environment = "/venv";
    for (auto& path : subject_json.value("replaced", Json::array()))
      s.unread.push_back({path, {}, {"gap.file-replaced"}});
    for (auto& g : subject_json.value("overwritten", Json::array()))
      s.unread.push_back(
          {g["path"], {}, {"gap.file-overwritten", {{"name", g["name"]}, {"version", g["version"]}}}});
    for (auto& g : subject_json.value("stale", Json::array()))
      s.unread.push_back(
          {g["path"], {}, {"gap.stale-description", {{"name", s.name}, {"version", g["version"]}}}});
    const auto damaged = subject_json.value("damaged", Json::object());
    for (auto& [path, gap] : damaged.items()) s.unread.push_back({path, {}, {gap}});
    for (auto& path : subject_json.value("gone", Json::array()))
      s.unread.push_back({path, {}, {"gap.file-missing"}});
  }
  w.observed = observed(j["observed"]);
  if (j.contains("probed")) w.probed = probed(j["probed"]);
  if (!j["loads"].empty()) {
    Loads process;
    process.subject = j.value("loads_of", "s0");
    process.start = j.value("start", "/venv/bin/python3");
    process.framework = j.value("framework", "");
    for (auto& [name, words] : j["loads"].items()) process.loads.push_back(load(name, words));
    w.loads.push_back(std::move(process));
  }
  return w;
}

/// All of tests/judge/causes/*.json.
/// "cause other-cause ": the findings in their order.
inline std::string causes_of(const Report& report) {
  std::string all;
  for (auto& f : report.findings) all += f.cause + ' ';
  return all;
}

inline std::vector<Json> cause_cases() {
  std::vector<Json> cases;
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/tests/judge/causes")) {
    std::ifstream in(entry.path());
    for (auto& c : Json::parse(in)) cases.push_back(c);
  }
  return cases;
}

}  // namespace cufit::testing
