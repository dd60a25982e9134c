#include "commands/report_output.h"

#include "model/summary.h"
#include "render/render.h"

namespace cufit::commands {

namespace {

std::string rendered(const Report& report, const Invocation& invocation) {
  auto options = invocation.render_options();
  if (invocation.json()) return render::to_json(report, invocation.lang(), options.fail_on);
  auto format = invocation.value("format");
  if (format == "sarif") return render::to_sarif(report, options);
  if (format == "junit") return render::to_junit(report, options);
  if (format == "html") return render::to_html(report, options);
  return render::to_text(report, options);
}

}  // namespace

Output output_of(const Report& report, const Invocation& invocation) {
  return {rendered(report, invocation), summarize(report, invocation.render_options().fail_on).exit};
}

}  // namespace cufit::commands
