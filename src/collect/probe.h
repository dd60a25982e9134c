// Probe: asks the driver what only calls tell. NVML and the CUDA driver API answer in a child each
// (apps/probe, carried in this program), because a driver may crash, hang or never end: here that is a fact.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/probed.h"
#include "model/subject.h"
#include "model/variables.h"

namespace cufit::collect {

struct ProbeOptions {
  Variables env;  ///< of the children: what a program that uses the GPU is started with
  std::chrono::milliseconds call = usual_call_deadline;  ///< for one call
  std::chrono::milliseconds all{30'000};  ///< for everything, both children together, from the start to the
                                          ///< last image; but for what the caller takes to give the images
  /// Start CUDA, and run kernels of ours on every GPU; else only its version is asked, which takes no time.
  bool init = true;
};

/// GPU code of a subject, as its runtime would hand it to the driver: a fat binary or a cubin.
struct ProofImage {
  SubjectId of;
  std::string file;
  std::vector<uint8_t> bytes;
  bool is_compiled = false;  ///< the driver has to compile it: PTX
};

/// What to load on a GPU once it is known. Called in a thread of the probe.
using ImagesFor = std::function<std::vector<ProofImage>(const CudaGpu&)>;

/// The children start at once and are asked beside whatever the caller does meanwhile.
class Probe {
 public:
  explicit Probe(ProbeOptions);
  ~Probe();  ///< ends the children

  /// Waits until they are done, or their time is over (then they are killed, and one that cannot die is left
  /// behind). `images` are loaded last, if CUDA was started.
  Probed finish(const ImagesFor& images = {});

  /// After finish(): waits until what the children held of the GPUs is free again, or the time is over.
  static void wait_for_release(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cufit::collect
