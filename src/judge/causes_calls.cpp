// Calls of the driver that failed: which cause is behind the error, where the files of the machine show none.
#include <algorithm>
#include <array>

#include "judge/driver_answers.h"
#include "judge/listing.h"
#include "judge/machine_view.h"

namespace cufit {

namespace {

constexpr uint32_t out_of_memory = 2, unavailable = 46, no_device = 100, bad_device = 101,
                   uncorrectable = 214, no_jit_library = 221, jit_disabled = 223, unknown_error = 999;

/// NVML: it met another version of the kernel driver, or no driver (nvmlReturn_t in nvml.h).
constexpr uint32_t nvml_not_loaded = 9, nvml_no_permission = 4, nvml_gpu_is_lost = 15, nvml_mismatch = 18,
                   nvml_unknown = 999;

const char* const asked_cuda = "probed.cuda.asking";
const char* const asked_nvml = "probed.nvml.asking";

/// The call, the number and the name of its error.
CauseArgs words_of(const MachineView& v, const std::string& call, uint32_t code) {
  auto* row = v.facts.knowledge.error(code);
  auto name = row ? std::string(row->driver_name.empty() ? row->runtime_name : row->driver_name) : "?";
  return {{"call", call}, {"code", std::to_string(code)}, {"name", name}};
}

Text called(const MachineView& v, std::string id, const std::string& call, uint32_t code) {
  return {std::move(id), words_of(v, call, code)};
}

/// Is one of these found already, for all GPUs and programs?
bool is_explained(const std::vector<FoundCause>& all) {
  return std::ranges::any_of(all, [](auto& cause) {
    return cause.stage != Stage::none && cause.stage != Stage::start && cause.subjects.empty() &&
           cause.gpus.empty() && cause.answer == Answer::yes;
  });
}

bool has(const std::vector<FoundCause>& all, std::string_view id) {
  return std::ranges::find(all, id, &FoundCause::id) != all.end();
}

/// Does the end of the child speak against the driver? Not where the time in all was over or the user had set
/// a shorter one, and not where somebody else killed it.
Answer is_to_blame(const Asking& asking) {
  constexpr std::string_view usual_limit = "10 s for one call";
  if (asking.end == Asking::End::hung) return asking.how == usual_limit ? Answer::yes : Answer::unknown;
  if (asking.end == Asking::End::crashed) return asking.how == "SIGKILL" ? Answer::unknown : Answer::yes;
  return Answer::no;
}

/// A library of the driver in which a call ended the child, or did not end.
void find_broken(const MachineView& v, const Asking& asking, const char* fact, bool decides,
                 std::vector<FoundCause>& out) {
  auto blame = is_to_blame(asking);
  if (blame == Answer::no) return;
  bool hung = asking.end == Asking::End::hung, sure = blame == Answer::yes;
  const char* text_id = hung ? (sure ? "cause.driver-hangs.found" : "cause.driver-hangs.cut-off")
                             : (sure ? "cause.driver-crashes.found" : "cause.driver-crashes.killed");
  Text text = {text_id, {{"call", asking.in}, {"how", asking.how}, {"library", asking.library}}};
  auto* id = hung ? "driver-hangs" : "driver-crashes";
  auto cause = decides ? fault(v.facts, id, Stage::fabric, 0, std::move(text), {fact})
                       : found(v.facts, id, std::move(text), {fact});
  if (!decides) cause.severity = Severity::warning;
  if (!sure) leave_open(cause);
  out.push_back(std::move(cause));
}

/// No GPU, although the driver has some: what a variable hides, or what CUDA does not take.
void find_no_device(const MachineView& v, uint32_t code, std::vector<FoundCause>& out) {
  auto value = v.variable("CUDA_VISIBLE_DEVICES");
  auto& nvml = v.facts.probed->nvml;
  auto text = called(v, "cause.driver-refuses.no-device", "cuInit", code);
  text.args.emplace_back("n", nvml.count ? std::to_string(*nvml.count) : "?");
  auto listing = list_devices(v.facts.machine, v.observed, out, v.facts.knowledge);
  auto first = listing.first;
  bool sound = first == Visibility::visible && !listing.by_instance;
  if (!v.is_set("CUDA_VISIBLE_DEVICES") || sound) {
    out.push_back(fault(v.facts, "driver-refuses", Stage::fabric, int(code), std::move(text),
                        {"probed.cuda.init", "probed.nvml.count"}));
    return;
  }
  text.id = "cause.cuda-visible-devices-bad.called";
  text.args.emplace_back("value", value);
  bool seen = first == Visibility::hidden || first == Visibility::duplicate;
  std::vector<FactRef> facts = {"machine.env.CUDA_VISIBLE_DEVICES", "probed.cuda.init"};
  // Verdicts say by themselves what the rules know of the variable.
  out.push_back(seen ? found(v.facts, "cuda-visible-devices-bad", std::move(text), std::move(facts))
                     : fault(v.facts, "cuda-visible-devices-bad", Stage::devices, int(code), std::move(text),
                             std::move(facts)));
}

/// GPUs that NVML lists and CUDA does not, where no variable says so: nothing runs there.
void find_unlisted(const MachineView& v, std::vector<FoundCause>& out) {
  auto& [nvml, cuda, python] = *v.facts.probed;
  if (!cuda_works(*v.facts.probed) || v.is_set("CUDA_VISIBLE_DEVICES") || !v.observed.mig.empty()) return;
  for (auto& gpu : nvml.gpus) {
    auto is_it = [&](auto& other) { return other.uuid && gpu.uuid && *other.uuid == *gpu.uuid; };
    bool unclear = !gpu.uuid || std::ranges::any_of(cuda.gpus, [](auto& g) { return !g.uuid; });
    if (unclear || (gpu.mig && *gpu.mig) || std::ranges::any_of(cuda.gpus, is_it)) continue;
    Text text = {"cause.driver-refuses.not-listed",
                 {{"gpu", gpu.name ? *gpu.name : std::to_string(gpu.index)}}};
    auto cause = found(v.facts, "driver-refuses", std::move(text), {"probed.cuda.gpus", "probed.nvml.gpus"});
    cause.severity = Severity::warning;
    if (auto at = v.gpu_of(gpu)) cause.gpus = {*at};
    out.push_back(std::move(cause));
  }
}

void find_failed_init(const MachineView& v, uint32_t code, std::vector<FoundCause>& out) {
  struct Row {
    uint32_t code;
    const char* cause;
    Stage stage;
  };
  static constexpr std::array rows = {
      Row{34, "stub-libcuda-loaded", Stage::libcuda},
      Row{802, "fabric-manager-down", Stage::fabric},
      Row{803, "forward-compat-mismatch", Stage::pairing},
      Row{804, "forward-compat-unsupported", Stage::pairing},
      Row{uncorrectable, "ecc-uncorrectable", Stage::devices},
  };
  if (code == no_device || code == bad_device) return find_no_device(v, code, out);
  auto row = std::ranges::find(rows, code, &Row::code);
  auto stage = row == rows.end() ? Stage::fabric : row->stage;
  std::string id = row == rows.end() ? "driver-refuses" : row->cause;
  auto text_id = row == rows.end() ? "cause.driver-refuses.found" : "evidence.call-failed";
  // The nodes are there and open, NVML is well: the state of the module is not.
  auto* uvm = v.node("/dev/nvidia-uvm");
  if (code == unknown_error && uvm && uvm->opens && *uvm->opens) {
    id = "uvm-stale-after-suspend";
    text_id = "cause.uvm-stale-after-suspend.called";
  }
  auto cause = fault(v.facts, id, stage, int(code), called(v, text_id, "cuInit", code), {"probed.cuda.init"});
  if (id == "uvm-stale-after-suspend") cause.confidence = Confidence::medium;
  out.push_back(std::move(cause));
}

/// Programs of others that hold memory, as NVML lists them: "python 4711 (78 GiB)".
uint32_t holders_of(const MachineView& v, const CudaGpu& gpu) {
  for (auto& n : v.facts.probed->nvml.gpus)
    if (n.uuid && gpu.uuid && *n.uuid == *gpu.uuid && n.processes) return uint32_t(n.processes->size());
  return 0;
}

void find_failed_context(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                         std::vector<FoundCause>& out) {
  auto code = *proof.code;
  const char* id = code == out_of_memory   ? "oom-other-process"
                   : code == unavailable   ? "exclusive-process-mode"
                   : code == uncorrectable ? "ecc-uncorrectable"
                                           : "driver-refuses";
  std::string text = code == out_of_memory   ? "cause.oom-other-process.called"
                     : code == unavailable   ? "cause.exclusive-process-mode.called"
                     : code == uncorrectable ? "evidence.call-failed-on"
                                             : "cause.driver-refuses.on-gpu";
  auto what = called(v, text, proof.call, code);
  what.args.emplace_back("gpu", gpu.name ? *gpu.name : std::to_string(gpu.ordinal));
  what.args.emplace_back("n", std::to_string(holders_of(v, gpu)));
  auto cause = fault(v.facts, id, Stage::fabric, int(code), std::move(what),
                     {"probed.cuda.gpus." + std::to_string(gpu.ordinal) + ".proofs"});
  if (auto at = v.gpu_of(gpu))
    cause.gpus = {*at};
  else if (v.facts.probed->cuda.gpus.size() > 1)
    leave_open(cause);
  out.push_back(std::move(cause));
}

/// A kernel of ours that does not run, where a context could be made.
void find_failed_kernel(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                        std::vector<FoundCause>& out) {
  FactRef fact = "probed.cuda.gpus." + std::to_string(gpu.ordinal) + ".proofs";
  auto name = gpu.name ? *gpu.name : std::to_string(gpu.ordinal);
  auto at = v.gpu_of(gpu);
  auto add = [&](FoundCause cause) {
    if (at) cause.gpus = {*at};
    out.push_back(std::move(cause));
  };
  if (proof.right && !*proof.right)
    return add(fault(v.facts, "gpu-computes-wrong", Stage::fabric, 0,
                     {"cause.gpu-computes-wrong.found", {{"gpu", name}}}, {fact}));
  auto code = *proof.code;
  if (code == 0) return;
  auto text = called(v, "evidence.call-failed-on", proof.call, code);
  text.args.emplace_back("gpu", name);
  // The verdicts of what holds PTX follow from the variable; these two stop nothing else.
  auto by_jit = [&](const char* id) {
    if (!has(out, id)) add(found(v.facts, id, std::move(text), {fact}));
  };
  if (proof.what == Proof::What::ptx && code == no_jit_library) return by_jit("ptx-jit-missing");
  if (proof.what == Proof::What::ptx && code == jit_disabled) return by_jit("ptx-jit-disabled");
  if (code == out_of_memory) return find_failed_context(v, gpu, proof, out);
  if (proof.what == Proof::What::ptx && has(out, "ptx-jit-missing")) return;
  text.id = "cause.driver-refuses.on-gpu";
  auto cause = found(v.facts, "driver-refuses", std::move(text), {fact});
  cause.severity = Severity::warning;
  add(std::move(cause));
}

/// GPU code whose header says that it fits, and which the driver does not take.
void find_refused_image(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                        std::vector<FoundCause>& out) {
  auto* ended = std::get_if<Unreadable>(&proof.code.is);
  if (ended ? is_to_blame(v.facts.probed->cuda.asking) != Answer::yes : !proof.code) return;
  auto code = ended ? 0 : *proof.code;
  // A full GPU, or one without its compiler, is no fault of the code.
  if (!ended && (code == 0 || code == out_of_memory || code == no_jit_library || code == jit_disabled))
    return;
  auto text = called(v, ended ? "cause.image-refused.ended" : "cause.image-refused.found", proof.call, code);
  if (ended) text.args = {{"call", proof.call}, {"how", ended->why}};
  text.args.emplace_back("file", proof.file);
  text.args.emplace_back("gpu", gpu.name ? *gpu.name : std::to_string(gpu.ordinal));
  auto cause = fault(v.facts, "image-refused", Stage::fabric, int(code), std::move(text),
                     {"probed.cuda.gpus." + std::to_string(gpu.ordinal) + ".proofs"});
  cause.subjects = {proof.of};
  if (auto at = v.gpu_of(gpu)) cause.gpus = {*at};
  out.push_back(std::move(cause));
}

/// The driver met its end while it loaded GPU code of a subject: that is to blame, all else had worked.
bool ended_in_image(const CudaAnswers& cuda) {
  auto ended = [](const Proof& p) {
    return p.what == Proof::What::image && std::holds_alternative<Unreadable>(p.code.is);
  };
  return std::ranges::any_of(cuda.gpus, [&](auto& g) { return std::ranges::any_of(g.proofs, ended); });
}

void find_failed_proofs(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& gpu : v.facts.probed->cuda.gpus)
    for (auto& proof : gpu.proofs) {
      if (proof.what == Proof::What::image) find_refused_image(v, gpu, proof, out);
      if (!proof.code) continue;
      if (proof.what == Proof::What::context && *proof.code != 0)
        find_failed_context(v, gpu, proof, out);
      else if (proof.what == Proof::What::ptx || proof.what == Proof::What::sass)
        find_failed_kernel(v, gpu, proof, out);
    }
}

void find_failed_nvml(const MachineView& v, std::vector<FoundCause>& out) {
  auto& nvml = v.facts.probed->nvml;
  bool works = cuda_works(*v.facts.probed);
  find_broken(v, nvml.asking, asked_nvml, false, out);
  auto add = [&](const char* id, Text text) {
    if (has(out, id)) return;
    auto cause = found(v.facts, id, std::move(text), {asked_nvml});
    if (works) cause.severity = Severity::warning;
    out.push_back(std::move(cause));
  };
  if (nvml.asking.end == Asking::End::no_library && (works || v.module_loaded() == Answer::yes))
    return add("nvml-missing", {"cause.nvml-missing.called", {{"error", nvml.asking.how}}});
  auto* init = call_of(nvml.asking, "nvmlInit_v2");
  if (!init || !init->code || *init->code == 0 || !works) return;  // else why CUDA fails says more
  auto code = *init->code;
  Text text = {"evidence.nvml-failed", {{"call", init->name}, {"code", std::to_string(code)}}};
  if (code == nvml_mismatch) return add("nvml-driver-library-mismatch", std::move(text));
  if (code == nvml_not_loaded || code == nvml_no_permission || code == nvml_gpu_is_lost ||
      code == nvml_unknown)
    return add("nvml-fails", std::move(text));
}

}  // namespace

void find_failed_calls(const MachineView& v, std::vector<FoundCause>& out) {
  auto& cuda = v.facts.probed->cuda;
  if (!is_explained(out)) {
    if (!ended_in_image(cuda)) find_broken(v, cuda.asking, asked_cuda, true, out);
    if (cuda.init && *cuda.init != 0) find_failed_init(v, *cuda.init, out);
    if (cuda.init && *cuda.init == 0 && cuda.count && *cuda.count == 0) find_no_device(v, no_device, out);
  }
  find_unlisted(v, out);
  find_failed_proofs(v, out);
  find_failed_nvml(v, out);
}

}  // namespace cufit
