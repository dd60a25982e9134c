// Report: what every command prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/difference.h"
#include "model/file_index.h"
#include "model/load.h"
#include "model/log.h"
#include "model/machine.h"
#include "model/observed.h"
#include "model/probed.h"
#include "model/subject.h"
#include "model/verdict.h"

namespace cufit {

struct World {
  Machine machine;
  std::vector<Subject> subjects = {};
  std::optional<Observed> observed = {};  ///< nothing: the machine was described, nobody looked at one
  FileIndex files = {};                   ///< what the loader looks at on it
  std::vector<Loads> loads = {};          ///< what the loader answered for the subjects
  std::optional<Probed> probed = {};      ///< what the driver answered; nothing: nobody asked it
  bool operator==(const World&) const = default;
};

/// Machines of a fleet that are alike.
struct Group {
  std::string name;
  uint64_t count = 1;  ///< machines
  Machine machine;     ///< its GPU ids are unique in the whole report
  bool operator==(const Group&) const = default;
};

/// One question of a fleet: indexes into subjects, GPUs of all groups, judgements. Equal questions share a
/// judgement.
struct Cell {
  uint32_t subject = 0, group = 0, gpu = 0, judgement = 0;
  bool operator==(const Cell&) const = default;
};

/// One of the four steps in which `doctor` looks at a machine.
struct DoctorStep {
  enum class State : uint8_t { works, limited, unknown, fails, not_asked };
  std::string step;  ///< "driver", "framework", "runtime", "proof"
  State state = State::not_asked;
  std::vector<Text> says;
  bool operator==(const DoctorStep&) const = default;
};

struct Report {
  std::string command;               ///< "check", "inspect", "pick"
  std::string knowledge;             ///< date of the newest row
  Machine machine;                   ///< of a fleet: nothing but the GPUs of all groups
  std::optional<Observed> observed;  ///< what the machine shows of itself, if one was looked at
  std::optional<Probed> probed;      ///< what its driver answered, if it was asked
  std::vector<Loads> loads;          ///< which libraries the subjects load
  std::vector<Subject> subjects;
  std::vector<Judgement> judgements;  ///< subject-major, in the order of targets and GPUs
  std::vector<Finding> findings;
  std::vector<Group> groups;  ///< of a fleet; empty for one machine
  std::vector<Cell> cells;    ///< of a fleet, subject-major: every subject on every GPU of every group
  std::vector<Difference>
      differences;  ///< from another machine to this one (`cufit diff`), those that decide first
  std::optional<Compared> compared;  ///< what both come to (`cufit diff`)
  std::vector<DoctorStep> steps;     ///< of `doctor`
  std::optional<ExplainedLog> log;   ///< of `explain`
  std::vector<Text> normal;          ///< what looks odd and is not (`doctor --normal`)
  std::vector<Gap> unread;           ///< targets that could not be opened at all
  bool operator==(const Report&) const = default;
};

}  // namespace cufit
