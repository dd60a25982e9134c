#include "commands/watch.h"

#include <chrono>
#include <ctime>
#include <thread>

#include "model/summary.h"
#include "render/render.h"

namespace cufit::commands {

namespace {

/// "12:03:44", by the clock of this machine.
std::string time_now() {
  auto now = std::time(nullptr);
  std::tm parts = {};
  localtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)};
}

}  // namespace

Outcome watch(const Invocation& invocation, const Knowledge& knowledge) {
  constexpr auto pause = std::chrono::seconds(2);
  std::string last;
  while (true) {
    auto report = examine(invocation, knowledge);
    if (!report) return std::unexpected(report.error());
    auto line = render::one_line(*report, invocation.render_options());
    auto exit = summarize(*report, invocation.render_options().fail_on).exit;
    auto wrote = invocation.io().out(line == last ? "" : time_now() + "  " + line + '\n');
    if (wrote != Io::Wrote::all) return Output{"", exit};
    last = line;
    if (exit == 0) return Output{"", 0};
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace cufit::commands
