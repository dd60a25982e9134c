#include "judge/difference.h"

#include <algorithm>
#include <set>

#include "judge/judge.h"
#include "judge/world_units.h"
#include "model/json_names.h"

namespace cufit {

namespace {

/// What a report says, as far as two worlds can be compared: verdicts, failures, uses and causes, by names of
/// subjects that hold in both. Equal texts are equal outcomes.
std::string outcome_of(const World& world, const Knowledge& knowledge, const SubjectNames& names) {
  auto report = judge(world, knowledge);
  auto keys = names.of(world.subjects);
  std::map<SubjectId, std::string> key_of;
  for (size_t i = 0; i < keys.size(); i++) key_of[world.subjects[i].id] = keys[i];
  auto on = [&](const SubjectId& subject, const GpuId& gpu) {
    auto known = key_of.find(subject);
    return (known == key_of.end() ? subject : known->second) + " on " + gpu;
  };
  std::set<std::string> lines;
  for (auto& j : report.judgements) {
    auto line = on(j.subject, j.gpu) + ": " + std::string(name_of(j.verdict));
    if (j.fails) line += ' ' + std::to_string(j.fails->code);
    for (auto& use : j.uses)
      line += ", " + use.id + ' ' + std::string(name_of(use.verdict)) + ' ' + std::to_string(use.code);
    lines.insert(line);
  }
  for (auto& f : report.findings) {
    if (f.on.empty()) lines.insert("cause " + f.cause + ' ' + f.severity);
    for (auto& [subject, gpu] : f.on)
      lines.insert("cause " + f.cause + ' ' + f.severity + " of " + on(subject, gpu));
  }
  std::string all;
  for (auto& line : lines) all += line + '\n';
  return all;
}

/// Can it change what the dynamic loader answers?
bool moves_loads(std::string_view fact) {
  for (auto beginning : {"env.LD_", "env.GLIBC_TUNABLES", "files.", "subjects.", "environments.",
                         "observed.preloads", "observed.cpu", "machine.arch"})
    if (fact.starts_with(beginning)) return true;
  return false;
}

/// Tries differences on the first world.
class Trial {
 public:
  Trial(const World& a, const World& b, const Knowledge& knowledge)
      : a_(a), b_(b), knowledge_(knowledge), names_(a, b), units_(units_between(a, b, names_)) {
    if (units_.empty()) return;
    of_a_ = outcome(a);
    of_b_ = outcome(b);
  }

  std::vector<Difference> run() {
    using enum Difference::Effect;
    bool decided = of_a_ == of_b_;
    for (size_t i = 0; i < units_.size(); i++) {
      auto& effect = units_[i].is.effect;
      if (i >= most_alone) {
        effect = not_tried;
        continue;
      }
      auto after = outcome_with({i});
      effect = after == of_a_ ? none : after == of_b_ ? decides : changes;
      decided |= effect == decides;
    }
    if (!decided) name_a_small_set();
    std::ranges::stable_sort(units_, {}, [](auto& u) { return std::pair(u.is.effect, !u.is.with.empty()); });
    std::vector<Difference> all;
    for (auto& u : units_) all.push_back(std::move(u.is));
    return all;
  }

 private:
  static constexpr size_t most_alone = 150, most_together = 150;

  std::string outcome(const World& world) const { return outcome_of(world, knowledge_, names_); }

  std::string outcome_with(const std::vector<size_t>& taken) {
    World world = a_;
    auto is_load = [&](size_t i) { return units_[i].is.fact.starts_with("loads."); };
    for (auto i : taken)
      if (!is_load(i)) units_[i].take(world);
    if (std::ranges::any_of(taken, [&](auto i) { return moves_loads(units_[i].is.fact); }))
      load_mixture(world, a_, b_);
    for (auto i : taken)
      if (is_load(i)) units_[i].take(world);
    return outcome(world);
  }

  /// Takes all differences and leaves out what is not needed for the outcome of the second world: the rest is
  /// a smallest set in the sense that none of it can be left out.
  void name_a_small_set() {
    std::vector<size_t> taken(units_.size());
    for (size_t i = 0; i < taken.size(); i++) taken[i] = i;
    // Those that did something alone are kept to the end, then those that stand first.
    std::ranges::stable_partition(taken,
                                  [&](auto i) { return units_[i].is.effect == Difference::Effect::changes; });
    if (outcome_with(taken) != of_b_) return;  // something decides that is no difference here
    leave_out(taken, 0, taken.size());
    for (auto i : taken) {
      units_[i].is.effect = Difference::Effect::decides;
      for (auto other : taken)
        if (other != i) units_[i].is.with.push_back(units_[other].is.fact);
    }
  }

  /// Leaves out of [begin, end) what can be left out, from behind and in halves. Returns how many stay of it.
  size_t leave_out(std::vector<size_t>& taken, size_t begin, size_t end) {
    if (begin == end || together_ >= most_together) return end - begin;
    auto fewer = taken;
    fewer.erase(fewer.begin() + long(begin), fewer.begin() + long(end));
    together_++;
    if (!fewer.empty() && outcome_with(fewer) == of_b_) {
      taken = std::move(fewer);
      return 0;
    }
    if (end - begin == 1) return 1;
    auto middle = begin + (end - begin) / 2;
    auto behind = leave_out(taken, middle, end);
    return leave_out(taken, begin, middle) + behind;
  }

  const World &a_, &b_;
  const Knowledge& knowledge_;
  SubjectNames names_;
  std::vector<Unit> units_;
  std::string of_a_, of_b_;
  size_t together_ = 0;
};

}  // namespace

std::vector<Difference> differences(const World& a, const World& b, const Knowledge& knowledge) {
  return Trial(a, b, knowledge).run();
}

}  // namespace cufit
