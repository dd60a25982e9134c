#include "judge/loading.h"

#include "base/version.h"
#include "knowledge/catalogue.h"

namespace cufit {

namespace {

/// Texts with {cuda}, {release} and {nvrtc} put in; those that need what is not known are left out.
class Filled {
 public:
  explicit Filled(std::string_view cuda) {
    auto version = Version::parse(cuda);
    if (!version) return;
    major_ = std::to_string(version->major());
    if (version->size() > 1) release_ = major_ + '.' + std::to_string(version->minor());
    // https://docs.nvidia.com/cuda/nvrtc/#versioning-scheme: MAJOR.MINOR before 11.3, 11.2 for all
    // later 11.x.
    if (version->major() > 11)
      nvrtc_ = major_;
    else if (version->size() > 1)
      nvrtc_ = version->major() == 11 && version->minor() >= 3 ? "11.2" : release_;
  }

  std::vector<std::string> operator()(Strings texts) const {
    std::vector<std::string> out;
    for (auto text : texts) {
      std::string filled(text);
      if (put(filled, "{cuda}", major_) && put(filled, "{nvrtc}", nvrtc_) &&
          put(filled, "{release}", release_))
        out.push_back(std::move(filled));
    }
    return out;
  }

 private:
  static bool put(std::string& text, std::string_view mark, const std::string& value) {
    auto at = text.find(mark);
    if (at == text.npos) return true;
    text.replace(at, mark.size(), value);
    return !value.empty();
  }

  std::string major_, release_, nvrtc_;
};

OpenStep step_of(const OpenStepRow& row, const Filled& filled) {
  OpenStep step;
  step.when = OpenStep::When(row.when);
  step.mapped = row.mapped;
  step.error.assign(row.error.begin(), row.error.end());
  step.use = row.use;
  step.by = row.by;
  step.folders = filled(row.folders);
  // Without any of its folders a step is not one that opens bare names.
  if (step.folders.empty() == row.folders.empty()) step.names = filled(row.names);
  step.first = row.first;
  step.missing = OpenStep::Trouble(row.missing);
  step.broken = OpenStep::Trouble(row.broken);
  return step;
}

}  // namespace

std::optional<Framework> framework_of(const Knowledge& knowledge, std::string_view package,
                                      const PackageVersion& version, std::string_view cuda) {
  Framework framework;
  auto* row = find_loading(knowledge, package, version, &framework.assumed);
  if (!row) return std::nullopt;
  framework.name = std::string(package) + ' ' + version.text();
  if (!version.local().empty()) framework.name += '+' + version.local();
  Filled filled(cuda);
  for (auto& step : row->steps) framework.steps.push_back(step_of(step, filled));
  for (auto& library : knowledge.tables().loading)
    for (auto& step : library.steps)
      if (!library.library.empty()) {
        framework.steps.push_back(step_of(step, filled));
        framework.steps.back().by = library.library;
        framework.steps.back().by_from = library.version_from;
        framework.steps.back().by_to = library.version_to;
      }
  return framework;
}

}  // namespace cufit
