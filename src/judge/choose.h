// choose: which published builds of a package serve a place, best first. The same answer stands behind the
// remedies of `check` and behind `pick`.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/outcome.h"
#include "knowledge/catalogue.h"

namespace cufit {

/// One published file of a release.
struct PublishedBuild {
  std::vector<const BuildRow*> rows;
  PackageVersion release;
  /// Does the default index serve it there? What it serves for Windows and aarch64 under the same version is
  /// another build, of PyTorch one without CUDA (data/builds_torch.toml).
  bool by_default = false;

  const BuildRow& row() const { return *rows.front(); }
  std::string version() const;  ///< "2.9.1+cu126"
};

/// A build, judged on every place.
struct Candidate : PublishedBuild {
  std::vector<Outcome> outcomes;  ///< one for each place

  Verdict verdict() const;       ///< the worst
  const Outcome& worst() const;  ///< the outcome that gives it
};

struct Want {
  std::string package;  ///< normalized
  Specifier specifier;
  std::string variant;  ///< "cu126": only builds of this local version; empty: any
};

/// Every build that answers the wish, judged; newest release first, within a release the one that the default
/// index serves, then the lower CUDA version.
std::vector<Candidate> judged_builds(const Want&, std::span<const Place> places);

/// The best of them: the verdict decides, then the order above. Null if nothing runs.
const Candidate* best_of(std::span<const Candidate>);

/// A build, judged on one place by itself: nothing is installed beside it.
struct Replacement : PublishedBuild {
  Verdict verdict = Verdict::unknown;
};

/// What was found out about builds at one place.
class KeptBuilds {
 public:
  struct Package {
    std::vector<const BuildRow*> rows;
    std::vector<PackageVersion> releases;                     ///< ascending
    std::map<std::string, std::vector<Replacement>> running;  ///< release -> builds that run, best first
  };
  std::map<std::string, Package> packages;

  /// Takes the verdict on a subject that is a published build and nothing else.
  void add(const Subject&, Verdict);
  std::optional<Verdict> verdict_on(const Subject& build) const;

 private:
  std::map<std::string, Verdict> verdicts_;
};

/// Builds to use in place of this one: those of the same release that run, else that of the next newer
/// release, else of the newest older one. Nothing if the subject is not in the catalogue.
std::vector<Replacement> replacements(const Subject&, const Place&);

}  // namespace cufit
