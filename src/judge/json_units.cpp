// What differs in a machine and in what was observed of it, found and taken over in JSON: what the model
// gains is compared without a word here. Which members tell what an element of a list is, to people, is a
// list (members_words).
#include <algorithm>
#include <set>

#include "judge/world_units.h"
#include "model/json.h"

namespace cufit {

namespace {

/// Names of members and keys of elements, from the top.
using Way = std::vector<std::string>;

bool is_fact(const Json& j) {
  return j.is_object() && j.contains("from") &&
         (j.contains("value") || j.contains("absent") || j.contains("unreadable"));
}

/// The facts that no difference is made of: where they come from, how the world came to be.
bool is_about_origin(const Way& way) {
  return way == Way{"origin"} || way == Way{"assumed"} || way == Way{"root"};
}

/// What tells an element of a list from the others; empty if nothing does.
std::string key_of(const Json& element) {
  if (!element.is_object()) return {};
  if (element.contains("gpu") && element.contains("gi"))
    return "gpu" + element["gpu"].dump() + "/gi" + element["gi"].dump();
  for (auto* name : {"id", "address", "path", "root", "name"})
    if (auto found = element.find(name); found != element.end() && found->is_string())
      return found->get<std::string>();
  return {};
}

bool has_keys(const Json& list) {
  std::set<std::string> keys;
  return list.is_array() && std::ranges::all_of(list, [&](auto& element) {
           auto key = key_of(element);
           return !key.empty() && keys.insert(key).second;
         });
}

const Json* element_of(const Json& list, const std::string& key) {
  auto found = std::ranges::find_if(list, [&](auto& element) { return key_of(element) == key; });
  return found == list.end() ? nullptr : &*found;
}

const Json* member_of(const Json& object, const std::string& name) {
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string dumped(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string words_of(const Json& j);

/// An element of a list (a library, a node) by the members that tell what it is; its key stands in the name
/// of the fact.
std::string members_words(const Json& element) {
  std::string words;
  for (auto* name : {"device", "driver", "real", "kind", "version", "value", "frameworks", "python", "mode",
                     "opens", "model", "platform", "levels", "ci"}) {
    auto* member = member_of(element, name);
    if (!member || (is_fact(*member) && !member->contains("value") && !member->contains("unreadable")))
      continue;
    auto said = words_of(*member);
    if (said.empty() || said == "true") continue;
    // The name of a driver's library ends with its version.
    if (std::string_view(name) == "version" && words.ends_with(said)) continue;
    words += (words.empty() ? "" : ", ") + said;
  }
  return words;
}

std::string words_of(const Json& j) {
  if (j.is_string()) return j.get<std::string>();
  if (is_fact(j)) {
    if (auto* value = member_of(j, "value")) return words_of(*value);
    return j.contains("absent") ? "absent" : "unreadable: " + words_of(j["unreadable"]);
  }
  if (j.is_object()) {
    auto words = members_words(j);
    if (words.empty()) words = key_of(j);
    return words.empty() ? dumped(j) : words;
  }
  if (!j.is_array() || std::ranges::any_of(j, [](auto& item) { return item.is_array(); })) return dumped(j);
  std::string list;
  for (auto& item : j) list += (list.empty() ? "" : ", ") + words_of(item);
  return list;
}

Json without_sources(Json j) {
  if (is_fact(j)) j.erase("from");
  if (j.is_structured())
    for (auto& inner : j) inner = without_sources(std::move(inner));
  return j;
}

/// Puts `value` where `way` leads, or takes away what is there.
void put(Json& root, const Way& way, const Json* value) {
  auto* at = &root;
  for (size_t i = 0; i < way.size(); i++) {
    bool last = i + 1 == way.size();
    if (at->is_array()) {
      auto found = std::ranges::find_if(*at, [&](auto& element) { return key_of(element) == way[i]; });
      if (last && !value) {
        if (found != at->end()) at->erase(found);
        return;
      }
      if (found == at->end()) {
        if (!last) return;  // the element is not there any more: nothing can be said of it
        at->push_back(*value);
        return;
      }
      at = &*found;
    } else {
      if (last && !value) {
        at->erase(way[i]);
        return;
      }
      at = &(*at)[way[i]];
      // Lists of elements with keys are made when their first element comes.
      if (!last && at->is_null())
        *at = value && key_of(*value) == way[i + 1] ? Json::array() : Json::object();
    }
  }
  if (value) *at = *value;
}

Json part_of(const World& world, bool observed) {
  return observed ? write_json(*world.observed) : write_json(world.machine);
}

void take(World& world, bool observed, const Way& way, const Json* value) {
  if (observed && !world.observed) return;
  auto json = part_of(world, observed);
  put(json, way, value);
  // A mixture that cannot be read is no world; the difference then stays without effect.
  if (observed) {
    if (auto read = read_json<Observed>(json)) world.observed = std::move(*read);
  } else {
    if (auto read = read_json<Machine>(json)) world.machine = std::move(*read);
  }
}

class Comparison {
 public:
  Comparison(bool observed, std::vector<Unit>& units) : observed_(observed), units_(units) {}

  void compare(const Json* a, const Json* b, const Way& way) {
    if ((!a && !b) || is_about_origin(way)) return;
    const auto& either = a ? *a : *b;
    bool element = !way.empty() && key_of(either) == way.back();
    // All that a GPU is follows from which one it is.
    bool whole = is_fact(either) || (element && (!a || !b || way[0] == "gpus"));
    if (either.is_object() && !whole) return compare_members(a ? *a : nothing_, b ? *b : nothing_, way);
    if (either.is_array() && !either.empty() && has_keys(a ? *a : none_) && has_keys(b ? *b : none_))
      return compare_elements(a ? *a : none_, b ? *b : none_, way);
    add(a, b, way);
  }

 private:
  void compare_members(const Json& a, const Json& b, const Way& way) {
    for (auto& [name, value] : a.items()) compare(&value, member_of(b, name), below(way, name));
    for (auto& [name, value] : b.items())
      if (!a.contains(name)) compare(nullptr, &value, below(way, name));
  }

  void compare_elements(const Json& a, const Json& b, const Way& way) {
    for (auto& element : a) compare(&element, element_of(b, key_of(element)), below(way, key_of(element)));
    for (auto& element : b)
      if (!element_of(a, key_of(element))) compare(nullptr, &element, below(way, key_of(element)));
  }

  void add(const Json* a, const Json* b, const Way& way) {
    if (a && b && without_sources(*a) == without_sources(*b)) return;
    using enum Difference::Kind;
    Unit unit;
    auto& is = unit.is;
    is.fact = !observed_ && way[0] == "env" ? "" : observed_ ? "observed" : "machine";
    for (auto& step : way) is.fact += (is.fact.empty() ? "" : ".") + step;
    is.kind = !a ? added : !b ? removed : changed;
    bool gpu = !observed_ && way[0] == "gpus";
    if (a) is.a = shortened(gpu ? words_of_gpu(*a) : words_of(*a));
    if (b) is.b = shortened(gpu ? words_of_gpu(*b) : words_of(*b));
    unit.take = [observed = observed_, way, value = b ? std::optional<Json>(*b) : std::nullopt](
                    World& world) { take(world, observed, way, value ? &*value : nullptr); };
    units_.push_back(std::move(unit));
  }

  /// A GPU is told by its name, else by its compute capability; its id stands in the fact already.
  static std::string words_of_gpu(const Json& j) {
    for (auto* known : {"name", "sm"})
      if (auto* fact = j.is_object() ? member_of(j, known) : nullptr; fact && fact->contains("value"))
        return words_of(*fact);
    return j.is_object() ? "not known" : words_of(j);
  }

  static Way below(Way way, const std::string& name) {
    way.push_back(name);
    return way;
  }

  const Json nothing_ = Json::object(), none_ = Json::array();
  bool observed_;
  std::vector<Unit>& units_;
};

bool is_version(std::string_view text) {
  return text.contains('.') && text.find_first_not_of("0123456789.") == text.npos;
}

std::string_view last_name(std::string_view fact) { return fact.substr(fact.rfind('.') + 1); }

/// Do both say the same of the machine? The version of a driver stands in the module that is loaded, in the
/// one on disk and in its libraries; the value of a variable where it was found and in the environment.
bool say_the_same(const Difference& one, const Difference& other) {
  if (other.fact.starts_with("observed.variables.") && one.fact.starts_with("env."))
    return other.fact.substr(19).starts_with(one.fact.substr(4) + '.') ||
           other.fact.substr(19) == one.fact.substr(4);
  // What CUDA a driver has follows from its version.
  if (one.fact == "machine.driver.kernel" && other.fact == "machine.driver.cuda") return true;
  return one.a == other.a && one.b == other.b &&
         ((is_version(one.a) && is_version(one.b)) || last_name(one.fact) == last_name(other.fact));
}

void join_same(std::vector<Unit>& units) {
  std::vector<Unit> joined;
  for (auto& unit : units) {
    auto same = std::ranges::find_if(joined, [&](auto& j) { return say_the_same(j.is, unit.is); });
    if (same == joined.end()) {
      joined.push_back(std::move(unit));
      continue;
    }
    same->is.also.push_back(unit.is.fact);
    same->take = [first = same->take, second = unit.take](World& world) {
      first(world);
      second(world);
    };
  }
  units = std::move(joined);
}

}  // namespace

std::string shortened(std::string text) {
  constexpr size_t longest = 500;
  if (text.size() <= longest) return text;
  auto end = longest - 3;
  while (end > 0 && (text[end] & 0xc0) == 0x80) end--;  // not within a character
  return text.substr(0, end) + "...";
}

void add_json_units(const World& a, const World& b, std::vector<Unit>& units) {
  std::vector<Unit> found;
  auto machine_a = part_of(a, false), machine_b = part_of(b, false);
  Comparison(false, found).compare(&machine_a, &machine_b, {});
  std::ranges::stable_partition(found, [](auto& u) { return !u.is.fact.starts_with("env."); });
  if (a.observed && b.observed) {
    auto observed_a = part_of(a, true), observed_b = part_of(b, true);
    Comparison(true, found).compare(&observed_a, &observed_b, {});
  }
  // Of facts that say the same, the module on disk is the one that no program meets.
  std::ranges::stable_partition(found,
                                [](auto& u) { return !u.is.fact.starts_with("observed.kernel.on_disk"); });
  join_same(found);
  if (a.observed.has_value() != b.observed.has_value())
    found.push_back({{"observed", b.observed ? Difference::Kind::added : Difference::Kind::removed, {}, {}},
                     [&b](World& world) { world.observed = b.observed; }});
  std::ranges::move(found, std::back_inserter(units));
}

}  // namespace cufit
