// Judgements of a matrix with one cause: what is said once for many cells.
#pragma once

#include <map>
#include <vector>

#include "render/matrix.h"

namespace cufit::render {

struct CauseGroup {
  Verdict verdict = Verdict::fits;
  std::vector<uint32_t> findings;    ///< of the report
  std::vector<uint32_t> judgements;  ///< each once; they have the findings, the rule's statement and the
                                     ///< error code in common
  std::map<size_t, std::vector<uint32_t>> columns;  ///< column -> rows
  uint64_t machines = 0;                            ///< times subjects
};

struct CauseGroups {
  std::vector<CauseGroup> all;         ///< worst verdict first, then the most machines
  std::vector<uint32_t> of_judgement;  ///< index in `all`, or Matrix::none
};

/// Groups of all judgements from `least` on.
CauseGroups cause_groups(const Matrix&, Verdict least);

/// The rows that share their columns, and these: what is true of each pair.
std::vector<std::pair<std::vector<uint32_t>, std::vector<size_t>>> rectangles(const CauseGroup&);

/// The different reasons in a group, as its judgements give them.
std::vector<Text> reasons(const CauseGroup&, const Report&);

/// The first remedy of the first finding that has one; null if there is none.
const Remedy* least_change(const CauseGroup&, const Report&);

}  // namespace cufit::render
