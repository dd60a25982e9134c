// Variables that decide which GPU code and which libraries a program gets, and the files that set them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collect/container.h"
#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// The variables of `env` that cufit looks for (VariableUse::found), each with the files that set it (one
/// entry for every place, one without a file if none is seen), and those that only files set: of these
/// `value` is what the file says, and whether a shell ever read it is not known. Sorted by name, then in the
/// order in which shells read the files.
///
/// Files: those of the system's and the user's shells, pam and systemd (/etc/environment, /etc/profile(.d),
/// ~/.bashrc, ~/.config/fish/config.fish, ...), and of the active environments (bin/activate,
/// etc/conda/activate.d, conda-meta/state). Of another root than this machine's, the files of every home.
std::vector<SetVariable> find_variables(const Root& root, const Variables& env);

/// Folders of users: $HOME on this machine; /root and those below /home of another root.
std::vector<std::string> home_folders(const Root& root, const Variables& env);

}  // namespace cufit::collect
