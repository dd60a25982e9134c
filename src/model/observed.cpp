#include "model/observed.h"

namespace cufit {

const DriverLibrary* loaded_library(const Observed& observed, std::string_view soname) {
  auto rank = [](const DriverLibrary& l) { return l.on == "LD_LIBRARY_PATH" ? 0 : l.on == "cache" ? 1 : 2; };
  const DriverLibrary* best = nullptr;
  for (auto& l : observed.libraries)
    if (l.name == soname && !l.on.empty() && (!best || rank(l) < rank(*best))) best = &l;
  return best;
}

}  // namespace cufit
