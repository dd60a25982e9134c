#include "judge/difference.h"

#include <algorithm>
#include <optional>
#include <set>

#include "judge/compared_outcome.h"
#include "judge/topic.h"
#include "judge/world_units.h"

namespace cufit {

namespace {

/// Can it change what the dynamic loader answers?
bool moves_loads(std::string_view fact) {
  for (auto beginning : {"env.LD_", "env.GLIBC_TUNABLES", "files.", "subjects.", "environments.",
                         "observed.preloads", "observed.cpu", "machine.arch"})
    if (fact.starts_with(beginning)) return true;
  return false;
}

/// What both worlds come to, and in which detail they differ.
struct Sides {
  Sides(const World& a, const World& b, const Knowledge& knowledge)
      : names(a, b), a(a, knowledge, names), b(b, knowledge, names) {
    // What only one of them has says less than what both have and answer otherwise.
    focus = ComparedOutcome::differing(this->a, this->b, true);
    if (!focus.empty() && differ_in(Detail::runs)) return;
    focus = ComparedOutcome::differing(this->a, this->b, false);
    for (auto d : {Detail::runs, Detail::verdicts, Detail::all})
      if (differ_in(d)) return;
  }

  bool differ_in(Detail d) {
    detail = d;
    differ = a.text(d, focus) != b.text(d, focus);
    return differ;
  }

  SubjectNames names;
  ComparedOutcome a, b;
  std::set<std::string> focus;
  Detail detail = Detail::runs;
  bool differ = false;
};

/// Tries on the first world what the second has.
class Trial {
 public:
  /// `sides`: of the two in this order.
  Trial(const World& worse, const World& better, const Knowledge& knowledge, const Sides& sides)
      : worse_(worse), better_(better), knowledge_(knowledge), sides_(sides) {
    units_ = units_between(worse, better, sides.names);
    std::ranges::stable_sort(units_, {}, [](auto& u) { return topic_of(u.is.fact); });
    before_ = outcome(sides.a);
    wanted_ = outcome(sides.b);
    // Who took over what makes the other fail would fail as it does.
    has_a_better_ = sides.differ && !(sides.a.verdict(sides.focus) == Verdict::unfit &&
                                      sides.b.verdict(sides.focus) == Verdict::unfit);
  }

  std::vector<Difference> run() {
    using enum Difference::Effect;
    bool decided = !has_a_better_;
    for (size_t i = 0; i < units_.size(); i++) {
      auto& effect = units_[i].is.effect;
      if (i >= most_alone) {
        effect = not_tried;
        continue;
      }
      auto after = outcome_with({i});
      if (has_a_better_ && after.counts == wanted_.counts)
        effect = decides;
      else
        effect = after.all == before_.all ? none : changes;
      decided |= effect == decides;
    }
    if (!decided) name_a_small_set();
    if (decided && has_a_better_) {
      leave_consequences();
      find_a_set_without_single_ones();
    }
    std::ranges::stable_sort(units_, {}, [](auto& u) { return std::pair(u.is.effect, !u.is.with.empty()); });
    std::vector<Difference> all;
    for (auto& u : units_) all.push_back(std::move(u.is));
    return all;
  }

  Text unattributed() const { return unattributed_; }
  std::vector<std::vector<FactRef>> other_sets() const { return other_sets_; }

 private:
  static constexpr size_t most_alone = 150, most_together = 250, most_other_sets = 3;

  struct Outcome {
    std::string counts;  ///< in the detail in which the two differ
    std::string all;
  };
  using Taken = std::vector<size_t>;

  Outcome outcome(const ComparedOutcome& o) const {
    return {o.text(sides_.detail, sides_.focus), o.text(Detail::all, sides_.focus)};
  }

  Outcome outcome_with(const Taken& taken) const {
    World world = worse_;
    auto is_load = [&](size_t i) { return units_[i].is.fact.starts_with("loads."); };
    for (auto i : taken)
      if (!is_load(i)) units_[i].take(world);
    if (std::ranges::any_of(taken, [&](auto i) { return moves_loads(units_[i].is.fact); }))
      load_mixture(world, worse_, better_);
    for (auto i : taken)
      if (is_load(i)) units_[i].take(world);
    return outcome(ComparedOutcome(world, knowledge_, sides_.names));
  }

  bool may_go_on() const { return together_ < most_together; }

  bool decides(const Taken& taken) {
    together_++;
    return outcome_with(taken).counts == wanted_.counts;
  }

  /// What is loaded follows from variables, packages and files: where those decide it is no cause.
  void leave_consequences() {
    auto decides = [](const Unit& u) { return u.is.effect == Difference::Effect::decides; };
    auto is_load = [](const Unit& u) { return u.is.fact.starts_with("loads."); };
    if (std::ranges::none_of(units_, [&](auto& u) { return decides(u) && !is_load(u); })) return;
    for (auto& u : units_)
      if (decides(u) && is_load(u)) u.is.effect = Difference::Effect::changes;
  }

  Taken of_topics(Topic first, Topic last) const {
    Taken taken;
    for (size_t i = 0; i < units_.size(); i++)
      if (auto topic = topic_of(units_[i].is.fact); first <= topic && topic <= last) taken.push_back(i);
    return taken;
  }

  /// The smallest of: all that is said of one topic; the first topics together.
  void name_a_small_set() {
    std::vector<Taken> found;
    auto look = [&](Topic first, Topic last) {
      auto taken = of_topics(first, last);
      if (taken.size() < 2 || !may_go_on() || !decides(taken)) return false;
      leave_out(taken, 0, taken.size());
      // Else nobody knows whether it takes all of them.
      if (may_go_on()) found.push_back(taken);
      return true;
    };
    for (auto topic = Topic{}; topic <= Topic::loads; topic = Topic(int(topic) + 1)) look(topic, topic);
    if (found.empty())
      for (auto topic = Topic::gpus; topic <= Topic::loads; topic = Topic(int(topic) + 1))
        if (look(Topic{}, topic)) break;
    if (found.empty()) {
      unattributed_ = units_.empty() ? Text{"diff.open-nothing"}
                                     : Text{"diff.open-all", {{"n", std::to_string(units_.size())}}};
      return;
    }
    std::ranges::stable_sort(found, {}, &Taken::size);
    auto taken = found.front();
    find_other_sets(found);
    for (auto i : taken) {
      units_[i].is.effect = Difference::Effect::decides;
      for (auto other : taken)
        if (other != i) units_[i].is.with.push_back(units_[other].is.fact);
    }
  }

  /// Beside the first of `found`: the others, and what does where one of its members is not to be had.
  void find_other_sets(std::vector<Taken>& found) {
    auto all = of_topics(Topic{}, Topic::loads);
    for (auto left_out : found.front()) {
      if (found.size() > most_other_sets) break;
      auto others = all;
      std::erase(others, left_out);
      if (others.empty() || !may_go_on() || !decides(others)) continue;
      leave_out(others, 0, others.size());
      if (may_go_on() && std::ranges::find(found, others) == found.end()) found.push_back(others);
    }
    for (size_t i = 1; i < std::min(found.size(), most_other_sets + 1); i++) tell_other_set(found[i]);
  }

  /// Where one is enough, others may do together: a module that makes device nodes, or all of the nodes.
  /// Files and loads follow from the rest.
  void find_a_set_without_single_ones() {
    auto taken = of_topics(Topic{}, Topic::rest);
    std::erase_if(taken, [&](size_t i) { return units_[i].is.effect == Difference::Effect::decides; });
    if (taken.size() < 2 || !may_go_on() || !decides(taken)) return;
    leave_out(taken, 0, taken.size());
    if (may_go_on()) tell_other_set(taken);
  }

  void tell_other_set(const Taken& taken) {
    auto& facts = other_sets_.emplace_back();
    for (auto i : taken) facts.push_back(units_[i].is.fact);
  }

  /// Leaves out of [begin, end) what can be left out, from behind and in halves. Returns how many stay of it.
  size_t leave_out(Taken& taken, size_t begin, size_t end) {
    if (begin == end || !may_go_on()) return end - begin;
    auto fewer = taken;
    fewer.erase(fewer.begin() + long(begin), fewer.begin() + long(end));
    if (!fewer.empty() && decides(fewer)) {
      taken = std::move(fewer);
      return 0;
    }
    if (end - begin == 1) return 1;
    auto middle = begin + (end - begin) / 2;
    auto behind = leave_out(taken, middle, end);
    return leave_out(taken, begin, middle) + behind;
  }

  const World &worse_, &better_;
  const Knowledge& knowledge_;
  const Sides& sides_;
  std::vector<Unit> units_;
  Outcome before_, wanted_;
  bool has_a_better_ = false;  ///< the outcomes differ, and not both are failures
  Text unattributed_;
  std::vector<std::vector<FactRef>> other_sets_;
  size_t together_ = 0;
};

/// The same difference seen from the other machine.
void turn_round(Difference& d) {
  using enum Difference::Kind;
  std::swap(d.a, d.b);
  if (d.kind != changed) d.kind = d.kind == added ? removed : added;
}

}  // namespace

Attribution attribute(const World& a, const World& b, const Knowledge& knowledge) {
  Attribution out;
  Sides sides(a, b, knowledge);
  auto& c = out.compared;
  c.a = sides.a.told(sides.focus, sides.b);
  c.b = sides.b.told(sides.focus, sides.a);
  c.differ = sides.differ;
  c.tried_on_first = ComparedOutcome::is_worse(sides.a, sides.b, sides.focus);
  // Names of subjects are those of the first: the other way round they are others.
  auto& worse = c.tried_on_first ? a : b;
  auto& better = c.tried_on_first ? b : a;
  auto turned = c.tried_on_first ? std::nullopt : std::optional<Sides>(std::in_place, b, a, knowledge);
  Trial trial(worse, better, knowledge, turned ? *turned : sides);
  out.differences = trial.run();
  c.unattributed = trial.unattributed();
  c.other_sets = trial.other_sets();
  if (!c.tried_on_first) std::ranges::for_each(out.differences, turn_round);
  return out;
}

std::vector<Difference> differences(const World& a, const World& b, const Knowledge& knowledge) {
  return attribute(a, b, knowledge).differences;
}

}  // namespace cufit
