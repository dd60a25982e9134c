// Calls of the CUDA driver API before a kernel can run: which cause is behind their error, where the files of
// the machine show none.
#include <algorithm>
#include <array>

#include "judge/call_causes.h"
#include "judge/driver_answers.h"
#include "judge/listing.h"

namespace cufit {

namespace {

const char* const asked_cuda = "probed.cuda.asking";

/// Is one of these found already, for all GPUs and programs?
bool is_explained(const std::vector<FoundCause>& all) {
  return std::ranges::any_of(all, [](auto& cause) {
    return is_of_driver(cause) && cause.gpus.empty() && cause.answer == Answer::yes;
  });
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

/// MIG is on where NVML lists GPUs, on each of them: CUDA has instances alone, and finds none.
bool all_are_in_mig(const NvmlAnswers& nvml) {
  return !nvml.gpus.empty() && std::ranges::all_of(nvml.gpus, [](auto& g) { return g.mig && *g.mig; });
}

/// The variable names, by UUID or its beginning, a GPU that NVML lists.
bool names_listed_gpu(const MachineView& v) {
  auto value = v.variable("CUDA_VISIBLE_DEVICES");
  auto first = std::string(value.substr(0, value.find(',')));
  return first.starts_with("GPU-") && std::ranges::any_of(v.facts.probed->nvml.gpus, [&](auto& g) {
           return g.uuid && g.uuid->starts_with(first);
         });
}

/// No GPU, although the driver may have some: what a variable hides, or what CUDA does not take.
void find_no_device(const MachineView& v, uint32_t code, NoDevice said, std::vector<FoundCause>& out) {
  auto& nvml = v.facts.probed->nvml;
  auto& count = nvml.count;
  bool lists = count && *count > 0;
  auto listing = list_devices(v.facts.machine, v.observed, out, v.facts.knowledge);
  auto first = listing.first;
  bool sound = (first == Visibility::visible && !listing.by_instance) || names_listed_gpu(v);
  if (!v.is_set("CUDA_VISIBLE_DEVICES") || sound) {
    if (all_are_in_mig(nvml)) {
      out.push_back(fault(v.facts, "mig-config", Stage::devices, int(code), {"cause.mig-config.none"},
                          {said.fact, "probed.nvml.gpus"}));
      return;
    }
    auto text = lists ? std::move(said.beside_nvml) : std::move(said.alone);
    if (lists) text.args.emplace_back("n", std::to_string(*count));
    out.push_back(fault(v.facts, "driver-refuses", Stage::calls, int(code), std::move(text),
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

/// 802 is said of a fabric: not of one that NVML says is up, nor where it knows of none and no NVSwitch is
/// seen.
bool is_no_fabric(const MachineView& v) {
  auto& gpus = v.facts.probed->nvml.gpus;
  auto is = [&](auto holds) { return !gpus.empty() && std::ranges::all_of(gpus, holds); };
  return is([](auto& g) { return g.fabric && *g.fabric == "completed"; }) ||
         (!v.has_nvswitch() && is([](auto& g) { return looked_and_absent(g.fabric); }));
}

/// 803 and 804 are said of a libcuda that is not of the kernel driver's release: not of one that is.
bool is_own_libcuda(const MachineView& v) {
  auto& kernel = v.observed.kernel.loaded;
  auto& answered = v.facts.probed->cuda.asking.library;
  auto lib = std::ranges::find(v.observed.libraries, answered, &DriverLibrary::real);
  return kernel && lib != v.observed.libraries.end() && lib->kind == DriverLibrary::Kind::driver &&
         lib->version && *lib->version == *kernel;
}

bool is_disproved(const MachineView& v, uint32_t code) {
  return (code == cuda_error::not_ready && is_no_fabric(v)) ||
         ((code == cuda_error::driver_mismatch || code == cuda_error::compat_unsupported) &&
          is_own_libcuda(v));
}

/// Errors of cuInit that name their cause.
struct InitError {
  uint32_t code;
  const char* cause;
  Stage stage;
};
constexpr std::array init_errors = {
    InitError{cuda_error::stub_library, "stub-libcuda-loaded", Stage::libcuda},
    InitError{cuda_error::not_ready, "fabric-manager-down", Stage::fabric},
    InitError{cuda_error::driver_mismatch, "forward-compat-mismatch", Stage::pairing},
    InitError{cuda_error::compat_unsupported, "forward-compat-unsupported", Stage::pairing},
    InitError{cuda_error::uncorrectable, "ecc-uncorrectable", Stage::devices},
};

void find_failed_init(const MachineView& v, uint32_t code, std::vector<FoundCause>& out) {
  if (code == cuda_error::no_device || code == cuda_error::bad_device)
    return find_no_device(v, code, refused(v, code), out);
  auto add = [&](const char* id, Stage stage, const char* text) -> FoundCause& {
    return out.emplace_back(
        fault(v.facts, id, stage, int(code), called(v, text, "cuInit", code), {"probed.cuda.init"}));
  };
  auto row = std::ranges::find(init_errors, code, &InitError::code);
  if (row != init_errors.end() && !is_disproved(v, code)) {
    add(row->cause, row->stage, "evidence.call-failed");
    return;
  }
  // The nodes are there and open, NVML is well: the state of the module is not. Of a container nobody knows
  // whether its host ever sleeps.
  auto* uvm = v.node("/dev/nvidia-uvm");
  if (code == cuda_error::unknown && !v.container && nvml_works(*v.facts.probed) && uvm && uvm->opens &&
      *uvm->opens)
    add("uvm-stale-after-suspend", Stage::calls, "cause.uvm-stale-after-suspend.called").confidence =
        Confidence::medium;
  else
    add("driver-refuses", Stage::calls, "cause.driver-refuses.found");
}

/// Something is found of it that stops programs there.
bool is_explained(const std::optional<GpuId>& gpu, const std::vector<FoundCause>& all) {
  return gpu && std::ranges::any_of(all, [&](auto& cause) {
           return is_of_driver(cause) && cause.answer == Answer::yes && cause.is_on(*gpu);
         });
}

/// CUDA counts a GPU, and does not give it.
void find_not_given(const MachineView& v, std::vector<FoundCause>& out) {
  auto& cuda = v.facts.probed->cuda;
  for (auto& gpu : cuda.gpus) {
    auto* call = call_of(cuda.asking, "cuDeviceGet", std::to_string(gpu.ordinal));
    if (!call || !call->code || *call->code == 0 || is_explained(v.gpu_of(gpu), out)) continue;
    auto text = called(v, "cause.driver-refuses.on-gpu", call->name, *call->code);
    text.args.emplace_back("gpu", name_of(gpu, cuda));
    place(fault(v.facts, "driver-refuses", Stage::calls, int(*call->code), std::move(text), {asked_cuda}), v,
          gpu, out);
  }
}

/// GPUs that NVML lists and CUDA does not, where no variable says so: nothing runs there.
void find_unlisted(const MachineView& v, std::vector<FoundCause>& out) {
  auto& [nvml, cuda, python] = *v.facts.probed;
  if (!cuda_works(*v.facts.probed) || !lists_all(cuda) || v.is_set("CUDA_VISIBLE_DEVICES") ||
      !v.observed.mig.empty())
    return;
  for (auto& gpu : nvml.gpus) {
    auto is_it = [&](auto& other) {
      return (other.uuid && gpu.uuid && *other.uuid == *gpu.uuid) ||
             (other.address && gpu.address && *other.address == *gpu.address);
    };
    bool unclear = !gpu.uuid || std::ranges::any_of(cuda.gpus, [](auto& g) { return !g.uuid; });
    if (unclear || (gpu.mig && *gpu.mig) || std::ranges::any_of(cuda.gpus, is_it)) continue;
    if (is_explained(v.gpu_of(gpu), out)) continue;
    auto cause =
        found(v.facts, "driver-refuses", {"cause.driver-refuses.not-listed", {{"gpu", name_of(gpu, nvml)}}},
              {"probed.cuda.gpus", "probed.nvml.gpus"});
    cause.severity = Severity::warning;
    place(std::move(cause), v, gpu, out);
  }
}

/// The driver met its end in a proof that explains it: while it loaded GPU code of a subject, or while a
/// compiler of PTX that is damaged or not its own compiled.
bool is_explained_by_proof(const CudaAnswers& cuda, const std::vector<FoundCause>& all) {
  auto explains = [&](const Proof& p) {
    if (!std::holds_alternative<Unreadable>(p.code.is)) return false;
    return p.what == Proof::What::image || (p.what == Proof::What::ptx && has(all, "ptx-jit-missing"));
  };
  return std::ranges::any_of(cuda.gpus, [&](auto& g) { return std::ranges::any_of(g.proofs, explains); });
}

}  // namespace

bool may_come_from(const FoundCause& cause, uint32_t code) {
  // What cuInit says of a machine that is not as it should be, whichever fault it is.
  constexpr uint32_t of_any[] = {cuda_error::not_initialized, cuda_error::no_device, cuda_error::bad_device,
                                 cuda_error::unknown};
  auto row = std::ranges::find(init_errors, code, &InitError::code);
  if (row != init_errors.end() && cause.id == row->cause) return true;
  return cause.code == int(code) || std::ranges::find(of_any, code) != std::end(of_any);
}

void find_failed_calls(const MachineView& v, std::vector<FoundCause>& out) {
  auto& cuda = v.facts.probed->cuda;
  if (!is_explained(out)) {
    if (!is_explained_by_proof(cuda, out)) find_end(v, cuda, asked_cuda, "libcuda.so.1", true, out);
    if (cuda.init && *cuda.init != 0) find_failed_init(v, *cuda.init, out);
    if (cuda.init && *cuda.init == 0 && cuda.count && *cuda.count == 0)
      find_no_device(v, cuda_error::no_device, none_counted(), out);
    auto* count = call_of(cuda.asking, "cuDeviceGetCount");
    if (count && count->code && *count->code != 0)
      out.push_back(fault(v.facts, "driver-refuses", Stage::calls, int(*count->code),
                          called(v, "cause.driver-refuses.found", count->name, *count->code), {asked_cuda}));
    find_not_given(v, out);
  }
  find_unlisted(v, out);
}

}  // namespace cufit
