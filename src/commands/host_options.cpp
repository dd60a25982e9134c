#include "commands/host_options.h"

#include "render/labels.h"

namespace cufit::commands {

namespace {

using Done = std::expected<void, Complaint>;

Source arg(const char* option) { return {Source::Kind::arg, option}; }

Done add_arch(Machine& machine, std::string_view given) {
  if (given.empty()) return {};
  std::string arch(given == "amd64" ? "x86_64" : given == "arm64" || given == "sbsa" ? "aarch64" : given);
  if (arch != "x86_64" && arch != "aarch64") return complain({"arch.bad", {{"given", std::string(given)}}});
  machine.arch = {arch, arg("--arch")};
  return {};
}

Done add_version(Fact<Version>& fact, const char* option, std::string_view given) {
  if (given.empty()) return {};
  auto version = Version::parse(given);
  if (!version || version->size() < 2)
    return complain({"version.bad", {{"option", option}, {"given", std::string(given)}}});
  fact = {*version, arg(option)};
  return {};
}

Done add_python(Machine& machine, std::string_view given) {
  if (given.empty()) return {};
  auto tag = python_tag(given);
  if (!tag) return complain({"python.bad", {{"given", std::string(given)}}});
  machine.python = {*tag, arg("--python")};
  return {};
}

Done add_compat(Machine& machine, std::string_view given, const Knowledge& k) {
  if (given.empty()) return {};
  std::string id(given);
  // "12.4" and "cuda-compat-12.4" are as clear as the name of the package.
  for (auto& c : id)
    if (c == '.') c = '-';
  if (!id.starts_with("cuda-compat-")) id = "cuda-compat-" + id;
  if (!k.forward_compat(id)) {
    std::vector<std::string> names;
    for (auto& row : k.tables().forward_compat) names.emplace_back(row.id);
    return complain({"compat.bad", {{"given", std::string(given)}}},
                    {{"compat.known", {{"names", render::joined(names)}}}});
  }
  machine.driver.compat = {id, arg("--compat")};
  return {};
}

}  // namespace

std::optional<std::string> python_tag(std::string_view given) {
  if (given.starts_with("cp")) return std::string(given);
  bool free_threaded = given.ends_with('t');
  if (free_threaded) given.remove_suffix(1);
  auto version = Version::parse(given);
  if (!version || version->size() < 2 || version->major() != 3) return std::nullopt;
  return "cp3" + std::to_string(version->minor()) + (free_threaded ? "t" : "");
}

Done add_host_options(Machine& machine, const Invocation& invocation, const Knowledge& k) {
  if (auto done = add_arch(machine, invocation.value("arch")); !done) return done;
  if (auto done = add_version(machine.glibc, "--glibc", invocation.value("glibc")); !done) return done;
  if (auto done = add_python(machine, invocation.value("python")); !done) return done;
  if (auto done = add_version(machine.driver.cuda, "--driver-cuda", invocation.value("driver-cuda")); !done)
    return done;
  return add_compat(machine, invocation.value("compat"), k);
}

}  // namespace cufit::commands
