// Libraries that the files of an environment need and that the environment does not hold.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "judge/place.h"
#include "judge/step.h"
#include "model/report.h"

namespace cufit {

/// Is it loaded with its package: a core file, or a library with GPU code?
bool is_loaded_with(const Member&);

/// Does a core file of the subject name the library among what it needs?
bool needs_library(const Subject&, std::string_view library);

/// A library that a package lists, that is not there, and that a core file of the subject needs: its own ends
/// every import; that of another package may still be found on the machine, which leaves the verdict open. So
/// does one that no package brings, where the environment brings others and nobody looked at the machine.
Step judge_gone_files(const Subject&, const Place&);

/// Notes on CUDA's libraries that nothing in the environment brings, for subjects whose loading nobody asked
/// the loader about: that the machine has them is assumed.
void note_libraries_of_machine(std::span<const Subject>, std::span<const Loads>, std::vector<Judgement>&);

}  // namespace cufit
