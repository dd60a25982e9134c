// A Report -> words for people, or JSON for programs.
#pragma once

#include <string>

#include "model/report.h"
#include "model/summary.h"
#include "render/phrase.h"

namespace cufit::render {

struct Options {
  Lang lang = Lang::en;
  bool color = false;  ///< the caller knows whether this is a terminal and whether NO_COLOR is set
  bool why = false;    ///< the whole proof, all gaps, all shapes
  bool quiet = false;  ///< nothing if all is well; else one line for each verdict that is not
  bool fix = false;    ///< only the commands of the remedies, as lines for a shell
  size_t width = 0;    ///< columns of the terminal; 0: lines are never broken
  FailOn fail_on = FailOn::unfit;
};

/// The text of `check`, `inspect` or `pick`, by Report::command.
std::string to_text(const Report& report, const Options& options);

/// What `doctor` found out, on one line: "fails: a stub is loaded in place of libcuda: ...".
std::string one_line(const Report& report, const Options& options);

/// The likeliest cause that a log shows, on one line: "line 22: Other processes hold the GPU's memory (sure)".
std::string one_line_of_cause(const Report& report, const Options& options);

/// cufit.report/1 on one line with its line end, with the words in `lang`.
std::string to_json(const Report& report, Lang lang, FailOn fail_on = FailOn::unfit);

/// SARIF 2.1.0, for code scanning: a result for each verdict that is not `fits`.
std::string to_sarif(const Report& report, const Options& options);

/// JUnit XML, for CI systems: a suite for each group of machines, a case for each subject and GPU.
std::string to_junit(const Report& report, const Options& options);

/// One HTML page that needs nothing else: the matrix, and behind each verdict the reason and what helps.
std::string to_html(const Report& report, const Options& options);

}  // namespace cufit::render
