// Probes of the fake drivers in fake/.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collect/probe.h"

namespace cufit::test {

/// With the libraries of a folder, which behave as `driver` says (fake/fake.h).
inline collect::ProbeOptions fake_options(const std::string& driver = "",
                                          const std::string& folder = CUFIT_FAKES "/new") {
  collect::ProbeOptions options;
  options.env = {{"LD_LIBRARY_PATH", folder}, {"FAKE_DRIVER", driver}};
  return options;
}

inline Probed probe(collect::ProbeOptions options, const collect::ImagesFor& images = {}) {
  return collect::Probe(std::move(options)).finish(images);
}

inline Probed fake(const std::string& driver = "", const std::string& folder = CUFIT_FAKES "/new") {
  return probe(fake_options(driver, folder));
}

/// The names of the calls that were made, each once, in their order.
inline std::vector<std::string> calls_of(const Asking& asking) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (auto& call : asking.calls)
    if (known.insert(call.name).second) names.push_back(call.name);
  return names;
}

/// A fact that a call gave.
template <class T>
Fact<T> told(T value, const char* call) {
  return {std::move(value), {Source::Kind::call, call}};
}

/// A fact that a call says there is none of.
template <class T>
Fact<T> none(const char* call) {
  Fact<T> fact;
  fact.from = {Source::Kind::call, call};
  return fact;
}

template <class T>
std::string why(const Fact<T>& fact) {
  auto* unreadable = std::get_if<Unreadable>(&fact.is);
  return unreadable ? unreadable->why : "";
}

}  // namespace cufit::test
