// Where `explain` takes its log from: files, standard input, or the command line.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "collect/log_reader.h"
#include "commands/invocation.h"

namespace cufit::commands {

/// Reads what -m gives, the file that is named, or standard input ("-", or nothing named) to its end. With
/// --tee what is read goes to stdout as it comes; with --follow a file is read on as it grows, `found` is
/// called whenever there are new sightings, and an interrupt ends the input. Complains about what cannot be
/// opened, and where nothing is named and standard input is a terminal.
std::expected<Log, Complaint> read_log(const Invocation&, const collect::LogMessages&,
                                       const std::function<void(const Log&)>& found);

/// Reads one file to its end.
std::expected<Log, Complaint> read_log_file(const std::string& path, const collect::LogMessages&);

}  // namespace cufit::commands
