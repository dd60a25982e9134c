// JIT-2, JIT-3, RUN-6: environment variables that force or forbid the PTX compiler of the driver.
#pragma once

#include <map>
#include <string>

#include "judge/rule.h"
#include "judge/sources.h"

namespace cufit {

inline constexpr Rule jit_2 = {"JIT-2", {source::environment}};
inline constexpr Rule jit_3 = {"JIT-3", {source::environment, source::ada_guide}};
inline constexpr Rule run_6 = {"RUN-6", {source::measured, source::environment}};
inline constexpr const Rule* jit_rules[] = {&jit_2, &jit_3, &run_6};

/// What one pair of variables comes to.
struct JitSwitch {
  bool on = false;
  std::string variable;  ///< the variable that decides; empty if neither is set
};

struct JitSettings {
  JitSwitch forced;    ///< machine code is ignored, PTX is compiled
  JitSwitch disabled;  ///< PTX is not compiled
};

/// The newer variable of each pair wins over the older one; both act on the value `1`.
JitSettings jit_settings(const std::map<std::string, std::string>& env);

}  // namespace cufit
