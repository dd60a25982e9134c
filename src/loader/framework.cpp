#include "loader/framework.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "base/version.h"
#include "loader/stops.h"

namespace cufit {

namespace {

using Trouble = OpenStep::Trouble;
using When = OpenStep::When;

bool is_pattern(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

/// Could the object not be loaded because of this?
bool is_trouble(const Load& load) {
  return load.found == Found::not_found || !load.missing_versions.empty() || load.kills();
}

class Importer {
 public:
  Importer(const Framework& framework, const PythonProcess& python, const Files& files,
           const LoaderSettings& settings, const LibraryVersion& version)
      : framework_(framework),
        python_(python),
        files_(files),
        version_(version),
        process_(python.program, files, settings) {
    keep(0);
  }

  Opening run() {
    if (auto started = process_.loads(); tell_what_stops(started))
      return {.opened = {}, .loads = std::move(started), .ends = true};
    std::vector<const OpenStep*> uses;
    for (auto& step : framework_.steps) {
      if (!step.use.empty()) uses.push_back(&step);
      if (step.use.empty() && !step.by.empty()) constructors_.push_back(&step);
    }
    // Python's ctypes is the first extension module that comes in.
    if (!python_.ctypes.empty() && attempt({python_.ctypes, {}}, {}) == Outcome::opened)
      ctypes_ = python_.ctypes;
    for (auto& step : framework_.steps)
      if (step.use.empty() && step.by.empty() && !out_.ends && applies(step)) take(step, ctypes_);
    while (!out_.ends && take_one_of(uses)) {
    }
    if (out_.ends) tell_what_ended_it();
    for (size_t i : kept_) out_.loads.push_back(process_.loads()[i]);
    out_.loads.insert(out_.loads.end(), failures_.begin(), failures_.end());
    // There is no process after all: the attempt that ended it tells how far it came.
    std::erase_if(attempted_, is_trouble);
    if (out_.ends) out_.loads.insert(out_.loads.end(), attempted_.begin(), attempted_.end());
    return std::move(out_);
  }

 private:
  /// What a name leads to.
  struct Candidate {
    std::string name;        ///< for dlopen; empty: there is none
    std::string not_listed;  ///< a folder of which nobody knows what is in it
  };
  enum class Outcome : uint8_t { opened, missing, broken, unknown };

  bool applies(const OpenStep& step) {
    if (step.when == When::always) return true;
    if (step.when == When::mapped)
      return !first_error_ && std::ranges::any_of(kept_, [&](size_t i) {
        return process_.loads()[i].real.find(step.mapped) != std::string::npos;
      });
    if (!first_error_) return false;
    auto in_error = [&](auto& text) { return first_error_->find(text) != std::string::npos; };
    out_.ends = !step.error.empty() && std::ranges::none_of(step.error, in_error);
    if (auto& first = framework_.steps.front(); out_.ends && first_missing_)
      look_for_the_rest(first, first.names.front());
    return !out_.ends;
  }

  /// The first of these steps that an object in the process takes and has not taken yet. Several objects may
  /// take one: a process can have two NVRTC.
  bool take_one_of(const std::vector<const OpenStep*>& steps) {
    for (auto* step : steps)
      for (auto& by : callers(*step))
        if (taken_.insert({step, by}).second) {
          take(*step, by);
          return true;
        }
    return false;
  }

  void take(const OpenStep& step, const std::string& by) {
    bool is_first = &step == &framework_.steps.front();
    for (auto& name : step.names) {
      auto outcome = open(step, by, name);
      bool failed = outcome == Outcome::missing || outcome == Outcome::broken;
      if (is_first && failed) first_error_ = error_.empty() ? name : error_;
      if (is_first) first_missing_ = outcome == Outcome::missing;
      if (!failed && step.first) break;
      if (!failed) continue;
      auto trouble = outcome == Outcome::missing ? step.missing : step.broken;
      if (trouble == Trouble::fail) out_.ends = true;
      if (out_.ends && outcome == Outcome::missing) look_for_the_rest(step, name);
      if (trouble != Trouble::go_on) break;
    }
    // Of alternatives that all led to nothing the last one is told.
    auto last = std::exchange(last_failure_, {});
    failures_.insert(failures_.end(), last.begin(), last.end());
  }

  /// Paths of the objects in the process that take the step: by SONAME or file name, and of a release that
  /// does.
  std::vector<std::string> callers(const OpenStep& step) {
    if (step.by.empty()) return {ctypes_};
    std::vector<std::string> paths;
    for (size_t i : kept_)
      if (auto& load = process_.loads()[i];
          !is_trouble(load) && !load.path.empty() && load.found != Found::already_loaded &&
          (matches_pattern(step.by, load.soname) || matches_pattern(step.by, base_name(load.path))) &&
          does(step, load))
        paths.push_back(load.path);
    return paths;
  }

  bool does(const OpenStep& step, const Load& load) {
    if (step.names.empty()) return false;
    if (step.by_from.empty() && step.by_to.empty()) return true;
    auto version = Version::parse(version_(load.real, load.soname));
    if (!version) {
      if (taken_.insert({&step, load.path}).second)
        note(step.names.front(), load.path, {"loading.no-version", {{"library", load.real}}});
      return false;
    }
    auto from = Version::parse(step.by_from), to = Version::parse(step.by_to);
    return (!from || *version >= *from) && (!to || *version <= *to);
  }

  /// The import has ended at the file `from` of a step: which of the step are not there either, and which
  /// are.
  void look_for_the_rest(const OpenStep& step, const std::string& from) {
    for (auto at = std::ranges::find(step.names, from); at != step.names.end(); ++at) {
      auto candidate = below_sys_path(step, *at);
      auto pattern = at->substr(at->find('/') + 1);
      if (!candidate.not_listed.empty())
        note(*at, {}, {"loading.not-listed", {{"folder", candidate.not_listed}}});
      else if (!candidate.name.empty())
        offered_.emplace(base_name(std::string_view(candidate.name)));
      else if (std::ranges::none_of(attempted_, [&](auto& l) { return matches_pattern(pattern, l.name); }))
        lack(pattern, step.when == When::failed);
    }
  }

  /// The packages that a framework names are what it lacks (`stops`). That its own file was not found may
  /// also say that it was looked for in the wrong folders.
  void lack(const std::string& pattern, bool stops) {
    Load load;
    load.name = pattern.substr(0, pattern.find(".*"));  // "libnccl.so" of "libnccl.so.*[0-9]"
    load.dlopened = true;
    load.found = Found::not_found;
    load.why = {"loading.no-file", {{"name", pattern}}};
    load.stops = stops;
    failures_.push_back(std::move(load));
  }

  /// The import ended: for want of what the last object that failed needs, as far as nothing brings it by
  /// another way (torch opens the libraries of its packages when its first step has failed).
  void tell_what_ended_it() {
    for (auto& load : failures_) {
      auto same = [&](auto& l) { return l.name == load.name && l.by == load.by; };
      auto brought = [&](size_t i) { return process_.loads()[i].soname == load.name; };
      bool needed = load.found == Found::not_found && !load.dlopened && std::ranges::any_of(attempted_, same);
      load.stops |= !load.missing_versions.empty() && std::ranges::any_of(attempted_, same);
      load.stops |= load.kills();
      load.stops |= needed && !offered_.contains(load.name) && std::ranges::none_of(kept_, brought);
    }
  }

  Outcome open(const OpenStep& step, const std::string& by, const std::string& name) {
    error_.clear();
    auto candidate = step.folders.empty() ? bare(name, by) : below_sys_path(step, name);
    if (!candidate.not_listed.empty()) {
      note(name, by, {"loading.not-listed", {{"folder", candidate.not_listed}}});
      return Outcome::unknown;
    }
    if (candidate.name.empty()) return Outcome::missing;
    return attempt({candidate.name, by}, step);
  }

  void keep(size_t from) {
    for (size_t i = from; i < process_.loads().size(); i++) kept_.push_back(i);
  }

  Outcome attempt(const Opened& next, const OpenStep& step) {
    size_t before = process_.loads().size();
    process_.open(next);
    std::vector<Load> added(process_.loads().begin() + long(before), process_.loads().end());
    auto bad = std::ranges::find_if(added, is_trouble);
    error_.clear();
    last_failure_.clear();
    if (bad == added.end()) {
      keep(before);
      out_.opened.push_back(next);
      while (take_one_of(constructors_)) {
      }
      return Outcome::opened;
    }
    error_ = bad->found == Found::not_found ? bad->name : bad->path + ' ' + bad->by;
    // dlopen gives no error then: the process is gone.
    out_.ends |= std::ranges::any_of(added, &Load::kills);
    bool itself = bad == added.begin() && bad->found == Found::not_found;
    // What dlopen had loaded for it goes again: only what failed is told.
    attempted_ = added;
    std::erase_if(added, [](auto& load) { return !is_trouble(load); });
    auto& failures = step.first ? last_failure_ : failures_;
    failures.insert(failures.end(), added.begin(), added.end());
    return itself ? Outcome::missing : Outcome::broken;
  }

  /// A bare name; a pattern stands for the name of a file beside the caller ("libnvrtc-builtins.so.*").
  Candidate bare(const std::string& name, const std::string& by) const {
    if (!is_pattern(name)) return {name, {}};
    auto file = files_.look(by);
    return matching(folder_of(file && !file->real.empty() ? file->real : by), name);
  }

  Candidate below_sys_path(const OpenStep& step, const std::string& name) const {
    if (python_.sys_path.empty()) return {{}, "sys.path"};
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
  const LibraryVersion& version_;
  OpenProcess process_;
  std::vector<size_t> kept_;  ///< loads of the process that stay, by index
  Opening out_;
  std::string ctypes_;                         ///< as `Opened::by`; empty: the program opens
  std::vector<Load> failures_;                 ///< of attempts that led to nothing
  std::vector<Load> last_failure_;             ///< of the last alternative
  std::vector<Load> attempted_;                ///< all of the last attempt that failed
  std::vector<const OpenStep*> constructors_;  ///< steps of libraries that open when they are loaded
  std::set<std::pair<const OpenStep*, std::string>> taken_;  ///< steps of libraries, with the path of each
  std::set<std::string> offered_;                            ///< files of a series that has ended before them
  std::string error_;                       ///< of the last attempt, as far as names stand in it
  std::optional<std::string> first_error_;  ///< of the first step, if it failed
  bool first_missing_ = false;              ///< it led to no file
};

}  // namespace

Opening open_framework(const Framework& framework, const PythonProcess& python, const Files& files,
                       const LoaderSettings& settings, const LibraryVersion& version) {
  return Importer(framework, python, files, settings, version).run();
}

}  // namespace cufit
