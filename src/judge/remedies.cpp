#include "judge/remedies.h"

#include <algorithm>
#include <climits>
#include <tuple>

#include "judge/build_remedies.h"
#include "judge/change.h"
#include "judge/compat.h"
#include "judge/pair_remedies.h"
#include "judge/sass.h"

namespace cufit {

namespace {

constexpr Verdict worst_that_runs = Verdict::limited;

Verdict verdict_with(const Case& c, const Version& driver) {
  Change change;
  change.driver = driver;
  return verdict_after(change, c);
}

bool drives(const Case& c, const DriverRow& branch, const Version& minimum) {
  auto newest = branch.last_known_version.version();
  auto platform = c.place.machine.driver_platform();
  return newest >= minimum && c.place.window.fit(newest, platform) != DriverWindow::Fit::too_new;
}

/// A branch that is still maintained and has the driver that is needed.
std::optional<std::string> maintained_branch(const Case& c, const Version& minimum) {
  for (auto* branch : c.place.knowledge.maintained_branches())
    if (drives(c, *branch, minimum)) return std::string(branch->id);
  return std::nullopt;
}

std::optional<Remedy> newer_driver(const Case& c) {
  auto& j = c.outcome.judgement;
  auto& least = j.needs.driver;
  if (!least || !c.place.driver || c.place.driver->version >= *least) return std::nullopt;
  auto after = verdict_with(c, *least);
  if (after > worst_that_runs || after > j.verdict) return std::nullopt;
  Remedy r;
  r.kind = Remedy::Kind::driver;
  r.minimum = *least;
  r.suggest = maintained_branch(c, *least);
  r.text = {"remedy.driver", {{"driver", least->text()}}};
  if (r.suggest) r.text = {"remedy.driver-branch", {{"driver", least->text()}, {"branch", *r.suggest}}};
  r.root = r.reboot = r.checked = true;
  r.after = after;
  return r;
}

/// The change of the driver, and after it what it takes besides; nothing if that is not known.
std::vector<Remedy> with_another_build(const Case& c, Remedy driver, const Version& version) {
  auto besides = remedy_besides(c.subject, c.place.with_driver(version));
  if (!besides) return {};
  driver.checked = true;
  driver.after = Verdict::unfit;
  return {std::move(driver), std::move(*besides)};
}

/// A driver that shows the GPU, where that is needed and not enough: the code must be another one, too.
std::vector<Remedy> first_a_newer_driver(const Case& c) {
  auto known = c.place.window.known_from.version();
  if (known.empty() || !c.place.driver || c.place.driver->version >= known) return {};
  Remedy r;
  r.kind = Remedy::Kind::driver;
  r.minimum = known;
  r.text = {"remedy.driver", {{"driver", known.text()}}};
  r.root = r.reboot = true;
  if (auto both = with_another_build(c, r, known); !both.empty()) return both;
  r.text = {"remedy.driver-not-enough", {{"driver", known.text()}, {"arch", c.place.sm.dotted()}}};
  return {r};
}

/// Back to the last branch that supports the GPU; where the code must be another one, too, that is said.
std::vector<Remedy> older_driver(const Case& c) {
  auto* branch = c.place.knowledge.driver_branch(std::to_string(c.place.window.last_branch));
  if (!branch || branch->last_known_version.empty()) return {};
  auto& version = branch->last_known_version.version();
  auto after = verdict_with(c, version);
  Remedy r;
  r.kind = Remedy::Kind::driver;
  r.suggest = std::string(branch->id);
  r.text = {"remedy.driver-back",
            {{"branch", *r.suggest}, {"driver", std::string(branch->last_known_version.text)}}};
  r.root = r.reboot = true;
  if (after <= worst_that_runs) {
    r.checked = true;
    r.after = after;
    return {r};
  }
  if (auto both = with_another_build(c, r, version); !both.empty()) return both;
  if (!c.outcome.also_lacks_arch) return {};
  r.text.id = "remedy.driver-back-not-enough";
  r.text.args.emplace_back("arch", c.place.sm.dotted());
  return {r};
}

/// A remedy that unsets variables, judged without them.
std::optional<Remedy> without(const Case& c, std::vector<std::string> variables, Text text) {
  Remedy r;
  r.kind = Remedy::Kind::env;
  r.text = std::move(text);
  Change change;
  for (auto& name : variables)
    if (c.place.machine.env.contains(name)) {
      r.commands.push_back("unset " + name);
      change.unset.push_back(name);
    }
  r.checked = true;
  r.after = verdict_after(change, c);
  if (r.commands.empty() || *r.after > worst_that_runs) return std::nullopt;
  return r;
}

std::optional<Remedy> unset_variable(const Case& c) {
  if (!c.outcome.unset) return std::nullopt;
  std::vector<std::string> variables = {*c.outcome.unset};
  // The newer of two variables wins, so that unsetting it can bring the older one back.
  if (c.outcome.unset == "CUDA_DISABLE_PTX_JIT") variables.push_back("CUDA_DISABLE_JIT");
  if (c.outcome.unset == "CUDA_FORCE_PTX_JIT") variables.push_back("CUDA_FORCE_JIT");
  return without(c, std::move(variables), {"remedy.unset", {{"variable", *c.outcome.unset}}});
}

/// The driver's own libcuda in place of that of a cuda-compat package, and what it takes besides.
std::vector<Remedy> instead_of_compat(const Case& c) {
  if (!c.place.compat) return {};
  Remedy r;
  r.kind = Remedy::Kind::compat;
  r.text = {"remedy.no-compat", {{"package", std::string(c.place.compat->id)}}};
  auto machine = c.place.machine;
  machine.driver.compat = {};
  auto there = c.place.on(machine);
  auto outcome = decide(c.subject, there);
  auto after = outcome.judgement.verdict;
  if (after <= worst_that_runs) {
    r.checked = true;
    r.after = after;
    return after < c.outcome.judgement.verdict ? std::vector{r} : std::vector<Remedy>();
  }
  auto then = remedies_for({c.subject, there, outcome, outcome.cause});
  if (then.empty()) return {};
  r.text.id = "remedy.no-compat-first";
  then.insert(then.begin(), std::move(r));
  return then;
}

/// CTR-4: the requirement can be stricter than what the program needs; then skipping it is right.
std::optional<Remedy> skip_requirement(const Case& c) {
  std::vector<std::string> variables;
  for (auto& [name, value] : c.place.machine.env)
    if (name.starts_with("NVIDIA_REQUIRE_")) variables.push_back(name);
  auto r = without(c, std::move(variables), {"remedy.skip-requirement"});
  if (r) r->commands = {"docker run -e NVIDIA_DISABLE_REQUIRE=true ..."};
  return r;
}

/// The toolkits that compile for the GPU, by their tables; of majors above `newest` none.
std::pair<std::string, std::string> toolkits_for(const Knowledge& k, Sm gpu, unsigned newest) {
  std::pair<std::string, std::string> range;
  for (auto& row : k.tables().toolkits) {
    if (!row.is_public || std::ranges::find(row.sass_targets, gpu) == row.sass_targets.end()) continue;
    if (row.cuda.major > newest) continue;
    if (range.first.empty()) range.first = row.id;
    range.second = row.id;
  }
  return range;
}

std::optional<Remedy> rebuild(const Case& c) {
  // What this driver runs, where one of them knows the GPU.
  constexpr unsigned any = UINT_MAX;
  bool given = c.place.driver && c.place.driver->cuda;
  auto [first, last] = toolkits_for(c.place.knowledge, c.place.sm, given ? c.place.driver->cuda->major : any);
  if (first.empty()) std::tie(first, last) = toolkits_for(c.place.knowledge, c.place.sm, any);
  if (first.empty() || !c.outcome.own_code) return std::nullopt;
  auto n = c.place.sm.bare();
  // Where a variable makes the driver ignore machine code, only PTX helps.
  bool as_ptx = c.cause == Cause::ptx_jit_forced;
  auto flags = "-gencode arch=compute_" + n + (as_ptx ? ",code=compute_" : ",code=sm_") + n;
  Remedy r;
  r.kind = Remedy::Kind::rebuild;
  auto newest = c.place.knowledge.tables().toolkits.back().id;
  r.text = {last == newest ? "remedy.rebuild" : "remedy.rebuild-between",
            {{"flags", flags}, {"arch", c.place.sm.dotted()}, {"from", first}, {"to", last}}};
  if (last == newest) r.text.args.pop_back();
  bool by_torch = std::ranges::any_of(c.subject.dependencies, [](auto& d) { return d.name == "torch"; });
  if (is_package(c.subject) && !by_torch)
    r.text = {"remedy.other-package", {{"arch", c.place.sm.dotted()}, {"from", first}, {"to", last}}};
  else if (is_package(c.subject))
    r.text = {"remedy.package",
              {{"arch", c.place.sm.dotted()},
               {"flags", "TORCH_CUDA_ARCH_LIST=" + c.place.sm.dotted() + (as_ptx ? "+PTX" : "")},
               {"from", first},
               {"to", last}}};
  else
    r.commands.push_back("export NVCC_APPEND_FLAGS=\"" + flags + '"');
  return r;
}

/// The driver fails first, and what is said of it names the build as well.
bool is_told_with_the_driver(const Case& c) {
  return c.outcome.also_lacks_arch &&
         std::ranges::any_of(remedies_for({c.subject, c.place, c.outcome, c.outcome.cause}),
                             &Remedy::besides);
}

}  // namespace

std::vector<Remedy> remedies_for(const Case& c) {
  std::vector<Remedy> remedies;
  auto add_all = [&](std::vector<Remedy> all) {
    for (auto& r : all) {
      r.id = 'r' + std::to_string(remedies.size() + 1);
      remedies.push_back(std::move(r));
    }
  };
  auto add = [&](std::optional<Remedy> r) {
    if (r) add_all({std::move(*r)});
  };
  auto instead = [&] { add_all(instead_of_compat(c)); };
  auto add_builds = [&] {
    add_all(other_builds(c));
    return !remedies.empty();
  };
  switch (c.cause) {
    case Cause::driver_too_old_for_runtime:
    case Cause::image_compression_unsupported:
      instead();
      add_builds();
      add(compat_package(c));
      add(newer_driver(c));
      break;
    case Cause::driver_older_than_gpu:
      instead();
      add(newer_driver(c));
      if (remedies.empty()) add_all(first_a_newer_driver(c));
      break;
    case Cause::ptx_newer_than_driver:
      add_builds();
      add(compat_package(c));
      add(newer_driver(c));
      add(rebuild(c));
      break;
    case Cause::legacy_gpu_dropped_by_driver:
      add_all(older_driver(c));
      break;
    case Cause::lacks_arch:
      if (is_told_with_the_driver(c)) break;
      // Modules of a package for other GPUs only are its design: nobody builds those anew.
      if (!add_builds() && !(is_package(c.subject) && c.outcome.judgement.verdict == Verdict::limited))
        add(rebuild(c));
      break;
    case Cause::cudnn_dropped_gpu:
    case Cause::host_does_not_match:
    case Cause::glibc_too_old:
      add_builds();
      break;
    case Cause::runtime_compiler:
      add(other_ptxas(c));
      add(compat_package(c));
      add(newer_driver(c));
      break;
    case Cause::runtime_compiler_old:
      add(other_ptxas(c));
      break;
    case Cause::compat_does_not_pair:
    case Cause::compat_on_ineligible_gpu:
      instead();
      if (remedies.empty()) add(newer_driver(c));
      break;
    case Cause::container_requirement:
      add(skip_requirement(c));
      break;
    case Cause::ptx_jit_disabled:
    case Cause::ptx_jit_forced:
      add(unset_variable(c));
      add(rebuild(c));
      break;
    case Cause::cuda_visible_devices_bad:
      add(unset_variable(c));
      break;
    case Cause::triton_old_gpu:
    case Cause::machine_fault:
    case Cause::none:
      break;
  }
  return remedies;
}

std::vector<Rejected> rejected_for(const Case& c) {
  switch (c.cause) {
    case Cause::driver_too_old_for_runtime: {
      std::vector<Rejected> all = {
          {{"reject.other-cudart"}, std::string(lib_2.id), {"reject.other-cudart.why"}}};
      if (auto compat = rejected_compat(c)) all.push_back(std::move(*compat));
      return all;
    }
    case Cause::lacks_arch:
      if (c.outcome.judgement.driver_axis == Axis::unfit) return {};  // a newer driver is needed as well
      return {{{"reject.newer-driver"}, std::string(sass_1.id), {"reject.newer-driver.why"}},
              {{"reject.other-cudart"}, std::string(lib_3.id), {"reject.cudart-has-no-kernels"}}};
    case Cause::driver_older_than_gpu:
    case Cause::legacy_gpu_dropped_by_driver: {
      if (c.outcome.judgement.image_axis == Axis::unfit) return {};  // another build is needed as well
      auto& rule = c.cause == Cause::driver_older_than_gpu ? drv_5 : drv_6;
      std::vector<Rejected> all = {
          {{"reject.other-build"}, std::string(rule.id), {"reject.other-build.why"}}};
      if (c.cause == Cause::driver_older_than_gpu)
        all.push_back({{"reject.any-compat"}, std::string(fc_13.id), {"reject.any-compat.why"}});
      return all;
    }
    default:
      return {};
  }
}

}  // namespace cufit
