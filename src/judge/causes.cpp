#include "judge/causes.h"

#include <algorithm>

#include "judge/driver_answers.h"
#include "judge/machine_view.h"

namespace cufit {

const std::string* argument(const CauseArgs& args, std::string_view name) {
  auto at = std::ranges::find(args, name, [](auto& a) { return std::string_view(a.first); });
  return at == args.end() ? nullptr : &at->second;
}

bool FoundCause::is_on(const GpuId& gpu) const {
  return gpus.empty() || std::ranges::find(gpus, gpu) != gpus.end();
}

std::vector<FoundCause> find_faults_of_files(const Machine& machine, std::span<const Subject> subjects,
                                             std::span<const Loads> loads, const Files& files,
                                             const Knowledge& knowledge) {
  const Observed nothing;
  const CauseFacts facts = {machine, nothing, subjects, loads, files, knowledge};
  MachineView view(facts);
  std::vector<FoundCause> all;
  find_library_causes(view, all);
  find_file_causes(view, all);
  std::ranges::stable_sort(all, {}, &FoundCause::stage);
  return all;
}

std::vector<FoundCause> find_faults(const CauseFacts& facts) {
  MachineView view(facts);
  std::vector<FoundCause> all;
  find_container_causes(view, all);
  find_libcuda_causes(view, all);
  find_kernel_causes(view, all);
  find_device_causes(view, all);
  find_package_causes(view, all);
  find_library_causes(view, all);
  find_loaded_stubs(view, all);
  find_file_causes(view, all);
  find_toolchain_causes(view, all);
  if (facts.probed) join_driver_answers(view, all);
  std::ranges::stable_sort(all, {}, &FoundCause::stage);
  return all;
}

}  // namespace cufit
