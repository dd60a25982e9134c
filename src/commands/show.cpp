// cufit show: what is known about whatever an id stands for. "12.1" is a compute capability and a toolkit:
// both are shown.
#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "commands/cards.h"
#include "commands/invocation.h"
#include "commands/knowledge_option.h"
#include "knowledge/catalogue.h"
#include "knowledge/gpu_lookup.h"
#include "knowledge/near_miss.h"

namespace cufit::commands {

namespace {

using Cards = std::vector<render::Card>;

/// An id without its kind: {"toolkit", "12.1"} for "toolkit/12.1", "cuda-12.1" and "CUDA 12.1".
struct Query {
  std::string kind;  ///< empty: any
  std::string id;
};

struct Kind {
  std::string_view word;  ///< as written before the id, followed by "/", "-", a space or nothing
  std::string_view kind;
};
constexpr Kind kinds[] = {
    {"rule", "rule"},       {"gpu", "gpu"},
    {"chip", "chip"},       {"build", "build"},
    {"triton", "triton"},   {"forward_compat", "compat"},
    {"toolkit", "toolkit"}, {"cuda-compat", "compat"},
    {"cuda", "toolkit"},    {"ptx", "ptx"},
    {"isa", "ptx"},         {"driver", "driver"},
    {"error", "error"},     {"sm", "sm"},
    {"cause", "cause"},
};

bool is_kind_word(std::string_view word) {
  return std::ranges::any_of(kinds, [&](auto& k) { return k.word == lower(word); });
}

Query query_of(const std::string& text, const Knowledge& knowledge) {
  if (find_rule(text)) return {"rule", text};         // PTX-2 is a rule, ptx-8.4 an ISA
  if (knowledge.cause(text)) return {"cause", text};  // driver-older-than-gpu is no driver
  bool requirement = text.find("==") != text.npos;
  auto low = lower(text);
  for (auto& k : kinds) {
    if (requirement && k.kind != "build") continue;
    if (!low.starts_with(k.word) || low.size() < k.word.size() + 2) continue;
    auto rest = text.substr(k.word.size());
    bool parted = rest[0] == '/' || rest[0] == ' ' || (rest[0] == '-' && k.word != "sm");
    bool version = (k.kind == "toolkit" || k.kind == "ptx") && rest[0] >= '0' && rest[0] <= '9';
    if (parted) return {std::string(k.kind), rest.substr(1)};
    if (version) return {std::string(k.kind), rest};
  }
  return {requirement ? "build" : "", text};
}

/// "cuda 12.4" comes as two arguments: a word that is only a kind belongs to the next one.
std::vector<std::string> ids_of(const std::vector<std::string>& operands) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < operands.size(); i++) {
    bool pair = is_kind_word(operands[i]) && i + 1 < operands.size();
    ids.push_back(pair ? operands[i] + ' ' + operands[i + 1] : operands[i]);
    i += pair;
  }
  return ids;
}

class Search {
 public:
  Search(const Knowledge& knowledge, const std::string& text)
      : k_(knowledge), query_(query_of(text, knowledge)), id_(query_.id) {}

  Cards cards() {
    if (query_.kind.empty()) lists();
    if (asks("rule"))
      if (auto* rule = find_rule(id_)) found_.push_back(rule_card(*rule));
    if (query_.kind == "cause")
      if (auto* row = k_.cause(id_)) found_.push_back(cause_card(*row));
    if (asks("error")) errors();
    if (asks("sm")) capability();
    if (asks("toolkit"))
      if (auto cuda = Cuda::parse(id_))
        if (auto* row = k_.toolkit(*cuda)) found_.push_back(toolkit_card(*row));
    if (asks("driver")) driver();
    if (asks("build")) builds();
    if (query_.kind == "triton") triton(id_);
    if (query_.kind == "compat") compat();
    if (query_.kind == "ptx") ptx_isa();
    if (asks("chip"))
      if (auto* row = k_.chip(id_)) found_.push_back(chip_card(*row));
    if (query_.kind == "gpu" || (query_.kind.empty() && found_.empty())) gpus();
    return std::move(found_);
  }

 private:
  /// "gpus", "rules": what there is of a kind.
  void lists() {
    auto& t = k_.tables();
    std::vector<std::string> names;
    auto ids = [&](auto& rows) {
      for (auto& row : rows) names.emplace_back(row.id);
    };
    if (id_ == "gpus") ids(t.gpus);
    if (id_ == "chips") ids(t.chips);
    if (id_ == "drivers") ids(t.drivers);
    if (id_ == "toolkits") ids(t.toolkits);
    if (id_ == "errors") ids(t.errors);
    if (id_ == "builds") ids(t.builds);
    if (id_ == "causes") ids(t.causes);
    if (id_ == "rules")
      for (auto* rule : all_rules()) names.emplace_back(rule->id);
    if (id_ == "packages")
      for (auto& row : t.builds)
        if (std::ranges::find(names, row.package) == names.end()) names.emplace_back(row.package);
    if (names.empty()) return;
    std::string all;
    for (auto& name : names) all += (all.empty() ? "" : ", ") + name;
    found_.push_back({"list/" + id_, render::literal(id_), {{{"field.names"}, {render::literal(all)}}}, {}});
  }

  bool asks(std::string_view kind) const { return query_.kind.empty() || query_.kind == kind; }

  void errors() {
    auto low = lower(id_);
    for (auto& row : k_.tables().errors)
      if (row.id == id_ || lower(row.runtime_name) == low || lower(row.driver_name) == low)
        found_.push_back(error_card(row));
    // Programs of CUDA 10.0 and older print other numbers.
    auto number = Version::parse(id_);
    if (number && number->size() == 1)
      for (auto* row : k_.legacy_runtime_errors(number->major())) found_.push_back(error_card(*row));
  }

  void capability() {
    bool bare_number = query_.kind.empty() && id_.find('.') == id_.npos && !lower(id_).starts_with("sm") &&
                       !lower(id_).starts_with("compute");
    auto text = lower(id_);
    if (text.starts_with("sm") && !text.starts_with("sm_")) text = "sm_" + text.substr(2);
    auto sm = bare_number ? std::nullopt : Sm::parse(text);
    // A number with a dot is a capability only if something has it: 12.4 is a toolkit.
    if (sm && (!k_.chips_with(sm->plain()).empty() || k_.ptx_target(*sm)))
      found_.push_back(capability_card(*sm, k_));
  }

  void driver() {
    if (auto* row = k_.driver_branch(id_)) return found_.push_back(driver_card(*row));
    auto version = Version::parse(id_);
    if (!version || version->major() < 100 || version->size() < 2) return;
    auto branch = k_.branch_of(*version, Machine::Platform::linux);
    if (!branch.row) return;
    found_.push_back(driver_version_card(*version, k_));
    if (branch.in_table) found_.push_back(driver_card(*branch.row));
  }

  void ptx_isa() {
    auto version = Cuda::parse(id_);
    if (version && k_.first_cuda_with_isa({version->major, version->minor}))
      found_.push_back(ptx_isa_card({version->major, version->minor}, k_));
  }

  /// By the id of a row, or as a requirement: "torch==2.9.1+cu130".
  void builds() {
    if (auto* row = k_.build(id_)) return found_.push_back(build_card(*row));
    auto at = id_.find("==");
    auto version = at == id_.npos ? std::nullopt : PackageVersion::parse(id_.substr(at + 2));
    if (!version) return;
    auto name = normalized_name(id_.substr(0, at));
    for (auto* row : find_build(k_, name, *version).rows) found_.push_back(build_card(*row));
    if (name == "triton") triton(version->text());
  }

  void triton(const std::string& release) {
    bool beyond = false;
    auto* row = find_triton(k_, release, &beyond);
    if (row && !beyond) found_.push_back(triton_card(*row));
  }

  /// "cuda-compat-12-4" and "cuda-compat 12.4"; what stands before the release was taken as the kind.
  void compat() {
    auto id = id_;
    std::ranges::replace(id, '.', '-');
    for (auto& name : {id, "cuda-compat-" + id})
      if (auto* row = k_.forward_compat(name)) return found_.push_back(compat_card(*row));
  }

  void gpus() {
    for (auto& candidate : find_gpu(k_, id_).candidates)
      for (auto* board : candidate.boards) found_.push_back(gpu_card(*board, k_));
  }

  const Knowledge& k_;
  Query query_;
  const std::string& id_;
  Cards found_;
};

/// Names of what is not a GPU; GPUs have their own suggestions.
std::vector<std::string> known_names(const Knowledge& k) {
  std::vector<std::string> names;
  for (auto* rule : all_rules()) names.emplace_back(rule->id);
  for (auto& row : k.tables().toolkits) names.emplace_back(row.id);
  for (auto& row : k.tables().drivers) names.emplace_back(row.id);
  for (auto& row : k.tables().builds) names.emplace_back(row.id);
  for (auto& row : k.tables().tritons) names.push_back("triton-" + std::string(row.id));
  for (auto& row : k.tables().forward_compat) names.emplace_back(row.id);
  for (auto& row : k.tables().causes) names.emplace_back(row.id);
  for (auto& row : k.tables().errors)
    for (auto name : {row.id, row.runtime_name, row.driver_name})
      if (!name.empty()) names.emplace_back(name);
  return names;
}

/// The newest builds of a package that the catalogue has: for "torch", "torch==99" and "torch-99".
std::vector<std::string> newest_builds(const std::string& id, const Knowledge& k) {
  constexpr size_t most = 4;
  std::vector<std::string> names;
  for (size_t end = id.size(); end != id.npos && end > 0; end = id.find_last_of("-=", end - 1)) {
    auto rows = builds_of(k, normalized_name(id.substr(0, end)));
    for (auto& row : std::views::reverse(rows) | std::views::take(most)) names.emplace_back(row->id);
    if (!names.empty()) break;
  }
  return names;
}

Complaint unknown_id(const std::string& id, const Knowledge& knowledge) {
  auto near = near_misses(id, known_names(knowledge));
  if (near.empty()) near = newest_builds(id, knowledge);
  for (auto& gpu : find_gpu(knowledge, id).suggestions)
    if (std::ranges::find(near, gpu) == near.end()) near.push_back(gpu);
  Complaint c{{"show.unknown", {{"id", id}}}, {}};
  std::string names;
  for (auto& name : near) names += (names.empty() ? "" : ", ") + name;
  if (!near.empty()) c.hints.push_back({"usage.did-you-mean", {{"names", names}}});
  c.hints.push_back({"show.what-there-is"});
  return c;
}

}  // namespace

Outcome show(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  Cards cards;
  std::optional<Complaint> unknown;
  for (auto& id : ids_of(invocation.operands())) {
    auto found = id.empty() ? Cards{} : Search(*knowledge, id).cards();
    if (found.empty() && !unknown) unknown = unknown_id(id, *knowledge);
    for (auto& card : found)
      if (std::ranges::find(cards, card.id, &render::Card::id) == cards.end())
        cards.push_back(std::move(card));
  }
  if (cards.empty()) return std::unexpected(*unknown);
  Output output{invocation.json() ? render::to_json(cards, invocation.lang())
                                  : render::to_text(cards, invocation.render_options())};
  output.complaint = std::move(unknown);
  if (output.complaint) output.exit = 2;
  return output;
}

}  // namespace cufit::commands
