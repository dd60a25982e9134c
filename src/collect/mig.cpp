#include "collect/mig.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"

namespace cufit::collect {
namespace {

/// The numbers of the folders "PREFIXn" in a folder, ascending.
std::vector<uint32_t> numbered(const Root& root, const std::string& folder, std::string_view prefix) {
  std::vector<uint32_t> numbers;
  auto names = root.names(folder, 1024);
  if (!names) return numbers;
  for (std::string_view name : *names) {
    if (!name.starts_with(prefix)) continue;
    if (auto n = whole_number<uint32_t>(name.substr(prefix.size()))) numbers.push_back(*n);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace

std::vector<MigInstance> observe_mig(const Root& root) {
  std::vector<MigInstance> instances;
  const std::string capabilities = "/proc/driver/nvidia/capabilities";
  for (auto gpu : numbered(root, capabilities, "gpu")) {
    auto mig = capabilities + "/gpu" + std::to_string(gpu) + "/mig";
    for (auto gi : numbered(root, mig, "gi"))
      instances.push_back({gpu, gi, numbered(root, mig + "/gi" + std::to_string(gi), "ci")});
  }
  return instances;
}

}  // namespace cufit::collect
