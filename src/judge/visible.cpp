#include "judge/visible.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "judge/number.h"

namespace cufit {

namespace {

/// "GPU-" and "MIG-" with all 36 characters of a UUID.
constexpr size_t full_uuid = 4 + 36;

/// The one GPU whose UUID begins so (CUDA takes unique prefixes).
std::optional<uint32_t> gpu_with(std::string_view uuid, std::span<const std::string> uuids) {
  std::optional<uint32_t> found;
  for (uint32_t i = 0; i < uuids.size(); i++) {
    if (!uuids[i].starts_with(uuid)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace

VisibleDevices visible_devices(std::string_view value, unsigned count, std::span<const std::string> uuids) {
  std::set<int32_t> seen;
  VisibleDevices result;
  for (size_t begin = 0; begin <= value.size();) {
    size_t end = std::min(value.find(',', begin), value.size());
    auto token = value.substr(begin, end - begin);
    begin = end + 1;
    bool is_gpu = token.starts_with("GPU-");
    if (is_gpu && uuids.size() == count) {
      auto gpu = gpu_with(token, uuids);
      if (!gpu || token.size() <= 4) break;
      if (!seen.insert(int32_t(*gpu)).second) return {Visibility::duplicate};
      continue;
    }
    if (is_gpu || token.starts_with("MIG-")) {
      if (token.size() >= full_uuid) return {Visibility::unknown};
      result.assumed_unknown_uuid = token.size() > 4;
      break;
    }
    auto index = driver_number(token);
    if (!index || *index < 0 || uint32_t(*index) >= count) break;  // the list ends at the first bad entry
    result.by_index = true;
    if (!seen.insert(*index).second) return {Visibility::duplicate};
  }
  if (seen.empty()) result.first = Visibility::hidden;
  result.devices.assign(seen.begin(), seen.end());
  return result;
}

std::vector<std::string> uuids_of(const Observed& observed) {
  auto given = given_gpus(observed);
  auto is_of_others = [&](const ProcGpu& gpu) {
    auto at = std::ranges::find(observed.pci, gpu.address, &PciDevice::address);
    return at != observed.pci.end() && std::ranges::find(given, &*at) == given.end();
  };
  std::vector<std::string> uuids;
  for (auto& gpu : observed.kernel.gpus) {
    if (is_of_others(gpu)) continue;
    if (!gpu.uuid) return {};
    uuids.push_back(*gpu.uuid);
  }
  return uuids;
}

std::vector<Answer> left_visible(const Machine& machine, const Observed& observed) {
  auto count = machine.gpus.size();
  std::vector<Answer> all(count, Answer::yes);
  auto variable = machine.env.find("CUDA_VISIBLE_DEVICES");
  if (variable == machine.env.end()) return all;
  auto seen = visible_devices(variable->second, unsigned(count), uuids_of(observed));
  if (seen.first != Visibility::visible || seen.devices.size() == count) return all;
  auto order = machine.env.find("CUDA_DEVICE_ORDER");
  bool by_bus = order != machine.env.end() && order->second == "PCI_BUS_ID";
  // CUDA does not count those that the driver was told to leave alone.
  bool all_count = std::ranges::none_of(observed.kernel.gpus, &ProcGpu::excluded);
  if (seen.by_index && (!by_bus || !all_count)) return std::vector<Answer>(count, Answer::unknown);
  all.assign(count, Answer::no);
  for (auto device : seen.devices) all[device] = Answer::yes;
  return all;
}

}  // namespace cufit
