// The search against the real loader, on what is installed on the machine of the test.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "collect/live_files.h"
#include "loader/compare.h"

namespace cufit {
namespace {

using namespace test;

/// Up to `most` files of a folder that begin like ELF files and are not links, evenly out of all.
std::vector<std::string> some_files(const std::string& folder, const std::string& in_name, size_t most) {
  std::vector<std::string> all, chosen;
  std::error_code ec;
  for (auto& entry : fs::directory_iterator(folder, ec)) {
    std::error_code unreadable;
    if (entry.is_symlink(unreadable) || !entry.is_regular_file(unreadable)) continue;
    if (entry.path().filename().string().find(in_name) == std::string::npos) continue;
    char head[4] = {};
    std::ifstream(entry.path(), std::ios::binary).read(head, 4);
    if (std::string(head, 4) ==
        "\x7f"
        "ELF")
      all.push_back(fs::canonical(entry.path()).string());
  }
  std::ranges::sort(all);
  size_t step = std::max<size_t>(1, all.size() / std::max<size_t>(1, most));
  for (size_t i = 0; i < all.size() && chosen.size() < most; i += step) chosen.push_back(all[i]);
  return chosen;
}

std::vector<std::string> files_of_this_machine() {
  std::set<std::string> files;
  for (auto folder : {"/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/local/bin"})
    for (auto& f : some_files(folder, "", 80)) files.insert(f);
  for (auto folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"})
    for (auto& f : some_files(folder, ".so", 120)) files.insert(f);
  return {files.begin(), files.end()};
}

TEST(Machine, ProgramsAndLibrariesAreAsTheLoaderSays) {
  auto loader = glibc_loader();
  if (!loader) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
  collect::LiveFiles files;
  auto settings = settings_here({});
  Counts counts;
  size_t compared = 0;
  for (auto& file : files_of_this_machine()) {
    SCOPED_TRACE(file);
    auto list = run({*loader, "--list", file});
    // Static programs, and objects of other processors, have no list.
    if (list.status != 0) continue;
    auto loads = loads_of(file, {}, files, settings);
    count(loads, counts);
    compare_list(loads, list);
    compared++;
  }
  std::cout << compared << " programs and libraries, " << counts.answers << " answers compared, "
            << counts.unknown << " unknown\n";
  EXPECT_GE(compared, 20u) << "too few programs and libraries on this machine";
}

}  // namespace
}  // namespace cufit
