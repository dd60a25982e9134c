#include "judge/pair_remedies.h"

#include <algorithm>

#include "judge/remedies.h"

namespace cufit {

std::optional<Remedy> remedy_besides(const Subject& subject, const Place& changed) {
  auto outcome = decide_here(subject, changed);
  if (outcome.judgement.verdict != Verdict::unfit) return std::nullopt;
  auto remedies = remedies_for({subject, changed, outcome, outcome.cause});
  auto helps = std::ranges::find_if(
      remedies, [](auto& r) { return r.checked && r.after && *r.after <= Verdict::limited; });
  if (helps == remedies.end()) return std::nullopt;
  helps->besides = true;
  return std::move(*helps);
}

}  // namespace cufit
