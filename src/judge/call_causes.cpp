#include "judge/call_causes.h"

#include <algorithm>

#include "base/number.h"

namespace cufit {

Text called(const MachineView& v, std::string id, const std::string& call, uint32_t code) {
  auto* row = v.facts.knowledge.error(code);
  auto name = row ? std::string(row->driver_name.empty() ? row->runtime_name : row->driver_name) : "?";
  return {std::move(id), {{"call", call}, {"code", std::to_string(code)}, {"name", name}}};
}

bool has(const std::vector<FoundCause>& all, std::string_view id) {
  return std::ranges::find(all, id, &FoundCause::id) != all.end();
}

Answer is_to_blame(const Asking& asking) {
  if (asking.end == Asking::End::hung) return had_its_time(asking) ? Answer::yes : Answer::unknown;
  if (asking.end == Asking::End::crashed) return asking.how == "SIGKILL" ? Answer::unknown : Answer::yes;
  return Answer::no;
}

namespace {

/// "cuInit of /usr/lib/.../libcuda.so.1"; what ended between calls ended after the last one.
Text words_of_end(const Asking& asking, const char* soname, bool sure) {
  bool hung = asking.end == Asking::End::hung, opened = !asking.library.empty();
  std::string call = asking.in;
  if (call.empty() && !asking.calls.empty()) call = asking.calls.back().name;
  std::string library = opened ? asking.library : soname;
  if (call.empty())
    return {hung ? "cause.driver-hangs.at-start" : "cause.driver-crashes.at-start",
            {{"library", library}, {"how", asking.how}}};
  if (hung)
    return {sure ? "cause.driver-hangs.found" : "cause.driver-hangs.cut-off",
            {{"call", call}, {"how", asking.how}}};
  return {sure ? "cause.driver-crashes.found" : "cause.driver-crashes.killed",
          {{"call", call}, {"how", asking.how}, {"library", library}}};
}

}  // namespace

std::optional<FoundCause> cause_of_end(const MachineView& v, const Asking& asking, const char* fact,
                                       const char* soname, bool decides) {
  auto blame = is_to_blame(asking);
  if (blame == Answer::no) return std::nullopt;
  auto text = words_of_end(asking, soname, blame == Answer::yes);
  auto* id = asking.end == Asking::End::hung ? "driver-hangs" : "driver-crashes";
  auto cause = decides ? fault(v.facts, id, Stage::calls, 0, std::move(text), {fact})
                       : found(v.facts, id, std::move(text), {fact});
  if (!decides) cause.severity = Severity::warning;
  if (blame != Answer::yes) leave_open(cause);
  return cause;
}

std::optional<size_t> number_in_call(const Asking& asking, const Fact<uint32_t>& count) {
  if (!count || *count < 2 || asking.calls.empty() || asking.calls.back().name != asking.in)
    return std::nullopt;
  return whole_number<uint32_t>(asking.calls.back().on);
}

}  // namespace cufit
