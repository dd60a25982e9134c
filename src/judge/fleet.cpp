#include "judge/fleet.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>

#include "base/parallel.h"
#include "judge/driver_range.h"

namespace cufit {

namespace {

/// Numbers items so that equal ones have the same number; `first[n]` is the first item with number n.
struct Folding {
  std::vector<uint32_t> number, first;
};

/// All that judge reads of a machine, in one line; where facts come from is no part of it.
class MachineKey {
 public:
  static std::string of(const FleetGroup& g, const Knowledge& k) {
    MachineKey key;
    auto& m = g.group.machine;
    key.add(m.origin), key.add(m.platform == Machine::Platform::windows ? "windows" : "linux");
    for (auto& gpu : m.gpus) key.add_gpu(gpu, m.driver.version, k);
    key.add("driver"), key.add(m.driver.version), key.add(m.driver.cuda), key.add(m.driver.compat);
    key.add(m.driver.cuda.from.kind == Source::Kind::knowledge ? "by table" : "stated");
    key.add(g.driver_up_to ? g.driver_up_to->text() : "");
    key.add(m.arch), key.add(m.glibc), key.add(m.python), key.add(m.wsl ? "wsl" : "");
    for (auto& [name, value] : m.env) key.add(name), key.add(value);
    key.add("assumed");
    for (auto& id : m.assumed) key.add(id);
    return std::move(key.text_);
  }

 private:
  /// Boards of one kind are one question: an A100 of 40 GB and one of 80 GB differ in nothing that is judged.
  void add_gpu(const Gpu& gpu, const Fact<Version>& driver, const Knowledge& k) {
    add("gpu"), add(gpu.chip), add(gpu.sm ? gpu.sm->name() : "");
    if (auto* row = gpu.board ? k.gpu(*gpu.board) : nullptr)
      add("board"), add(kind_of(*row, driver));
    else
      add(gpu.name), add(gpu.board);
  }
  void add(std::string_view part) { text_.append(std::to_string(part.size())).append(":").append(part); }
  void add(const Fact<std::string>& fact) { add(fact ? std::string_view(*fact) : "-"); }
  void add(const Fact<Version>& fact) { add(fact ? std::string_view(fact->text()) : "-"); }

  std::string text_;
};

Folding fold_machines(const std::vector<FleetGroup>& groups, const Knowledge& k) {
  Folding folding;
  std::unordered_map<std::string, uint32_t> known;
  for (uint32_t i = 0; i < groups.size(); i++) {
    auto [at, is_new] = known.emplace(MachineKey::of(groups[i], k), uint32_t(folding.first.size()));
    if (is_new) folding.first.push_back(i);
    folding.number.push_back(at->second);
  }
  return folding;
}

/// Equal for equal questions, cheap, and rarely equal for others.
size_t rough_hash(const Subject& s) {
  std::string text = s.name;
  text += '\0' + std::to_string(size_t(s.kind)) + ' ' + std::to_string(s.members.size());
  for (auto& m : s.members) text += m.bin.path + ' ' + std::to_string(m.bin.shapes.size());
  return std::hash<std::string>()(text);
}

Folding fold_subjects(const std::vector<Subject>& subjects) {
  Folding folding;
  std::unordered_multimap<size_t, uint32_t> known;  // hash -> number
  for (uint32_t i = 0; i < subjects.size(); i++) {
    auto hash = rough_hash(subjects[i]);
    auto [begin, end] = known.equal_range(hash);
    auto same = std::find_if(begin, end, [&](auto& entry) {
      return same_question(subjects[folding.first[entry.second]], subjects[i]);
    });
    if (same != end) {
      folding.number.push_back(same->second);
      continue;
    }
    known.emplace(hash, uint32_t(folding.first.size()));
    folding.number.push_back(uint32_t(folding.first.size()));
    folding.first.push_back(i);
  }
  return folding;
}

/// Findings of several machines; equal causes with equal remedies are one.
class FindingMerge {
 public:
  void add(std::vector<Finding> more) {
    for (auto& finding : more) {
      auto hash = std::hash<std::string>()(words_of(finding));
      auto [begin, end] = known_.equal_range(hash);
      auto same = std::find_if(begin, end, [&](auto& entry) { return equal(all_[entry.second], finding); });
      if (same == end) {
        known_.emplace(hash, all_.size());
        all_.push_back(std::move(finding));
      } else {
        auto& on = all_[same->second].on;
        on.insert(on.end(), finding.on.begin(), finding.on.end());
      }
    }
  }
  std::vector<Finding> take() { return std::move(all_); }

 private:
  static std::string words_of(const Finding& f) {
    auto text = f.cause + f.severity;
    for (auto& r : f.remedies) {
      text += r.text.id;
      for (auto& [name, value] : r.text.args) text += value;
    }
    return text;
  }
  static bool equal(const Finding& a, const Finding& b) {
    auto said = [](const Finding& f) { return std::tie(f.cause, f.severity, f.remedies, f.rejected); };
    return said(a) == said(b);
  }

  std::vector<Finding> all_;
  std::unordered_multimap<size_t, size_t> known_;
};

void number_gpus(std::vector<FleetGroup>& groups) {
  size_t n = 0;
  for (auto& g : groups)
    for (auto& gpu : g.group.machine.gpus) gpu.id = "gpu" + std::to_string(n++);
}

/// Distinct machines that differ only in which driver they have.
std::vector<std::vector<size_t>> families(const std::vector<FleetGroup>& groups, const Folding& machines,
                                          const Knowledge& k) {
  std::vector<std::vector<size_t>> all;
  std::unordered_map<std::string, size_t> known;
  for (size_t i = 0; i < machines.first.size(); i++) {
    FleetGroup g{{{}, 1, groups[machines.first[i]].group.machine}};
    auto& driver = g.group.machine.driver;
    // A cuda-compat package is judged together with the driver.
    bool shares = driver.version && !driver.compat;
    // Newer than all, so that no board is told apart by the first driver that listed it.
    if (shares) driver.version = {*Version::parse("999999999"), {}}, driver.cuda = {};
    auto key = shares ? MachineKey::of(g, k) : '#' + std::to_string(i);
    auto [at, is_new] = known.emplace(std::move(key), all.size());
    if (is_new) all.emplace_back();
    all[at->second].push_back(i);
  }
  // The largest first, so that no core waits for it in the end.
  std::ranges::stable_sort(all, std::greater(), &std::vector<size_t>::size);
  return all;
}

/// One report for each distinct machine, over the distinct subjects.
std::vector<Report> judge_distinct(const std::vector<FleetGroup>& groups, const Folding& machines,
                                   const std::vector<Subject>& subjects, const Knowledge& k) {
  std::vector<Report> reports(machines.first.size());
  auto together = families(groups, machines, k);
  parallel_for(together.size(), [&](size_t family) {
    std::vector<KeptLeastDrivers> kept;
    for (auto i : together[family]) {
      auto& g = groups[machines.first[i]];
      auto& machine = g.group.machine;
      reports[i] = g.driver_up_to ? judge_between(machine, subjects, *g.driver_up_to, k, kept)
                                  : judge(machine, subjects, k, kept);
    }
  });
  return reports;
}

/// Fills cells and judgements; the judgements of `reports` are moved from.
void fill_cells(Report& report, const Folding& machines, const Folding& questions,
                std::vector<Report>& reports) {
  constexpr uint32_t unused = UINT32_MAX;
  std::vector<std::vector<uint32_t>> index(reports.size());
  size_t count = 0;
  for (size_t m = 0; m < reports.size(); m++) index[m].assign(reports[m].judgements.size(), unused);
  for (auto& g : report.groups) count += g.machine.gpus.size();
  report.cells.reserve(count * report.subjects.size());
  for (uint32_t s = 0; s < report.subjects.size(); s++) {
    uint32_t gpu = 0;
    for (uint32_t g = 0; g < report.groups.size(); g++) {
      auto m = machines.number[g];
      size_t gpus = report.groups[g].machine.gpus.size();
      for (size_t i = 0; i < gpus; i++, gpu++) {
        size_t at = questions.number[s] * gpus + i;
        if (index[m][at] == unused) {
          index[m][at] = uint32_t(report.judgements.size());
          report.judgements.push_back(std::move(reports[m].judgements[at]));
        }
        report.cells.push_back({s, g, gpu, index[m][at]});
      }
    }
  }
}

}  // namespace

bool same_question(const Subject& a, const Subject& b) {
  // What is installed beside a subject is judged with it.
  if (!a.environment.empty() || !b.environment.empty()) return false;
  auto content = [](const Subject& s) {
    return std::tie(s.kind, s.name, s.build, s.needs, s.dependencies, s.members, s.files_read, s.unread);
  };
  if (content(a) != content(b)) return false;
  // The row of the catalogue tells all of a build, but for uses that came with a release of PyTorch and the
  // ptxas in a release of Triton.
  bool read_by_version = a.kind != Subject::Kind::build || a.name.find("torch") != a.name.npos ||
                         a.name.find("triton") != a.name.npos;
  return !read_by_version || a.version == b.version;
}

Report judge_fleet(std::vector<FleetGroup> groups, std::vector<Subject> subjects, const Knowledge& k) {
  number_gpus(groups);
  auto machines = fold_machines(groups, k);
  auto questions = fold_subjects(subjects);
  std::vector<Subject> distinct;
  for (auto i : questions.first) distinct.push_back(subjects[i]);
  auto reports = judge_distinct(groups, machines, distinct, k);

  Report report;
  report.knowledge = std::string(k.date());
  report.subjects = std::move(subjects);
  FindingMerge findings;
  for (auto& r : reports) findings.add(std::move(r.findings));
  report.findings = findings.take();
  for (size_t i = 0; i < groups.size(); i++) {
    auto& group = groups[i].group;
    auto& judged = reports[machines.number[i]].machine;
    group.machine.driver.cuda = judged.driver.cuda;
    group.machine.assumed = judged.assumed;
    report.machine.gpus.insert(report.machine.gpus.end(), group.machine.gpus.begin(),
                               group.machine.gpus.end());
    report.groups.push_back(std::move(group));
  }
  fill_cells(report, machines, questions, reports);
  return report;
}

}  // namespace cufit
