// Which GPUs a program gets: of those that this process was given (model/observed.h: given_gpus) those that
// CUDA lists, and of these what CUDA_VISIBLE_DEVICES leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "judge/causes.h"
#include "judge/visible.h"

namespace cufit {

class MachineView;

struct Listing {
  /// By GPU of the machine: is it one that a program sees, or would see if what is wrong with it were mended?
  /// Yes for all where the variable leaves none: each verdict says that then.
  std::vector<Answer> visible;
  std::vector<std::string_view> hidden_by;  ///< by GPU: the id of a note that says why it is not visible
  Evidence open = {};                       ///< why `visible` is unknown somewhere, or `first`

  Visibility first = Visibility::visible;  ///< what the variable leaves at all
  /// The variable names MIG instances alone, and the machine has some. Whether these, no file tells.
  bool by_instance = false;
  /// By GPU: its number in the order of the bus, with nothing hidden. Nothing: not listed, or not known.
  std::vector<std::optional<uint32_t>> number;
  /// The process has only so many of them, and nobody can tell which.
  std::optional<size_t> some_given = {};
};

/// Not listed are GPUs with a fault that makes them no device (100), those that the driver does not drive,
/// and beside a MIG instance whole GPUs (https://docs.nvidia.com/datacenter/tesla/mig-user-guide/: CUDA
/// enumerates one compute instance, and no non-MIG GPU with it). Where none is surely listed, all that may be
/// are, or all: that is told as what it is, and says nothing about the variable.
Listing list_devices(const Machine&, const Observed&, std::span<const FoundCause>, const Knowledge&);

/// What the driver answered in place of what files and the variable say: those are visible that CUDA lists.
void take_answer(Listing&, const MachineView&);

/// Do the numbers of CUDA follow the bus? Else the fastest is first, by a rule that is not published.
bool numbered_by_bus(const Machine&);

}  // namespace cufit
