// Nodes as `kubectl get nodes -o json` prints them, with the labels of NVIDIA GPU Feature Discovery.
//
// Labels: https://github.com/NVIDIA/k8s-device-plugin/blob/main/docs/gpu-feature-discovery/README.md; how the
// product comes about (blanks become "-", then "-MIG-PROFILE" and "-SHARED"):
// https://github.com/NVIDIA/k8s-device-plugin/blob/main/internal/lm/resource.go
#include <algorithm>

#include "collect/fleet_nodes.h"

namespace cufit::collect {

namespace {

std::string text_at(const Json& object, std::string_view key) {
  auto found = object.is_object() ? object.find(std::string(key)) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& at(const Json& object, std::string_view key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  auto found = object.find(std::string(key));
  return found == object.end() ? nothing : *found;
}

/// "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb-SHARED" -> "NVIDIA-A100-SXM4-80GB".
std::string board_of(std::string product) {
  constexpr std::string_view shared = "-SHARED", slice = "-MIG-";
  if (product.ends_with(shared)) product.resize(product.size() - shared.size());
  if (auto mig = product.rfind(slice); mig != product.npos) product.resize(mig);
  return product;
}

/// Fields of a version with dots; "" where the first is missing.
std::string dotted(const Json& labels, const std::string& stem, std::initializer_list<const char*> fields) {
  std::string out;
  for (auto* field : fields) {
    auto value = text_at(labels, stem + field);
    if (value.empty()) break;
    out += (out.empty() ? "" : ".") + value;
  }
  return out;
}

/// "cuda.driver-version.*"; older labellers write only "cuda.driver.*", which newer ones write as well:
/// https://github.com/NVIDIA/k8s-device-plugin/pull/620
std::string driver_of(const Json& labels) {
  auto full = text_at(labels, "nvidia.com/cuda.driver-version.full");
  if (full.empty()) full = dotted(labels, "nvidia.com/cuda.driver-version.", {"major", "minor", "revision"});
  if (full.empty()) full = dotted(labels, "nvidia.com/cuda.driver.", {"major", "minor", "rev"});
  return full;
}

/// How many GPUs the device plugin offers.
bool offers_gpus(const Json& node) {
  auto& capacity = at(at(node, "status"), "capacity");
  if (!capacity.is_object()) return false;
  return std::ranges::any_of(capacity.items(), [](auto& item) {
    bool gpu = item.key().starts_with("nvidia.com/gpu") || item.key().starts_with("nvidia.com/mig-");
    return gpu && item.value() != "0" && item.value() != 0;
  });
}

}  // namespace

void NodeReader::add(const Json& node) {
  auto& metadata = at(node, "metadata");
  auto& labels = at(metadata, "labels");
  auto& info = at(at(node, "status"), "nodeInfo");
  auto name = text_at(metadata, "name");
  auto product = text_at(labels, "nvidia.com/gpu.product");
  if (product.empty()) {
    if (offers_gpus(node) || text_at(labels, "nvidia.com/gpu.present") == "true") {
      if (unlabelled_++ == 0) first_unlabelled_ = name;
    } else {
      fleet_.without_gpu++;
    }
    return;
  }
  FleetEntry e;
  e.where = path_ + ": " + name;
  e.gpus = {board_of(product)};
  e.capability = dotted(labels, "nvidia.com/gpu.compute.", {"major", "minor"});
  // cuda.runtime-version.* is what the libcuda in the container of the labeller reports. It may be a
  // cuda-compat package of that image, so it is no fact about the machine.
  e.driver = driver_of(labels);
  e.os = text_at(labels, "kubernetes.io/os");
  if (e.os.empty()) e.os = text_at(info, "operatingSystem");
  e.arch = text_at(labels, "kubernetes.io/arch");
  if (e.arch.empty()) e.arch = text_at(info, "architecture");
  // "5.15.153.1-microsoft-standard-WSL2". The C library of a container is its own, so osImage tells nothing.
  e.wsl = text_at(info, "kernelVersion").find("microsoft-standard-WSL") != std::string::npos;
  e.name = e.gpus[0] + (e.driver.empty() ? "" : ' ' + e.driver);
  if (e.arch == "arm64") e.name += " arm64";
  fold_.add(std::move(e));
}

Fleet NodeReader::take() {
  fleet_.entries = fold_.take();
  if (unlabelled_ > 0)
    fleet_.unread.push_back(
        {path_,
         {},
         {"fleet.nodes-without-labels", {{"n", std::to_string(unlabelled_)}, {"name", first_unlabelled_}}}});
  return std::move(fleet_);
}

}  // namespace cufit::collect
