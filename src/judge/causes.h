// Root causes that a machine shows of itself: for each a pure condition over facts. Words, remedies and
// sources are rows (data/causes.toml).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit {

/// Where a fault is met when a program starts (the order in which it meets them): its own libraries are
/// loaded, libcuda is found, it pairs with the kernel driver, the module drives the GPU, devices are opened,
/// the fabric is up, the driver does what it is called for. `none`: no program fails for it before it comes to
/// its own code.
enum class Stage : uint8_t { start, libcuda, pairing, module, devices, fabric, calls, none };

/// Names and values, for the words and commands of remedies.
using CauseArgs = std::vector<std::pair<std::string, std::string>>;

/// The value of a name; null if there is none.
const std::string* argument(const CauseArgs&, std::string_view name);

/// A condition that is true, or that a missing fact leaves open.
struct FoundCause {
  std::string id;
  Answer answer = Answer::yes;  ///< yes or unknown
  Confidence confidence = Confidence::high;
  Severity severity = Severity::error;
  Evidence why;  ///< rule: the id; what was seen, and in which facts
  Stage stage = Stage::none;
  int code = 0;                          ///< what CUDA calls come to; 0: nothing by itself
  bool limits = false;                   ///< the subjects run, and not as hoped
  std::vector<GpuId> gpus = {};          ///< empty: all
  std::vector<SubjectId> subjects = {};  ///< empty: all that use CUDA
  CauseArgs args = {};
  bool curable = true;  ///< false: of what usually helps nothing helps here
  bool warns = true;    ///< false: what people usually try in vain is not in vain here

  bool is_on(const GpuId&) const;
  bool stops(const GpuId& gpu) const { return stage != Stage::none && is_on(gpu); }
};

/// All that conditions may read.
struct CauseFacts {
  const Machine& machine;
  const Observed& observed;
  std::span<const Subject> subjects;
  std::span<const Loads> loads;
  const Files& files;
  const Knowledge& knowledge;
  const Probed* probed = nullptr;  ///< what the driver answered; null: nobody asked it
  /// Something was changed after it answered: what it disproved stays disproved, all else is open again.
  bool changed_since = false;
};

/// The causes that lie in the files of environments alone: they hold on any machine, also where nobody looked
/// at one.
std::vector<FoundCause> find_faults_of_files(const Machine&, std::span<const Subject>, std::span<const Loads>,
                                             const Files&, const Knowledge&);

/// Every cause that the facts show, in the order in which a program would meet them. What follows from
/// another one is still in the list.
std::vector<FoundCause> find_faults(const CauseFacts&);

// The groups; each appends what it finds.
class MachineView;
void find_libcuda_causes(const MachineView&, std::vector<FoundCause>&);
void find_kernel_causes(const MachineView&, std::vector<FoundCause>&);
void find_device_causes(const MachineView&, std::vector<FoundCause>&);
void find_container_causes(const MachineView&, std::vector<FoundCause>&);
void find_library_causes(const MachineView&, std::vector<FoundCause>&);
void find_loaded_stubs(const MachineView&, std::vector<FoundCause>&);
void find_file_causes(const MachineView&, std::vector<FoundCause>&);
void find_not_loaded(const MachineView&, const Loads& process, std::vector<FoundCause>&);
void find_package_causes(const MachineView&, std::vector<FoundCause>&);
void find_toolchain_causes(const MachineView&, std::vector<FoundCause>&);

}  // namespace cufit
