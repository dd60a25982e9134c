// Where `explain` takes its log from: files, standard input, or the command line.
#pragma once

#include <expected>

#include "collect/log_reader.h"
#include "commands/invocation.h"

namespace cufit::commands {

/// Reads what -m gives, the file that is named, or standard input ("-", or nothing named) to its end. With
/// --tee what is read goes to stdout as it comes. An interrupt ends the input. Complains about what cannot be
/// opened, and where nothing is named and standard input is a terminal.
std::expected<Log, Complaint> read_log(const Invocation&, const collect::LogMessages&);

}  // namespace cufit::commands
