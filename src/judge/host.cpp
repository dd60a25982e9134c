#include "judge/host.h"

#include <algorithm>

#include "base/text.h"
#include "judge/build_subject.h"

namespace cufit {

namespace {

Step refuse(const Rule& rule, Text text, Cause cause, Failure failure, FactRef fact) {
  Step step;
  step.axis = Axis::unfit;
  step.cause = cause;
  step.evidence = evidence(rule, Verdict::unfit, std::move(text), {std::move(fact)});
  step.fails = std::move(failure);
  return step;
}

/// A build of the catalogue: what its row does not list is not known. Of files, what they hold is all.
bool is_listed(const Subject& s) { return s.kind == Subject::Kind::build && !s.build.empty(); }

Step open(const Rule& rule, Text text, FactRef fact) {
  Step step;
  step.axis = Axis::unknown;
  step.evidence = evidence(rule, Verdict::unknown, std::move(text), {std::move(fact)});
  return step;
}

/// The system and architecture of the host, where somebody gave them or the GPU tells (Jetson, Grace).
std::optional<std::string> host_tag(const Place& place) {
  if (!place.machine.arch && !place.arm && place.machine.platform == Machine::Platform::linux)
    return std::nullopt;
  return platform_of(place).tag();
}

Failure not_loadable() { return {8, "ENOEXEC", When::before_start, "dlopen", {"seen.wrong-elf-class"}}; }

/// As ld.so says it of a symbol version that the C library of the host does not define.
Failure no_symbol_version(const Subject& subject, const std::string& glibc) {
  return {
      0,
      "version not found",
      When::before_start,
      "ld.so",
      {"seen.version-missing", {{"path", "libc.so.6"}, {"symbol", "GLIBC_" + glibc}, {"by", subject.name}}}};
}

/// What is installed has passed pip: it is the import that fails.
Step refuse_installed(const Subject& subject, const std::string& host, const std::string& offered,
                      const Place& place) {
  auto step = refuse(host_1, {"host.installed-for", {{"offered", offered}, {"platform", host}}},
                     Cause::host_does_not_match, not_loadable(), "machine.arch");
  auto* row = identify_build(place.knowledge, subject);
  if (row && std::ranges::find(row->platforms, host) != row->platforms.end())
    step.notes.push_back(
        {std::string(host_1.id),
         {"note.published-for", {{"name", subject.name}, {"version", subject.version}, {"platform", host}}}});
  return step;
}

Step judge_platform(const Subject& subject, const Place& place) {
  auto tag = host_tag(place);
  if (!tag) return {};
  auto& offered = subject.needs.platforms;
  if (!offered.empty() && std::ranges::find(offered, *tag) == offered.end()) {
    auto list = joined(offered);
    if (subject.kind == Subject::Kind::distribution) return refuse_installed(subject, *tag, list, place);
    return refuse(host_1, {"host.no-platform", {{"platform", *tag}, {"offered", list}}},
                  Cause::host_does_not_match, not_installable(), "machine.arch");
  }
  if (place.machine.platform != Machine::Platform::linux || subject.kind == Subject::Kind::build) return {};
  auto want = platform_of(place).aarch64 ? "aarch64" : "x86_64";
  for (auto& m : subject.members) {
    bool elf = m.bin.format == Binary::Format::elf && !m.bin.arch.empty();
    if (!elf || !is_core(m.role) || m.bin.arch == want) continue;
    return refuse(host_1, {"host.other-arch", {{"arch", m.bin.arch}, {"host", want}}},
                  Cause::host_does_not_match, not_loadable(), "machine.arch");
  }
  return {};
}

Step judge_glibc(const Subject& subject, const Place& place) {
  auto* have = place.machine.glibc.get();
  if (!have || place.machine.platform == Machine::Platform::windows) return {};
  if (!subject.needs.glibc)
    return is_listed(subject)
               ? open(host_2, {"host.glibc-unknown", {{"have", have->text()}}}, "machine.glibc")
               : Step{};
  std::string_view text = *subject.needs.glibc;
  if (text.starts_with(">=")) text.remove_prefix(2);
  auto need = Version::parse(text);
  if (!need || *have >= *need) return {};
  bool installed = subject.kind == Subject::Kind::distribution;
  return refuse(host_2, {"host.glibc", {{"need", need->text()}, {"have", have->text()}}},
                Cause::glibc_too_old,
                installed ? no_symbol_version(subject, need->text()) : not_installable(), "machine.glibc");
}

/// "cp312" of "cp312" as 12, of "cp38-abi3" as 8; nothing for other tags and for free threading.
std::optional<uint32_t> minor_of(std::string_view tag) {
  if (!tag.starts_with("cp3")) return std::nullopt;
  auto version = Version::parse(tag.substr(3, tag.find('-') == tag.npos ? tag.npos : tag.find('-') - 3));
  return version && version->size() == 1 ? std::optional(version->major()) : std::nullopt;
}

/// Any interpreter of Python 3 takes "py3" and "py39"; the stable ABI serves its release and later ones.
bool takes_python(std::string_view tags, std::string_view have) {
  while (!tags.empty()) {
    auto comma = tags.find(',');
    auto tag = tags.substr(0, comma);
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    tags = comma == tags.npos ? std::string_view() : tags.substr(comma + 1);
    if (tag == have || !tag.starts_with("cp")) return true;
    auto least = minor_of(tag), own = minor_of(have);
    if (tag.ends_with("-abi3") && (!least || !own || *least <= *own)) return true;
  }
  return false;
}

Step judge_python(const Subject& subject, const Place& place) {
  auto* have = place.machine.python.get();
  if (!have) return {};
  if (!subject.needs.python)
    return is_listed(subject) ? open(host_3, {"host.python-unknown", {{"have", *have}}}, "machine.python")
                              : Step{};
  if (takes_python(*subject.needs.python, *have)) return {};
  return refuse(host_3, {"host.python", {{"offered", *subject.needs.python}, {"have", *have}}},
                Cause::host_does_not_match, not_installable(), "machine.python");
}

/// Who installs a package by its version alone gets a build without CUDA from the default index: of jaxlib,
/// whose builds with CUDA were on a page of links, and of PyTorch for Windows, and for aarch64 up to 2.10
/// (data/builds_torch.toml).
void note_default_without_cuda(const Subject& subject, const Place& place, Step& step) {
  auto* row = subject.kind == Subject::Kind::build ? place.knowledge.build(subject.build) : nullptr;
  auto version = PackageVersion::parse(subject.version);
  if (!row || !version || !row->is_default) return;
  auto platform = platform_of(place);
  auto note = [&](std::string_view from) {
    step.notes.push_back(
        {std::string(host_1.id),
         {"note.default-without-cuda", {{"platform", platform.tag()}, {"index", std::string(from)}}}});
  };
  if (!row->find_links.empty()) return note(row->find_links);
  if (row->package != "torch" || row->index.empty()) return;
  bool windows = platform.os == Machine::Platform::windows;
  bool old_arm = platform.aarch64 && *version < *PackageVersion::parse("2.11");
  if (windows || old_arm) note(row->index);
}

}  // namespace

Failure not_installable() {
  return {1, "no matching distribution", When::before_start, "pip install", {"seen.no-wheel"}};
}

Step judge_host(const Subject& subject, const Place& place) {
  for (auto* judge : {judge_platform, judge_glibc, judge_python})
    if (auto step = judge(subject, place); step.axis != Axis::not_asked) return step;
  Step step;
  note_default_without_cuda(subject, place, step);
  return step;
}

Step judge_wsl(const Place& place, const Caller& caller) {
  if (!place.machine.wsl || !(place.sm < Sm{6, 0})) return {};
  Step step;
  step.axis = Axis::unfit;
  step.cause = Cause::driver_older_than_gpu;
  step.evidence = evidence(wsl_1, Verdict::unfit, {"wsl.gpu-floor", {{"sm", place.sm.name()}}},
                           {"machine.gpus." + place.gpu.id + ".sm"});
  step.fails = make_failure(100, caller, place);
  return step;
}

}  // namespace cufit
