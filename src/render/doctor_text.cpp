// The text of `doctor`: driver, framework, runtime, proof, and below them the root cause with what helps.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "model/cuda_library.h"
#include "model/json_names.h"
#include "model/package.h"
#include "model/summary.h"
#include "render/labels.h"
#include "render/verdict_lines.h"
#include "render/words.h"

namespace cufit::render {

namespace {

enum class State { works, limited, unknown, fails, not_asked };

State state_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits:
      return State::works;
    case Verdict::limited:
      return State::limited;
    case Verdict::unknown:
      return State::unknown;
    case Verdict::unfit:
      return State::fails;
  }
  return State::unknown;
}

Style style_of(State state) {
  static constexpr Style styles[] = {Style::good, Style::mixed, Style::open, Style::bad, Style::faint};
  return styles[size_t(state)];
}

std::string word_of(const Writer& w, State state) {
  static constexpr const char* ids[] = {"doctor.works", "doctor.limited", "doctor.unknown", "doctor.fails",
                                        "doctor.not-asked"};
  return w(Text{ids[size_t(state)]});
}

/// "1 driver     works    580.159.04 ...": the lines of a step, the first with its number and state.
void write_step(Writer& w, const char* id, State state, const std::vector<std::string>& lines) {
  constexpr size_t of_name = 13, of_state = 9;
  Span head = {padded(w(Text{id}), of_name) + padded(word_of(w, state), of_state), style_of(state)};
  for (auto& line : lines) {
    w.page.item(head, of_name + of_state, line);
    head = {""};
  }
}

std::string code_words(const Writer& w, const std::string& call, uint32_t code) {
  return w(Text{"doctor.returned", {{"call", call}, {"code", std::to_string(code)}}});
}

/// Why a library of the driver did not come to its end; empty if it did.
std::string end_words(const Writer& w, const Asking& asking, const char* library) {
  if (asking.end == Asking::End::done || asking.end == Asking::End::not_asked) return {};
  return w(Text{"doctor.ended-" + std::string(name_of(asking.end)),
                {{"library", library}, {"call", asking.in}, {"how", asking.how}}});
}

std::string driver_line(const Writer& w) {
  auto& driver = w.report.machine.driver;
  std::vector<std::string> parts;
  if (driver.version && driver.cuda)
    parts.push_back(
        w(Text{"screen.driver-cuda", {{"driver", driver.version->text()}, {"cuda", driver.cuda->text()}}}));
  else
    parts.push_back(driver.version ? driver.version->text() : w(Text{"screen.no-driver"}));
  if (w.report.observed && w.report.observed->kernel.flavour)
    parts.push_back(w(Text{*w.report.observed->kernel.flavour == "open" ? "screen.open-module"
                                                                        : "screen.proprietary-module"}));
  return w.list(parts);
}

/// Somebody sees one: the bus, or NVML.
bool has_gpu(const Report& report) {
  return !gpu_lines(report).empty() ||
         (report.probed && report.probed->nvml.count && *report.probed->nvml.count > 0);
}

void write_driver_step(Writer& w) {
  std::vector<std::string> lines = {driver_line(w)};
  if (!w.report.probed) return write_step(w, "doctor.driver", State::not_asked, lines);
  auto& [nvml, cuda, python] = *w.report.probed;
  // With --proof=none CUDA is not started: what NVML says and nothing of the machine contradicts has to do.
  bool none_fails = std::ranges::none_of(w.report.findings,
                                         [](auto& f) { return f.severity == "error" && f.is_of_machine(); });
  auto state = cuda_works(*w.report.probed) ? State::works
               : cuda.init || !none_fails   ? State::fails
               : has_gpu(w.report)          ? State::works
                                            : State::not_asked;
  if (!cuda.asking.library.empty())
    lines.push_back(
        cuda.cuda ? w(Text{"doctor.library", {{"path", cuda.asking.library}, {"cuda", cuda.cuda->text()}}})
                  : cuda.asking.library);
  bool missed = has_gpu(w.report) || !none_fails;  // nobody misses a driver where no GPU is
  if (auto ended = end_words(w, cuda.asking, "libcuda.so.1"); missed && !ended.empty())
    lines.push_back(ended);
  if (cuda.init && *cuda.init != 0) lines.push_back(code_words(w, "cuInit", *cuda.init));
  if (auto ended = end_words(w, nvml.asking, "libnvidia-ml.so.1"); missed && !ended.empty())
    lines.push_back(ended);
  auto* init = call_of(nvml.asking, "nvmlInit_v2");
  if (init && init->code && *init->code != 0) lines.push_back(code_words(w, init->name, *init->code));
  if (nvml.count && cuda.count)
    lines.push_back(w(Text{"doctor.counts",
                           {{"nvml", std::to_string(*nvml.count)}, {"cuda", std::to_string(*cuda.count)}}}));
  write_step(w, "doctor.driver", state, lines);
}

/// "torch 2.11.0+cu130: built for CUDA 13.0", by the newest mark of a toolkit in it.
std::string built_words(const Writer& w, const Subject& s) {
  auto toolkit = newest_toolkit(s);
  if (!toolkit) return label(s);
  return label(s) + w(Text{"punctuation.colon"}) + w(Text{"doctor.built-for", {{"cuda", toolkit->text()}}});
}

/// The worst verdict on it; nothing if it was not judged.
std::optional<Verdict> verdict_on(const Report& report, const SubjectId& subject) {
  std::optional<Verdict> worst;
  for (auto& j : report.judgements)
    if (j.subject == subject) worst = std::max(worst.value_or(Verdict::fits), j.verdict);
  return worst;
}

void write_framework_step(Writer& w) {
  std::vector<std::string> lines;
  auto worst = Verdict::fits;
  for (auto& s : w.report.subjects) {
    if (!has_own_code(s)) continue;
    lines.push_back(built_words(w, s));
    if (auto verdict = verdict_on(w.report, s.id)) worst = std::max(worst, *verdict);
  }
  if (lines.empty())
    return write_step(w, "doctor.framework", State::not_asked, {w(Text{"doctor.no-framework"})});
  write_step(w, "doctor.framework", state_of(worst), lines);
}

/// Libraries of CUDA that lie outside of the environment that asks for them: "libcudart.so.12 of
/// /usr/local/...".
std::vector<std::string> from_elsewhere(const Writer& w, const Loads& process,
                                        const std::string& environment) {
  std::vector<std::string> lines;
  for (auto& l : process.loads) {
    bool cuda = is_cuda_library(base_name(std::string_view(l.name)));
    bool of_driver = l.name.starts_with("libcuda.so") || l.name.starts_with("libnvidia-");
    if (!l.is_there() || !cuda || of_driver || l.found == Found::already_loaded) continue;
    if (environment.empty() || l.file().starts_with(environment + '/')) continue;
    lines.push_back(w(Text{"doctor.from-elsewhere", {{"library", l.name}, {"path", l.file()}}}));
  }
  return lines;
}

void write_runtime_step(Writer& w) {
  std::vector<std::string> lines;
  auto state = State::works;
  for (auto& process : w.report.loads) {
    auto* s = w.subject(process.subject);
    std::set<std::string> files;
    std::vector<std::string> missing;
    for (auto& l : process.loads) {
      if (l.is_there() && is_cuda_library(base_name(std::string_view(l.name)))) files.insert(l.file());
      if (l.found == Found::not_found && l.stops) missing.push_back(l.name);
    }
    auto line = w(Text{"doctor.loads", {{"start", process.start}, {"n", std::to_string(files.size())}}});
    if (!missing.empty()) {
      line += w(Text{"punctuation.colon"}) + w(Text{"doctor.missing", {{"names", w.some_of(missing)}}});
      state = State::fails;
    }
    lines.push_back(line);
    auto other = from_elsewhere(w, process, s ? s->environment : "");
    lines.insert(lines.end(), other.begin(), other.end());
  }
  if (lines.empty()) return write_step(w, "doctor.runtime", State::not_asked, {w(Text{"doctor.no-loads"})});
  write_step(w, "doctor.runtime", state, lines);
}

/// "the driver compiled PTX and it ran (12.3 ms)"; of a failure the call and its code.
std::string proof_words(const Writer& w, const Proof& proof) {
  auto what = "doctor.proof-" + std::string(name_of(proof.what));
  auto name = proof.of.empty() ? std::string() : w.subject_name(proof.of);
  auto text =
      w(Text{what, {{"subject", name}, {"file", std::string(base_name(std::string_view(proof.file)))}}});
  auto failed = [&](const std::string& why) { return text + w(Text{"punctuation.colon"}) + why; };
  if (auto* why = std::get_if<Unreadable>(&proof.code.is)) return failed(why->why);
  if (!proof.code) return failed(w(Text{"doctor.not-tried"}));
  if (*proof.code != 0) return failed(code_words(w, proof.call, *proof.code));
  if (proof.right && !*proof.right) return failed(w(Text{"doctor.wrong-numbers"}));
  return text;
}

bool holds(const Proof& proof) { return proof.code && *proof.code == 0 && (!proof.right || *proof.right); }

std::string milliseconds(uint64_t micros) {
  auto tenths = (micros + 50) / 100;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

/// What worked on a GPU in a few words: the code of packages is counted, unless --why is given.
std::string good_words(const Writer& w, const std::vector<const Proof*>& good) {
  std::vector<std::string> words, packages;
  for (auto* proof : good)
    if (proof->what != Proof::What::image)
      words.push_back(proof_words(w, *proof));
    else
      packages.push_back(w.subject_name(proof->of));
  if (!packages.empty()) words.push_back(w(Text{"doctor.code-of", {{"names", w.some_of(packages, 3)}}}));
  return w.list(words);
}

void write_proofs(const Writer& w, const CudaGpu& gpu, std::vector<std::string>& lines, State& state) {
  auto name = gpu.name ? *gpu.name : std::to_string(gpu.ordinal);
  std::vector<const Proof*> good;
  uint64_t micros = 0;
  for (auto& proof : gpu.proofs) {
    micros += proof.micros;
    if (holds(proof)) {
      good.push_back(&proof);
      continue;
    }
    lines.push_back(name + w(Text{"punctuation.colon"}) + proof_words(w, proof));
    state = State::fails;
  }
  if (good.empty()) return;
  lines.push_back(name + w(Text{"punctuation.colon"}) +
                  w(Text{"doctor.took", {{"what", good_words(w, good)}, {"ms", milliseconds(micros)}}}));
  if (state == State::not_asked) state = State::works;
}

void write_python(const Writer& w, const PythonProof& p, std::vector<std::string>& lines, State& state) {
  auto add = [&](const char* id, std::string why, State then) {
    lines.push_back(w(Text{id, {{"framework", p.framework}, {"why", std::move(why)}}}));
    state = std::max(state == State::not_asked ? State::works : state, then,
                     [](State a, State b) { return a < b; });
  };
  auto why_of = [](auto& fact) {
    auto* unreadable = std::get_if<Unreadable>(&fact.is);
    return unreadable ? unreadable->why : std::string();
  };
  if (p.end != Asking::End::done && p.end != Asking::End::crashed)
    return add("doctor.python-ended", std::string(name_of(p.end)) + (p.how.empty() ? "" : ", " + p.how),
               State::fails);
  if (!p.imports) return add("doctor.python-import", why_of(p.imports), State::fails);
  if (p.available && !*p.available) return add("doctor.python-unavailable", "", State::fails);
  if (!p.right) return add("doctor.python-failed", why_of(p.right), State::fails);
  if (!*p.right) return add("doctor.python-wrong", "", State::fails);
  bool cpu = p.ran_on && *p.ran_on == "cpu";
  add(cpu ? "doctor.python-on-cpu" : "doctor.python-right", p.ran_on ? *p.ran_on : "",
      cpu ? State::limited : State::works);
}

void write_proof_step(Writer& w) {
  std::vector<std::string> lines;
  auto state = State::not_asked;
  if (w.report.probed) {
    for (auto& gpu : w.report.probed->cuda.gpus) write_proofs(w, gpu, lines, state);
    for (auto& p : w.report.probed->python) write_python(w, p, lines, state);
  }
  if (lines.empty()) lines.push_back(w(Text{w.report.probed ? "doctor.no-proof" : "doctor.not-live"}));
  write_step(w, "doctor.proof", state, lines);
}

/// Everything that is said of it follows from what is wrong with the machine.
bool is_consequence(const Report& report, const SubjectId& subject) {
  auto of_machine = [&](const Evidence& why) {
    return std::ranges::any_of(report.findings,
                               [&](auto& f) { return f.is_of_machine() && f.why.text == why.text; });
  };
  return std::ranges::all_of(report.judgements, [&](auto& j) {
    return j.subject != subject || j.verdict == Verdict::fits || of_machine(j.why);
  });
}

/// What is wrong with single packages, below what is wrong with the machine.
void write_subjects(Writer& w) {
  std::set<const Finding*> told;
  for (auto& s : w.report.subjects)
    if (!is_consequence(w.report, s.id)) write_judged(w, s, told);
}

}  // namespace

void write_doctor(Writer& w) {
  if (w.options.quiet) return write_quiet(w);
  auto gpus = gpu_lines(w.report);
  if (gpus.empty()) gpus.push_back(w(Text{has_gpu(w.report) ? "doctor.gpu-of-nvml" : "screen.no-gpu"}));
  for (auto& line : gpus) w.item(Text{"screen.gpu"}, line);
  w.page.blank();
  write_driver_step(w);
  write_framework_step(w);
  write_runtime_step(w);
  write_proof_step(w);
  w.page.blank();
  write_machine_causes(w);
  write_subjects(w);
  for (auto& text : w.report.normal) w.item(Text{"doctor.normal"}, w(text));
  write_gaps(w, all_gaps(w.report));
}

std::string one_line(const Report& report, const Options& options) {
  Writer w(report, options);
  auto colon = w(Text{"punctuation.colon"});
  for (auto& f : report.findings)
    if (f.severity == "error")
      return word_of(w, State::fails) + colon + w(Text{"cause." + f.cause + ".title"}) + colon +
             w(f.why.text);
  auto verdict = summarize(report, options.fail_on).verdict;
  auto state = verdict                                       ? state_of(*verdict)
               : report.probed && cuda_works(*report.probed) ? State::works
                                                             : State::unknown;
  std::vector<std::string> parts = gpu_lines(report);
  parts.push_back(driver_line(w));
  return printable(word_of(w, state) + colon + w.list(parts));
}

}  // namespace cufit::render
