// What the distributions of one environment say of each other.
#include <algorithm>

#include "base/text.h"
#include "base/version.h"
#include "judge/build_subject.h"
#include "judge/machine_view.h"
#include "judge/neighbours.h"
#include "judge/uses.h"
#include "model/hidden_code.h"
#include "model/package.h"

namespace cufit {

namespace {

bool together(const Subject& a, const Subject& b) {
  return &a != &b && !a.environment.empty() && a.environment == b.environment;
}

FactRef version_fact(const Subject& s) { return "subjects." + s.id + ".version"; }

FoundCause about(FoundCause cause, const Subject& s) {
  cause.subjects.push_back(s.id);
  return cause;
}

std::string local_of(const Subject& s) {
  auto version = PackageVersion::parse(s.version);
  return version ? version->local() : std::string();
}

/// PyTorch without CUDA: its local version says so, or nothing in it needs CUDA and all of it was read.
bool is_cpu_build(const Subject& s) {
  if (!is_torch(s) || s.kind != Subject::Kind::distribution) return false;
  auto local = local_of(s);
  if (!local.empty()) return local == "cpu";
  return s.members.empty() && s.unread.empty() && s.files_read > 0;
}

void find_cpu_builds(const MachineView& v, std::vector<FoundCause>& out) {
  if (v.facts.machine.gpus.empty()) return;
  for (auto& s : v.facts.subjects) {
    if (!is_cpu_build(s)) continue;
    auto args = std::vector<std::pair<std::string, std::string>>{{"name", s.name}, {"version", s.version}};
    auto cause = v.jetson ? found(v.facts, "jetson-needs-special-wheel",
                                  {"cause.jetson-needs-special-wheel.found", args},
                                  {version_fact(s), "observed.os.jetson"})
                          : found(v.facts, "cpu-only-build-installed",
                                  {"cause.cpu-only-build-installed.found", args}, {version_fact(s)});
    // It runs, on the CPU.
    cause.limits = true;
    cause.severity = Severity::warning;
    out.push_back(about(std::move(cause), s));
  }
}

/// Packages whose releases belong to one release of PyTorch.
bool belongs_to_torch(std::string_view name) { return name == "torchvision" || name == "torchaudio"; }

/// Does the requirement of `s` on torch refuse the release that is there?
bool refuses(const Subject& s, const Subject& torch) {
  auto dependency = std::ranges::find(s.dependencies, "torch", &Dependency::name);
  auto version = PackageVersion::parse(torch.version);
  if (dependency == s.dependencies.end() || !version) return false;
  auto specifier = Specifier::parse(dependency->specifier);
  return specifier && !specifier->allows(*version);
}

/// "2.2" of "cu122torch2.2cxx11abifalse": the release that an extension says it was built for.
std::string torch_in_local(const Subject& s) {
  auto local = local_of(s);
  auto at = local.find("torch");
  if (at == local.npos) return {};
  return std::string(digits_and_dots(std::string_view(local).substr(at + 5)));
}

void find_pairs_of_torch(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& torch : v.facts.subjects) {
    if (!is_torch(torch)) continue;
    for (auto& s : v.facts.subjects) {
      if (!together(torch, s)) continue;
      auto name = normalized_name(s.name);
      std::vector<std::pair<std::string, std::string>> args = {
          {"name", s.name}, {"version", s.version}, {"torch", torch.version}};
      std::vector<FactRef> facts = {version_fact(s), version_fact(torch)};
      auto built_for = torch_in_local(s);
      auto its = PackageVersion::parse(built_for), have = PackageVersion::parse(torch.version);
      bool other_release = its && have && !have->begins_with(*its);
      if (belongs_to_torch(name) && refuses(s, torch))
        out.push_back(about(
            found(v.facts, "torchvision-mismatch", {"cause.torchvision-mismatch.found", args}, facts), s));
      else if (!belongs_to_torch(name) && links_torch(s) && (other_release || refuses(s, torch)))
        out.push_back(about(found(v.facts, "torch-extension-abi-mismatch",
                                  {"cause.torch-extension-abi-mismatch.found", args}, facts),
                            s));
    }
  }
}

/// bitsandbytes carries one library for each CUDA release and opens that of PyTorch.
void find_missing_variant(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& s : v.facts.subjects) {
    if (normalized_name(s.name) != "bitsandbytes" || s.kind != Subject::Kind::distribution) continue;
    std::string wanted = v.variable("BNB_CUDA_VERSION");
    std::string fact = "machine.env.BNB_CUDA_VERSION";
    for (auto& torch : v.facts.subjects) {
      if (!wanted.empty() || !together(s, torch) || !is_torch(torch)) continue;
      auto* row = identify_build(v.facts.knowledge, torch);
      if (row && row->cuda) wanted = std::to_string(row->cuda->major) + std::to_string(row->cuda->minor);
      fact = version_fact(torch);
    }
    auto has_digits = [](const Member& m) { return m.bin.path.contains("libbitsandbytes_cuda"); };
    if (wanted.empty() || std::ranges::none_of(s.members, has_digits)) continue;
    auto library = "libbitsandbytes_cuda" + wanted + ".so";
    if (std::ranges::any_of(s.members,
                            [&](auto& m) { return base_name(std::string_view(m.bin.path)) == library; }))
      continue;
    out.push_back(about(
        found(v.facts, "bitsandbytes-binary-missing",
              {"cause.bitsandbytes-binary-missing.found", {{"library", library}, {"version", s.version}}},
              {"subjects." + s.id + ".members", fact}),
        s));
  }
}

/// Combinations of distributions that are known to fail.
void find_package_combinations(const MachineView& v, std::vector<FoundCause>& out) {
  auto in = [](const Subject& s, std::string_view name, std::string_view from, std::string_view before) {
    auto version = PackageVersion::parse(s.version);
    auto plain = version ? Version::parse(version->text()) : std::nullopt;
    return normalized_name(s.name) == name && plain && in_range(*plain, from, before);
  };
  for (auto& row : v.facts.knowledge.tables().combinations) {
    if (row.relation != Relation::packages) continue;
    for (auto& a : v.facts.subjects)
      for (auto& b : v.facts.subjects) {
        if (!together(a, b) || !in(a, row.library, row.from, row.before) ||
            !in(b, row.other, row.other_from, row.other_before))
          continue;
        auto cause = found(
            v.facts, row.cause,
            {"evidence.packages",
             {{"name", a.name}, {"version", a.version}, {"other", b.name}, {"other_version", b.version}}},
            {version_fact(a), version_fact(b)});
        cause.why.rows.push_back("combination/" + std::string(row.id));
        out.push_back(about(std::move(cause), b));
      }
  }
}

std::string argument(const Text& text, std::string_view name) {
  auto at = std::ranges::find(text.args, name, [](auto& a) { return std::string_view(a.first); });
  return at == text.args.end() ? std::string() : at->second;
}

/// Files that two distributions list: the later one's lie there, the record of the other one does not hold.
void find_overwritten(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& s : v.facts.subjects) {
    auto overwritten = [](const Gap& g) { return g.what.id == "gap.file-overwritten"; };
    auto gap = std::ranges::find_if(s.unread, overwritten);
    if (gap == s.unread.end()) continue;
    auto count = std::ranges::count_if(s.unread, overwritten);
    // What is wrong with a mixed NCCL only its user meets.
    bool torch =
        std::ranges::any_of(v.facts.subjects, [&](auto& x) { return together(s, x) && is_torch(x); });
    bool nccl = torch && base_name(std::string_view(gap->path)).starts_with("libnccl");
    out.push_back(
        about(found(v.facts, nccl ? "nccl-mismatch" : "package-files-overwritten",
                    {"cause.package-files-overwritten.found",
                     {{"path", gap->path},
                      {"n", std::to_string(count)},
                      {"loser", s.name + ' ' + s.version},
                      {"winner", argument(gap->what, "name") + ' ' + argument(gap->what, "version")}}},
                    {"subjects." + s.id + ".unread"}),
              s));
    out.back().severity = Severity::warning;
  }
}

/// What is cut off, no library or may not be read is told as that.
bool is_told_otherwise(const Subject& s, const std::string& path) {
  auto tells = [&](const Gap& g) { return g.path == path && is_damage(g); };
  return std::ranges::any_of(s.unread, tells) ||
         std::ranges::any_of(s.members, [&](auto& m) { return std::ranges::any_of(m.bin.unread, tells); });
}

/// Libraries that are not those that their package brought: copied over, stripped, patched.
void find_replaced(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& s : v.facts.subjects) {
    auto replaced = [&](const Gap& g) {
      return g.what.id == "gap.file-replaced" && !is_told_otherwise(s, g.path);
    };
    auto gap = std::ranges::find_if(s.unread, replaced);
    if (gap == s.unread.end()) continue;
    auto count = std::ranges::count_if(s.unread, replaced);
    out.push_back(about(
        found(v.facts, "package-files-replaced",
              {"cause.package-files-replaced.found",
               {{"path", gap->path}, {"n", std::to_string(count)}, {"name", s.name}, {"version", s.version}}},
              {"subjects." + s.id + ".unread"}),
        s));
  }
}

/// What describes another version beside the one that is there: Python takes the first that it meets in the
/// folder.
void find_stale_descriptions(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& s : v.facts.subjects)
    for (auto& gap : s.unread) {
      if (gap.what.id != "gap.stale-description") continue;
      auto cause = found(v.facts, "package-described-twice",
                         {"cause.package-described-twice.found",
                          {{"path", gap.path},
                           {"stale", argument(gap.what, "version")},
                           {"name", s.name},
                           {"version", s.version}}},
                         {"subjects." + s.id + ".unread"});
      out.push_back(about(std::move(cause), s));
    }
}

/// Libraries that a package lists and that are not there.
void find_incomplete(const MachineView& v, std::vector<FoundCause>& out) {
  for (auto& s : v.facts.subjects) {
    auto gap = std::ranges::find(s.unread, gap_file_missing, [](auto& g) { return g.what.id; });
    if (gap == s.unread.end()) continue;
    out.push_back(about(found(v.facts, "package-incomplete",
                              {"cause.package-incomplete.found",
                               {{"path", gap->path}, {"name", s.name}, {"version", s.version}}},
                              {"subjects." + s.id + ".unread"}),
                        s));
  }
}

}  // namespace

void find_package_causes(const MachineView& v, std::vector<FoundCause>& out) {
  find_cpu_builds(v, out);
  find_pairs_of_torch(v, out);
  find_missing_variant(v, out);
  find_package_combinations(v, out);
  find_overwritten(v, out);
  find_replaced(v, out);
  find_stale_descriptions(v, out);
  find_incomplete(v, out);
}

}  // namespace cufit
