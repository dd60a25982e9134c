#include "collect/probe.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/write.h"
#include "carried.h"
#include "collect/child_process.h"
#include "collect/probe_dialogue.h"
#include "collect/root.h"

namespace cufit::collect {
namespace {

struct Cubin {
  Sm target;
  const unsigned char *begin, *end;
};

/// GPUs of Tegra chips: they run machine code that was made for them, and not that of their major.
constexpr std::array<Sm, 5> kTegra = {{{5, 3, {}}, {6, 2, {}}, {7, 2, {}}, {8, 7, {}}, {10, 1, {}}}};

/// The kernel of apps/probe/kernel as machine code that this GPU runs; empty if none is carried.
Bytes cubin_for(const Sm& gpu) {
  static const std::array<Cubin, 9> all = {{{{3, 5, {}}, cufit_sm_35_begin, cufit_sm_35_end},
                                            {{5, 0, {}}, cufit_sm_50_begin, cufit_sm_50_end},
                                            {{6, 0, {}}, cufit_sm_60_begin, cufit_sm_60_end},
                                            {{7, 0, {}}, cufit_sm_70_begin, cufit_sm_70_end},
                                            {{8, 0, {}}, cufit_sm_80_begin, cufit_sm_80_end},
                                            {{9, 0, {}}, cufit_sm_90_begin, cufit_sm_90_end},
                                            {{10, 0, {}}, cufit_sm_100_begin, cufit_sm_100_end},
                                            {{11, 0, {}}, cufit_sm_110_begin, cufit_sm_110_end},
                                            {{12, 0, {}}, cufit_sm_120_begin, cufit_sm_120_end}}};
  if (std::ranges::find(kTegra, gpu) != kTegra.end()) return {};
  for (auto& cubin : all)
    if (cubin.target.major == gpu.major && cubin.target.minor <= gpu.minor) return {cubin.begin, cubin.end};
  return {};
}

Bytes ptx() { return {cufit_ptx_begin, cufit_ptx_end}; }

Proof proof_of(Proof::What what, std::string of = {}, std::string file = {}) {
  Proof proof;
  proof.what = what;
  proof.of = std::move(of);
  proof.file = std::move(file);
  return proof;
}

/// Signals are for the threads of the program; those of the probe pass none on and die of none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

void ask_nvml(const ProbeOptions& options, ProbeClock::time_point since, int stop, NvmlAnswers& answers) {
  NvmlHearing hearing(answers);
  ProbeDialogue(std::string_view("nvml"), options.env, options, since, stop, hearing).listen();
}

/// Asks, and lets the GPUs do something.
class CudaProbe {
 public:
  CudaProbe(const ProbeOptions& options, ProbeClock::time_point since, int stop, CudaAnswers& answers)
      : options_(options), since_(since), stop_(stop), answers_(answers), env_(options.env) {
    // What is to be compiled is to be compiled, and nothing of ours is to stay.
    env_["CUDA_CACHE_DISABLE"] = "1";
  }

  /// `images` waits until the caller gives them; nothing: he has gone. A child that ends at one GPU leaves
  /// those behind it to another one.
  void run(const std::function<const ImagesFor*()>& images) {
    size_t ended_at = ask(answers_, 0, images);
    while (ended_at + 1 < answers_.gpus.size()) {
      CudaAnswers again;
      size_t first = ended_at + 1;
      ended_at = ask(again, first, images);
      if (again.gpus.size() != answers_.gpus.size()) return;
      for (size_t d = first; d < again.gpus.size(); d++)
        answers_.gpus[d].proofs = std::move(again.gpus[d].proofs);
    }
  }

 private:
  /// One child, which is to prove the GPUs from `first` on. At which it ended; none: the number of GPUs.
  size_t ask(CudaAnswers& answers, size_t first, const std::function<const ImagesFor*()>& images) {
    CudaHearing hearing(answers);
    ProbeDialogue child(options_.init ? "cuda" : "version", env_, options_, since_, stop_, hearing);
    size_t ended_at = prove_from(first, child, hearing, answers.gpus, images);
    since_ = child.since();
    return ended_at;
  }

  size_t prove_from(size_t first, ProbeDialogue& child, CudaHearing& hearing, std::vector<CudaGpu>& gpus,
                    const std::function<const ImagesFor*()>& images) {
    if (!child.listen() || !options_.init) return gpus.size();
    for (size_t d = first; d < gpus.size(); d++)
      if (!prove_kernels(child, hearing, d, gpus[d])) return d;
    child.rest();
    const ImagesFor* of = images();
    for (size_t d = first; of && *of && d < gpus.size(); d++)
      if (!prove_images(child, hearing, d, gpus[d], *of)) return d;
    child.command(kWireEnd);
    return gpus.size();
  }

  /// False: the child has ended.
  bool prove(ProbeDialogue& child, CudaHearing& hearing, size_t d, CudaGpu& gpu, Proof what, WireOp op,
             Bytes code = {}) {
    hearing.prove(d, std::move(what));
    bool waits = child.command(op, d, code);
    // The driver does not give the device: nothing was tried.
    if (gpu.proofs.back().call.empty()) gpu.proofs.pop_back();
    return waits;
  }

  bool prove_kernels(ProbeDialogue& child, CudaHearing& hearing, size_t d, CudaGpu& gpu) {
    using What = Proof::What;
    if (!prove(child, hearing, d, gpu, proof_of(What::context), kWireContext)) return false;
    if (!hearing.worked()) return true;
    if (!prove(child, hearing, d, gpu, proof_of(What::ptx), kWireRun, ptx())) return false;
    Bytes cubin = gpu.sm ? cubin_for(*gpu.sm) : Bytes();
    return cubin.empty() || prove(child, hearing, d, gpu, proof_of(What::sass), kWireRun, cubin);
  }

  static bool worked(const CudaGpu& gpu, Proof::What what) {
    auto at = std::ranges::find(gpu.proofs, what, &Proof::what);
    return at != gpu.proofs.end() && at->code && *at->code == 0;
  }

  bool prove_images(ProbeDialogue& child, CudaHearing& hearing, size_t d, CudaGpu& gpu, const ImagesFor& of) {
    if (!worked(gpu, Proof::What::context)) return true;
    // Where our PTX is not compiled, that of others is not to blame (and R580 without its compiler crashes at
    // the second one).
    bool compiles = worked(gpu, Proof::What::ptx);
    child.rest();
    for (auto& image : of(gpu)) {
      if (image.is_compiled && !compiles) continue;
      auto proof = proof_of(Proof::What::image, image.of, image.file);
      if (!prove(child, hearing, d, gpu, std::move(proof), kWireLoad, image.bytes)) return false;
    }
    return true;
  }

  const ProbeOptions& options_;
  ProbeClock::time_point since_;
  int stop_;
  CudaAnswers& answers_;
  Variables env_;
};

}  // namespace

struct Probe::State {
  ProbeOptions options;
  ProbeClock::time_point since = ProbeClock::now();
  Probed probed;
  Fd stop_reads, stop_writes;  ///< a pipe; that something is in it is the sign to stop

  std::mutex mutex;
  std::condition_variable changed;
  const ImagesFor* images = nullptr;  ///< once the caller waits
  bool stopped = false;

  std::thread nvml, cuda;

  /// What to load, once the caller has said it; null: he never will.
  const ImagesFor* wait_for_images() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return images || stopped; });
    return stopped ? nullptr : images;
  }

  void wait() {
    for (auto* thread : {&nvml, &cuda})
      if (thread->joinable()) thread->join();
  }

  void stop() {
    std::lock_guard lock(mutex);
    stopped = true;
    // Not its end: a child of another thread may hold a copy of it.
    if (stop_writes) write_all(*stop_writes, "x");
    changed.notify_all();
  }
};

namespace {

/// A thread that cannot be had (RLIMIT_NPROC) asks nothing, and that is told.
void start(std::thread& thread, Asking& asking, std::function<void()> work) {
  try {
    thread = std::thread(std::move(work));
  } catch (const std::system_error& error) {
    asking.end = Asking::End::not_started;
    asking.how = error_name(error.code().value());
  }
}

}  // namespace

Probe::Probe(ProbeOptions options) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.options = std::move(options);
  if (int ends[2]; pipe2(ends, O_CLOEXEC) == 0) {
    s.stop_reads = Fd(ends[0]);
    s.stop_writes = Fd(ends[1]);
  }
  NoSignals none;  // threads inherit that
  start(s.nvml, s.probed.nvml.asking, [&s] { ask_nvml(s.options, s.since, *s.stop_reads, s.probed.nvml); });
  start(s.cuda, s.probed.cuda.asking, [&s] {
    CudaProbe(s.options, s.since, *s.stop_reads, s.probed.cuda).run([&s] { return s.wait_for_images(); });
  });
}

Probe::~Probe() {
  state_->stop();
  state_->wait();
}

void Probe::wait_for_release(std::chrono::milliseconds limit) { ChildProcess::bury(limit); }

Probed Probe::finish(const ImagesFor& images) {
  auto& s = *state_;
  {
    std::lock_guard lock(s.mutex);
    s.images = &images;
    s.changed.notify_all();
  }
  s.wait();
  return std::move(s.probed);
}

}  // namespace cufit::collect
