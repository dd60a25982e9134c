#include "loader/search.h"

namespace cufit {

std::vector<Load> loads_of(const std::string&, std::span<const Opened>, const Files&, const LoaderSettings&) {
  return {};
}

}  // namespace cufit
