#include "commands/run.h"

#include <exception>

#include "commands/conflicts.h"
#include "commands/invocation.h"
#include "commands/message.h"

namespace cufit::commands {

namespace {

constexpr int failure = 2;

int report(const Complaint& complaint, render::Lang lang, const Io& io) {
  say(Message::error, complaint.what, lang, io);
  if (!complaint.hints.empty()) io.err("\n");
  for (auto& hint : complaint.hints) say(Message::hint, hint, lang, io);
  return failure;
}

Outcome carry_out(std::span<const std::string> args, const Io& io) {
  auto invocation = Invocation::parse(args, io);
  if (!invocation) return std::unexpected(invocation.error());
  if (auto found = conflict(*invocation)) return std::unexpected(std::move(*found));
  return invocation->command().run(*invocation);
}

}  // namespace

int run(std::span<const std::string> args, const Io& io) {
  auto lang = language(args, io);
  try {
    auto outcome = carry_out(args, io);
    if (!outcome) return report(outcome.error(), lang, io);
    switch (io.out(outcome->text)) {
      case Io::Wrote::all:
        if (outcome->complaint) report(*outcome->complaint, lang, io);
        return outcome->exit;
      case Io::Wrote::reader_gone:
        return 0;  // whoever read has seen enough: `cufit ... | head -n 1`
      case Io::Wrote::failed:
        return report({{"failed.write"}}, lang, io);
    }
  } catch (const std::exception& e) {
    return report({{"failed.unexpected", {{"what", e.what()}}}}, lang, io);
  }
  return failure;
}

}  // namespace cufit::commands
