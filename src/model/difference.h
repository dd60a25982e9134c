// Difference: one thing in which two machines differ, and what it does to the verdict (`cufit diff`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/verdict.h"

namespace cufit {

struct Difference {
  enum class Kind : uint8_t { changed, added, removed };  ///< from the first machine to the second
  /// What the machine with the worse outcome (the second, if none is worse) comes to if it takes over nothing
  /// but this from the other.
  enum class Effect : uint8_t {
    decides,  ///< the other machine's outcome; together with `with`, if that is not empty
    changes,  ///< something else than before, but not the other machine's outcome
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

/// What one of two compared machines comes to: the judgement that tells most of how they differ, or the
/// worst.
struct MachineOutcome {
  std::string name;                ///< of its recording, as the user wrote it
  std::optional<Verdict> verdict;  ///< nothing: nothing was judged on it
  std::string subject, gpu;        ///< what runs or does not, in words: "torch 2.9.1+cu130"; may be empty
  Text why;                        ///< the reason; empty if there is nothing to say
  std::optional<Failure> fails;
  std::vector<Text> findings;  ///< what was found only on this one of the two
  int exit = 0;                ///< what `cufit check` exits with if it is asked for nothing but that
  bool operator==(const MachineOutcome&) const = default;
};

/// Both of them, and what can be said of why they differ.
struct Compared {
  MachineOutcome a, b;
  bool differ = false;          ///< their outcomes differ
  bool tried_on_first = false;  ///< the first was the worse one: the second's values were tried on it
  /// Sets of facts that decide together as well, beside those that decide: at most three.
  std::vector<std::vector<FactRef>> other_sets = {};
  Text unattributed;  ///< why no difference can be named although the outcomes differ; else empty
  bool operator==(const Compared&) const = default;
};

}  // namespace cufit
