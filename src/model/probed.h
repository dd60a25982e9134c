// What the driver answered when it was asked: NVML and the CUDA driver API, each in a child process of its
// own (apps/probe). A call that crashed, hung or lied is a fact with a reason; what came before it stands.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "model/fact.h"
#include "model/sm.h"

namespace cufit {

/// One call of the driver's user space.
struct DriverCall {
  std::string name;     ///< "cuInit", "nvmlDeviceGetHandleByIndex_v2"
  std::string on;       ///< the device that it was about, by its number: "0"; empty: none
  Fact<uint32_t> code;  ///< what it returned: CUresult or nvmlReturn_t. Unreadable: "no symbol", or reason_of
  uint32_t micros = 0;  ///< how long it took
  bool operator==(const DriverCall&) const = default;
};

/// How the asking of one library went.
struct Asking {
  enum class End : uint8_t {
    not_asked,
    done,         ///< it came to its end, whatever the calls returned
    no_library,   ///< dlopen found none; `how` is what the loader said
    crashed,      ///< `how` is the signal: "SIGSEGV"; or "exit 3" of a library that ends the process
    hung,         ///< a deadline passed; `how` says which: "5 s for one call", "30 s in all"
    garbled,      ///< what came over the pipe was no answer
    flooded,      ///< it said more than is taken
    not_started,  ///< no child could be started; `how` is why: "ENOENT", "noexec"
  };
  End end = End::not_asked;
  std::string in;  ///< the call in which it ended, unless it is done: "cuInit"
  std::string how;
  std::string library;              ///< the file that answered, behind all links
  std::vector<DriverCall> calls;    ///< in their order
  std::vector<std::string> mapped;  ///< shared objects in the child at its end, by path, behind all links
  uint32_t micros = 0;              ///< from its start to its end
  bool operator==(const Asking&) const = default;
};

/// Fact::why of what was being asked when the asking ended so: "crashed", "hung", "flooded", "garbage", "not
/// started", "no library"; empty if it was asked to its end, or not at all.
std::string_view reason_of(Asking::End);

/// A deadline, as Asking::how names it: "10 s", "300 ms".
std::string deadline_words(std::chrono::milliseconds);

/// What one call gets if nobody says otherwise: what takes longer never ends.
constexpr std::chrono::milliseconds usual_call_deadline{10'000};
/// Asking::how of a call that did not end in this time: "10 s for one call".
std::string call_deadline_words(std::chrono::milliseconds);
/// A call hung, and had at least the usual time.
bool had_its_time(const Asking&);

/// The first call of this name, about this device if one is named; null if it was not made.
const DriverCall* call_of(const Asking&, std::string_view name, std::string_view on = {});

/// A process that uses a GPU, as NVML lists it. In a container others are hidden, or have no name.
struct GpuProcess {
  uint32_t pid = 0;
  Fact<uint64_t> memory;  ///< bytes; absent under MIG and WSL
  std::string name;       ///< base name of its program; empty: not seen
  bool operator==(const GpuProcess&) const = default;
};

/// A GPU as NVML tells. Sources: the name of the call. Absent from a call: "not supported" here.
struct NvmlGpu {
  uint32_t index = 0;
  Fact<std::string> name;     ///< "NVIDIA A800-SXM4-80GB"
  Fact<std::string> uuid;     ///< "GPU-..."; pseudonym in a redacted recording
  Fact<std::string> address;  ///< "0000:3b:00.0"
  Fact<uint32_t> minor;       ///< N of /dev/nvidiaN
  Fact<Sm> sm;
  Fact<uint64_t> memory, memory_free;  ///< bytes
  Fact<bool> mig, persistence, ecc;
  Fact<std::string> compute_mode;  ///< "default", "exclusive-process", "prohibited"
  Fact<uint64_t> ecc_uncorrected;  ///< since the driver was loaded
  Fact<uint64_t> remapped_rows;    ///< for uncorrectable errors
  Fact<bool> remap_pending, remap_failed;
  Fact<uint32_t> sm_clock, sm_clock_max, memory_clock, memory_clock_max;  ///< MHz
  Fact<std::vector<std::string>> clock_reasons;  ///< why clocks are low now: "gpu-idle", "sw-power-cap"
  Fact<uint32_t> pcie_generation, pcie_generation_max, pcie_width, pcie_width_max;
  Fact<uint32_t> power, power_limit;  ///< milliwatts
  Fact<uint32_t> temperature;         ///< degrees Celsius
  Fact<uint32_t> nvlinks;             ///< that are up
  Fact<uint32_t> nvlink_rate;         ///< of all links that are up, one direction, in MB/s
  Fact<std::string> fabric;           ///< "completed", "in-progress", "not-started"; absent: no fabric
  Fact<std::string> recovery;         ///< what it needs: "none", "reset", "reboot", "drain-p2p",
                                      ///< "drain-and-reset"
  Fact<std::vector<GpuProcess>> processes;
  bool operator==(const NvmlGpu&) const = default;
};

/// Two GPUs that are to reach each other's memory.
struct GpuPair {
  uint32_t a = 0, b = 0;   ///< indexes of NVML
  Fact<std::string> p2p;   ///< reads: "ok", "chipset-not-supported", "gpu-not-supported", "disabled",
                           ///< "not-supported", "topology-not-supported"
  Fact<std::string> path;  ///< the nearest common ancestor: "internal", "pix", "pxb", "phb", "node", "sys"
  bool operator==(const GpuPair&) const = default;
};

struct NvmlAnswers {
  Asking asking;
  Fact<Version> driver;  ///< of the kernel driver
  Fact<Version> cuda;    ///< that it supports
  Fact<uint32_t> init;   ///< what nvmlInit_v2, or where there is none nvmlInit, returned
  Fact<uint32_t> count;
  std::vector<NvmlGpu> gpus;
  std::vector<GpuPair> pairs;
  bool operator==(const NvmlAnswers&) const = default;
};

/// Something that ran on a GPU, or did not.
struct Proof {
  enum class What : uint8_t {
    context,  ///< a context of its own
    ptx,      ///< a kernel of ours that the driver compiled
    sass,     ///< the same as machine code
    image,    ///< GPU code of a subject, loaded as its runtime would hand it over
  };
  What what = What::context;
  std::string of;       ///< image: the subject, by its id
  std::string file;     ///< image: where it lies
  std::string call;     ///< the call that failed, or the last one: "cuModuleLoadData"
  Fact<uint32_t> code;  ///< what that call returned; 0: it worked
  Fact<bool> right;     ///< ptx, sass: the numbers came out as they should; absent: it did not come so far
  uint32_t micros = 0;
  bool operator==(const Proof&) const = default;
};

/// A GPU as the CUDA driver API tells: those that a program sees, by its ordinal there.
struct CudaGpu {
  uint32_t ordinal = 0;
  Fact<std::string> name, uuid, address;
  Fact<Sm> sm;
  Fact<uint64_t> memory, memory_free;  ///< bytes; free ones only with a context
  Fact<std::string> compute_mode;
  Fact<bool> integrated;
  std::vector<Proof> proofs;
  bool operator==(const CudaGpu&) const = default;
};

struct CudaAnswers {
  Asking asking;
  Fact<Version> cuda;   ///< of libcuda, asked before cuInit
  Fact<uint32_t> init;  ///< what cuInit returned
  Fact<uint32_t> count;
  std::vector<CudaGpu> gpus;
  bool operator==(const CudaAnswers&) const = default;
};

/// What the interpreter of an environment did with its framework.
struct PythonProof {
  std::string environment;  ///< "/opt/venv"
  std::string framework;    ///< "torch 2.11.0+cu130"
  Asking::End end = Asking::End::not_asked;
  std::string how;       ///< as in Asking; "exit 1"
  Fact<bool> imports;    ///< Unreadable, as those below: the first line of the error, or reason_of
  Fact<std::string> file;     ///< of the module that was imported
  Fact<std::string> version;  ///< that it says of itself: "2.11.0+cu130"
  Fact<bool> available;  ///< it says that it can use a GPU
  Fact<uint32_t> devices;
  Fact<std::string> ran_on;         ///< where the product of two matrices was computed: "cuda:0", "cpu"
  Fact<bool> right;                 ///< it is what the CPU computes
  std::string output;               ///< the end of what it printed
  std::vector<std::string> mapped;  ///< CUDA libraries in the process at its end, by path, behind all links
  uint32_t micros = 0;
  bool operator==(const PythonProof&) const = default;
};

/// All of it. Missing in World: nobody asked the driver.
struct Probed {
  NvmlAnswers nvml;
  CudaAnswers cuda;
  std::vector<PythonProof> python;
  bool operator==(const Probed&) const = default;
};

/// CUDA starts and lists a GPU.
bool cuda_works(const Probed&);
/// It was asked about each GPU that it counted: the child did not end before.
bool lists_all(const CudaAnswers&);
/// NVML starts.
bool nvml_works(const Probed&);

/// What NVML tells of the same GPU, by its UUID; null if it does not, or nobody can tell.
const NvmlGpu* same_gpu(const NvmlAnswers&, const CudaGpu&);

/// "NVIDIA H200", with its place on the bus where another one of the list is called alike: "NVIDIA H200
/// (0000:3b:00.0)". What has no name is called by its number: "GPU 1".
std::string name_of(const NvmlGpu&, const NvmlAnswers&);
std::string name_of(const CudaGpu&, const CudaAnswers&);

}  // namespace cufit
