#include "loader/stops.h"

namespace cufit {

bool tell_what_stops(std::vector<Load>& loads) {
  bool any = false;
  for (auto& load : loads) {
    bool preload = !load.place_of.empty();  // of what is not found, preloads alone have one
    bool refused = (load.found == Found::not_found && !preload) || !load.missing_versions.empty();
    load.stops = !load.dlopened && (load.kills() || (refused && !load.by.empty()));
    any |= load.stops;
  }
  return any;
}

}  // namespace cufit
