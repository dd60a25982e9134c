// What the modules of one file come to on one GPU.
#pragma once

#include <vector>

#include "judge/module.h"
#include "model/hidden_code.h"
#include "model/subject.h"
#include "model/verdict.h"

namespace cufit {

/// Modules with the same answer.
struct Share {
  ModuleFit::Offer offer;
  int code = 0;  ///< offer none: the driver's error
  const Rule* rule = nullptr;
  uint32_t modules = 0;
  const Image* image = nullptr;  ///< an example
};

struct Tally {
  std::vector<Share> shares;

  void add(const ModuleFit&, uint32_t count);
  void add(const Tally&);
  uint32_t of(ModuleFit::Offer) const;
  uint32_t running() const;
  /// Do so few modules run that they are no set? NVIDIA's libraries keep an empty kernel or two for every GPU
  /// (cuDNN 9.19: 2 of 1501 modules for 7.0, which it does not serve), and of those that they serve at least
  /// one module in sixty (cuFFT 11.3).
  bool is_token() const;
  uint32_t total() const;  ///< modules with kernels
  Coverage coverage() const;
};

/// One file on one GPU.
struct FileFit {
  const Member* member = nullptr;
  Tally tally;  ///< modules that decide
  /// fits: all run machine code; limited: some compile PTX or lack an image; unfit: none runs; not_asked: no
  /// kernels.
  Axis axis = Axis::not_asked;
  uint32_t newer_ptx = 0;        ///< modules whose machine code fits and whose PTX is newer than the driver
  uint32_t no_kernels_here = 0;  ///< modules that hold kernels only for other GPUs
  uint32_t set_aside = 0;        ///< modules made for other GPUs, which do not count
  const Gap* gap = nullptr;      ///< a place that could not be read and can hide GPU code
  bool uses_sass() const {
    return tally.of(ModuleFit::Offer::native) + tally.of(ModuleFit::Offer::compatible) > 0;
  }
};

/// Modules that were built for a choice of GPUs on purpose, so that lacking this one is no fault of the
/// build.
enum class SetAside : uint8_t {
  none,
  /// Those of architecture-specific code only (9.0a, 10.0f), which exists for instructions that other GPUs do
  /// not have; in files that dispatch, also those made for fewer than half of the GPUs that others serve.
  made_for_others,
};

/// `runtime`: toolkit of the CUDA runtime that the file needs, {} if not known; decides codes.
FileFit fit_file(const Member&, Cuda runtime, SetAside, const Place&);

/// NVIDIA's own libraries: a runnable set of modules is enough.
bool is_set(Role);

}  // namespace cufit
