// Facts of the host (architecture, glibc, Python, cuda-compat package) from the words of a command line or of
// a fleet file. Both take the same words and refuse the same ones.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"

namespace cufit::commands {

/// What was written about a host; empty: not said.
struct HostWords {
  std::string_view arch, glibc, python, compat;
};

/// Sets what the words say. `option` is how a fact is written where they stand: "--" before its name on the
/// command line, nothing in a file; the source of a fact is `file`, or else its option. Complains about words
/// that name no such fact.
std::expected<void, Complaint> add_host(Machine&, const HostWords&, const Knowledge&, std::string_view option,
                                        const Source* file = nullptr);

/// Sets what --arch, --glibc, --python, --compat and --driver-cuda say.
std::expected<void, Complaint> add_host_options(Machine&, const Invocation&, const Knowledge&);

}  // namespace cufit::commands
