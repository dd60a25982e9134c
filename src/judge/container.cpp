#include "judge/container.h"

#include <algorithm>
#include <array>

namespace cufit {

namespace {

struct Clause {
  std::string_view property, op, value;
};

std::optional<Clause> parse_condition(std::string_view text) {
  static constexpr std::array<std::string_view, 6> ops = {"<=", ">=", "!=", "=", "<", ">"};
  auto at = text.find_first_of("<>=!");
  if (at == text.npos || at == 0) return std::nullopt;
  auto op = std::ranges::find_if(ops, [&](auto o) { return text.substr(at).starts_with(o); });
  if (op == ops.end()) return std::nullopt;
  return Clause{text.substr(0, at), *op, text.substr(at + op->size())};
}

Answer compare(std::strong_ordering order, std::string_view op) {
  bool holds = op == "<="   ? order <= 0
               : op == ">=" ? order >= 0
               : op == "!=" ? order != 0
               : op == "="  ? order == 0
               : op == "<"  ? order < 0
                            : order > 0;
  return holds ? Answer::yes : Answer::no;
}

/// The brand as NVML names it, from the segment of a board. Workstation boards carry one of several brands.
std::string_view brand_of(const GpuRow& board) {
  switch (board.segment) {
    case Segment::datacenter:
      return "tesla";
    case Segment::geforce:
    case Segment::geforce_laptop:
      return "geforce";
    case Segment::titan:
      return "titan";
    default:
      return {};
  }
}

/// Of all boards that the GPU can be; empty if they differ or it is not known.
std::string_view brand_of(const Place& place) {
  auto& boards = place.boards;
  if (boards.empty()) return {};
  auto brand = brand_of(*boards.front());
  bool same = std::ranges::all_of(boards, [&](auto* board) { return brand_of(*board) == brand; });
  return same ? brand : std::string_view();
}

Answer holds(const Clause& c, const Place& place) {
  if (c.property == "brand") {
    auto brand = brand_of(place);
    if (brand.empty()) return Answer::unknown;
    // Data-centre boards of recent drivers report the brand "nvidia" instead of "tesla".
    bool same = c.value == brand || (brand == "tesla" && c.value == "nvidia");
    if (brand == "geforce" && c.value == "geforcertx") return Answer::unknown;
    return c.op == "="    ? (same ? Answer::yes : Answer::no)
           : c.op == "!=" ? (same ? Answer::no : Answer::yes)
                          : Answer::unknown;
  }
  auto value = Version::parse(c.value);
  if (!value) return Answer::unknown;
  if (c.property == "arch") return compare(*Version::parse(place.sm.dotted()) <=> *value, c.op);
  if (!place.driver) return Answer::unknown;
  if (c.property == "driver") return compare(place.driver->kernel <=> *value, c.op);
  if (c.property == "cuda" && place.driver->cuda && !place.driver->cuda_is_lower_bound)
    return compare(*Version::parse(place.driver->cuda->dotted()) <=> *value, c.op);
  return Answer::unknown;
}

Answer all_of(std::string_view conditions, const Place& place) {
  auto result = Answer::yes;
  while (!conditions.empty()) {
    auto comma = conditions.find(',');
    auto text = conditions.substr(0, comma);
    conditions = comma == conditions.npos ? std::string_view() : conditions.substr(comma + 1);
    if (text.empty()) continue;
    auto condition = parse_condition(text);
    auto one = condition ? holds(*condition, place) : Answer::unknown;
    if (one == Answer::no) return Answer::no;
    if (one == Answer::unknown) result = Answer::unknown;
  }
  return result;
}

bool is_true(std::string_view value) {
  return value == "true" || value == "1" || value == "TRUE" || value == "True";
}

}  // namespace

Answer meets_requirement(std::string_view requirement, const Place& place) {
  auto result = Answer::no;
  bool any = false;
  while (!requirement.empty()) {
    auto space = requirement.find(' ');
    auto alternative = requirement.substr(0, space);
    requirement = space == requirement.npos ? std::string_view() : requirement.substr(space + 1);
    if (alternative.empty()) continue;
    any = true;
    auto one = all_of(alternative, place);
    if (one == Answer::yes) return Answer::yes;
    if (one == Answer::unknown) result = Answer::unknown;
  }
  return any ? result : Answer::yes;
}

Step judge_requirements(const Place& place) {
  Step step;
  auto& env = place.machine.env;
  if (auto off = env.find("NVIDIA_DISABLE_REQUIRE"); off != env.end() && is_true(off->second)) return step;
  for (auto& [name, value] : env) {
    if (!name.starts_with("NVIDIA_REQUIRE_")) continue;
    auto meets = meets_requirement(value, place);
    if (meets == Answer::yes || (step.axis == Axis::unfit && meets == Answer::unknown)) continue;
    FactRef fact = "machine.env." + name;
    Text text = {meets == Answer::no ? "container.unmet" : "container.unsure",
                 {{"variable", name}, {"requirement", value}}};
    step.axis = meets == Answer::no ? Axis::unfit : Axis::unknown;
    step.evidence = evidence(ctr_4, meets == Answer::no ? Verdict::unfit : Verdict::unknown, text, {fact});
    if (meets == Answer::unknown) continue;
    step.cause = Cause::container_requirement;
    step.fails = Failure{1,
                         "unsatisfied condition",
                         When::before_start,
                         "nvidia-container-cli",
                         {"seen.requirement", {{"requirement", value}}}};
  }
  return step;
}

}  // namespace cufit
