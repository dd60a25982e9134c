#include "collect/stale.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "collect/cache.h"
#include "collect/links.h"
#include "collect/texts.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

/// Both lie in one folder for packages and cannot both be what is imported from it. An egg has a folder of
/// its own; one version that is described in two ways is no contradiction.
bool contradict(const Distribution& a, const Distribution& b) {
  auto is_egg = [](const Distribution& d) { return d.path.ends_with("/EGG-INFO"); };
  return a.site == b.site && a.version != b.version && !is_egg(a) && !is_egg(b) && a.path != a.conda_path &&
         b.path != b.conda_path && normalized_name(a.name) == normalized_name(b.name);
}

class Judge {
 public:
  Judge(const Environment& e, Cache& cache) : system_(e.system), cache_(cache), texts_(system_, cache) {}

  /// The larger, the better it describes what lies there.
  auto weight(const Distribution& d) const {
    return std::tuple(fitting_files(d), states_version(d), installed_at(d, cache_));
  }

 private:
  size_t fitting_files(const Distribution& d) const {
    return size_t(std::ranges::count_if(d.claims, [&](const Claim& claim) {
      auto real = follow(claim.path, system_);
      cache_.look(real.value_or(claim.path));
      struct stat st;
      return real && lstat(real->c_str(), &st) == 0 && (!claim.size || *claim.size == uint64_t(st.st_size));
    }));
  }

  /// Does the package itself say that it is of this version, with or without a local one?
  bool states_version(const Distribution& d) const {
    constexpr uint64_t most = 1 << 20;
    auto name = d.name;
    std::ranges::replace(name, '-', '_');
    auto text = texts_.read(d.site + '/' + name + "/version.py", most);
    if (!text || d.version.empty()) return false;
    for (auto at = text->find(d.version); at != text->npos; at = text->find(d.version, at + 1)) {
      auto behind = at + d.version.size();
      bool begins = at > 0 && ((*text)[at - 1] == '\'' || (*text)[at - 1] == '"');
      if (begins && behind < text->size() && std::string_view("'\"+").contains((*text)[behind])) return true;
    }
    return false;
  }

  const std::string& system_;
  Cache& cache_;
  Texts texts_;
};

}  // namespace

void leave_out_stale(std::vector<Distribution>& all, const Environment& environment, Cache& cache) {
  const Judge judge(environment, cache);
  std::vector<Distribution> kept;
  for (auto& d : all) {
    auto rival = std::ranges::find_if(kept, [&](const Distribution& k) { return contradict(k, d); });
    if (rival == kept.end()) {
      kept.push_back(std::move(d));
      continue;
    }
    if (judge.weight(*rival) < judge.weight(d)) std::swap(*rival, d);
    rival->unread.push_back(
        {d.path, {}, {"gap.stale-description", {{"name", d.name}, {"version", d.version}}}});
    std::ranges::copy_if(d.unread, std::back_inserter(rival->unread),
                         [](const Gap& g) { return g.what.id == "gap.stale-description"; });
  }
  all = std::move(kept);
}

}  // namespace cufit::collect
