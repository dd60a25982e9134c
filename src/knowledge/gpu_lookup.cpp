#include "knowledge/gpu_lookup.h"

namespace cufit {

GpuLookup find_gpu(const Knowledge&, std::string_view) { return {}; }

}  // namespace cufit
