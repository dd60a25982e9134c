// Knowledge: what cufit knows about GPUs, drivers, toolkits and error codes, as pure look-ups. The tables are
// constants of the program; `with_directories` lays rows of the user's files over them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/version.h"
#include "knowledge/build_rows.h"
#include "knowledge/cause_rows.h"
#include "knowledge/loading_rows.h"
#include "knowledge/message_rows.h"
#include "knowledge/rows.h"
#include "model/machine.h"

namespace cufit {

/// All tables, each sorted by id (toolkits by version, drivers by number, errors by code).
struct Tables {
  std::string_view date;  ///< "2026-11-25": newest date of the files
  List<GpuRow> gpus;
  List<ChipRow> chips;
  List<ToolkitRow> toolkits;
  List<PtxTargetRow> ptx_targets;
  List<FamilyRow> families;
  List<DriverRow> drivers;
  List<ForwardCompatRow> forward_compat;
  List<ErrorRow> errors;
  List<RoleRow> roles;
  List<BuildRow> builds;
  List<TritonRow> tritons;
  List<LoadingRow> loading;
  List<CauseRow> causes;
  List<CombinationRow> combinations;
  List<MessageRow> messages;
  List<XidRow> xids;

  /// The one list of the tables, for what is done to each of them.
  static constexpr auto members() {
    return std::tuple(&Tables::gpus, &Tables::chips, &Tables::toolkits, &Tables::ptx_targets,
                      &Tables::families, &Tables::drivers, &Tables::forward_compat, &Tables::errors,
                      &Tables::roles, &Tables::builds, &Tables::tritons, &Tables::causes,
                      &Tables::combinations, &Tables::loading, &Tables::messages, &Tables::xids);
  }
};

/// Three-valued: `unknown` where the tables do not settle it.
enum class Answer : uint8_t { yes, no, unknown };

/// The drivers that know a chip, or a set of chips about which the same must hold.
struct DriverWindow {
  enum class Fit : uint8_t {
    too_old,  ///< the driver predates the chip (DRV-5)
    unsure,   ///< between "surely too old" and "surely known"
    knows,
    too_new,  ///< the driver's branch has dropped the chip (DRV-6)
  };
  DriverVersion not_before;          ///< surely too old below; empty: no floor known, nothing is refused
  DriverVersion known_from;          ///< surely known from here; empty as above
  uint32_t last_branch = 0;          ///< number of the last branch that knows it; 0: none has dropped it
  uint32_t last_windows_branch = 0;  ///< the same as the highest major number that the branch has on Windows
  bool floor_known = false;          ///< false for Tegra and for hardware that is not in the tables
  Fit fit(const Version& driver, Machine::Platform) const;
  bool operator==(const DriverWindow&) const = default;
};

/// The branch a driver version belongs to.
struct BranchMatch {
  const DriverRow* row =
      nullptr;            ///< its branch, or the nearest lower one; null if older than every branch here
  bool in_table = false;  ///< false: this branch is not in the table, `row` is only the nearest lower one
};

/// Driver CUDA of a driver version.
struct DriverCuda {
  std::optional<Cuda> cuda;     ///< absent if older than every branch in the table
  bool is_lower_bound = false;  ///< the branch is not in the table, or its releases disagree: at least `cuda`
  const DriverRow* row = nullptr;  ///< where the number comes from
};

/// The least driver that runs programs of a CUDA version: up to 10 that of this very release (DRV-3), from 11
/// on one for the whole major (DRV-2).
struct ToolkitFloor {
  DriverVersion driver;             ///< empty if the row names none (Windows floor of 13.x)
  const ToolkitRow* row = nullptr;  ///< where the number comes from
};

class Knowledge {
 public:
  /// The tables compiled in. Costs nothing.
  static const Knowledge& builtin();

  /// The compiled tables with the rows of all *.toml files of these directories laid over, in order: a row
  /// with the same id replaces. A directory that does not exist is an error. Errors name file and line.
  static Result<Knowledge> with_directories(std::span<const std::string> directories);

  /// $XDG_DATA_HOME/cufit or ~/.local/share/cufit; empty if neither variable is set. Existence is not
  /// checked.
  static std::string user_directory();

  constexpr explicit Knowledge(const Tables& tables) : tables_(tables) {}
  Knowledge(const Tables& tables, std::shared_ptr<const void> owner)
      : tables_(tables), owner_(std::move(owner)) {}

  const Tables& tables() const { return tables_; }
  std::string_view date() const { return tables_.date; }

  // Rows by id; null if there is none. Ids as rows have them: "a800-sxm4-80gb", "AD102", "12.4", "90a",
  // "R470".
  const GpuRow* gpu(std::string_view id) const;
  const ChipRow* chip(std::string_view id) const;  ///< any case
  const ToolkitRow* toolkit(Cuda version) const;
  const PtxTargetRow* ptx_target(Sm target) const;
  const DriverRow* driver_branch(std::string_view id) const;  ///< "R470", "r470" or "470"
  const ForwardCompatRow* forward_compat(std::string_view id) const;
  const BuildRow* build(std::string_view id) const;
  const ErrorRow* error(uint32_t code) const;
  const CauseRow* cause(std::string_view id) const;
  const MessageRow* message(std::string_view id) const;
  const XidRow* xid(std::string_view number) const;
  /// Errors whose runtime code was `code` in programs of CUDA 10.0 and older (48 -> 209).
  std::vector<const ErrorRow*> legacy_runtime_errors(uint32_t code) const;

  // Drivers.
  BranchMatch branch_of(const Version& driver, Machine::Platform) const;
  DriverCuda driver_cuda(const Version& driver, Machine::Platform) const;
  /// Long-term and production branches that are not past their end at the knowledge date, long-term ones
  /// first, then newest first.
  std::vector<const DriverRow*> maintained_branches() const;
  bool is_maintained(const DriverRow&) const;

  // Toolkits.
  /// Nothing for a version whose major (before 11: whose minor) is not in the table.
  std::optional<ToolkitFloor> toolkit_floor(Cuda toolkit, Machine::Platform) const;
  /// First driver whose CUDA is at least `cuda`: the native driver of that toolkit.
  std::optional<DriverVersion> native_driver(Cuda cuda, Machine::Platform) const;

  // PTX.
  /// PTX ISA of a CUDA version's compiler and of the JIT in a driver of that CUDA version.
  std::optional<Isa> ptx_isa(Cuda) const;
  /// Lowest CUDA version in the table whose PTX ISA is at least `isa`; nothing if it is newer than the table.
  std::optional<Cuda> first_cuda_with_isa(Isa isa) const;
  std::optional<Isa> min_isa(Sm ptx_target) const;
  /// Does a JIT of CUDA version `jit` compile PTX of this target for this GPU (PTX-1, -3, -4, -5)? Says
  /// nothing of the ISA, nor whether that driver knows the GPU.
  Answer ptx_target_accepts(Sm ptx_target, Sm gpu, Cuda jit) const;

  // Hardware.
  /// Does SASS of a target with suffix f run on this GPU (SASS-5)?
  Answer runs_family_sass(Sm f_target, Sm gpu) const;
  /// Is this a compute capability of Tegra chips only (SASS-2)?
  bool is_tegra(Sm) const;
  std::vector<const ChipRow*> chips_with(Sm cc) const;
  DriverWindow window(const ChipRow&) const;
  /// What holds whichever of these chips it is: refused below the lowest floor, known from the highest on.
  DriverWindow window(std::span<const ChipRow* const>) const;

  // Files.
  /// Role of a file by its name (directories are ignored); core if no pattern matches. `row` gets the row
  /// that says so.
  Role role_of(std::string_view path, const RoleRow** row = nullptr) const;

 private:
  Tables tables_;
  std::shared_ptr<const void> owner_;  ///< memory of rows that were read at run time
};

}  // namespace cufit
