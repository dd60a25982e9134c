// What must hold beside a message for a cause of it: other messages, and what figures and facts come to.
#pragma once

#include "judge/log_facts.h"

namespace cufit {

/// Do the conditions of this cause hold for the message? Where the log does not tell, none does.
bool applies(const MessageCause&, const Sighting&, const Log&, const LogFacts&, const Knowledge&);

}  // namespace cufit
