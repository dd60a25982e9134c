// Failure: which call returns which code, when, and how a user sees it.
#pragma once

#include "judge/place.h"
#include "model/verdict.h"

namespace cufit {

/// What a program does where no libcuda can be used.
enum class WithoutDriver : uint8_t {
  error_35,   ///< the CUDA runtime in it reports 35
  own_words,  ///< it opens libcuda by itself and says in words of its own that there is none
  goes_on,    ///< it warns and computes on the CPU
};

/// How a program talks to the driver: decides the failing call and the numbers.
struct Caller {
  bool driver_api = false;    ///< cuInit and cuModuleLoadData instead of the CUDA runtime
  bool legacy_codes = false;  ///< runtime of CUDA 10.0 or older
  bool of_torch = false;      ///< PyTorch or what serves it: what is seen is what torch.cuda says
  WithoutDriver without_driver = WithoutDriver::error_35;
};

/// Without a CUDA runtime between: Triton, Numba.
inline bool opens_libcuda(const Caller& caller) { return caller.without_driver == WithoutDriver::own_words; }

/// `code` as the driver numbers it; 35 and 100 and 101 come at the first call, 200 and above with the code.
Failure make_failure(int code, const Caller&, const Place&);
/// The same where nothing is known of GPU and driver.
Failure make_failure(int code, const Caller&, const Knowledge&);

}  // namespace cufit
