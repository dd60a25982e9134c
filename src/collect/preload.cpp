#include "collect/preload.h"

#include <algorithm>
#include <iterator>

#include "model/preload.h"

namespace cufit::collect {

Preloads find_preloads(const Root& root, const Variables& env, const std::vector<DriverLibrary>& libraries) {
  Preloads out;
  auto text = root.text("/etc/ld.so.preload");
  if (text) out.entries = preload_entries(*text);
  auto at = env.find("LD_PRELOAD");
  std::string variable = at == env.end() ? "" : at->second;
  out.sharing = sharing_by_library(out.entries, variable, libraries);
  std::ranges::move(preload_variable(variable), std::back_inserter(out.entries));
  // Alibaba Cloud's cGPU shares by a kernel module, without any library; its guide reads
  // /proc/cgpu_km/version.
  if (!out.sharing && root.has("/proc/cgpu_km")) out.sharing = {"other", at_path("/proc/cgpu_km")};
  if (!out.sharing && !text && !is_absent(text)) out.sharing = text;
  return out;
}

}  // namespace cufit::collect
