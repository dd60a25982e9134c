// Redacting: a world or a report without names, identities and secrets. What decides verdicts stays.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/pseudonyms.h"
#include "model/report.h"
#include "model/variables.h"

namespace cufit {

/// What the world does not tell of itself. Users and hosts that it shows (/home/NAME) need not be named here.
struct Private {
  std::vector<std::string> users = {}, hosts = {};
  Variables env = {};  ///< all of the shell, with those that name people and machines and are not recorded
};

/// Keeps what it met, so that a world and the report on it get the same pseudonyms.
class Redactor {
 public:
  explicit Redactor(const Private& = {});
  World redacted(World);
  Report redacted(Report);

 private:
  Pseudonyms names_;
  std::map<std::string, std::string>
      values_;  ///< of variables: before -> after, where a text would not become that
};

/// redact(redact(w)) is redact(w), unless the second time is told names again.
World redact(World, const Private& = {});

}  // namespace cufit
