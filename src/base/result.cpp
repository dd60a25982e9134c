#include "base/result.h"

#include <cstdio>

namespace cufit {

std::string Error::to_string() const {
  std::string s = file;
  if (offset) {
    char at[32];
    std::snprintf(at, sizeof at, "at 0x%llx", static_cast<unsigned long long>(*offset));
    s += (s.empty() ? "" : ": ") + std::string(at);
  }
  return s + (s.empty() ? "" : ": ") + message;
}

}  // namespace cufit
