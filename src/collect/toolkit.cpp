#include "collect/toolkit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/number.h"
#include "base/text.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxToolkits = 64;

std::string_view word_at(std::string_view text) {
  text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_first_of(" \t\r\n"));
}

class Finder {
 public:
  explicit Finder(const Root& root) : root_(root) {}

  void find(const Variables& env) {
    default_ = root_.real("/usr/local/cuda");
    for (auto& name : names("/usr/local"))
      if (name.starts_with("cuda")) add("/usr/local/" + name);
    add("/opt/cuda");
    add("/usr/lib/nvidia-cuda-toolkit", "/usr/include");
    for (auto* variable : {"CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"})
      if (auto at = env.find(variable); at != env.end() && at->second.starts_with('/')) add(at->second);
    for (auto& machine : names("/opt/nvidia/hpc_sdk"))
      for (auto& release : names("/opt/nvidia/hpc_sdk/" + machine)) {
        auto cuda = "/opt/nvidia/hpc_sdk/" + machine + '/' + release + "/cuda";
        for (auto& name : names(cuda))
          if (Version::parse(name)) add(cuda + '/' + name);
      }
    if (auto at = env.find("CONDA_PREFIX"); at != env.end() && at->second.starts_with('/'))
      if (root_.has(at->second + "/bin/nvcc")) add(at->second, at->second + "/targets/x86_64-linux/include");
    std::ranges::sort(out, {}, &Toolkit::path);
  }

  std::vector<Toolkit> out;

 private:
  std::vector<std::string> names(const std::string& folder) const {
    auto all = root_.names(folder);
    return all ? *all : std::vector<std::string>();
  }

  void add(std::string path, const std::string& headers = {}) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    auto real = root_.real(path);
    if (!real || real->size() < 2 || out.size() == kMaxToolkits || !seen_.insert(*real).second) return;
    Toolkit t;
    t.path = *real;
    t.nvcc = root_.has(*real + "/bin/nvcc");
    t.version = version(*real, headers);
    t.default_link = default_ == real;
    bool numbered = base_name(*real).starts_with("cuda-");  // images for running hold libraries only
    if (t.nvcc || numbered || !is_absent(t.version)) out.push_back(std::move(t));
  }

  Fact<Version> version(const std::string& path, const std::string& headers) const {
    auto json = parsed<Version>(root_.text(path + "/version.json", 1 << 20), version_of_json);
    if (json) return json;
    if (auto txt = parsed<Version>(root_.text(path + "/version.txt"), version_of_txt)) return txt;
    for (auto& folder : {path + "/include", headers, path + "/targets/x86_64-linux/include",
                         path + "/targets/sbsa-linux/include"}) {
      if (folder.empty()) continue;
      // It stands behind some comments: at byte 12,991 in that of 11.8.
      auto header = parsed<Version>(root_.head(folder + "/cuda.h", 256 << 10), version_of_header);
      if (header) return header;
    }
    auto name = base_name(path);
    if (name.starts_with("cuda-")) name.remove_prefix(5);
    if (auto v = Version::parse(name); v && v->size() >= 2) return {*v, at_path(path)};
    return json;  // absent, or why what is there says nothing
  }

  const Root& root_;
  std::optional<std::string> default_;
  std::set<std::string> seen_;
};

}  // namespace

std::optional<Version> version_of_json(std::string_view text) {
  using Json = nlohmann::json;
  auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  auto cuda = json.is_object() ? json.find("cuda") : json.end();
  if (!json.is_object() || cuda == json.end() || !cuda->is_object()) return std::nullopt;
  auto version = cuda->find("version");
  if (version == cuda->end() || !version->is_string()) return std::nullopt;
  return Version::parse(version->get_ref<const std::string&>());
}

std::optional<Version> version_of_txt(std::string_view text) {
  constexpr std::string_view before = "CUDA Version ";
  auto at = text.find(before);
  return at == text.npos ? std::nullopt : Version::parse(word_at(text.substr(at + before.size())));
}

std::optional<Version> version_of_header(std::string_view text) {
  constexpr std::string_view before = "#define CUDA_VERSION ";
  auto at = text.find(before);
  if (at == text.npos) return std::nullopt;
  auto number = whole_number<unsigned>(word_at(text.substr(at + before.size())));
  // 1000 * major + 10 * minor
  if (!number || *number < 1000 || *number > 99'999) return std::nullopt;
  return Version::parse(std::to_string(*number / 1000) + '.' + std::to_string(*number % 1000 / 10));
}

std::vector<Toolkit> find_toolkits(const Root& root, const Variables& env) {
  Finder finder(root);
  finder.find(env);
  return std::move(finder.out);
}

}  // namespace cufit::collect
