#include "model/probed.h"

#include <algorithm>

namespace cufit {

std::string_view reason_of(Asking::End end) {
  switch (end) {
    case Asking::End::not_asked:
    case Asking::End::done:
      break;
    case Asking::End::no_library:
      return "no library";
    case Asking::End::crashed:
      return "crashed";
    case Asking::End::hung:
      return "hung";
    case Asking::End::garbled:
      return "garbage";
    case Asking::End::flooded:
      return "flooded";
    case Asking::End::not_started:
      return "not started";
  }
  return {};
}

std::string deadline_words(std::chrono::milliseconds time) {
  auto count = time.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

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
