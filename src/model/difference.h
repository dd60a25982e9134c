// Difference: one thing in which two machines differ, and what it does to the verdict (`cufit diff`).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/verdict.h"

namespace cufit {

struct Difference {
  enum class Kind : uint8_t { changed, added, removed };  ///< from the first machine to the second
  /// What the first machine comes to if it takes over nothing but this from the second.
  enum class Effect : uint8_t {
    decides,  ///< the second machine's outcome; together with `with`, if that is not empty
    changes,  ///< another outcome, but not the second machine's
    none,
    not_tried,  ///< there are more differences than are tried
  };
  FactRef
      fact;  ///< "machine.driver.kernel", "env.LD_LIBRARY_PATH", "subjects.torch.version", "files./usr/lib"
  Kind kind = Kind::changed;
  std::string a, b;  ///< the values as text, shortened; empty where there is none
  /// Facts that say the same of the machine and changed in the same way: the driver's version stands in
  /// several places.
  std::vector<FactRef> also = {};
  Effect effect = Effect::none;
  std::vector<FactRef> with = {};  ///< the other differences that it takes to decide
  bool operator==(const Difference&) const = default;
};

}  // namespace cufit
