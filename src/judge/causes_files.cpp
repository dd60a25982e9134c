// Files of an environment that cannot be loaded, by what was read of them: they are what they are, whichever
// machine is asked about. Where the loader was asked what a subject loads, its answer counts
// (causes_not_loaded).
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "judge/machine_view.h"
#include "judge/missing_libraries.h"
#include "loader/places.h"
#include "model/hidden_code.h"

namespace cufit {

namespace {

/// A library of an environment: read, or the gap that says why it cannot be loaded, or both.
struct Library {
  std::string path;
  const Member* read = nullptr;
  const Gap* flaw = nullptr;
};

const Gap* flaw_of(const std::vector<Gap>& gaps) {
  auto at = std::ranges::find_if(gaps, is_damage);
  return at == gaps.end() ? nullptr : &*at;
}

/// What an asker gets for a name. `sure`: its own entries lead there, and nothing is asked before them.
struct Taken {
  const Library* library = nullptr;
  bool sure = true;
};

class EnvironmentLibraries {
 public:
  EnvironmentLibraries(std::span<const Subject> subjects, std::string_view environment,
                       bool other_folders_first)
      : other_folders_first_(other_folders_first) {
    for (auto& s : subjects) {
      if (s.environment != environment) continue;
      for (auto& m : s.members) add({m.bin.path, &m, flaw_of(m.bin.unread)});
      for (auto& gap : s.unread)
        if (is_damage(gap)) add({gap.path, nullptr, &gap});
    }
  }

  bool has_flaws() const { return flaws_; }

  Taken take(const Member& by, std::string_view name) const {
    auto named = by_name_.find(name);
    if (named == by_name_.end()) return {};
    auto& dyn = by.bin.dyn;
    for (auto& place : places_of(dyn.runpath ? *dyn.runpath : dyn.rpath.value_or(""), ":", Found::rpath,
                                 by.bin.path, Tokens{.origin = folder_of(by.bin.path)}))
      for (auto& library : named->second)
        if (plain(place.folder) == plain(folder_of(library.path)))
          return {&library, !(dyn.runpath && other_folders_first_)};
    return {&named->second.front(), false};
  }

 private:
  static std::filesystem::path plain(const std::string& folder) {
    return std::filesystem::path(folder).lexically_normal();
  }

  void add(Library library) {
    flaws_ |= library.flaw != nullptr;
    by_name_[std::string(base_name(std::string_view(library.path)))].push_back(library);
  }

  bool other_folders_first_, flaws_ = false;
  std::map<std::string, std::vector<Library>, std::less<>> by_name_;
};

/// A library that cannot be loaded and that a subject needs.
struct Needed {
  const Library* library = nullptr;
  const Member* by = nullptr;
  std::string name;
  bool sure = false;
};

/// The first on the way through all that its files need; one that is surely met before one that may not be.
Needed first_flaw(const Subject& s, const EnvironmentLibraries& libraries) {
  Needed perhaps;
  std::set<const Member*> seen;
  std::vector<std::pair<const Member*, bool>> open;
  auto add = [&](const Member& m, bool sure) {
    if (seen.insert(&m).second) open.emplace_back(&m, sure);
  };
  for (auto& m : s.members)
    if (is_loaded_with(m)) add(m, true);
  for (size_t i = 0; i < open.size(); i++) {
    auto [by, sure] = open[i];
    for (auto& name : by->bin.dyn.needed) {
      auto taken = libraries.take(*by, name);
      if (!taken.library) continue;
      bool met = sure && taken.sure;
      if (taken.library->flaw) {
        Needed needed = {taken.library, by, name, met};
        if (met) return needed;
        if (!perhaps.library) perhaps = needed;
      } else if (taken.library->read) {
        add(*taken.library->read, met);
      }
    }
  }
  return perhaps;
}

std::string value_of(const Text& text, std::string_view name) {
  auto* value = argument(text.args, name);
  return value ? *value : std::string();
}

Text words_of(const Needed& needed) {
  auto& flaw = needed.library->flaw->what;
  CauseArgs args = {{"library", needed.name},
                    {"by", std::string(base_name(std::string_view(needed.by->bin.path)))},
                    {"path", needed.library->path}};
  if (flaw.id == gap_denied) return {"evidence.library-denied", args};
  if (!needed.sure) return {"evidence.library-perhaps-damaged", args};
  if (flaw.id == gap_no_library) {
    args.emplace_back("why", value_of(flaw, "why"));
    return {"evidence.library-refused", args};
  }
  args.emplace_back("size", value_of(flaw, "size"));
  args.emplace_back("whole", value_of(flaw, "whole"));
  return {flaw.id == gap_cut_off ? "evidence.library-cut-off" : "evidence.library-end-missing", args};
}

/// Whoever may not read a file cannot tell what another user gets of it.
bool is_open(const Needed& needed) {
  auto& id = needed.library->flaw->what.id;
  return !needed.sure || id == gap_denied || id == gap_end_missing;
}

}  // namespace

void find_file_causes(const MachineView& v, std::vector<FoundCause>& out) {
  std::map<std::string, EnvironmentLibraries> environments;
  for (auto& s : v.facts.subjects) {
    bool asked = std::ranges::find(v.facts.loads, s.id, &Loads::subject) != v.facts.loads.end();
    if (asked || s.environment.empty()) continue;
    auto& libraries =
        environments.try_emplace(s.environment, v.facts.subjects, s.environment, v.is_set("LD_LIBRARY_PATH"))
            .first->second;
    auto needed = libraries.has_flaws() ? first_flaw(s, libraries) : Needed();
    if (!needed.library) continue;
    bool denied = needed.library->flaw->what.id == gap_denied;
    auto cause = fault(v.facts, denied ? "library-unreadable" : "library-damaged", Stage::start, 0,
                       words_of(needed), {"subjects." + s.id + ".members"});
    if (is_open(needed)) leave_open(cause);
    cause.subjects.push_back(s.id);
    out.push_back(std::move(cause));
  }
}

}  // namespace cufit
