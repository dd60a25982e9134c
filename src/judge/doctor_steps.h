// The four steps of `doctor`: driver, framework, runtime, proof. What each came to, from a report that was judged.
#pragma once

#include <vector>

#include "model/report.h"

namespace cufit {

/// Reads judgements, findings, loads and what the driver answered; judges nothing anew.
std::vector<DoctorStep> doctor_steps(const Report&);

}  // namespace cufit
