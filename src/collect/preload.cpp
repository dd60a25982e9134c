#include "collect/preload.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "model/preload.h"

namespace cufit::collect {
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
