#include "judge/other_gpus.h"

#include <algorithm>

namespace cufit {

namespace {

constexpr int no_device = 100, invalid_device = 101;

bool ends_at_first_call(const Judgement& j) { return j.fails && j.fails->when == When::first_cuda_call; }

bool is_not_listed(const Judgement& j) { return j.fails && j.fails->seen_as.id == "seen.not-listed"; }

Failure not_listed(const Knowledge& k, bool driver_api) {
  auto* row = k.error(invalid_device);
  std::string name(!row ? "" : driver_api ? row->driver_name : row->runtime_name);
  return {invalid_device,
          name,
          When::first_cuda_call,
          driver_api ? "cuDeviceGet" : "cudaSetDevice",
          {"seen.not-listed"}};
}

/// Of GPUs that CUDA does not list a program sees none, and where its first call fails none of the others
/// helps.
bool may_choose(const Finding& finding, const Report& report, const Listing& listing) {
  auto is_numbered = [&](auto& on) {
    auto at = std::ranges::find(report.machine.gpus, on.second, &Gpu::id);
    return at != report.machine.gpus.end() && listing.number[size_t(at - report.machine.gpus.begin())];
  };
  return std::ranges::all_of(finding.on, is_numbered) && std::ranges::none_of(report.judgements, [](auto& j) {
           return ends_at_first_call(j) && !is_not_listed(j);
         });
}

}  // namespace

void settle_not_listed(const Knowledge& k, std::span<Outcome* const> outcomes) {
  auto is_shown = [](auto* o) { return !ends_at_first_call(o->judgement); };
  if (std::ranges::none_of(outcomes, is_shown)) return;
  for (auto* o : outcomes) {
    auto& fails = o->judgement.fails;
    if (fails && fails->code == no_device) fails = not_listed(k, !fails->call.starts_with("cuda"));
  }
}

std::optional<Remedy> use_other_gpus(const Finding& finding, const Report& report, const Listing& listing) {
  if (finding.severity != "error" || !may_choose(finding, report, listing)) return std::nullopt;
  if (report.machine.env.contains("CUDA_VISIBLE_DEVICES")) return std::nullopt;
  Remedy r;
  std::string numbers, names;
  auto worst = Verdict::fits;
  for (size_t i = 0; i < report.machine.gpus.size(); i++) {
    auto& gpu = report.machine.gpus[i];
    if (!listing.number[i]) continue;
    auto runs = [&](auto& on) {
      auto judged = [&](auto& j) { return j.subject == on.first && j.gpu == gpu.id; };
      auto j = std::ranges::find_if(report.judgements, judged);
      if (j == report.judgements.end() || j->verdict > Verdict::limited) return false;
      worst = std::max(worst, j->verdict);
      return true;
    };
    if (!std::ranges::all_of(finding.on, runs)) continue;
    numbers += (numbers.empty() ? "" : ",") + std::to_string(*listing.number[i]);
    auto name = gpu.name ? *gpu.name : gpu.id;
    if (!names.ends_with(name)) names += (names.empty() ? "" : ", ") + name;
  }
  if (numbers.empty()) return std::nullopt;
  r.id = 'r' + std::to_string(finding.remedies.size() + 1);
  r.kind = Remedy::Kind::env;
  r.text = {"remedy.other-gpus", {{"gpus", names}}};
  r.commands = {"export CUDA_DEVICE_ORDER=PCI_BUS_ID", "export CUDA_VISIBLE_DEVICES=" + numbers};
  r.checked = true;
  r.after = worst;
  return r;
}

}  // namespace cufit
