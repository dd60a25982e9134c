// Places where Python packages are installed, found on a machine by where people and tools put them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/container.h"
#include "collect/root.h"
#include "model/image.h"
#include "model/observed.h"

namespace cufit::collect {

struct MachineEnvironments {
  std::vector<FoundEnvironment> found;  ///< active first, then by kind and root
  /// Folders that could not be read, that no home is known, that an active environment is none, that a Python
  /// cannot be started, and that the list was cut.
  std::vector<Gap> unread;
};

/// The environments that $VIRTUAL_ENV and $CONDA_PREFIX name, that of the first Python in $PATH, those of the
/// working folder `cwd` (empty: none is known) and of the usual places: ~/.virtualenvs, ~/venvs, uv's tools,
/// pyenv, pipx, conda with its envs and ~/.conda/environments.txt, /opt/*, /workspace/*, the user's and the
/// system's own packages. The file system is not walked (environments_below() does that): an environment
/// elsewhere is found only when it is named.
///
/// Read are names in folders, also in those that *.pth files name, pyvenv.cfg, and torch/version.py where the
/// name of torch's dist-info lacks the local version. At most kMaxEnvironments are listed.
MachineEnvironments find_machine_environments(const Root& root, const Variables& env, const std::string& cwd);

/// The one at `folder`, wherever that lies; nothing if it is none.
std::optional<FoundEnvironment> environment_at(const Root& root, const std::string& folder);

inline constexpr size_t kMaxEnvironments = 200;

}  // namespace cufit::collect
