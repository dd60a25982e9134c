// What goes to stderr: errors, hints and notes, in the language of the user.
#pragma once

#include "commands/io.h"
#include "model/text.h"
#include "render/phrase.h"

namespace cufit::commands {

enum class Message { error, hint, note };

/// Writes one line: "cufit: error: ...", "hint: ...", "cufit: note: ...".
void say(Message, const Text&, render::Lang, const Io&);

}  // namespace cufit::commands
