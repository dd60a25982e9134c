#include "judge/seen_loads.h"

#include <algorithm>

#include "base/text.h"

namespace cufit {

std::string_view stem_of(std::string_view soname) { return soname.substr(0, soname.find(".so")); }

FactRef load_fact(const Loads& process, const Load& l) {
  return "loads." + (process.subject.empty() ? process.start : process.subject) + '.' + l.name;
}

const Subject* subject_of(const MachineView& v, const Loads& process) {
  auto at = std::ranges::find(v.facts.subjects, process.subject, &Subject::id);
  return at == v.facts.subjects.end() ? nullptr : &*at;
}

std::string asker_of(const Loads& process, const Load& l) {
  return std::string(base_name(std::string_view(l.by.empty() ? process.start : l.by)));
}

bool is_behind_preload(const Loads& process, const Load& l) {
  auto by = l.by;
  for (size_t steps = 0; !by.empty() && steps < process.loads.size(); steps++) {
    auto asker = std::ranges::find_if(process.loads, [&](auto& other) {
      return other.is_there() && (other.file() == by || other.path == by);
    });
    if (asker == process.loads.end()) return false;
    if (asker->found == Found::preload) return true;
    by = asker->by;
  }
  return false;
}

bool is_refused(const Load& l) { return l.found == Found::not_found && l.why.id == "loader.bad-file"; }

FoundCause in_process(FoundCause cause, const Loads& process, const Load& blamed) {
  if (!process.subject.empty()) cause.subjects.push_back(process.subject);
  if (blamed.found == Found::ld_library_path) cause.args.emplace_back("folder", folder_of(blamed.path));
  return cause;
}

}  // namespace cufit
