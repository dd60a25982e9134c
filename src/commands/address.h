// Addresses in messages: never with what stands for a password.
#pragma once

#include <string>
#include <string_view>

namespace cufit::commands {

/// The text with all addresses in it cut to what may be shown: without user, password, query and what stands
/// for a variable: "https://user:secret@host/a?token=1" -> "https://host/a".
std::string without_credentials(std::string_view text);

}  // namespace cufit::commands
