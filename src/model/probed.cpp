#include "model/probed.h"

#include <algorithm>

namespace cufit {

const DriverCall* call_of(const Asking& asking, std::string_view name, std::string_view on) {
  auto is_it = [&](auto& c) { return c.name == name && (on.empty() || c.on == on); };
  auto at = std::ranges::find_if(asking.calls, is_it);
  return at == asking.calls.end() ? nullptr : &*at;
}

bool cuda_works(const Probed& probed) {
  return probed.cuda.init && *probed.cuda.init == 0 && probed.cuda.count && *probed.cuda.count > 0;
}

bool lists_all(const CudaAnswers& cuda) { return cuda.count && cuda.gpus.size() == *cuda.count; }

bool nvml_works(const Probed& probed) { return probed.nvml.init && *probed.nvml.init == 0; }

std::string name_of(const NvmlGpu& gpu) { return gpu.name ? *gpu.name : std::to_string(gpu.index); }
std::string name_of(const CudaGpu& gpu) { return gpu.name ? *gpu.name : std::to_string(gpu.ordinal); }

}  // namespace cufit
