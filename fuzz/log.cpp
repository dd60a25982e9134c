// A log of anything: messages are looked for in it whole and in pieces, explained, and told.
#include <string>

#include "commands/log_messages.h"
#include "fuzz/fuzz.h"
#include "judge/explain.h"
#include "render/render.h"

using namespace cufit;
using fuzz::require;

namespace {

const collect::LogMessages& messages() {
  static auto all = *commands::log_messages(Knowledge::builtin());
  return all;
}

Log read(std::string_view text, size_t piece) {
  collect::LogReader reader(messages());
  for (size_t at = 0; at < text.size(); at += piece) reader.take(text.substr(at, piece));
  return reader.finish();
}

/// A terminal obeys none of it, and lines are ours.
void check_shown(const Report& report) {
  for (auto lang : {render::Lang::en, render::Lang::zh}) {
    render::Options options;
    options.lang = lang;
    for (char c : render::to_text(report, options))
      require(c == '\n' || uint8_t(c) >= 0x20, "a control character is shown");
  }
  require(!render::to_json(report, render::Lang::en).empty(), "no JSON");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto text = as_text({data + 1, size - 1});
  auto log = read(text, text.size() + 1);
  // The first bytes decide of UTF-16, so the first piece has them all.
  if (size_t piece = 512 + data[0]; text.size() > piece)
    require(read(text, piece) == log, "pieces make a difference");
  require(log.lines <= text.size() + 1, "more lines than bytes");
  auto report = explain(std::move(log), nullptr, false, Knowledge::builtin());
  report.command = "explain";
  check_shown(report);
  return 0;
}
