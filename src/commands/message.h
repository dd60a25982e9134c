// What goes to stderr: errors, hints and notes, in the language of the user.
#pragma once

#include "base/result.h"
#include "commands/io.h"
#include "model/text.h"
#include "render/phrase.h"

namespace cufit::commands {

enum class Message { error, hint, note };

/// Writes one line: "cufit: error: ...", "hint: ...", "cufit: note: ...".
void say(Message, const Text&, render::Lang, const Io&);

/// What an error says, in any language if it has a text.
std::string words_of(const Error&, render::Lang);

}  // namespace cufit::commands
