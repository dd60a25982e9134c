// Place: where a subject is judged: one GPU with its chip, the driver, the environment variables, and what is
// installed beside it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/driver.h"
#include "judge/jit.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/subject.h"

namespace cufit {

/// Least drivers that were found, by subject: they hold whichever driver the machine has.
struct KeptLeastDrivers {
  std::vector<Version> turning_points;  ///< drivers at which an answer can change; empty: not looked for yet
  std::map<SubjectId, std::optional<Version>> of;
};
class KeptBuilds;
struct FoundCause;
struct Listing;
struct Loads;
struct Observed;

struct Place {
  const Knowledge& knowledge;
  const Machine& machine;
  const Gpu& gpu;
  Sm sm;                                   ///< compute capability of the GPU
  bool tegra = false;                      ///< a Jetson: drivers come with JetPack
  bool arm = false;                        ///< a GPU of Arm machines only; of others the machine tells
  std::vector<const ChipRow*> chips = {};  ///< the GPU's chip, or all with its compute capability
  const GpuRow* board = nullptr;
  std::vector<const GpuRow*> boards = {};  ///< those that the GPU can be: by its name, else all with its chip
  DriverWindow window = {};                ///< drivers that know the chip
  std::optional<DriverView> driver = {};   ///< nothing: no driver was named
  JitSettings jit = {};
  const ForwardCompatRow* compat = nullptr;  ///< the package whose libcuda `driver` is
  std::span<const Subject> installed = {};   ///< all subjects of the world; those of one environment meet
  /// What was found for other questions at this place; null: nothing is kept.
  KeptLeastDrivers* least_drivers = nullptr;
  KeptBuilds* builds = nullptr;
  const Observed* observed = nullptr;               ///< null: nobody looked at the machine
  const std::vector<FoundCause>* faults = nullptr;  ///< what it lacks
  const Listing* listing = nullptr;                 ///< which GPUs a program sees there
  std::span<const Loads> loads = {};                ///< what the loader answered for subjects

  /// The PTX compiler to ask: that of the driver, or any.
  Jit compiler() const { return driver ? driver->jit() : Jit{}; }
  Place with_driver(const Version&) const;
  /// The same GPU and driver in a machine with other variables or without its cuda-compat package; nothing is
  /// kept. The machine must outlive the place.
  Place on(const Machine&) const;
  /// The same with the libcuda and the compiler of a cuda-compat package (FC-12).
  Place with_compat(const ForwardCompatRow&) const;
  /// Is `other` installed in the environment of `subject`?
  static bool beside(const Subject& subject, const Subject& other) {
    return !subject.environment.empty() && subject.environment == other.environment;
  }
};

/// All that judging reads of a board on a machine with this driver, in one line: boards with the same line
/// get the same judgements.
std::string kind_of(const GpuRow& board, const Fact<Version>& driver);

/// Nothing if the compute capability of the GPU is not known.
std::optional<Place> place_of(const Knowledge&, const Machine&, const Gpu&, const Observed* = nullptr);

}  // namespace cufit
