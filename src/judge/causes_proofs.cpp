// What was to run on a GPU and did not: a context, kernels of ours, GPU code of the subjects.
#include <algorithm>

#include "judge/call_causes.h"
#include "judge/driver_answers.h"

namespace cufit {

namespace {

FactRef proofs_of(const CudaGpu& gpu) {
  return "probed.cuda.gpus." + std::to_string(gpu.ordinal) + ".proofs";
}

/// No memory for a context, or for a kernel. That others hold it is known where NVML lists them, or little is
/// free; a limit of the process comes to the same error.
void find_full_memory(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                      std::vector<FoundCause>& out) {
  constexpr uint64_t little = 1 << 30, part = 50;  // bytes, or 2 % of all
  auto* told = same_gpu(v.facts.probed->nvml, gpu);
  auto n = told && told->processes ? told->processes->size() : 0;
  bool roomy = told && told->memory_free && told->memory && *told->memory_free > *told->memory / 2;
  bool full = told && told->memory_free &&
              (*told->memory_free < little || (told->memory && *told->memory_free < *told->memory / part));
  if (roomy) n = 0;  // who holds so little is not in the way: a limit of the process or of its host is
  const char* id = n > 0  ? "cause.oom-other-process.called"
                   : full ? "cause.oom-other-process.full"
                          : "cause.oom-other-process.open";
  auto text = called(v, id, proof.call, *proof.code);
  text.args.emplace_back("gpu", name_of(gpu, v.facts.probed->cuda));
  if (n > 0) text.args.emplace_back("n", std::to_string(n));
  if (n == 0 && full) text.args.emplace_back("free", std::to_string(*told->memory_free >> 20));
  auto cause = fault(v.facts, "oom-other-process", Stage::calls, cuda_error::out_of_memory, std::move(text),
                     {proofs_of(gpu), "probed.nvml.gpus"});
  if (n == 0 && !full) leave_open(cause);
  place(std::move(cause), v, gpu, out);
}

/// 46 where the mode is known: "prohibited" has a cause of its own, and "default" forbids nothing.
const char* words_of_unavailable(const MachineView& v, const CudaGpu& gpu) {
  auto* told = same_gpu(v.facts.probed->nvml, gpu);
  auto& mode = told && told->compute_mode ? told->compute_mode : gpu.compute_mode;
  if (!mode) return "cause.exclusive-process-mode.called";
  return *mode == "default"      ? "cause.exclusive-process-mode.default"
         : *mode == "prohibited" ? "cause.exclusive-process-mode.prohibited"
                                 : "cause.exclusive-process-mode.called";
}

void find_failed_context(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                         std::vector<FoundCause>& out) {
  auto code = *proof.code;
  if (code == cuda_error::out_of_memory) return find_full_memory(v, gpu, proof, out);
  const char* id = code == cuda_error::unavailable     ? "exclusive-process-mode"
                   : code == cuda_error::uncorrectable ? "ecc-uncorrectable"
                                                       : "driver-refuses";
  const char* text_id = code == cuda_error::unavailable     ? words_of_unavailable(v, gpu)
                        : code == cuda_error::uncorrectable ? "evidence.call-failed-on"
                                                            : "cause.driver-refuses.on-gpu";
  auto text = called(v, text_id, proof.call, code);
  if (text.id == "cause.exclusive-process-mode.prohibited") text.args.clear();
  text.args.emplace_back("gpu", name_of(gpu, v.facts.probed->cuda));
  bool by_default = text.id == "cause.exclusive-process-mode.default";
  place(fault(v.facts, by_default ? "driver-refuses" : id, Stage::calls, int(code), std::move(text),
              {proofs_of(gpu)}),
        v, gpu, out);
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
    return place(fault(v.facts, "gpu-computes-wrong", Stage::calls, 0,
                       {"cause.gpu-computes-wrong.found", {{"gpu", name_of(gpu, v.facts.probed->cuda)}}},
                       {proofs_of(gpu)}),
                 v, gpu, out);
  auto code = *proof.code;
  if (code == 0) return;
  auto text = called(v, "evidence.call-failed-on", proof.call, code);
  text.args.emplace_back("gpu", name_of(gpu, v.facts.probed->cuda));
  // The verdicts of what holds PTX follow from the variable; these two stop nothing else, and are about all
  // GPUs.
  auto by_jit = [&](const char* id) {
    if (!has(out, id)) out.push_back(found(v.facts, id, std::move(text), {proofs_of(gpu)}));
  };
  if (proof.what == Proof::What::ptx && code == cuda_error::no_jit_library) return by_jit("ptx-jit-missing");
  if (proof.what == Proof::What::ptx && code == cuda_error::jit_disabled) return by_jit("ptx-jit-disabled");
  if (code == cuda_error::out_of_memory) return find_failed_context(v, gpu, proof, out);
  if (proof.what == Proof::What::ptx && has(out, "ptx-jit-missing")) return;
  text.id = "cause.driver-refuses.on-gpu";
  if (runs_nothing(gpu)) {
    auto* id = code == cuda_error::uncorrectable ? "ecc-uncorrectable" : "driver-refuses";
    if (code == cuda_error::uncorrectable) text.id = "evidence.call-failed-on";
    return place(fault(v.facts, id, Stage::calls, int(code), std::move(text), {proofs_of(gpu)}), v, gpu, out);
  }
  auto cause = found(v.facts, "driver-refuses", std::move(text), {proofs_of(gpu)});
  cause.severity = Severity::warning;
  place(std::move(cause), v, gpu, out);
}

/// Errors that speak of the code that was to be loaded (cuda.h): what it is, for what, of which version.
bool is_of_code(uint32_t code) {
  using namespace cuda_error;
  constexpr uint32_t all[] = {invalid_value, invalid_image, no_binary,
                              invalid_ptx,   ptx_too_new,   invalid_source};
  return std::ranges::find(all, code) != std::end(all);
}

/// A full GPU, one without its compiler or with an error of its memory is no fault of the code.
void find_failed_while_loading(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                               std::vector<FoundCause>& out) {
  auto code = *proof.code;
  if (code == 0 || code == cuda_error::out_of_memory || code == cuda_error::no_jit_library ||
      code == cuda_error::jit_disabled || has(out, "driver-refuses"))
    return;
  bool ecc = code == cuda_error::uncorrectable;
  auto text = called(v, ecc ? "evidence.call-failed-on" : "cause.driver-refuses.on-gpu", proof.call, code);
  text.args.emplace_back("gpu", name_of(gpu, v.facts.probed->cuda));
  auto cause =
      found(v.facts, ecc ? "ecc-uncorrectable" : "driver-refuses", std::move(text), {proofs_of(gpu)});
  if (!ecc) cause.severity = Severity::warning;
  place(std::move(cause), v, gpu, out);
}

/// GPU code whose header says that it fits, and which the driver does not take.
void find_refused_image(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                        std::vector<FoundCause>& out) {
  if (runs_nothing(gpu)) return;
  auto* ended = std::get_if<Unreadable>(&proof.code.is);
  if (ended ? is_to_blame(v.facts.probed->cuda.asking) != Answer::yes : !proof.code) return;
  auto code = ended ? 0 : *proof.code;
  if (!ended && !is_of_code(code)) return find_failed_while_loading(v, gpu, proof, out);
  auto text = called(v, ended ? "cause.image-refused.ended" : "cause.image-refused.found", proof.call, code);
  if (ended) text.args = {{"call", proof.call}, {"how", ended->why}};
  text.args.emplace_back("file", proof.file);
  text.args.emplace_back("gpu", name_of(gpu, v.facts.probed->cuda));
  auto cause = fault(v.facts, "image-refused", Stage::calls, int(code), std::move(text), {proofs_of(gpu)});
  cause.subjects = {proof.of};
  place(std::move(cause), v, gpu, out);
}

/// Another child than the first met its end there, and is told of by its proof alone.
void find_later_end(const MachineView& v, const CudaGpu& gpu, const Proof& proof,
                    std::vector<FoundCause>& out) {
  auto& cuda = v.facts.probed->cuda;
  auto* ended = std::get_if<Unreadable>(&proof.code.is);
  bool crashed = ended && ended->why == reason_of(Asking::End::crashed);
  bool hung = ended && ended->why == reason_of(Asking::End::hung);
  if ((!crashed && !hung) || number_in_call(cuda.asking, cuda.count) == gpu.ordinal) return;
  bool of_first = std::ranges::none_of(cuda.gpus, [&](auto& g) {
    return g.ordinal < gpu.ordinal && !g.proofs.empty() &&
           std::holds_alternative<Unreadable>(g.proofs.back().code.is);
  });
  if (of_first || (proof.what == Proof::What::ptx && has(out, "ptx-jit-missing"))) return;
  auto* text = crashed ? "cause.driver-crashes.found" : "cause.driver-hangs.found";
  CauseArgs args = {{"call", proof.call}, {"how", ended->why}};
  if (crashed) args.emplace_back("library", cuda.asking.library);
  auto cause = fault(v.facts, crashed ? "driver-crashes" : "driver-hangs", Stage::calls, 0, {text, args},
                     {proofs_of(gpu)});
  if (is_to_blame(cuda.asking) != Answer::yes) leave_open(cause);
  place(std::move(cause), v, gpu, out);
}

}  // namespace

void find_failed_proofs(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& gpu : v.facts.probed->cuda.gpus)
    for (auto& proof : gpu.proofs) {
      if (proof.what == Proof::What::image)
        find_refused_image(v, gpu, proof, out);
      else
        find_later_end(v, gpu, proof, out);
      if (!proof.code) continue;
      if (proof.what == Proof::What::context && *proof.code != 0)
        find_failed_context(v, gpu, proof, out);
      else if (proof.what == Proof::What::ptx || proof.what == Proof::What::sass)
        find_failed_kernel(v, gpu, proof, out);
    }
}

}  // namespace cufit
