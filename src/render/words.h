// What the parts of the text renderer share: the page, the language, and items that several commands print.
#pragma once

#include "render/layout.h"
#include "render/render.h"

namespace cufit::render {

struct Writer {
  const Report& report;
  const Options& options;
  Page page;

  Writer(const Report& r, const Options& o) : report(r), options(o), page(o.color, o.width) {}

  std::string operator()(const Text& text) const { return phrase(text, options.lang); }
  /// The word for a verdict.
  std::string word(Verdict verdict) const;
  static Style style(Verdict verdict);

  /// A labelled item under a verdict or a file.
  void item(const Text& label, std::string_view text, Style style = Style::plain);
  /// Columns of the label of an item, in this language.
  size_t indent() const;

  const Subject* subject(const SubjectId& id) const;
  const Gpu* gpu(const GpuId& id) const;
  std::string subject_name(const SubjectId& id) const;
  std::string gpu_name(const GpuId& id) const;
};

/// One "could not read" line a gap; a long list is cut unless --why is given.
void write_gaps(Writer& w, const std::vector<Gap>& gaps);

/// What could not be read anywhere in the report.
std::vector<Gap> all_gaps(const Report& report);

void write_check(Writer& w);
/// Nothing if all is well, else one line for each verdict that is not.
void write_quiet(Writer& w);
void write_inspect(Writer& w);
void write_pick(Writer& w);
void write_fixes(Writer& w);
/// The screen of `cufit` by itself.
void write_machine(Writer& w);
/// Which file each library leads to, of each process in the report.
void write_loads(Writer& w);
/// What differs, what decides first.
void write_differences(Writer& w);

/// The groups of a fleet, the matrix, and what does not fit with the least change.
void write_fleet(Writer& w);
/// One line for each verdict of a fleet from `least` on.
void write_fleet_quiet(Writer& w, Verdict least);

/// "driver 470.129.06", "driver 535.43.02 or another of its branch", or that none was given.
std::string driver_words(const Machine& machine, Lang lang);

/// "cudaErrorInsufficientDriver (35) at the first CUDA call, from cudaGetDeviceCount".
std::string failure_words(const Writer& w, const Failure& f);
/// A verdict with its reason, on one line.
void write_quiet_line(Writer& w, const Judgement& j, const std::string& subject, const std::string& gpu);
/// The call that fails, and how a user sees it.
void write_failure(Writer& w, const Failure& f);
/// The commands of a remedy as lines for a shell, never broken.
void write_commands(Writer& w, const Remedy& r);
std::string limit_words(const Writer& w, const Limit& l);
/// What to do, whether it needs root or a reboot, and the verdict then.
std::string remedy_words(const Writer& w, const Remedy& r);

/// The proof tree: rule, what it says, the facts with their values and sources, the rows.
void write_proof(Writer& w, const Evidence& why);

/// Facts that nobody gave.
void write_assumed(Writer& w);

/// "470.129.06 (arg:--driver)" for "machine.driver.kernel"; empty if the report holds no such fact.
std::string fact_value(const Report& report, std::string_view ref);

}  // namespace cufit::render
