#include "judge/topic.h"

namespace cufit {

namespace {

struct Beginning {
  std::string_view fact;
  Topic topic;
};

/// The first that fits counts.
constexpr Beginning beginnings[] = {
    {"machine.driver", Topic::driver},
    {"observed.kernel", Topic::driver},
    {"observed.pci", Topic::driver},
    {"machine.gpus", Topic::gpus},
    {"observed.nodes", Topic::nodes},
    {"observed.mig", Topic::nodes},
    {"observed.fabric_manager", Topic::nodes},
    {"observed.libraries", Topic::driver_libraries},
    {"observed.preloads", Topic::driver_libraries},
    {"observed.sharing", Topic::driver_libraries},
    {"observed.limits", Topic::limits},
    {"machine.", Topic::host},
    {"observed.os", Topic::host},
    {"observed.cpu", Topic::host},
    {"env.", Topic::variables},
    {"subjects.", Topic::packages},
    {"environments.", Topic::packages},
    {"observed", Topic::rest},
    {"files.", Topic::files},
    {"loads.", Topic::loads},
};

}  // namespace

Topic topic_of(std::string_view fact) {
  for (auto& b : beginnings)
    if (fact.starts_with(b.fact)) return b.topic;
  return Topic::rest;
}

}  // namespace cufit
