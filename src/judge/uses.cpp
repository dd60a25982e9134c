#include "judge/uses.h"

#include <algorithm>

#include "base/text.h"
#include "judge/build_subject.h"
#include "judge/failure.h"
#include "judge/neighbours.h"
#include "knowledge/catalogue.h"
#include "model/package.h"

namespace cufit {

namespace {

bool is_named(const Subject& s, std::initializer_list<std::string_view> names) {
  auto name = normalized_name(s.name);
  return std::ranges::any_of(names, [&](auto n) { return name == n; });
}

/// torch.compile came with PyTorch 2.0.
bool has_compiler_front(const Subject& s) {
  auto version = PackageVersion::parse(s.version);
  return is_torch(s) && version && version->release()[0] >= 2;
}

/// The ptxas files of a subject; the second one serves newer GPUs only.
std::optional<Cuda> ptxas_in(const Subject& s, bool newer_gpu) {
  std::optional<Cuda> plain, blackwell;
  for (auto& m : s.members) {
    if (m.role != Role::jit_compiler || m.bin.toolkits.empty()) continue;
    auto name = base_name(m.bin.path, "/!");
    auto release = Cuda::from(m.bin.toolkits.back());
    if (name == "ptxas") plain = release;
    if (name == "ptxas-blackwell") blackwell = release;
  }
  return newer_gpu && blackwell ? blackwell : plain;
}

/// The lowest compute capability for which this release of Triton takes its second ptxas.
Sm blackwell_from(const Knowledge& k, const std::string& version) {
  auto* row = find_triton(k, version);
  return row && row->blackwell_from ? *row->blackwell_from : Sm{10, 0};
}

std::string pinned_triton(const Subject& s) {
  for (auto& d : s.dependencies)
    if (d.name == "triton" || d.name == "pytorch-triton")
      if (auto spec = Specifier::parse(d.specifier))
        if (auto exact = spec->exactly()) return exact->text();
  return {};
}

std::optional<RuntimeCompiler> from_files(const Subject& s, const Place& place) {
  // PyTorch has a ptxas of its own in torch/bin, which it makes Triton use.
  bool of_triton = is_triton(s);
  bool newer_gpu = of_triton && !(place.sm < blackwell_from(place.knowledge, s.version));
  auto release = ptxas_in(s, newer_gpu);
  if (!release) return std::nullopt;
  return RuntimeCompiler{
      *release, (of_triton ? "Triton " : s.name + ' ') + s.version, "subjects." + s.id + ".members", {}};
}

std::optional<RuntimeCompiler> from_catalogue(const std::string& version, const Place& place) {
  auto* row = find_triton(place.knowledge, version);
  if (!row) return std::nullopt;
  bool second = row->ptxas_blackwell && !(place.sm < row->blackwell_from.value_or(Sm{10, 0}));
  return RuntimeCompiler{
      second ? *row->ptxas_blackwell : row->ptxas, "Triton " + version, {}, "triton/" + std::string(row->id)};
}

/// What the driver and the GPU make of code that this compiler writes.
Step judge_compiler(const RuntimeCompiler& compiler, const Place& place) {
  Step step;
  auto release = compiler.release.dotted();
  std::vector<FactRef> facts;
  if (!compiler.fact.empty()) facts.push_back(compiler.fact);
  std::vector<RowRef> rows;
  if (!compiler.row.empty()) rows.push_back(compiler.row);
  auto says = [&](Verdict verdict, const Rule& rule, Text text) {
    step.axis = verdict == Verdict::limited   ? Axis::limited
                : verdict == Verdict::unknown ? Axis::unknown
                                              : Axis::fits;
    step.evidence = evidence(rule, verdict, std::move(text), facts, rows);
  };
  if (place.sm < Sm{7, 0}) {
    step.cause = Cause::triton_old_gpu;
    says(Verdict::limited, triton_1, {"use.triton-old-gpu", {{"sm", place.sm.name()}}});
    return step;
  }
  auto* row = place.knowledge.toolkit(compiler.release);
  bool knows = !row || row->sass_targets.empty() ||
               std::ranges::any_of(row->sass_targets, [&](Sm target) { return target.plain() == place.sm; });
  if (!knows) {
    step.cause = Cause::runtime_compiler_old;
    says(Verdict::limited, drv_10,
         {"use.ptxas-does-not-know",
          {{"tool", compiler.name}, {"release", release}, {"sm", place.sm.name()}}});
    return step;
  }
  if (place.driver) {
    facts.push_back("machine.driver.kernel");
    auto floor =
        check_floor(place.knowledge, compiler.release, *place.driver, place.machine.driver_platform());
    auto have = place.driver->version.text();
    if (floor.meets == Answer::no) {
      step.cause = Cause::runtime_compiler;
      says(Verdict::limited, drv_10,
           {"use.ptxas-refused",
            {{"tool", compiler.name},
             {"release", release},
             {"need", floor.floor ? floor.floor->text() : "?"},
             {"have", have}}});
      return step;
    }
    if (floor.meets == Answer::unknown) {
      says(Verdict::unknown, drv_10,
           {"use.ptxas-unsure", {{"tool", compiler.name}, {"release", release}, {"have", have}}});
      return step;
    }
  }
  says(Verdict::fits, drv_10, {"use.ptxas-fits", {{"tool", compiler.name}, {"release", release}}});
  return step;
}

void add_compile(const Subject& subject, const Place& place, UseStep& out) {
  auto variable = place.machine.env.find("TRITON_PTXAS_PATH");
  if (variable != place.machine.env.end() && !variable->second.empty()) {
    out.uses.push_back(
        {"torch.compile", Verdict::unknown, 0, std::string(drv_10.id), {"use.ptxas-path-set"}});
    return;
  }
  auto compiler = runtime_compiler(subject, place);
  if (!compiler) {
    out.uses.push_back({"torch.compile", Verdict::unknown, 0, std::string(drv_10.id), {"use.no-compiler"}});
    return;
  }
  auto step = judge_compiler(*compiler, place);
  int code = step.cause == Cause::runtime_compiler ? 200 : 0;
  auto verdict = verdict_of(step.axis);
  out.uses.push_back({"torch.compile", verdict == Verdict::limited ? Verdict::unfit : verdict, code,
                      step.evidence.rule, step.evidence.text});
  if (step.axis != Axis::limited) return;
  // Whoever runs a GPU from before Triton knows no other way to run it: said, but no limit of the build.
  if (step.cause == Cause::triton_old_gpu) {
    out.notes.push_back({step.evidence.rule, step.evidence.text});
    return;
  }
  out.axis = Axis::limited;
  out.cause = step.cause;
  out.evidence = step.evidence;
  out.limits.push_back({step.evidence.rule, step.evidence.text, code});
}

/// cuDNN has a floor of its own, above that of the framework.
void add_cudnn(const Subject& subject, const Place& place, UseStep& out) {
  auto* row = identify_build(place.knowledge, subject);
  if (!row || !row->cudnn_min_cc || row->cudnn.empty()) return;
  bool serves = !(place.sm < *row->cudnn_min_cc);
  Text text = {serves ? "use.cudnn-serves" : "use.cudnn-dropped",
               {{"version", std::string(row->cudnn)},
                {"sm", place.sm.name()},
                {"least", row->cudnn_min_cc->dotted()}}};
  out.uses.push_back({"cudnn", serves ? Verdict::fits : Verdict::unfit, 0, std::string(lib_10.id), text});
  if (serves) return;
  out.axis = Axis::limited;
  if (out.cause == Cause::none) out.cause = Cause::cudnn_dropped_gpu;
  if (out.evidence.rule.empty())
    out.evidence = evidence(lib_10, Verdict::limited, text, {}, {"build/" + std::string(row->id)});
  out.limits.push_back({std::string(lib_10.id), std::move(text), 0});
}

}  // namespace

bool is_triton(const Subject& s) {
  return is_named(s, {"triton", "pytorch-triton", "triton-windows"}) && s.kind != Subject::Kind::file;
}

bool is_torch(const Subject& s) { return is_named(s, {"torch"}) && s.kind != Subject::Kind::file; }

bool serves_torch(const Subject& s, std::span<const Subject> installed) {
  auto is_beside = [&](const Subject& other) { return Place::beside(s, other) && is_torch(other); };
  return is_torch(s) || is_extension(s) ||
         (normalized_name(s.name).starts_with("nvidia-") && std::ranges::any_of(installed, is_beside));
}

WithoutDriver without_driver(const Subject& s) {
  if (is_triton(s) || is_named(s, {"numba", "numba-cuda"})) return WithoutDriver::own_words;
  return is_named(s, {"xgboost"}) ? WithoutDriver::goes_on : WithoutDriver::error_35;
}

bool only_compiles(const Subject& s) {
  auto compiles = [](const Member& m) { return m.role == Role::jit_compiler; };
  return !is_triton(s) && !s.members.empty() && std::ranges::all_of(s.members, compiles);
}

std::optional<RuntimeCompiler> runtime_compiler(const Subject& subject, const Place& place) {
  if (auto own = from_files(subject, place)) return own;
  // A build that is yet to be installed puts the Triton that it pins in the place of the one that is there.
  auto pinned = pinned_triton(subject);
  bool brings_its_own = subject.kind == Subject::Kind::build && !pinned.empty();
  for (auto& other : place.installed)
    if (!brings_its_own && Place::beside(subject, other) && is_triton(other))
      if (auto found = from_files(other, place)) return found;
  // The catalogue read the wheels for Linux on x86_64; there is none for Windows.
  if (platform_of(place) != BuildPlatform{}) return std::nullopt;
  if (is_triton(subject)) return from_catalogue(subject.version, place);
  if (!pinned.empty()) return from_catalogue(pinned, place);
  auto* row = identify_build(place.knowledge, subject);
  if (row && !row->triton.empty()) return from_catalogue(std::string(row->triton), place);
  return std::nullopt;
}

UseStep judge_uses(const Subject& subject, Verdict core, const Place& place) {
  UseStep out;
  if (is_triton(subject)) {
    if (auto compiler = runtime_compiler(subject, place)) {
      auto step = judge_compiler(*compiler, place);
      static_cast<Step&>(out) = step;
      if (step.cause == Cause::runtime_compiler) {
        // Its cubins are all that it makes.
        out.axis = Axis::unfit;
        out.evidence.says = Verdict::unfit;
        out.fails = make_failure(200, Caller{.driver_api = true}, place);
      } else if (step.axis == Axis::limited)
        out.limits.push_back({step.evidence.rule, step.evidence.text, 0});
    }
    return out;
  }
  if (!is_torch(subject)) return out;
  out.uses.push_back({"eager", core, 0, {}, {"use.eager"}});
  if (has_compiler_front(subject)) add_compile(subject, place, out);
  add_cudnn(subject, place, out);
  return out;
}

}  // namespace cufit
