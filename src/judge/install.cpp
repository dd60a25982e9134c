#include "judge/install.h"

namespace cufit {

namespace {

constexpr std::string_view conda_forge = "conda-forge";

std::string conda_command(const PublishedBuild& b) {
  auto cuda = b.row().cuda ? " 'cuda-version=" + b.row().cuda->dotted() + '\'' : std::string();
  return "conda install -c conda-forge '" + std::string(b.row().package) + '=' + b.release.text() + '\'' +
         cuda;
}

/// Which requirements, and from where, behind "pip install" or "uv pip install".
struct Source {
  std::vector<std::string> requirements;
  std::string option;  ///< " --index-url ..."
};

std::vector<std::string> with_local(const PublishedBuild& b, const std::string& local) {
  std::vector<std::string> all = {std::string(b.row().package) + "==" + b.release.text() + local};
  for (auto companion : b.row().companions) all.push_back(std::string(companion) + local);
  return all;
}

std::string local_of(const PublishedBuild& b) {
  return b.row().local.empty() ? std::string() : '+' + std::string(b.row().local);
}

Source from_index(const PublishedBuild& b) {
  // Up to 1.13 the index of a variant holds nothing but PyTorch itself.
  bool alone = b.row().package == "torch" && b.release.release()[0] < 2;
  return {with_local(b, local_of(b)),
          (alone ? " --extra-index-url " : " --index-url ") + std::string(b.row().index)};
}

std::optional<Source> source_of(const PublishedBuild& b, bool over_same_release) {
  auto& row = b.row();
  if (!row.find_links.empty())
    return Source{with_local(b, local_of(b)), " -f " + std::string(row.find_links)};
  if (!row.install.empty()) return std::nullopt;
  if (!row.index.empty() && (!b.by_default || over_same_release)) return from_index(b);
  if (!row.is_default) return std::nullopt;
  return Source{with_local(b, {}), over_same_release ? " --force-reinstall" : ""};
}

}  // namespace

std::vector<std::string> requirements_of(const PublishedBuild& b) {
  auto source = source_of(b, false);
  return source ? source->requirements : with_local(b, local_of(b));
}

std::optional<std::string> install_command(const PublishedBuild& b, Installer installer,
                                           bool over_same_release) {
  if (b.row().install == conda_forge) return conda_command(b);
  auto source = source_of(b, over_same_release);
  if (!source) return std::nullopt;
  std::string command = installer == Installer::uv ? "uv pip install" : "pip install";
  for (auto& requirement : source->requirements) command += ' ' + requirement;
  return command + source->option;
}

}  // namespace cufit
