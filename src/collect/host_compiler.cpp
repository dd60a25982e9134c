#include "collect/host_compiler.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "base/version.h"

namespace cufit::collect {
namespace {

constexpr std::string_view kUsualPath = "/usr/local/bin:/usr/bin:/bin";

/// "gcc" of "x86_64-linux-gnu-gcc-12"; empty for what is no compiler of C.
std::string_view family_of(std::string_view name) {
  for (std::string_view family : {"gcc", "clang", "cc"}) {
    auto at = name.rfind(family);
    if (at == name.npos || (at > 0 && name[at - 1] != '-')) continue;
    auto rest = name.substr(at + family.size());
    if (rest.empty() || rest.starts_with('-')) return family;
  }
  return {};
}

bool is_program(const Root& root, const std::string& path) {
  auto state = root.look(path);
  return state && S_ISREG(state->st_mode) && (state->st_mode & 0111) != 0;
}

/// The releases of gcc whose own files lie below the prefix of a program: PREFIX/lib/gcc/TRIPLET/12.
std::vector<std::string> installed_gccs(const Root& root, const std::string& program) {
  std::vector<std::string> out;
  auto bin = program.substr(0, program.rfind('/'));
  auto prefix = bin.substr(0, bin.rfind('/'));
  if (prefix.empty()) prefix = "/usr";  // /bin/gcc, where /bin is a link
  auto triplets = root.names(prefix + "/lib/gcc", 100);
  if (!triplets) return out;
  for (auto& triplet : *triplets)
    if (auto releases = root.names(prefix + "/lib/gcc/" + triplet, 100))
      for (auto& release : *releases)
        if (Version::parse(release) && root.has(prefix + "/lib/gcc/" + triplet + '/' + release + "/include"))
          out.push_back(release);
  return out;
}

std::string describe(const Root& root, const std::string& path) {
  auto real = root.real(path).value_or(path);
  if (auto compiler = compiler_of_name(base_name(real))) return *compiler;
  auto family = family_of(base_name(real));
  if (family.empty()) family = family_of(base_name(path));  // ccache, which stands in for it
  if (family == "gcc") {
    auto releases = installed_gccs(root, path);
    if (releases.size() == 1) return "gcc " + releases.front();
  }
  return std::string(family.empty() ? base_name(real) : family);
}

}  // namespace

std::optional<std::string> compiler_of_name(std::string_view name) {
  auto family = family_of(name);
  auto dash = name.rfind('-');
  if (family.empty() || family == "cc" || dash == name.npos) return std::nullopt;
  auto version = Version::parse(name.substr(dash + 1));
  return version ? std::optional(std::string(family) + ' ' + version->text()) : std::nullopt;
}

Fact<std::string> find_compiler(const Root& root, const Variables& env) {
  auto value = [&](const char* name, std::string_view otherwise) {
    auto at = env.find(name);
    return at == env.end() || at->second.empty() ? std::string(otherwise) : at->second;
  };
  auto cc = value("CC", {});
  auto path = value("PATH", kUsualPath);
  if (cc.starts_with('/'))
    return is_program(root, cc) ? Fact<std::string>(describe(root, cc), at_path(cc))
                                : absent<std::string>(cc);
  std::vector<std::string> names = {"gcc", "cc", "clang"};
  if (!cc.empty()) names = {cc.substr(0, cc.find(' '))};  // options may follow
  for (auto& name : names)
    for (auto folder : split(std::string_view(path), ':')) {
      if (!folder.starts_with('/')) continue;
      auto program = std::string(folder) + '/' + name;
      if (is_program(root, program)) return {describe(root, program), at_path(program)};
    }
  return absent<std::string>("PATH");
}

}  // namespace cufit::collect
