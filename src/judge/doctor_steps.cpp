#include "judge/doctor_steps.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.h"
#include "model/cuda_library.h"
#include "model/json_names.h"

namespace cufit {

namespace {

using State = DoctorStep::State;

State state_of(Verdict verdict) {
  static constexpr State states[] = {State::works, State::limited, State::unknown, State::fails};
  return states[size_t(verdict)];
}

/// The worse of two; what was not asked is no worse than anything.
void worsen(State& state, State other) {
  if (other != State::not_asked) state = state == State::not_asked ? other : std::max(state, other);
}

/// "torch 2.11.0+cu130"; where several environments were looked at with the one that it is in.
std::string label(const Report& report, const Subject& s) {
  auto name = s.version.empty() ? s.name : s.name + ' ' + s.version;
  bool elsewhere = std::ranges::any_of(report.subjects, [&](auto& other) {
    return !other.environment.empty() && other.environment != s.environment;
  });
  return elsewhere && !s.environment.empty() ? name + " (" + s.environment + ')' : name;
}

const Subject* subject_of(const Report& report, const SubjectId& id) {
  auto at = std::ranges::find(report.subjects, id, &Subject::id);
  return at == report.subjects.end() ? nullptr : &*at;
}

/// Somebody sees one: the bus, or NVML.
bool has_gpu(const Report& report) {
  bool listed = std::ranges::any_of(report.machine.gpus, [](auto& g) { return g.name || g.sm; });
  return listed || (report.probed && report.probed->nvml.count && *report.probed->nvml.count > 0);
}

/// Its facts are those of the machine or answers of its driver, not of libraries or packages.
bool is_of_driver(const Finding& f) {
  auto of_machine = [](const FactRef& fact) {
    return fact.starts_with("observed.") || fact.starts_with("machine.") || fact.starts_with("probed.nvml") ||
           fact.starts_with("probed.cuda");
  };
  return f.is_of_machine() && !f.why.facts.empty() && std::ranges::all_of(f.why.facts, of_machine);
}

// --- 1 driver ---

Text driver_line(const Report& report) {
  auto& driver = report.machine.driver;
  auto& flavour = report.observed->kernel.flavour;
  // Where no file tells (WSL, a hidden /proc), the driver itself may have.
  auto& probed = report.probed;
  if (!driver.version && probed && probed->nvml.driver)
    return {"screen.driver-cuda",
            {{"driver", probed->nvml.driver->text()},
             {"cuda", probed->nvml.cuda ? probed->nvml.cuda->text() : "?"}}};
  if (!driver.version && probed && cuda_works(*probed))
    return {"doctor.driver-by-cuda", {{"cuda", probed->cuda.cuda ? probed->cuda.cuda->text() : "?"}}};
  if (!driver.version) return {report.machine.wsl ? "screen.driver-of-windows" : "screen.no-driver"};
  std::vector<std::pair<std::string, std::string>> args = {{"driver", driver.version->text()},
                                                           {"cuda", driver.cuda ? driver.cuda->text() : "?"}};
  if (is_jetson(*report.observed)) return {"doctor.driver-jetson", std::move(args)};
  if (!flavour) return {"screen.driver-cuda", std::move(args)};
  return {*flavour == "open" ? "doctor.driver-open" : "doctor.driver-proprietary", std::move(args)};
}

Text returned(const std::string& call, uint32_t code) {
  return {"doctor.returned", {{"call", call}, {"code", std::to_string(code)}}};
}

/// How the asking of a library ended, if it did not come to its end.
void say_end(const Asking& asking, const char* library, std::vector<Text>& says) {
  if (asking.end == Asking::End::done || asking.end == Asking::End::not_asked) return;
  says.push_back({"doctor.ended-" + std::string(name_of(asking.end)),
                  {{"library", library}, {"call", asking.in}, {"how", asking.how}}});
}

std::string gibibytes(uint64_t bytes) {
  auto tenths = bytes / ((uint64_t{1} << 30) / 10);
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

/// "345/1980 MHz"; empty if what it is now is not known.
std::string of_most(const Fact<uint32_t>& now, const Fact<uint32_t>& most, uint32_t part,
                    std::string_view unit) {
  if (!now) return {};
  auto words = std::to_string(*now / part);
  if (most) words += '/' + std::to_string(*most / part);
  return words.append(" ").append(unit);
}

/// How the GPU is now, in numbers that are read alike in every language.
void say_state(const NvmlAnswers& nvml, const NvmlGpu& gpu, std::vector<Text>& says) {
  constexpr uint32_t milliwatts = 1000;
  std::vector<std::string> facts;
  auto add = [&](std::string words) {
    if (!words.empty()) facts.push_back(std::move(words));
  };
  if (gpu.temperature) add(std::to_string(*gpu.temperature) + " °C");
  add(of_most(gpu.power, gpu.power_limit, milliwatts, "W"));
  add(of_most(gpu.sm_clock, gpu.sm_clock_max, 1, "MHz"));
  if (gpu.pcie_generation && gpu.pcie_width)
    add("PCIe " + std::to_string(*gpu.pcie_generation) + " x" + std::to_string(*gpu.pcie_width));
  if (gpu.ecc && *gpu.ecc) add("ECC");
  if (gpu.mig && *gpu.mig) add("MIG");
  if (gpu.nvlinks && *gpu.nvlinks > 0) add(std::to_string(*gpu.nvlinks) + " NVLink");
  if (!facts.empty())
    says.push_back({"doctor.state", {{"gpu", name_of(gpu, nvml)}, {"facts", joined(facts, ", ")}}});
}

void say_memory(const NvmlAnswers& nvml, const NvmlGpu& gpu, std::vector<Text>& says) {
  if (!gpu.memory || !gpu.memory_free) return;
  auto name = name_of(gpu, nvml), free = gibibytes(*gpu.memory_free), all = gibibytes(*gpu.memory);
  if (gpu.processes)
    says.push_back(
        {"doctor.memory",
         {{"gpu", name}, {"free", free}, {"all", all}, {"n", std::to_string(gpu.processes->size())}}});
  else
    says.push_back({"doctor.memory-free", {{"gpu", name}, {"free", free}, {"all", all}}});
}

void say_answers(const Probed& probed, std::vector<Text>& says) {
  auto& cuda = probed.cuda;
  auto& nvml = probed.nvml;
  if (!cuda.asking.library.empty() && cuda.cuda)
    says.push_back({"doctor.library", {{"path", cuda.asking.library}, {"cuda", cuda.cuda->text()}}});
  say_end(cuda.asking, "libcuda.so.1", says);
  if (cuda.init && *cuda.init != 0) says.push_back(returned("cuInit", *cuda.init));
  say_end(nvml.asking, "libnvidia-ml.so.1", says);
  if (nvml.init && *nvml.init != 0) says.push_back(returned(nvml.init.from.where, *nvml.init));
  if (nvml.count && cuda.count)
    says.push_back(
        {"doctor.counts", {{"nvml", std::to_string(*nvml.count)}, {"cuda", std::to_string(*cuda.count)}}});
  for (auto& gpu : nvml.gpus) {
    say_memory(nvml, gpu, says);
    say_state(nvml, gpu, says);
  }
}

State state_of_driver(const Report& report) {
  State state = State::not_asked;
  for (auto& f : report.findings)
    if (is_of_driver(f) && f.severity == "error")
      worsen(state, f.why.says == Verdict::unknown ? State::unknown : State::fails);
  if (state != State::not_asked) return state;
  auto& probed = report.probed;
  if (probed && cuda_works(*probed)) return State::works;
  if (probed && probed->cuda.init) return State::fails;
  // It was to be asked, and gave no answer that could be understood.
  bool unheard = probed && probed->cuda.asking.end != Asking::End::done &&
                 probed->cuda.asking.end != Asking::End::not_asked;
  if (unheard && has_gpu(report)) return State::unknown;
  if (!has_gpu(report)) {
    bool seen = report.observed->pci_seen && *report.observed->pci_seen;
    return seen && !report.machine.wsl ? State::fails : State::unknown;
  }
  if (!probed) return report.machine.driver.version ? State::works : State::unknown;
  // CUDA was not started: NVML has to do.
  return probed->nvml.init && *probed->nvml.init == 0 ? State::works : State::unknown;
}

DoctorStep driver_step(const Report& report) {
  DoctorStep step{"driver", state_of_driver(report), {driver_line(report)}};
  if (!has_gpu(report) && step.state == State::fails) step.says.push_back({"doctor.no-gpu"});
  // Nobody misses a driver where no GPU is; that nobody could be asked is told.
  bool unasked = report.probed && report.probed->cuda.asking.end == Asking::End::not_started;
  if (report.probed && (has_gpu(report) || report.machine.driver.version || unasked))
    say_answers(*report.probed, step.says);
  if (!report.probed && step.state == State::works) step.says.push_back({"doctor.by-files"});
  for (auto& f : report.findings)
    if (is_of_driver(f) && f.severity == "error") step.says.push_back(f.why.text);
  return step;
}

// --- 2 framework ---

/// Everything that is said of it follows from what is wrong with the machine.
bool is_consequence(const Report& report, const Judgement& j) {
  return std::ranges::any_of(report.findings,
                             [&](auto& f) { return is_of_driver(f) && f.why.text == j.why.text; });
}

/// What its own code comes to: a driver that is not there is no fault of it.
State state_of_code(const Report& report, const Subject& s) {
  State state = State::not_asked;
  for (auto& j : report.judgements)
    if (j.subject == s.id)
      worsen(state, !is_consequence(report, j)        ? state_of(j.verdict)
                    : j.image_axis == Axis::not_asked ? State::not_asked
                                                      : state_of(Verdict(j.image_axis)));
  return state;
}

Text framework_line(const Report& report, const Subject& s, State state) {
  static constexpr std::string_view words[] = {"fits", "limited", "unknown", "unfit", "not-judged"};
  std::string id = "doctor.code-" + std::string(words[size_t(state)]);
  auto toolkit = newest_toolkit(s);
  if (!toolkit) return {id, {{"subject", label(report, s)}}};
  return {id + "-built", {{"subject", label(report, s)}, {"cuda", toolkit->text()}}};
}

DoctorStep framework_step(const Report& report) {
  DoctorStep step{"framework", State::not_asked, {}};
  std::vector<std::string> others;
  for (auto& s : report.subjects) {
    auto state = state_of_code(report, s);
    bool without_cuda = s.members.empty() && state == State::limited;  // a build for the CPU
    if (!has_own_code(s) && !without_cuda) {
      others.push_back(label(report, s));
      continue;
    }
    worsen(step.state, state);
    step.says.push_back(framework_line(report, s, state));
  }
  constexpr size_t most = 4;
  if (step.says.empty() && others.empty()) step.says.push_back({"doctor.no-framework"});
  if (step.says.empty()) {
    if (others.size() > most) others.resize(most), others.push_back("...");
    step.says.push_back({"doctor.no-code", {{"names", joined(others, ", ")}}});
  }
  return step;
}

// --- 3 runtime ---

std::string name_of_process(const Report& report, const Loads& process) {
  if (auto* s = subject_of(report, process.subject)) return label(report, *s);
  return process.framework.empty() ? process.start : process.framework;
}

void say_loads(const Report& report, const Loads& process, DoctorStep& step) {
  std::set<std::string> files;
  std::vector<std::string> missing;
  for (auto& l : process.loads) {
    if (l.is_there() && is_cuda_library(base_name(std::string_view(l.name)))) files.insert(l.file());
    if (l.found == Found::not_found && l.stops) missing.push_back(l.name);
  }
  auto name = name_of_process(report, process);
  if (!missing.empty()) {
    worsen(step.state, State::fails);
    return step.says.push_back({"doctor.missing", {{"name", name}, {"names", joined(missing, ", ")}}});
  }
  // What asks for nothing of CUDA says nothing of it.
  if (files.empty()) return;
  worsen(step.state, State::works);
  step.says.push_back({"doctor.loads", {{"name", name}, {"n", std::to_string(files.size())}}});
}

DoctorStep runtime_step(const Report& report) {
  DoctorStep step{"runtime", State::not_asked, {}};
  for (auto& process : report.loads) say_loads(report, process, step);
  for (auto& f : report.findings) {
    bool of_loads = f.is_of_machine() &&
                    std::ranges::any_of(f.why.facts, [](auto& fact) { return fact.starts_with("loads."); });
    if (!of_loads || f.severity == "info") continue;
    worsen(step.state, f.severity == "error" ? State::fails : State::limited);
    step.says.push_back(f.why.text);
  }
  if (step.says.empty()) step.says.push_back({"doctor.no-loads"});
  return step;
}

// --- 4 proof ---

bool holds(const Proof& proof) { return proof.code && *proof.code == 0 && (!proof.right || *proof.right); }

/// The call in which it is decided whether what is proved is there at all; those behind it use it.
bool decides(const Proof& proof) {
  using What = Proof::What;
  return proof.what == What::context
             ? proof.call == "cuDevicePrimaryCtxRetain" || proof.call == "cuCtxCreate_v2"
             : proof.call == "cuModuleLoadData";
}

/// What did not run, and why.
Text failed_proof(const Report& report, const CudaGpu& gpu, const Proof& proof) {
  auto* s = subject_of(report, proof.of);
  std::vector<std::pair<std::string, std::string>> args = {{"gpu", name_of(gpu, report.probed->cuda)},
                                                           {"subject", s ? label(report, *s) : proof.of},
                                                           {"call", proof.call}};
  std::string id = "doctor.proof-" + std::string(name_of(proof.what));
  if (proof.right && !*proof.right) return {id + "-wrong", std::move(args)};
  auto* why = std::get_if<Unreadable>(&proof.code.is);
  args.emplace_back("why", why ? why->why : proof.code ? std::to_string(*proof.code) : "-");
  if (!decides(proof)) return {"doctor.proof-call-failed", std::move(args)};
  return {id + "-failed", std::move(args)};
}

std::string milliseconds(uint64_t micros) {
  auto tenths = (micros + 50) / 100;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

void say_proofs(const Report& report, const CudaGpu& gpu, DoctorStep& step) {
  std::set<Proof::What> good;
  std::vector<std::string> packages;
  uint64_t micros = 0;
  for (auto& proof : gpu.proofs) {
    micros += proof.micros;
    if (!holds(proof)) {
      worsen(step.state, State::fails);
      step.says.push_back(failed_proof(report, gpu, proof));
      continue;
    }
    worsen(step.state, State::works);
    good.insert(proof.what);
    auto* s = subject_of(report, proof.of);
    if (proof.what == Proof::What::image) packages.push_back(s ? label(report, *s) : proof.of);
  }
  bool ran = good.contains(Proof::What::ptx) || good.contains(Proof::What::sass);
  const char* id = good.contains(Proof::What::ptx) && good.contains(Proof::What::sass) ? "doctor.proof-both"
                   : good.contains(Proof::What::ptx)                                   ? "doctor.proof-by-ptx"
                   : ran ? "doctor.proof-by-sass"
                         : "doctor.proof-context";
  if (!good.empty())
    step.says.push_back({id, {{"gpu", name_of(gpu, report.probed->cuda)}, {"ms", milliseconds(micros)}}});
  if (!packages.empty())
    step.says.push_back({"doctor.code-loaded",
                         {{"gpu", name_of(gpu, report.probed->cuda)}, {"names", joined(packages, ", ")}}});
}

/// The last lines that Python printed: what a framework says of its own failure.
void say_printed(const PythonProof& p, std::vector<Text>& says) {
  constexpr size_t most_lines = 4, most_length = 200;
  std::vector<std::string_view> lines;
  for (auto line : split(p.output, '\n'))
    if (!trimmed(line, " \t\r").empty()) lines.push_back(line);
  if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
  for (auto line : lines)
    says.push_back({"doctor.python-printed", {{"line", std::string(line.substr(0, most_length))}}});
}

void say_python(const PythonProof& p, DoctorStep& step) {
  auto say = [&](const char* id, std::string why, State state) {
    worsen(step.state, state);
    step.says.push_back({id, {{"framework", p.framework}, {"why", std::move(why)}}});
  };
  auto why_of = [](auto& fact) {
    auto* unreadable = std::get_if<Unreadable>(&fact.is);
    return unreadable ? unreadable->why : std::string();
  };
  if (p.end == Asking::End::not_started) return say("doctor.python-not-started", p.how, State::not_asked);
  if (p.end == Asking::End::garbled || p.end == Asking::End::flooded)
    return say("doctor.python-ended", p.how.empty() ? std::string(reason_of(p.end)) : p.how, State::unknown);
  if (p.end != Asking::End::done) return say("doctor.python-ended", p.how, State::fails);
  if (!p.imports) return say("doctor.python-import", why_of(p.imports), State::fails);
  if (!why_of(p.available).empty()) return say("doctor.python-asked", why_of(p.available), State::fails);
  if (p.available && !*p.available) return say("doctor.python-unavailable", "", State::fails);
  if (!why_of(p.devices).empty()) return say("doctor.python-asked", why_of(p.devices), State::fails);
  if (!p.right) return say("doctor.python-failed", why_of(p.right), State::fails);
  if (!*p.right) return say("doctor.python-wrong", "", State::fails);
  if (p.ran_on && !p.ran_on->starts_with("cuda"))
    return say("doctor.python-on-cpu", *p.ran_on, State::limited);
  say("doctor.python-right", p.ran_on ? *p.ran_on : "", State::works);
}

DoctorStep proof_step(const Report& report) {
  DoctorStep step{"proof", State::not_asked, {}};
  if (!report.probed) {
    step.says.push_back({"doctor.not-live"});
    return step;
  }
  for (auto& gpu : report.probed->cuda.gpus) say_proofs(report, gpu, step);
  // What was to be proved, and was cut off before the first answer, is not known.
  auto& cuda = report.probed->cuda;
  bool ended = cuda.asking.end != Asking::End::done && cuda.asking.end != Asking::End::not_asked &&
               cuda.asking.end != Asking::End::no_library;
  if (ended && cuda_works(*report.probed) && step.state != State::fails) {
    worsen(step.state, State::unknown);
    step.says.push_back({"doctor.proof-cut-off", {{"how", cuda.asking.how}}});
  }
  for (auto& p : report.probed->python) {
    auto before = step.says.size();
    say_python(p, step);
    bool well = step.says[before].id == "doctor.python-right";
    if (!well) say_printed(p, step.says);
  }
  if (step.says.empty()) step.says.push_back({"doctor.no-proof"});
  return step;
}

}  // namespace

std::vector<DoctorStep> doctor_steps(const Report& report) {
  if (!report.observed) return {};
  return {driver_step(report), framework_step(report), runtime_step(report), proof_step(report)};
}

}  // namespace cufit
