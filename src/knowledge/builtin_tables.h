// The tables compiled in: constants, written from data/*.toml by knowledge_gen.
#pragma once

#include "knowledge/knowledge.h"

namespace cufit {

extern const Tables builtin_tables;

}  // namespace cufit
