// What conditions ask about the libraries of one process (model/load.h), and how they tell what is wrong
// there.
#pragma once

#include <string>
#include <string_view>

#include "judge/machine_view.h"

namespace cufit {

/// "libcublas" of "libcublas.so.12".
std::string_view stem_of(std::string_view soname);

FactRef load_fact(const Loads& process, const Load&);

/// Null for a process that is no subject's.
const Subject* subject_of(const MachineView&, const Loads& process);

/// File name of what asked for it.
std::string asker_of(const Loads& process, const Load&);

/// It was asked for by something that LD_PRELOAD brought in, at any distance.
bool is_behind_preload(const Loads& process, const Load&);

/// The loader came to a file and gave up on it: it does not look further.
bool is_refused(const Load&);

/// The cause as one of this process. {folder}: that of LD_LIBRARY_PATH which led to the file.
FoundCause in_process(FoundCause, const Loads& process, const Load& blamed);

}  // namespace cufit
