#include "model/probed.h"

#include <algorithm>

#include "base/number.h"

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

namespace {
constexpr std::string_view for_one_call = " for one call";
}

std::string call_deadline_words(std::chrono::milliseconds time) {
  return deadline_words(time) + std::string(for_one_call);
}

bool had_its_time(const Asking& asking) {
  std::string_view how = asking.how;
  if (asking.end != Asking::End::hung || !how.ends_with(for_one_call)) return false;
  how.remove_suffix(for_one_call.size());
  auto blank = how.find(' ');
  auto count = whole_number<uint32_t>(how.substr(0, blank));
  if (!count || blank == how.npos) return false;
  auto unit = how.substr(blank + 1);
  auto time = unit == "s" ? std::chrono::milliseconds(std::chrono::seconds(*count))
                          : std::chrono::milliseconds(*count);
  return time >= usual_call_deadline;
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

const NvmlGpu* same_gpu(const NvmlAnswers& nvml, const CudaGpu& gpu) {
  for (auto& n : nvml.gpus)
    if (n.uuid && gpu.uuid && *n.uuid == *gpu.uuid) return &n;
  return nullptr;
}

namespace {

template <class G>
std::string name_among(const std::vector<G>& all, const G& gpu, uint32_t number) {
  auto numbered = "GPU " + std::to_string(number);
  if (!gpu.name) return numbered;
  auto alike = std::ranges::count_if(all, [&](auto& g) { return g.name && *g.name == *gpu.name; });
  return alike < 2 ? *gpu.name : *gpu.name + " (" + (gpu.address ? *gpu.address : numbered) + ')';
}

}  // namespace

std::string name_of(const NvmlGpu& gpu, const NvmlAnswers& nvml) {
  return name_among(nvml.gpus, gpu, gpu.index);
}
std::string name_of(const CudaGpu& gpu, const CudaAnswers& cuda) {
  return name_among(cuda.gpus, gpu, gpu.ordinal);
}

}  // namespace cufit
