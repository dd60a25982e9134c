#include "commands/message.h"

#include "render/layout.h"

namespace cufit::commands {

void say(Message kind, const Text& text, render::Lang lang, const Io& io) {
  auto words = render::phrase(text, lang);
  auto line = [&](const char* id) { return render::phrase({id, {{"text", words}}}, lang); };
  auto whole = kind == Message::error  ? line("message.error")
               : kind == Message::hint ? line("message.hint")
                                       : line("message.note");
  io.err(render::printable(whole) + '\n');
}

std::string words_of(const Error& error, render::Lang lang) {
  return error.id.empty() ? error.message : render::phrase({error.id}, lang);
}

}  // namespace cufit::commands
