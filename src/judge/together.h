// LIB-9: published builds that are asked for together: what the metadata of one says about another.
#pragma once

#include <span>
#include <vector>

#include "model/subject.h"
#include "model/verdict.h"

namespace cufit {

/// Does the metadata of neither forbid the other?
bool allow_each_other(const Subject&, const Subject&);

/// Do both ask for releases of a third package that cannot be the same?
bool needs_clash(const Subject&, const Subject&);

/// Notes on builds that pip would not install together with the others. Several releases of one package are
/// alternatives: one that is allowed is enough. What lies in an environment is installed already.
void note_conflicts(std::span<const Subject>, std::vector<Judgement>&);

}  // namespace cufit
