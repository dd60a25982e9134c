// Which GPU does a user mean? Names of nvidia-smi, short names, PCI ids, chips and compute capabilities.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/knowledge.h"

namespace cufit {

/// Boards (or chips, or a bare compute capability) that agree on all that decides: compute capability,
/// platform, and the last driver branch. Floors may differ within one compute capability; `drivers` says what
/// holds for all.
struct GpuCandidate {
  std::string name;  ///< "A800", "GeForce RTX 4090", "AD102", "sm_89"
  Sm sm;
  bool tegra = false;
  bool in_table = true;  ///< false: a compute capability that no row has; judged by rules
  DriverWindow drivers;
  std::vector<const GpuRow*> boards;  ///< empty if no board was named
  std::vector<const ChipRow*> chips;  ///< of the boards, or of the compute capability
  /// The chip, if it is only one and the user did not give a bare compute capability.
  const ChipRow* chip = nullptr;
  /// The board, if it is only one.
  const GpuRow* board() const { return boards.size() == 1 ? boards[0] : nullptr; }
};

/// One candidate: the answer. Several: they differ in what decides, the user must say which. None: unknown.
struct GpuLookup {
  std::vector<GpuCandidate> candidates;
  std::vector<std::string>
      suggestions;  ///< near misses that would be found, best first; only without candidates
};

/// Case, blanks, hyphens and a leading "NVIDIA" do not matter. A slice of a GPU ("... MIG 1g.10gb") and a
/// virtual GPU ("GRID A100-4C") are found as their board.
GpuLookup find_gpu(const Knowledge&, std::string_view query);

}  // namespace cufit
