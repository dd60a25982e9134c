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

  /// `images` waits until the caller gives them; nothing: he has gone.
  void run(const std::function<const ImagesFor*()>& images) {
    CudaHearing hearing(answers_);
    ProbeDialogue child(options_.init ? "cuda" : "version", env_, options_, since_, stop_, hearing);
    if (!child.listen() || !options_.init) return;
    size_t devices = answers_.gpus.size();
    for (size_t d = 0; d < devices; d++)
      if (!prove_kernels(child, hearing, d)) return;
    child.rest();
    const ImagesFor* of = images();
    for (size_t d = 0; of && *of && d < devices; d++)
      if (!prove_images(child, hearing, d, *of)) return;
    child.command(kWireEnd);
  }

 private:
  /// False: the child has ended.
  bool prove(ProbeDialogue& child, CudaHearing& hearing, size_t d, Proof what, WireOp op, Bytes code = {}) {
    hearing.prove(d, std::move(what));
    bool waits = child.command(op, d, code);
    // The driver does not give the device: nothing was tried.
    auto& proofs = answers_.gpus[d].proofs;
    if (proofs.back().call.empty()) proofs.pop_back();
    return waits;
  }

  bool prove_kernels(ProbeDialogue& child, CudaHearing& hearing, size_t d) {
    using What = Proof::What;
    if (!prove(child, hearing, d, proof_of(What::context), kWireContext)) return false;
    if (!hearing.worked()) return true;
    if (!prove(child, hearing, d, proof_of(What::ptx), kWireRun, ptx())) return false;
    auto& sm = answers_.gpus[d].sm;
    Bytes cubin = sm ? cubin_for(*sm) : Bytes();
    return cubin.empty() || prove(child, hearing, d, proof_of(What::sass), kWireRun, cubin);
  }

  bool prove_images(ProbeDialogue& child, CudaHearing& hearing, size_t d, const ImagesFor& of) {
    auto& proofs = answers_.gpus[d].proofs;
    if (proofs.empty() || !proofs[0].code || *proofs[0].code != 0) return true;  // it has no context
    child.rest();
    for (auto& image : of(answers_.gpus[d])) {
      auto proof = proof_of(Proof::What::image, image.of, image.file);
      if (!prove(child, hearing, d, std::move(proof), kWireLoad, image.bytes)) return false;
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
