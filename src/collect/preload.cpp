#include "collect/preload.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "model/preload.h"

namespace cufit::collect {
namespace {

struct Sharer {
  std::string_view library, name;
};
/// HAMi, and what the Volcano scheduler took from it: https://github.com/Project-HAMi/HAMi-core.
/// nvshare: https://github.com/grgalex/nvshare. KubeShare: https://github.com/NTHU-LSALAB/KubeShare.
/// TensorFusion: https://github.com/NexusGPU/tensor-fusion. vgpu-manager:
/// https://github.com/coldzerofear/vgpu-manager. gpu-manager: https://github.com/tkestack/vcuda-controller.
constexpr std::array<Sharer, 7> kSharers = {{{"libvgpu.so", "hami"},
                                             {"libnvshare.so", "other"},
                                             {"libgemhook.so", "other"},
                                             {"libcuda_limiter.so", "other"},
                                             {"libcuda-limiter.so", "other"},
                                             {"libvgpu-control.so", "other"},
                                             {"libcuda-control.so", "other"}}};

std::optional<std::string> sharer_of(std::string_view path) {
  auto name = base_name(path);
  for (auto& s : kSharers) {
    auto rest = name.starts_with(s.library) ? name.substr(s.library.size()) : "?";
    if (rest.empty() || rest.starts_with('.')) return std::string(s.name);
  }
  return std::nullopt;
}

}  // namespace

Preloads find_preloads(const Root& root, const Variables& env, const std::vector<DriverLibrary>& libraries) {
  const std::string file = "/etc/ld.so.preload";
  Preloads out;
  out.sharing.from = at_path(file);
  auto note = [&](std::string_view path, const Source& from) {
    if (auto sharer = out.sharing ? std::nullopt : sharer_of(path)) out.sharing = {*sharer, from};
  };
  auto text = root.text(file);
  if (text) {
    for (auto& entry : preload_entries(*text)) {
      note(entry, text.from);
      out.entries.push_back(std::move(entry));
    }
  }
  if (auto variable = env.find("LD_PRELOAD"); variable != env.end())
    for (auto& entry : preload_variable(variable->second)) {
      note(entry, at_path("LD_PRELOAD"));
      out.entries.push_back(std::move(entry));
    }
  for (auto& library : libraries)
    if (!library.on.empty()) note(library.real, at_path(library.path));
  // Alibaba Cloud's cGPU shares by a kernel module, without any library; its guide reads
  // /proc/cgpu_km/version.
  if (!out.sharing && root.has("/proc/cgpu_km")) out.sharing = {"other", at_path("/proc/cgpu_km")};
  if (!out.sharing && !text && !is_absent(text)) out.sharing = text;
  return out;
}

}  // namespace cufit::collect
