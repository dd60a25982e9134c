#include "loader/framework.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace cufit {

namespace {

using Trouble = OpenStep::Trouble;
using When = OpenStep::When;

bool is_pattern(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at; (at = text.find(what)) != text.npos;) text.replace(at, what.size(), with);
  return text;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Could the object not be loaded because of this?
bool is_trouble(const Load& load) { return load.found == Found::not_found || !load.missing_versions.empty(); }

class Importer {
 public:
  Importer(const Framework& framework, const PythonProcess& python, const Files& files,
           const LoaderSettings& settings)
      : framework_(framework), python_(python), files_(files), settings_(settings) {}

  Opening run() {
    out_.loads = loads_of(python_.program, out_.opened, files_, settings_);
    // Python's ctypes is the first extension module that comes in.
    if (!python_.ctypes.empty() && attempt({python_.ctypes, {}}, {}) == Outcome::opened)
      ctypes_ = python_.ctypes;
    std::vector<const OpenStep*> uses;
    for (auto& step : framework_.steps)
      if (!step.use.empty())
        uses.push_back(&step);
      else if (!out_.ends && applies(step))
        take(step, ctypes_);
    while (!out_.ends && take_one_of(uses)) {
    }
    out_.loads.insert(out_.loads.end(), failures_.begin(), failures_.end());
    return std::move(out_);
  }

 private:
  /// What a name leads to.
  struct Candidate {
    std::string name;        ///< for dlopen; empty: there is none
    std::string not_listed;  ///< a folder of which nobody knows what is in it
  };
  enum class Outcome : uint8_t { opened, missing, broken, unknown };

  bool applies(const OpenStep& step) const {
    if (step.when == When::always) return true;
    if (step.when == When::failed) return first_failed_;
    return !first_failed_ && std::ranges::any_of(out_.loads, [&](const Load& load) {
      return load.real.find(step.mapped) != load.real.npos;
    });
  }

  /// The first use whose caller is in the process by now.
  bool take_one_of(std::vector<const OpenStep*>& uses) {
    for (auto at = uses.begin(); at != uses.end(); ++at) {
      auto by = (*at)->by.empty() ? std::optional(ctypes_) : loaded((*at)->by);
      if (!by) continue;
      auto& step = **at;
      uses.erase(at);
      take(step, *by);
      return true;
    }
    return false;
  }

  void take(const OpenStep& step, const std::string& by) {
    bool is_first = &step == &framework_.steps.front();
    for (auto& name : step.names) {
      auto outcome = open(step, by, name);
      if (is_first) first_failed_ = outcome == Outcome::missing || outcome == Outcome::broken;
      if (outcome == Outcome::opened || outcome == Outcome::unknown) {
        if (step.first) break;
        continue;
      }
      auto trouble = outcome == Outcome::missing ? step.missing : step.broken;
      if (trouble == Trouble::fail) out_.ends = true;
      if (trouble != Trouble::go_on) break;
    }
    // Of alternatives that all led to nothing the last one is told.
    if (!step.first) return;
    if (auto last = std::exchange(last_failure_, {}); !last.empty())
      failures_.insert(failures_.end(), last.begin(), last.end());
  }

  /// The object in the process whose SONAME or file name matches.
  std::optional<std::string> loaded(const std::string& pattern) const {
    for (auto& load : out_.loads)
      if (!is_trouble(load) && !load.path.empty() &&
          (matches_pattern(pattern, load.soname) || matches_pattern(pattern, base_name(load.path))))
        return load.path;
    return std::nullopt;
  }

  Outcome open(const OpenStep& step, const std::string& by, const std::string& name) {
    auto candidate = step.folders.empty() ? bare(name, by) : below_sys_path(step, name);
    if (!candidate.not_listed.empty()) {
      note(name, by, {"loading.not-listed", {{"folder", candidate.not_listed}}});
      return Outcome::unknown;
    }
    if (candidate.name.empty()) return Outcome::missing;
    return attempt({candidate.name, by}, step);
  }

  Outcome attempt(const Opened& next, const OpenStep& step) {
    auto opened = out_.opened;
    opened.push_back(next);
    auto loads = loads_of(python_.program, opened, files_, settings_);
    auto added =
        std::vector<Load>(loads.begin() + long(std::min(out_.loads.size(), loads.size())), loads.end());
    auto bad = std::ranges::find_if(added, is_trouble);
    if (bad == added.end()) {
      last_failure_.clear();
      out_.opened = std::move(opened);
      out_.loads = std::move(loads);
      return Outcome::opened;
    }
    // What dlopen had loaded for it goes again.
    std::vector<Load> failed;
    std::ranges::copy_if(added, std::back_inserter(failed), is_trouble);
    if (step.first)
      last_failure_ = std::move(failed);
    else
      failures_.insert(failures_.end(), failed.begin(), failed.end());
    bool itself = bad == added.begin() && bad->found == Found::not_found;
    return itself ? Outcome::missing : Outcome::broken;
  }

  /// A bare name; a pattern stands for the name of a file beside the caller ("libnvrtc-builtins.so.*").
  Candidate bare(const std::string& name, const std::string& by) const {
    if (!is_pattern(name)) return {name, {}};
    auto file = files_.look(by);
    return matching(folder_of(file && !file->real.empty() ? file->real : by), name);
  }

  Candidate below_sys_path(const OpenStep& step, const std::string& name) const {
    auto slash = name.find('/');
    auto group = slash == name.npos ? std::string() : name.substr(0, slash);
    auto file = slash == name.npos ? name : name.substr(slash + 1);
    for (auto& root : python_.sys_path)
      for (auto& folder : step.folders) {
        auto path = root + '/' + replaced(folder, "{}", group);
        auto found = matching(path, file);
        if (!found.name.empty()) found.name = path + '/' + found.name;
        if (!found.name.empty() || !found.not_listed.empty()) return found;
      }
    return {};
  }

  /// The first name in a folder that matches.
  Candidate matching(const std::string& folder, const std::string& pattern) const {
    if (is_pattern(pattern)) {
      auto names = files_.names(folder, pattern);
      if (!names) return {{}, folder};
      return {names->empty() ? "" : names->front(), {}};
    }
    auto file = files_.look(folder + '/' + pattern);
    if (!file) return {{}, folder};
    return {file->kind == IndexedFile::Kind::absent ? "" : pattern, {}};
  }

  void note(const std::string& name, const std::string& by, Text why) {
    Load load;
    load.name = name.substr(name.find('/') + 1);
    load.by = by;
    load.dlopened = true;
    load.why = std::move(why);
    failures_.push_back(std::move(load));
  }

  const Framework& framework_;
  const PythonProcess& python_;
  const Files& files_;
  const LoaderSettings& settings_;
  Opening out_;
  std::string ctypes_;              ///< as `Opened::by`; empty: the program opens
  std::vector<Load> failures_;      ///< of attempts that led to nothing
  std::vector<Load> last_failure_;  ///< of the last alternative
  bool first_failed_ = false;
};

}  // namespace

Opening open_framework(const Framework& framework, const PythonProcess& python, const Files& files,
                       const LoaderSettings& settings) {
  return Importer(framework, python, files, settings).run();
}

}  // namespace cufit
