// Calls of the driver that failed: which cause is behind the error, where the files of the machine show none.
#include <algorithm>
#include <array>
#include <type_traits>

#include "base/number.h"
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
    return is_of_driver(cause) && cause.gpus.empty() && cause.answer == Answer::yes;
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

/// The number of the GPU, of several, that the call was about in which the child met its end.
std::optional<size_t> number_in_call(const Asking& asking, const Fact<uint32_t>& count) {
  if (!count || *count < 2 || asking.calls.empty() || asking.calls.back().name != asking.in)
    return std::nullopt;
  return whole_number<uint32_t>(asking.calls.back().on);
}

/// A library of the driver in which a call ended the child, or did not end. Programs need that of CUDA.
template <class Answers>
void find_broken(const MachineView& v, const Answers& answers, const char* fact,
                 std::vector<FoundCause>& out) {
  constexpr bool decides = std::is_same_v<Answers, CudaAnswers>;
  auto& asking = answers.asking;
  auto blame = is_to_blame(asking);
  if (blame == Answer::no) return;
  bool hung = asking.end == Asking::End::hung, sure = blame == Answer::yes;
  const char* text_id = hung ? (sure ? "cause.driver-hangs.found" : "cause.driver-hangs.cut-off")
                             : (sure ? "cause.driver-crashes.found" : "cause.driver-crashes.killed");
  bool between = asking.in.empty() && !asking.calls.empty(), opened = !asking.library.empty();
  Text text = {text_id,
               {{"call", between ? asking.calls.back().name : asking.in},
                {"how", asking.how},
                {"library", opened    ? asking.library
                            : decides ? "libcuda.so.1"
                                      : "libnvidia-ml.so.1"}}};
  auto* id = hung ? "driver-hangs" : "driver-crashes";
  auto cause = decides ? fault(v.facts, id, Stage::fabric, 0, std::move(text), {fact})
                       : found(v.facts, id, std::move(text), {fact});
  if (!decides) cause.severity = Severity::warning;
  if (!sure) leave_open(cause);
  auto on = number_in_call(asking, answers.count);
  if (on && *on < answers.gpus.size()) return place(std::move(cause), v, answers.gpus[*on], out);
  if (on) leave_open(cause);
  out.push_back(std::move(cause));
}

/// How CUDA said that there is no GPU: by an error of cuInit, or by a count of none.
struct NoDevice {
  const char* fact;
  Text alone, beside_nvml;                 ///< beside_nvml: NVML lists {n}
  Text with_variable, both_with_variable;  ///< CUDA_VISIBLE_DEVICES is {value}
};

NoDevice refused(const MachineView& v, uint32_t code) {
  auto say = [&](const char* id) { return called(v, id, "cuInit", code); };
  return {"probed.cuda.init", say("cause.driver-refuses.found"), say("cause.driver-refuses.no-device"),
          say("cause.cuda-visible-devices-bad.alone"), say("cause.cuda-visible-devices-bad.called")};
}

NoDevice none_counted() {
  return {"probed.cuda.count",
          {"cause.driver-refuses.none"},
          {"cause.driver-refuses.none-listed"},
          {"cause.cuda-visible-devices-bad.none"},
          {"cause.cuda-visible-devices-bad.none-listed"}};
}

/// No GPU, although the driver may have some: what a variable hides, or what CUDA does not take.
void find_no_device(const MachineView& v, uint32_t code, NoDevice said, std::vector<FoundCause>& out) {
  auto& count = v.facts.probed->nvml.count;
  bool lists = count && *count > 0;
  auto listing = list_devices(v.facts.machine, v.observed, out, v.facts.knowledge);
  auto first = listing.first;
  bool sound = first == Visibility::visible && !listing.by_instance;
  if (!v.is_set("CUDA_VISIBLE_DEVICES") || sound) {
    auto text = lists ? std::move(said.beside_nvml) : std::move(said.alone);
    if (lists) text.args.emplace_back("n", std::to_string(*count));
    out.push_back(fault(v.facts, "driver-refuses", Stage::fabric, int(code), std::move(text),
                        {said.fact, "probed.nvml.count"}));
    return;
  }
  auto text = lists ? std::move(said.both_with_variable) : std::move(said.with_variable);
  if (lists) text.args.emplace_back("n", std::to_string(*count));
  text.args.emplace_back("value", v.variable("CUDA_VISIBLE_DEVICES"));
  bool seen = first == Visibility::hidden || first == Visibility::duplicate;
  std::vector<FactRef> facts = {"machine.env.CUDA_VISIBLE_DEVICES", said.fact};
  // Verdicts say by themselves what the rules know of the variable.
  out.push_back(seen ? found(v.facts, "cuda-visible-devices-bad", std::move(text), std::move(facts))
                     : fault(v.facts, "cuda-visible-devices-bad", Stage::devices, int(code), std::move(text),
                             std::move(facts)));
}

/// GPUs that NVML lists and CUDA does not, where no variable says so: nothing runs there.
void find_unlisted(const MachineView& v, std::vector<FoundCause>& out) {
  auto& [nvml, cuda, python] = *v.facts.probed;
  if (!cuda_works(*v.facts.probed) || !lists_all(cuda) || v.is_set("CUDA_VISIBLE_DEVICES") ||
      !v.observed.mig.empty())
    return;
  for (auto& gpu : nvml.gpus) {
    auto is_it = [&](auto& other) { return other.uuid && gpu.uuid && *other.uuid == *gpu.uuid; };
    bool unclear = !gpu.uuid || std::ranges::any_of(cuda.gpus, [](auto& g) { return !g.uuid; });
    if (unclear || (gpu.mig && *gpu.mig) || std::ranges::any_of(cuda.gpus, is_it)) continue;
    auto cause =
        found(v.facts, "driver-refuses", {"cause.driver-refuses.not-listed", {{"gpu", name_of(gpu)}}},
              {"probed.cuda.gpus", "probed.nvml.gpus"});
    cause.severity = Severity::warning;
    place(std::move(cause), v, gpu, out);
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
  if (code == no_device || code == bad_device) return find_no_device(v, code, refused(v, code), out);
  auto row = std::ranges::find(rows, code, &Row::code);
  auto stage = row == rows.end() ? Stage::fabric : row->stage;
  std::string id = row == rows.end() ? "driver-refuses" : row->cause;
  auto text_id = row == rows.end() ? "cause.driver-refuses.found" : "evidence.call-failed";
  // The nodes are there and open, NVML is well: the state of the module is not.
  auto* uvm = v.node("/dev/nvidia-uvm");
  if (code == unknown_error && nvml_works(*v.facts.probed) && uvm && uvm->opens && *uvm->opens) {
    id = "uvm-stale-after-suspend";
    text_id = "cause.uvm-stale-after-suspend.called";
  }
  auto cause = fault(v.facts, id, stage, int(code), called(v, text_id, "cuInit", code), {"probed.cuda.init"});
  if (id == "uvm-stale-after-suspend") cause.confidence = Confidence::medium;
  out.push_back(std::move(cause));
}

/// The same GPU as NVML tells of it; null if it does not, or nobody can tell.
const NvmlGpu* nvml_gpu(const MachineView& v, const CudaGpu& gpu) {
  for (auto& n : v.facts.probed->nvml.gpus)
    if (n.uuid && gpu.uuid && *n.uuid == *gpu.uuid) return &n;
  return nullptr;
}

FactRef proofs_of(const CudaGpu& gpu) {
  return "probed.cuda.gpus." + std::to_string(gpu.ordinal) + ".proofs";
}

/// No memory for a context, or for a kernel. That others hold it is known where NVML lists them, or little is
/// free; a limit of the process comes to the same error.
void find_full_memory(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                      std::vector<FoundCause>& out) {
  constexpr uint64_t little = 1 << 30, part = 50;  // bytes, or 2 % of all
  auto* told = nvml_gpu(v, gpu);
  auto n = told && told->processes ? told->processes->size() : 0;
  bool full = told && told->memory_free &&
              (*told->memory_free < little || (told->memory && *told->memory_free < *told->memory / part));
  const char* id = n > 0  ? "cause.oom-other-process.called"
                   : full ? "cause.oom-other-process.full"
                          : "cause.oom-other-process.open";
  auto text = called(v, id, proof.call, *proof.code);
  text.args.emplace_back("gpu", name_of(gpu));
  if (n > 0) text.args.emplace_back("n", std::to_string(n));
  if (n == 0 && full) text.args.emplace_back("free", std::to_string(*told->memory_free >> 20));
  auto cause = fault(v.facts, "oom-other-process", Stage::fabric, out_of_memory, std::move(text),
                     {proofs_of(gpu), "probed.nvml.gpus"});
  if (n == 0 && !full) leave_open(cause);
  place(std::move(cause), v, gpu, out);
}

void find_failed_context(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                         std::vector<FoundCause>& out) {
  auto code = *proof.code;
  if (code == out_of_memory) return find_full_memory(v, gpu, proof, out);
  const char* id = code == unavailable     ? "exclusive-process-mode"
                   : code == uncorrectable ? "ecc-uncorrectable"
                                           : "driver-refuses";
  const char* text_id = code == unavailable     ? "cause.exclusive-process-mode.called"
                        : code == uncorrectable ? "evidence.call-failed-on"
                                                : "cause.driver-refuses.on-gpu";
  auto text = called(v, text_id, proof.call, code);
  text.args.emplace_back("gpu", name_of(gpu));
  place(fault(v.facts, id, Stage::fabric, int(code), std::move(text), {proofs_of(gpu)}), v, gpu, out);
}

/// A kernel of ours that does not run, where a context could be made.
bool is_kernel(const Proof& proof) {
  return proof.what == Proof::What::ptx || proof.what == Proof::What::sass;
}

/// Kernels of ours were tried there, and none came to its end: nothing else will run either, and no package
/// is to blame.
bool runs_nothing(const CudaGpu& gpu) {
  auto works = [](auto& p) { return is_kernel(p) && p.code && *p.code == 0; };
  return std::ranges::any_of(gpu.proofs, is_kernel) && std::ranges::none_of(gpu.proofs, works);
}

void find_failed_kernel(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                        std::vector<FoundCause>& out) {
  if (proof.right && !*proof.right)
    return place(fault(v.facts, "gpu-computes-wrong", Stage::fabric, 0,
                       {"cause.gpu-computes-wrong.found", {{"gpu", name_of(gpu)}}}, {proofs_of(gpu)}),
                 v, gpu, out);
  auto code = *proof.code;
  if (code == 0) return;
  auto text = called(v, "evidence.call-failed-on", proof.call, code);
  text.args.emplace_back("gpu", name_of(gpu));
  // The verdicts of what holds PTX follow from the variable; these two stop nothing else, and are about all
  // GPUs.
  auto by_jit = [&](const char* id) {
    if (!has(out, id)) out.push_back(found(v.facts, id, std::move(text), {proofs_of(gpu)}));
  };
  if (proof.what == Proof::What::ptx && code == no_jit_library) return by_jit("ptx-jit-missing");
  if (proof.what == Proof::What::ptx && code == jit_disabled) return by_jit("ptx-jit-disabled");
  if (code == out_of_memory) return find_failed_context(v, gpu, proof, out);
  if (proof.what == Proof::What::ptx && has(out, "ptx-jit-missing")) return;
  text.id = "cause.driver-refuses.on-gpu";
  if (runs_nothing(gpu)) {
    auto* id = code == uncorrectable ? "ecc-uncorrectable" : "driver-refuses";
    if (code == uncorrectable) text.id = "evidence.call-failed-on";
    return place(fault(v.facts, id, Stage::fabric, int(code), std::move(text), {proofs_of(gpu)}), v, gpu,
                 out);
  }
  auto cause = found(v.facts, "driver-refuses", std::move(text), {proofs_of(gpu)});
  cause.severity = Severity::warning;
  place(std::move(cause), v, gpu, out);
}

/// GPU code whose header says that it fits, and which the driver does not take.
void find_refused_image(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                        std::vector<FoundCause>& out) {
  if (runs_nothing(gpu)) return;
  auto* ended = std::get_if<Unreadable>(&proof.code.is);
  if (ended ? is_to_blame(v.facts.probed->cuda.asking) != Answer::yes : !proof.code) return;
  auto code = ended ? 0 : *proof.code;
  // A full GPU, or one without its compiler, is no fault of the code.
  if (!ended && (code == 0 || code == out_of_memory || code == no_jit_library || code == jit_disabled))
    return;
  auto text = called(v, ended ? "cause.image-refused.ended" : "cause.image-refused.found", proof.call, code);
  if (ended) text.args = {{"call", proof.call}, {"how", ended->why}};
  text.args.emplace_back("file", proof.file);
  text.args.emplace_back("gpu", name_of(gpu));
  auto cause = fault(v.facts, "image-refused", Stage::fabric, int(code), std::move(text), {proofs_of(gpu)});
  cause.subjects = {proof.of};
  place(std::move(cause), v, gpu, out);
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
  find_broken(v, nvml, asked_nvml, out);
  auto add = [&](const char* id, Text text) {
    if (has(out, id)) return;
    auto cause = found(v.facts, id, std::move(text), {asked_nvml});
    if (works) cause.severity = Severity::warning;
    out.push_back(std::move(cause));
  };
  if (nvml.asking.end == Asking::End::no_library && (works || v.module_loaded() == Answer::yes))
    return add("nvml-missing", {"cause.nvml-missing.called", {{"error", nvml.asking.how}}});
  // Where CUDA was asked and does not work, why it does not says more.
  bool asked = !is_absent(v.facts.probed->cuda.init);
  if (!nvml.init || *nvml.init == 0 || (asked && !works)) return;
  auto code = *nvml.init;
  Text text = {"evidence.nvml-failed", {{"call", nvml.init.from.where}, {"code", std::to_string(code)}}};
  if (code == nvml_mismatch) return add("nvml-driver-library-mismatch", std::move(text));
  if (code == nvml_not_loaded || code == nvml_no_permission || code == nvml_gpu_is_lost ||
      code == nvml_unknown)
    return add("nvml-fails", std::move(text));
}

}  // namespace

void find_failed_calls(const MachineView& v, std::vector<FoundCause>& out) {
  auto& cuda = v.facts.probed->cuda;
  if (!is_explained(out)) {
    if (!ended_in_image(cuda)) find_broken(v, cuda, asked_cuda, out);
    if (cuda.init && *cuda.init != 0) find_failed_init(v, *cuda.init, out);
    if (cuda.init && *cuda.init == 0 && cuda.count && *cuda.count == 0)
      find_no_device(v, no_device, none_counted(), out);
    auto* count = call_of(cuda.asking, "cuDeviceGetCount");
    if (count && count->code && *count->code != 0)
      out.push_back(fault(v.facts, "driver-refuses", Stage::fabric, int(*count->code),
                          called(v, "cause.driver-refuses.found", count->name, *count->code), {asked_cuda}));
  }
  find_unlisted(v, out);
  find_failed_proofs(v, out);
  find_failed_nvml(v, out);
}

}  // namespace cufit
