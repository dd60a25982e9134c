#include "commands/log_messages.h"

namespace cufit::commands {

Result<collect::LogMessages> log_messages(const Knowledge& k) {
  std::vector<collect::LogMessage> messages;
  for (auto& row : k.tables().messages)
    if (!row.forms.empty()) messages.push_back({row.id, {row.forms.begin(), row.forms.end()}});
  return collect::LogMessages::from(messages);
}

}  // namespace cufit::commands
