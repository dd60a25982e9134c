#include "commands/host_options.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"
#include "render/labels.h"

namespace cufit::commands {

namespace {

using Done = std::expected<void, Complaint>;
using Word = std::expected<std::string, Complaint>;

/// As uname has it. Kubernetes, Debian and Docker say amd64 and arm64, NVIDIA's packages also sbsa.
Word arch_of(std::string_view given, std::string_view option) {
  constexpr std::array<std::string_view, 3> x86 = {"x86_64", "amd64", "x86-64"};
  constexpr std::array<std::string_view, 3> arm = {"aarch64", "arm64", "sbsa"};
  if (std::ranges::find(x86, given) != x86.end()) return std::string(x86[0]);
  if (std::ranges::find(arm, given) != arm.end()) return std::string(arm[0]);
  return complain({"arch.bad", {{"option", std::string(option)}, {"given", std::string(given)}}});
}

std::expected<Version, Complaint> version_of(std::string_view given, std::string_view option) {
  auto version = Version::parse(given);
  if (version && version->size() >= 2) return *version;
  return complain({"version.bad", {{"option", std::string(option)}, {"given", std::string(given)}}});
}

/// "3.12", "3.12.4" and "cp312" -> "cp312"; "3.13t" and "cp313t" -> "cp313t".
Word python_tag(std::string_view given, std::string_view option) {
  auto text = given;
  bool free_threaded = text.ends_with('t');
  if (free_threaded) text.remove_suffix(1);
  std::string minor;
  if (text.starts_with("cp3") && all_digits(text.substr(3))) {
    minor = text.substr(3);
  } else if (auto version = Version::parse(text);
             version && version->size() >= 2 && version->size() <= 3 && version->major() == 3) {
    minor = std::to_string(version->minor());
  }
  if (minor.empty() || minor.size() > 2)
    return complain({"python.bad", {{"option", std::string(option)}, {"given", std::string(given)}}});
  return "cp3" + minor + (free_threaded ? "t" : "");
}

/// "12.4", "cuda-compat-12.4" and "cuda-compat-12-4" -> "cuda-compat-12-4".
Word compat_id(std::string_view given, const Knowledge& k) {
  std::string id(given);
  std::ranges::replace(id, '.', '-');
  if (!id.starts_with("cuda-compat-")) id = "cuda-compat-" + id;
  if (auto* row = k.forward_compat(id); row && row->is_package()) return id;
  std::vector<std::string> names;
  for (auto& row : k.tables().forward_compat)
    if (row.is_package()) names.emplace_back(row.id);
  return complain({"compat.bad", {{"given", std::string(given)}}},
                  {{"compat.known", {{"names", joined(names)}}}});
}

}  // namespace

Done add_host(Machine& machine, const HostWords& words, const Knowledge& k, std::string_view prefix,
              const Source* file) {
  // Sets the fact, if its word is there and says one.
  auto set = [&](auto& fact, std::string_view word, std::string_view name, auto read) -> Done {
    if (word.empty()) return {};
    auto option = std::string(prefix) + std::string(name);
    auto value = read(word, option);
    if (!value) return std::unexpected(value.error());
    fact = {std::move(*value), file ? *file : Source{Source::Kind::arg, option}};
    return {};
  };
  auto compat = [&](std::string_view word, std::string_view) -> Word {
    if (machine.driver_platform() == Machine::Platform::windows) return complain({"compat.not-windows"});
    return compat_id(word, k);
  };
  if (auto done = set(machine.arch, words.arch, "arch", arch_of); !done) return done;
  if (auto done = set(machine.glibc, words.glibc, "glibc", version_of); !done) return done;
  if (auto done = set(machine.python, words.python, "python", python_tag); !done) return done;
  return set(machine.driver.compat, words.compat, "compat", compat);
}

Done add_host_options(Machine& machine, const Invocation& invocation, const Knowledge& k) {
  HostWords words{invocation.value("arch"), invocation.value("glibc"), invocation.value("python"),
                  invocation.value("compat")};
  if (auto done = add_host(machine, words, k, "--"); !done) return done;
  if (!invocation.has("driver-cuda")) return {};
  if (!machine.driver.version) return complain({"driver.cuda-alone"}, {{"driver.how"}});
  auto cuda = version_of(invocation.value("driver-cuda"), "--driver-cuda");
  if (!cuda) return std::unexpected(cuda.error());
  machine.driver.cuda = {*cuda, {Source::Kind::arg, "--driver-cuda"}};
  return {};
}

}  // namespace cufit::commands
