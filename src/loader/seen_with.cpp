#include "loader/seen_with.h"

#include <algorithm>

#include "base/text.h"
#include "loader/settings.h"
#include "model/library_path.h"
#include "model/preload.h"

namespace cufit {

namespace {

constexpr const char* library_path = "LD_LIBRARY_PATH";

std::string value_of(const std::map<std::string, std::string>& env, const char* name) {
  auto at = env.find(name);
  return at == env.end() ? std::string() : at->second;
}

void take_library_path(Observed& seen, const std::string& value) {
  auto folders = library_path_folders(value);
  auto place = [&](const DriverLibrary& l) { return std::ranges::find(folders, folder_of(l.path)); };
  for (auto& l : seen.libraries) {
    bool was = l.on == library_path, is = l.has_its_name() && place(l) != folders.end();
    if (is && !was) l.else_on = std::exchange(l.on, library_path);
    if (was && !is) l.on = std::exchange(l.else_on, "");
  }
  // Of several the first folder counts.
  std::ranges::stable_sort(seen.libraries, {}, [&](auto& l) {
    return (l.on == library_path ? place(l) : folders.end()) - folders.begin();
  });
}

void take_preload(Observed& seen, std::vector<std::string> of_file, const std::string& value) {
  constexpr std::string_view by_kernel = "/proc/cgpu_km";
  auto shared = sharing_by_library(of_file, value, seen.libraries);
  bool by_library = seen.sharing && seen.sharing.from.where != by_kernel;
  if (shared || by_library) seen.sharing = std::move(shared);
  seen.preloads = std::move(of_file);
  std::ranges::move(preload_variable(value), std::back_inserter(seen.preloads));
}

}  // namespace

void see_with(Observed& seen, const std::map<std::string, std::string>& before,
              const std::map<std::string, std::string>& after) {
  auto changes = [&](const char* name) { return value_of(before, name) != value_of(after, name); };
  if (!changes(library_path) && !changes("LD_PRELOAD")) return;
  auto of_file = settings_of(seen, before).preload_file;
  if (changes(library_path)) take_library_path(seen, value_of(after, library_path));
  take_preload(seen, std::move(of_file), value_of(after, "LD_PRELOAD"));
}

}  // namespace cufit
