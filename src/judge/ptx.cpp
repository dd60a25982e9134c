#include "judge/ptx.h"

#include <tuple>

namespace cufit {

namespace {

const Rule& rule_of_target(Sm target) {
  if (target.plain() == Sm{10, 1, {}}) return ptx_5;
  switch (target.suffix) {
    case Sm::Suffix::a:
      return ptx_3;
    case Sm::Suffix::f:
      return ptx_4;
    case Sm::Suffix::none:
      break;
  }
  return ptx_1;
}

/// The newest compiler in the tables: what it refuses, every known driver refuses.
Cuda newest(const Knowledge& k) {
  auto rows = k.tables().toolkits;
  return rows.empty() ? Cuda{} : rows.back().cuda;
}

}  // namespace

PtxMatch match_ptx_target(const Knowledge& k, Sm target, Sm gpu, const Jit& jit) {
  auto fits = k.ptx_target_accepts(target, gpu, jit.cuda.value_or(newest(k)));
  if (fits == Answer::no && jit.cuda && jit.at_least &&
      k.ptx_target_accepts(target, gpu, newest(k)) != Answer::no)
    fits = Answer::unknown;
  return {fits, &rule_of_target(target)};
}

Answer reads_isa(const Knowledge& k, Isa isa, const Jit& jit) {
  if (isa == Isa{}) return Answer::unknown;
  if (!jit.cuda) return isa <= k.ptx_isa(newest(k)).value_or(Isa{}) ? Answer::yes : Answer::unknown;
  auto own = k.ptx_isa(*jit.cuda);
  if (!own) return Answer::unknown;
  if (isa <= *own) return Answer::yes;
  return jit.at_least ? Answer::unknown : Answer::no;
}

Answer reads_isa(const Knowledge& k, const Image& ptx, const Jit& jit) {
  auto least = reads_isa(k, ptx.isa, jit);
  if (ptx.isa_at_most == Isa{} || least == Answer::no) return least;
  return reads_isa(k, ptx.isa_at_most, jit) == Answer::yes ? Answer::yes : Answer::unknown;
}

bool is_better_ptx(Sm x, Sm y) {
  auto rank = [](Sm s) {
    int suffix = s.suffix == Sm::Suffix::a ? 2 : s.suffix == Sm::Suffix::f ? 1 : 0;
    return std::tuple(s.number(), suffix);
  };
  return rank(x) > rank(y);
}

}  // namespace cufit
