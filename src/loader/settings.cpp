#include "loader/settings.h"

#include <algorithm>

#include "model/preload.h"

namespace cufit {

LoaderSettings settings_of(const Observed& seen, std::map<std::string, std::string> env) {
  LoaderSettings s;
  s.preload_file = seen.preloads;
  if (auto variable = env.find("LD_PRELOAD"); variable != env.end()) {
    auto named = preload_variable(variable->second);
    auto& all = s.preload_file;
    if (named.size() <= all.size() && std::equal(named.rbegin(), named.rend(), all.rbegin()))
      all.resize(all.size() - named.size());
  }
  s.env = std::move(env);
  if (seen.cpu) s.cpu = *seen.cpu;
  if (seen.os.arch) s.arch = *seen.os.arch;
  if (seen.os.glibc) s.glibc = seen.os.glibc->text();
  return s;
}

}  // namespace cufit
