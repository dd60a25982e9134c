// What a world comes to, in a form in which two worlds and mixtures of both can be compared.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "judge/world_units.h"
#include "knowledge/knowledge.h"
#include "model/report.h"

namespace cufit {

/// From coarse to fine. The first in which two worlds differ is what a difference has to explain: whoever
/// asks why a program does not run is not told of a warning.
enum class Detail : uint8_t {
  runs,      ///< does it run, and if not by which failure and cause
  verdicts,  ///< every verdict with its reason
  all,       ///< also uses, warnings and hints
};

class ComparedOutcome {
 public:
  ComparedOutcome(const World&, const Knowledge&, const SubjectNames&);

  /// Equal texts are equal outcomes. `focus`: the questions (subject and GPU) that count for `runs` and
  /// `verdicts`.
  std::string text(Detail, const std::set<std::string>& focus) const;
  /// The questions that the two answer otherwise; `both`: of those that both were asked.
  static std::set<std::string> differing(const ComparedOutcome&, const ComparedOutcome&, bool both);
  /// The worst that is said of the questions in focus; nothing where none was judged and nothing is wrong.
  std::optional<Verdict> verdict(const std::set<std::string>& focus) const;
  /// Which of two outcomes is the worse one: by the verdict, else by how many errors and warnings there are.
  static bool is_worse(const ComparedOutcome&, const ComparedOutcome&, const std::set<std::string>& focus);
  /// For people: the answer that stands for those in focus, or for all if none is.
  MachineOutcome told(const std::set<std::string>& focus, const ComparedOutcome& other) const;

 private:
  struct Answer {
    Verdict verdict = Verdict::fits;
    std::string reason;  ///< "100 nouveau-conflict", a rule; empty where it fits
    size_t rank = 0;     ///< of the finding that explains it: the machine's causes come first
    bool torch = false;  ///< of equal answers that about the main framework is told
    const Judgement* judgement = nullptr;
  };
  /// The worst, of those the one that is explained first; nullptr if there is none.
  const Answer* worst(const std::set<std::string>* focus) const;
  const Finding* first_error() const;
  /// For people where no question is in focus: what fails, else PyTorch, else the worst of what is installed.
  const Answer* most_telling() const;
  ptrdiff_t count(std::string_view severity) const;

  Report report_;
  std::map<std::string, Answer> answers_;
  std::string fine_;
};

}  // namespace cufit
