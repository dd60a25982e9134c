// Units: the parts in which two worlds can differ, each of which can be taken over by itself.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/difference.h"
#include "model/report.h"

namespace cufit {

/// A difference, and how a world takes it over from the second.
struct Unit {
  Difference is;
  std::function<void(World&)> take;
};

/// Names of subjects that hold in both worlds: "torch", "/opt/venv torch" where there are several
/// environments.
class SubjectNames {
 public:
  SubjectNames(const World& a, const World& b);

  /// One for each subject of either world or of a mixture of both. A name that comes again is "torch #2".
  std::vector<std::string> of(const std::vector<Subject>&) const;
  /// The root that stands for it in the first world: if each has one environment that the other has not,
  /// those are the same.
  const std::string& root(const std::string& environment) const;

 private:
  std::map<std::string, std::string> same_;  ///< root in the second world -> root in the first
  bool several_ = false;
};

/// In the order machine, variables, subjects, observed, files, loads. `b` and `names` must outlive what is
/// returned.
std::vector<Unit> units_between(const World& a, const World& b, const SubjectNames& names);

// Its parts.
void add_json_units(const World& a, const World& b, std::vector<Unit>&);  ///< machine, variables, observed
void add_subject_units(const World& a, const World& b, const SubjectNames&, std::vector<Unit>&);
void add_file_units(const World& a, const World& b, std::vector<Unit>&);
/// What subjects load; follows from the others where the loader can be asked again.
void add_load_units(const World& a, const World& b, const SubjectNames&, std::vector<Unit>&);

/// Gives the subject `id` of `world` the loads of another world's subject.
void take_loads(World& world, const SubjectId& id, const World& from, const SubjectId& id_there);

/// Asks the loader again in a mixture of both: what the first world's files leave open, the second's may
/// tell.
void load_mixture(World& mixture, const World& a, const World& b);

/// A value in an answer: not more than what fits on a few lines.
std::string shortened(std::string text);

}  // namespace cufit
