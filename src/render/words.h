// What the parts of the text renderer share: the page, the language, and items that several commands print.
#pragma once

#include "render/layout.h"
#include "render/render.h"

namespace cufit::render {

struct Writer {
  const Report& report;
  const Options& options;
  Page page;

  Writer(const Report& r, const Options& o);

  std::string operator()(const Text& text) const { return phrase(text, options.lang); }
  /// The word for a verdict.
  std::string word(Verdict verdict) const;
  static Style style(Verdict verdict);

  /// A labelled item under a verdict or a file.
  void item(const Text& label, std::string_view text, Style style = Style::plain);
  /// Columns of the label of an item, in this language.
  size_t indent() const;

  /// "a, b, c".
  std::string list(const std::vector<std::string>& names) const;
  /// "a, b and 7 more": as many as `most`, with --why all.
  std::string some_of(const std::vector<std::string>& names, size_t most = 6) const;

  const Subject* subject(const SubjectId& id) const;
  const Gpu* gpu(const GpuId& id) const;
  std::string subject_name(const SubjectId& id) const;
  /// "torch 2.9.1"; in a report on several environments also in which it is.
  std::string subject_name(const Subject& subject) const;
  /// "A800 (sm_80)"; of one that is not known only which machine has it: "this machine".
  std::string gpu_name(const GpuId& id) const;
  /// The same, of so many equal ones: "8 x H800 (sm_90)".
  std::string gpu_name(const Gpu* gpu, size_t boards = 1) const;
  /// All of them, equal ones counted.
  std::string gpu_names(const std::vector<GpuId>& ids) const;

 private:
  bool several_environments_;
};

/// One "could not read" line a gap; a long list is cut unless --why is given.
void write_gaps(Writer& w, const std::vector<Gap>& gaps);

/// What could not be read anywhere in the report.
std::vector<Gap> all_gaps(const Report& report);

/// How to ask about a GPU, where none is known.
void write_next_step(Writer& w);

void write_check(Writer& w);
/// Nothing if all is well, else one line for each verdict that is not.
void write_quiet(Writer& w);
void write_inspect(Writer& w);
void write_pick(Writer& w);
void write_fixes(Writer& w);
/// The screen of `cufit` by itself.
void write_machine(Writer& w);
/// The four steps of `doctor`.
void write_doctor(Writer& w);
/// The cause that a log shows.
void write_explain(Writer& w);
/// Which file each library leads to, of each process in the report.
void write_loads(Writer& w);
/// What differs, what decides first.
void write_differences(Writer& w);

/// The groups of a fleet, the matrix, and what does not fit with the least change.
void write_fleet(Writer& w);

/// "driver 470.129.06", "driver R535, taken as 535.43.02", or that none was given.
std::string driver_words(const Machine& machine, Lang lang);

/// "cudaErrorInsufficientDriver (35) at the first CUDA call, from cudaGetDeviceCount".
std::string failure_words(const Writer& w, const Failure& f);
/// The call that fails, and how a user sees it.
void write_failure(Writer& w, const Failure& f);
/// The commands of a remedy as lines for a shell, never broken.
void write_commands(Writer& w, const Remedy& r);
std::string limit_words(const Writer& w, const Limit& l);
/// What to do, whether it needs root or a reboot, and the verdict then.
std::string remedy_words(const Writer& w, const Remedy& r);

/// "torch 2.2.0, triton 3.1.0 on A800 (sm_80), V100 (sm_70); app on ...": of longer lists `most` names.
std::string on_words(const Writer& w, const Finding& f, size_t most);

/// The proof tree: rule, what it says, the facts with their values and sources, the rows.
void write_proof(Writer& w, const Evidence& why);

/// Facts that nobody gave.
void write_assumed(Writer& w);

/// "470.129.06 (arg:--driver)" for "machine.driver.kernel"; empty if the report holds no such fact.
std::string fact_value(const Report& report, std::string_view ref);

}  // namespace cufit::render
