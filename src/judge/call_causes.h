// What the causes of failed calls have in common: words, and who is to blame for the end of a child.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/causes.h"
#include "judge/machine_view.h"

namespace cufit {

/// CUresult (cuda.h).
namespace cuda_error {
constexpr uint32_t invalid_value = 1, out_of_memory = 2, not_initialized = 3, stub_library = 34,
                   unavailable = 46, no_device = 100, bad_device = 101, invalid_image = 200, no_binary = 209,
                   uncorrectable = 214, invalid_ptx = 218, no_jit_library = 221, ptx_too_new = 222,
                   jit_disabled = 223, invalid_source = 300, not_ready = 802, driver_mismatch = 803,
                   compat_unsupported = 804, unknown = 999;
}

/// A text with the call, the number and the name of its error.
Text called(const MachineView&, std::string id, const std::string& call, uint32_t code);

bool has(const std::vector<FoundCause>&, std::string_view id);

/// Does the end of the child speak against the driver? Not where the time in all was over or the user had set
/// a shorter one, and not where somebody else killed it.
Answer is_to_blame(const Asking&);

/// A library of the driver in which a call ended the child, or did not end; nothing if it is not to blame.
/// `decides`: programs need it.
std::optional<FoundCause> cause_of_end(const MachineView&, const Asking&, const char* fact,
                                       const char* soname, bool decides);

/// The number of the GPU, of several, that the call was about in which the child met its end.
std::optional<size_t> number_in_call(const Asking&, const Fact<uint32_t>& count);

/// Adds that cause, on the GPU that it is about if it is about one.
template <class Answers>
void find_end(const MachineView& v, const Answers& answers, const char* fact, const char* soname,
              bool decides, std::vector<FoundCause>& out) {
  auto cause = cause_of_end(v, answers.asking, fact, soname, decides);
  if (!cause) return;
  auto on = number_in_call(answers.asking, answers.count);
  if (on && *on < answers.gpus.size()) return place(std::move(*cause), v, answers.gpus[*on], out);
  if (on) leave_open(*cause);
  out.push_back(std::move(*cause));
}

}  // namespace cufit
