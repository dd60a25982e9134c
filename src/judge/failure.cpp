#include "judge/failure.h"

#include <algorithm>

namespace cufit {

namespace {

Text seen_as(int code, const Caller& caller, const std::optional<DriverView>& driver) {
  if (code == 35 && caller.of_torch) {
    auto number = driver && driver->cuda ? driver->cuda->major * 1000 + driver->cuda->minor * 10 : 0;
    return {"seen.35-torch", {{"found", std::to_string(number)}}};
  }
  // Of the others the name of the error is all that is known.
  constexpr int told[] = {34, 35, 98, 100, 101, 200, 209, 218, 221, 222, 223, 300, 500, 802, 803, 804, 999};
  if (std::ranges::find(told, code) == std::end(told)) return {};
  bool torch_says = code == 100 || code == 101 || (code == 209 && !caller.driver_api);
  return {"seen." + std::to_string(code == 98 ? 500 : code) +
          (torch_says && caller.of_torch ? "-torch" : "")};
}

Failure made(int code, const Caller& caller, const Knowledge& knowledge,
             const std::optional<DriverView>& driver) {
  Failure f;
  f.seen_as = seen_as(code, caller, driver);
  constexpr int first_calls[] = {34, 35, 100, 101, 802, 803, 804, 999};
  bool first_call = std::ranges::find(first_calls, code) != std::end(first_calls);
  bool look_up = code == 500 && caller.driver_api;  // the module loads, its kernels are not found (RUN-7)
  f.when = first_call                      ? When::first_cuda_call
           : caller.driver_api && !look_up ? When::module_load
                                           : When::first_kernel;
  if (first_call)
    f.call = caller.driver_api ? "cuInit" : "cudaGetDeviceCount";
  else
    f.call = look_up ? "cuModuleGetFunction" : caller.driver_api ? "cuModuleLoadData" : "cudaLaunchKernel";
  f.code = code;
  if (auto* row = knowledge.error(uint32_t(code))) {
    bool as_driver = (caller.driver_api && !row->driver_name.empty()) || row->runtime_name.empty();
    f.name = as_driver ? row->driver_name : row->runtime_name;
    if (caller.legacy_codes && !caller.driver_api && row->legacy_runtime_code)
      f.code = int(*row->legacy_runtime_code);
  }
  return f;
}

}  // namespace

Failure make_failure(int code, const Caller& caller, const Place& place) {
  return made(code, caller, place.knowledge, place.driver);
}

Failure make_failure(int code, const Caller& caller, const Knowledge& knowledge) {
  return made(code, caller, knowledge, std::nullopt);
}

}  // namespace cufit
