// Requirements as targets: "torch==2.9.1+cu130" and requirements files become builds of the catalogue.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collect/marker.h"
#include "commands/index_map.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/package.h"
#include "model/report.h"

namespace cufit::commands {

/// Does an operand that names no file mean a package? It has a version, or the catalogue has such a package.
bool is_requirement(const std::string& operand, const Knowledge&);

/// Where and how requirements are installed.
struct Installation {
  Indexes indexes;
  std::vector<Requirement> constraints = {};      ///< of all names
  std::vector<collect::MarkerPlace> places = {};  ///< of the machines; empty: not known
  std::vector<Text> notes = {};                   ///< that concern all that is installed
};

/// What markers ask of the machines.
std::vector<collect::MarkerPlace> places_of(std::span<const Machine>);

/// What a requirement comes to.
struct Resolved {
  std::string name;               ///< of the package that holds the code: jax-cuda12-plugin of jax[cuda12]
  bool skipped = false;           ///< its marker holds on none of the machines
  std::vector<Subject> subjects;  ///< one for each file that the index may serve
  std::vector<Text> notes;        ///< how they were chosen
};

/// The builds that a requirement comes to: the best release that it, its constraints and the indexes allow.
Resolved resolve(Requirement, const Installation&, const Knowledge&);

/// Several that are installed together, in their order: what has no version of its own is held to what the
/// others pin, where such a release is known.
std::vector<Resolved> resolve_set(std::span<const Requirement>, const Installation&, const Knowledge&);

/// Lines about one package are one requirement, as for pip. Lines with markers stay apart.
std::vector<Requirement> joined_by_name(std::vector<Requirement>);

/// Adds notes to all judgements on a subject.
void add_notes(Report&, const SubjectId&, std::span<const Text>);

}  // namespace cufit::commands
