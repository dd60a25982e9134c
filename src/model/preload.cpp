#include "model/preload.h"

#include <array>

#include "base/text.h"

namespace cufit {
namespace {

void take_names(std::string_view text, std::string_view separators, std::vector<std::string>& to) {
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) to.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

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

}  // namespace

std::vector<std::string> preload_entries(std::string_view file) {
  std::vector<std::string> names;
  for (auto line : split(file, '\n')) take_names(line.substr(0, line.find('#')), ": \t", names);
  return names;
}

std::vector<std::string> preload_variable(std::string_view value) {
  std::vector<std::string> names;
  take_names(value, " :", names);
  return names;
}

std::optional<std::string> sharer_of(std::string_view path) {
  auto name = base_name(path);
  for (auto& s : kSharers) {
    auto rest = name.starts_with(s.library) ? name.substr(s.library.size()) : "?";
    if (rest.empty() || rest.starts_with('.')) return std::string(s.name);
  }
  return std::nullopt;
}

Fact<std::string> sharing_by_library(const std::vector<std::string>& of_file, std::string_view variable,
                                     const std::vector<DriverLibrary>& libraries) {
  Fact<std::string> sharing;
  sharing.from = {Source::Kind::path, "/etc/ld.so.preload"};
  auto note = [&](std::string_view library, const char* from) {
    if (auto sharer = sharing ? std::nullopt : sharer_of(library))
      sharing = {*sharer, {Source::Kind::path, from}};
  };
  for (auto& entry : of_file) note(entry, "/etc/ld.so.preload");
  for (auto& entry : preload_variable(variable)) note(entry, "LD_PRELOAD");
  for (auto& library : libraries)
    if (!library.on.empty()) note(library.real, library.path.c_str());
  return sharing;
}

}  // namespace cufit
