#include "judge/log_facts.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "knowledge/catalogue.h"
#include "knowledge/gpu_lookup.h"

namespace cufit {

namespace {

/// Of "sm_50 sm_60 compute_70" and "'sm_80', 'sm_90'" the machine code.
std::vector<Sm> archs_in(std::string_view list) {
  std::vector<Sm> found;
  std::string word;
  for (size_t i = 0; i <= list.size(); i++) {
    char c = i < list.size() ? list[i] : ' ';
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '.') {
      word += c;
      continue;
    }
    if (auto sm = Sm::parse(word); sm && word.starts_with("sm_")) found.push_back(*sm);
    word.clear();
  }
  return found;
}

/// "2.1.0+cu121" of "torch-2.1.0+cu121 torchvision-0.16.0+cu121".
std::string torch_in(std::string_view packages) {
  for (auto word : split(packages, ' '))
    if (word.starts_with("torch-")) return std::string(word.substr(6));
  return {};
}

std::optional<Cuda> cuda_of_local(const std::string& torch) {
  auto at = torch.find("+cu");
  if (at == torch.npos) return std::nullopt;
  auto n = whole_number<uint32_t>(std::string_view(torch).substr(at + 3));
  if (!n || *n < 75 || *n > 255) return std::nullopt;
  return Cuda{uint8_t(*n / 10), uint8_t(*n % 10)};
}

/// What the catalogue knows of the build.
void add_build(LogFacts& facts, const Knowledge& k) {
  auto version = PackageVersion::parse(facts.torch);
  if (!version) return;
  for (auto* row : find_build(k, "torch", *version).rows) {
    if (row->is_variant) continue;
    if (!facts.toolkit) facts.toolkit = row->cuda;
    if (!facts.archs.empty()) break;
    facts.archs.assign(row->sass.begin(), row->sass.end());
  }
}

/// The names that captures have, and how a fact is shown.
class Collector {
 public:
  Collector(LogFacts& facts, const Knowledge& k) : facts_(facts), k_(k) {}

  void take(const Sighting& s, const std::string& name, const std::string& value) {
    if (value.empty()) return;
    if (name == "driver") {
      if (auto v = Version::parse(value); v && v->major() > 100)
        facts_.driver = facts_.driver.value_or(*v), tell(s, name, value);
    } else if (name == "driver_cuda") {
      if (auto cuda = Cuda::parse(value)) facts_.driver_cuda = cuda, tell(s, name, value);
    } else if (name == "driver_api") {
      if (auto n = whole_number<uint32_t>(value); n && *n >= 1000 && *n < 100000) {
        facts_.driver_cuda = Cuda{uint8_t(*n / 1000), uint8_t(*n % 1000 / 10)};
        tell(s, "driver_cuda", facts_.driver_cuda->dotted());
      }
    } else if (name == "torch" || name == "packages") {
      auto torch = name == "torch" ? value : torch_in(value);
      if (facts_.torch.empty() && PackageVersion::parse(torch)) facts_.torch = torch, tell(s, "torch", torch);
    } else if (name == "torch_1" || name == "torch_2") {  // forms need a text of eight bytes: "torch 2."
      take(s, "torch", name.substr(6) + '.' + value);
    } else if (name == "torch_cuda" || name == "toolkit") {
      if (auto cuda = Cuda::parse(value)) facts_.toolkit = cuda, tell(s, name, value);
    } else if (name == "gpu" || name == "gpu_full" || name == "geforce" || name == "tesla") {
      auto board = name == "geforce" ? "GeForce " + value : name == "tesla" ? "Tesla " + value : value;
      if (std::ranges::find(facts_.gpus, board) == facts_.gpus.end()) facts_.gpus.push_back(board);
      tell(s, "gpu", board);
    } else if (name == "cc" || name == "sm") {
      if (auto sm = Sm::parse(value); sm && sm->major >= 2)
        facts_.sm = sm->plain(), tell(s, "sm", sm->dotted());
    } else if (name == "cc_least" || name == "cc_most") {
      if (auto sm = Sm::parse(value)) facts_.archs.push_back(*sm);
    } else if (name == "archs") {
      if (auto archs = archs_in(value); !archs.empty()) facts_.archs = archs, tell(s, name, value);
    } else if (name == "python" || name == "glibc" || name == "vllm" || name == "devices" ||
               name == "library_path") {
      tell(s, name, value);
    }
  }

  void finish() {
    if (facts_.driver && !facts_.driver_cuda)
      facts_.driver_cuda = k_.driver_cuda(*facts_.driver, Machine::Platform::linux).cuda;
    if (!facts_.toolkit) facts_.toolkit = cuda_of_local(facts_.torch);
    add_build(facts_, k_);
    for (auto& gpu : facts_.gpus)
      if (!facts_.sm)
        if (auto found = find_gpu(k_, gpu); found.candidates.size() == 1)
          facts_.sm = found.candidates.front().sm;
  }

 private:
  void tell(const Sighting& s, std::string name, std::string value) {
    auto same = [&](auto& f) { return f.name == name && f.value == value; };
    if (std::ranges::none_of(facts_.all, same))
      facts_.all.push_back({std::move(name), std::move(value), s.line});
  }

  LogFacts& facts_;
  const Knowledge& k_;
};

}  // namespace

LogFacts facts_of(const Log& log, const Knowledge& k) {
  LogFacts facts;
  Collector collector(facts, k);
  for (auto& s : log.sightings)
    for (auto& [name, value] : s.captures) collector.take(s, name, value);
  collector.finish();
  return facts;
}

ArchRelation relation_of(const LogFacts& facts) {
  if (!facts.sm || facts.archs.empty()) return ArchRelation::unknown;
  auto least = std::ranges::min(facts.archs, {}, &Sm::number),
       most = std::ranges::max(facts.archs, {}, &Sm::number);
  auto gpu = facts.sm->number();
  if (gpu < least.number()) return ArchRelation::below;
  auto runs = [&](const Sm& arch) {
    return arch.suffix == Sm::Suffix::a ? arch.plain() == *facts.sm
                                        : arch.major == facts.sm->major && arch.minor <= facts.sm->minor;
  };
  if (std::ranges::any_of(facts.archs, runs)) return ArchRelation::within;
  // A gap in the list (7.5 of "7.0 8.0"): code for newer GPUs does not run, PTX of older ones would.
  return gpu > most.number() ? ArchRelation::above : ArchRelation::unknown;
}

}  // namespace cufit
