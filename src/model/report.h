// Report: what every command prints.
#pragma once

#include <string>
#include <vector>

#include "model/machine.h"
#include "model/subject.h"
#include "model/verdict.h"

namespace cufit {

struct World {
  Machine machine;
  std::vector<Subject> subjects;
};

struct Report {
  std::string command;    ///< "check", "inspect"
  std::string knowledge;  ///< date of the newest row
  Machine machine;
  std::vector<Subject> subjects;
  std::vector<Judgement> judgements;  ///< subject-major, in the order of targets and GPUs
  std::vector<Finding> findings;
  std::vector<Gap> unread;  ///< targets that could not be opened at all
  bool operator==(const Report&) const = default;
};

}  // namespace cufit
