// What building extensions, and compiling at run time, will meet: compilers and toolkits.
#include <algorithm>

#include "base/text.h"
#include "judge/build_subject.h"
#include "judge/machine_view.h"
#include "judge/uses.h"

namespace cufit {

namespace {

/// The toolkit that builds use: what /usr/local/cuda leads to.
const Toolkit* default_toolkit(const MachineView& v) {
  auto is_default = [](auto& t) { return t.default_link && t.nvcc && t.version; };
  auto at = std::ranges::find_if(v.observed.toolkits, is_default);
  return at == v.observed.toolkits.end() ? nullptr : &*at;
}

FactRef toolkit_fact(const Toolkit& t) { return "observed.toolkits." + t.path + ".version"; }

/// torch.compile builds a small launcher in C for each kernel.
void find_no_compiler(const MachineView& v, std::vector<FoundCause>& out) {
  if (!looked_and_absent(v.observed.compiler)) return;
  for (auto& s : v.facts.subjects) {
    if (!is_triton(s) || s.kind != Subject::Kind::distribution) continue;
    auto cause = found(v.facts, "triton-no-compiler",
                       {"cause.triton-no-compiler.found", {{"name", s.name}, {"version", s.version}}},
                       {"observed.compiler"});
    cause.subjects.push_back(s.id);
    cause.limits = true;
    out.push_back(std::move(cause));
  }
}

/// PyTorch refuses to build extensions with a toolkit of another major.
void find_other_nvcc(const MachineView& v, std::vector<FoundCause>& out) {
  auto* toolkit = default_toolkit(v);
  if (!toolkit) return;
  for (auto& s : v.facts.subjects) {
    if (!is_torch(s)) continue;
    auto* row = identify_build(v.facts.knowledge, s);
    if (!row || !row->cuda || row->cuda->major == toolkit->version->major()) continue;
    auto cause = found(v.facts, "nvcc-version-mismatch",
                       {"cause.nvcc-version-mismatch.found",
                        {{"path", toolkit->path},
                         {"have", toolkit->version->text()},
                         {"cuda", row->cuda->dotted()},
                         {"name", s.name},
                         {"version", s.version}}},
                       {toolkit_fact(*toolkit), "subjects." + s.id + ".version"});
    cause.subjects.push_back(s.id);
    out.push_back(std::move(cause));
  }
}

/// The host compilers that a toolkit accepts end somewhere.
void find_new_compiler(const MachineView& v, std::vector<FoundCause>& out) {
  auto* toolkit = default_toolkit(v);
  auto& compiler = v.observed.compiler;
  if (!toolkit || !compiler) return;
  auto words = split(*compiler, ' ');
  auto version = words.size() == 2 ? Version::parse(words[1]) : std::nullopt;
  if (!version) return;
  for (auto& row : v.facts.knowledge.tables().combinations) {
    if (row.relation != Relation::host_compiler || row.library != words[0]) continue;
    if (!in_range(*version, row.from, row.before) ||
        !in_range(*toolkit->version, row.other_from, row.other_before))
      continue;
    auto cause =
        found(v.facts, row.cause,
              {"cause.gcc-too-new-for-nvcc.found",
               {{"compiler", *compiler}, {"path", toolkit->path}, {"have", toolkit->version->text()}}},
              {"observed.compiler", toolkit_fact(*toolkit)});
    cause.why.rows.push_back("combination/" + std::string(row.id));
    out.push_back(std::move(cause));
  }
}

}  // namespace

void find_toolchain_causes(const MachineView& v, std::vector<FoundCause>& out) {
  find_no_compiler(v, out);
  find_other_nvcc(v, out);
  find_new_compiler(v, out);
}

}  // namespace cufit
