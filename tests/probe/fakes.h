// Probes of the fake drivers in fake/.
#pragma once

#include <string>

#include "collect/probe.h"

namespace cufit::test {

/// With the libraries of a folder, which behave as `driver` says (fake/fake.h).
inline collect::ProbeOptions fake_options(const std::string& driver = "",
                                          const std::string& folder = CUFIT_FAKES "/new") {
  collect::ProbeOptions options;
  options.env = {{"LD_LIBRARY_PATH", folder}, {"FAKE_DRIVER", driver}};
  return options;
}

inline Probed probe(const collect::ProbeOptions& options, const collect::ImagesFor& images = {}) {
  return collect::Probe(options).finish(images);
}

}  // namespace cufit::test
