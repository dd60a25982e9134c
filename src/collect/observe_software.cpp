#include "collect/observe_software.h"

#include <utility>

#include "collect/driver_library.h"
#include "collect/host_compiler.h"
#include "collect/machine_environments.h"
#include "collect/preload.h"
#include "collect/toolkit.h"
#include "collect/variables.h"

namespace cufit::collect {

std::vector<Gap> observe_software(const Root& root, const Variables& env, const std::string& cwd,
                                  const std::vector<CachedLibrary>& cached, Observed& to) {
  to.libraries = find_driver_libraries(root, env, cached);
  auto preloads = find_preloads(root, env, to.libraries);
  to.preloads = std::move(preloads.entries);
  to.sharing = std::move(preloads.sharing);
  to.toolkits = find_toolkits(root, env);
  to.variables = find_variables(root, env);
  to.compiler = find_compiler(root, env);
  auto environments = find_machine_environments(root, env, cwd);
  to.environments = std::move(environments.found);
  return std::move(environments.unread);
}

}  // namespace cufit::collect
