// What a container was not given, and what its limits do.
#include <algorithm>

#include "base/text.h"
#include "judge/machine_view.h"
#include "judge/uses.h"
#include "model/package.h"
#include "model/preload.h"

namespace cufit {

namespace {

constexpr uint64_t default_shm = 64u << 20;  // Docker's size of /dev/shm

bool has_capability(std::string_view list, std::string_view wanted) {
  return std::ranges::any_of(split(list, ','),
                             [&](auto item) { return trimmed(item) == wanted || trimmed(item) == "all"; });
}

/// What was not given, and the facts that show it. A variable that says so is named.
std::pair<Text, std::vector<FactRef>> what_lacks(const MachineView& v, bool nodes) {
  const FactRef container = "observed.limits.container";
  if (nodes) {
    auto capabilities = v.variable("NVIDIA_DRIVER_CAPABILITIES");
    if (v.is_set("NVIDIA_DRIVER_CAPABILITIES") && !has_capability(capabilities, "compute"))
      return {{"cause.container-without-gpu.capabilities", {{"value", capabilities}}},
              {container, "observed.libraries", "machine.env.NVIDIA_DRIVER_CAPABILITIES"}};
    return {{"cause.container-without-gpu.libraries"}, {container, "observed.libraries"}};
  }
  if (auto visible = v.variable("NVIDIA_VISIBLE_DEVICES"); visible == "none" || visible == "void")
    return {{"cause.container-without-gpu.variable", {{"value", visible}}},
            {container, "observed.nodes", "machine.env.NVIDIA_VISIBLE_DEVICES"}};
  auto* which = !v.gpu_nodes().empty()     ? "cause.container-without-gpu.no-control"
                : v.node("/dev/nvidiactl") ? "cause.container-without-gpu.no-gpu-node"
                                           : "cause.container-without-gpu.found";
  return {{which}, {container, "observed.nodes"}};
}

/// No device nodes, or no driver libraries. An image gets both from its host.
void find_no_gpu(const MachineView& v, std::vector<FoundCause>& out) {
  if (!v.live || !v.container || v.wsl || v.jetson || v.shows_no_gpu()) return;
  bool cuda = v.loaded("libcuda.so.1") != nullptr;
  bool nodes = v.node("/dev/nvidiactl") && !v.gpu_nodes().empty();
  bool lies_there = v.hidden("libcuda.so.1") || v.unlinked("libcuda.so.1");
  if (cuda ? nodes : lies_there) return;
  auto [text, facts] = what_lacks(v, nodes);
  out.push_back(fault(v.facts, "container-without-gpu", Stage::libcuda, cuda ? 100 : 35, text, facts));
}

bool uses_shared_memory(const Subject& s) {
  return is_torch(s) || normalized_name(s.name).starts_with("nvidia-nccl");
}

void find_small_shm(const MachineView& v, std::vector<FoundCause>& out) {
  auto& shm = v.observed.limits.shm;
  if (!shm || *shm > default_shm) return;
  bool torch = std::ranges::any_of(v.facts.subjects, uses_shared_memory);
  if (v.facts.machine.gpus.size() < 2 && !torch) return;
  out.push_back(found(v.facts, "shm-too-small",
                      {"cause.shm-too-small.found", {{"size", std::to_string(*shm >> 20)}}},
                      {"observed.limits.shm"}));
}

void find_memory_kills(const MachineView& v, std::vector<FoundCause>& out) {
  auto& kills = v.observed.limits.oom_kills;
  if (!kills || *kills == 0) return;
  out.push_back(found(v.facts, "host-oom", {"cause.host-oom.found", {{"n", std::to_string(*kills)}}},
                      {"observed.limits.oom_kills"}));
}

/// The library that shares the GPUs: preloaded, or in the place of libcuda. Empty: a kernel module does.
std::string sharing_library(const Observed& seen) {
  for (auto& path : seen.preloads)
    if (sharer_of(path)) return path;
  for (auto& library : seen.libraries)
    if (!library.on.empty() && sharer_of(library.real)) return library.real;
  return {};
}

void find_sharing(const MachineView& v, std::vector<FoundCause>& out) {
  auto& sharing = v.observed.sharing;
  if (!sharing) return;
  auto library = sharing_library(v.observed);
  Text what = library.empty() ? Text{"cause.gpu-sharing-preload.module", {{"path", sharing.from.where}}}
                              : Text{"cause.gpu-sharing-preload.found", {{"library", library}}};
  out.push_back(
      found(v.facts, "gpu-sharing-preload", std::move(what), {"observed.sharing", "observed.preloads"}));
}

}  // namespace

void find_container_causes(const MachineView& v, std::vector<FoundCause>& out) {
  find_no_gpu(v, out);
  find_small_shm(v, out);
  find_memory_kills(v, out);
  find_sharing(v, out);
}

}  // namespace cufit
