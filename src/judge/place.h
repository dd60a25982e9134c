// Place: where a subject is judged: one GPU with its chip, the driver, and the environment variables.
#pragma once

#include <optional>
#include <vector>

#include "judge/driver.h"
#include "judge/jit.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"

namespace cufit {

struct Place {
  const Knowledge& knowledge;
  const Machine& machine;
  const Gpu& gpu;
  Sm sm;                              ///< compute capability of the GPU
  bool tegra = false;                 ///< a Jetson: drivers come with JetPack
  std::vector<const ChipRow*> chips;  ///< the GPU's chip, or all with its compute capability
  const GpuRow* board = nullptr;
  DriverWindow window;               ///< drivers that know the chip
  std::optional<DriverView> driver;  ///< nothing: no driver was named
  JitSettings jit;

  /// The PTX compiler to ask: that of the driver, or any.
  Jit compiler() const { return driver ? driver->jit() : Jit{}; }
  Place with_driver(const Version&) const;
};

/// Nothing if the compute capability of the GPU is not known.
std::optional<Place> place_of(const Knowledge&, const Machine&, const Gpu&);

}  // namespace cufit
