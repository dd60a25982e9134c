// judge_fleet alone: 10^5 machines (a few GPUs and drivers are common, most are rare) x 10^3 builds of the
// catalogue, or as many as the arguments say. Prints the numbers of machines, groups, builds and distinct
// questions, and the seconds.
#include "judge/fleet.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>

#include "judge/build_subject.h"
#include "knowledge/catalogue.h"
#include "knowledge/gpu_lookup.h"

namespace {

using namespace cufit;

constexpr size_t kinds_of_gpu = 60, drivers = 30;
size_t machines = 100'000, builds = 1000;

/// The n-th is drawn with a weight of 1 / (n + 1)^3.
class Zipf {
 public:
  explicit Zipf(size_t n) {
    std::vector<double> weights;
    for (size_t i = 0; i < n; i++) weights.push_back(1.0 / double((i + 1) * (i + 1) * (i + 1)));
    draw_ = std::discrete_distribution<size_t>(weights.begin(), weights.end());
  }
  size_t operator()(std::mt19937& random) { return draw_(random); }

 private:
  std::discrete_distribution<size_t> draw_;
};

Gpu gpu_of(const GpuRow& row, const Knowledge& k) {
  auto found = find_gpu(k, row.id);
  auto& c = found.candidates.at(0);
  Source arg{Source::Kind::arg, "--gpu"};
  Gpu gpu{{}, {c.name, arg}, {c.sm, arg}, {}, {}};
  if (c.chip) gpu.chip = {std::string(c.chip->id), arg};
  if (c.board()) gpu.board = {std::string(c.board()->id), arg};
  return gpu;
}

std::vector<FleetGroup> fleet(const Knowledge& k, std::mt19937& random) {
  std::vector<Gpu> gpus;
  auto& rows = k.tables().gpus;
  for (size_t i = 0; i < kinds_of_gpu; i++) gpus.push_back(gpu_of(rows[i * rows.size() / kinds_of_gpu], k));
  std::vector<Version> versions;
  for (auto& row : k.tables().drivers)
    for (auto& driver : {row.first_version, row.last_known_version})
      if (!driver.empty() && row.number >= 418) versions.push_back(driver.version());
  std::ranges::shuffle(versions, random);
  versions.resize(std::min(versions.size(), drivers));
  std::ranges::shuffle(gpus, random);

  Zipf gpu(gpus.size()), driver(versions.size());
  std::map<std::pair<size_t, size_t>, uint64_t> counts;
  for (size_t i = 0; i < machines; i++) {
    auto which = gpu(random);
    counts[{which, driver(random)}]++;
  }
  std::vector<FleetGroup> groups;
  for (auto& [pair, count] : counts) {
    FleetGroup g{{"g" + std::to_string(groups.size()), count, {}}};
    g.group.machine.gpus = {gpus[pair.first]};
    g.group.machine.driver.version = {versions[pair.second], {Source::Kind::arg, "--driver"}};
    groups.push_back(std::move(g));
  }
  return groups;
}

std::vector<Subject> subjects(const Knowledge& k) {
  std::vector<Subject> list;
  auto& rows = k.tables().builds;
  for (size_t i = 0; list.size() < builds; i++) {
    auto& row = rows[i % rows.size()];
    auto* one = &row;
    list.push_back(subject_of_build(k, {&one, 1}, newest_release(row)));
    list.back().id = "s" + std::to_string(list.size() - 1);
  }
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) machines = std::stoul(argv[1]);
  if (argc > 2) builds = std::stoul(argv[2]);
  auto& k = Knowledge::builtin();
  std::mt19937 random(4);
  auto groups = fleet(k, random);
  auto targets = subjects(k);
  auto begin = std::chrono::steady_clock::now();
  auto report = judge_fleet(std::move(groups), std::move(targets), k);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%zu machines in %zu groups, %zu builds, %zu cells, %zu questions, %zu findings: %.3f s\n",
              machines, report.groups.size(), report.subjects.size(), report.cells.size(),
              report.judgements.size(), report.findings.size(), took.count());
}
