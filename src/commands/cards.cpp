#include "commands/cards.h"

#include <algorithm>
#include <set>

#include "commands/row_fields.h"
#include "judge/sass.h"

namespace cufit::commands {

namespace {

using render::Card;
using render::literal;

template <class Row>
Card card_of(const Row& row, std::string title) {
  Card card{std::string(Row::table) + '/' + std::string(row.id), literal(std::move(title)), {}, {}};
  RowFields fields(card, Row::table);
  Row::fields(fields, row);
  return card;
}

void add(Card& card, std::string_view field, const std::string& value) {
  if (!value.empty()) card.fields.push_back({{"field." + std::string(field)}, {literal(value)}});
}

/// Sources of a row that a card rests on, each once.
void add_sources(Card& card, const Provenance& provenance) {
  for (auto& source : provenance.sources)
    if (std::ranges::find(card.sources, source) == card.sources.end()) card.sources.emplace_back(source);
}

/// "11.8" or "11.8 to 13.5".
std::string range_of(const std::vector<const ToolkitRow*>& toolkits) {
  if (toolkits.empty()) return "";
  auto first = toolkits.front()->id, last = toolkits.back()->id;
  return std::string(first) + (first == last ? "" : " - " + std::string(last));
}

std::vector<const ToolkitRow*> toolkits_with(const Knowledge& knowledge, List<Sm> ToolkitRow::* targets,
                                             Sm sm) {
  std::vector<const ToolkitRow*> found;
  for (auto& row : knowledge.tables().toolkits)
    if (std::ranges::find(row.*targets, sm) != (row.*targets).end()) found.push_back(&row);
  return found;
}

/// The targets that any toolkit has and that `runs` accepts.
std::string targets(const Knowledge& knowledge, List<Sm> ToolkitRow::* of, auto runs) {
  std::set<Sm> all;
  for (auto& row : knowledge.tables().toolkits)
    for (auto sm : row.*of)
      if (runs(sm)) all.insert(sm);
  std::string names;
  for (auto sm : all) names += (names.empty() ? "" : ", ") + sm.bare();
  return names;
}

bool sass_runs(const Knowledge& knowledge, Sm target, Sm gpu) {
  auto kind = match_sass(knowledge, target, gpu).kind;
  return kind == SassMatch::Kind::native || kind == SassMatch::Kind::compatible;
}

void add_window(Card& card, const DriverWindow& window) {
  add(card, "not_before", written(window.not_before));
  add(card, "known_from", written(window.known_from));
  if (window.last_branch) add(card, "last_driver_branch", "R" + std::to_string(window.last_branch));
}

}  // namespace

Card rule_card(const Rule& rule) {
  Card card{"rule/" + std::string(rule.id), literal(std::string(rule.id)), {}, {}};
  card.fields = {{{"field.what"}, {rule.what()}},
                 {{"field.why"}, {rule.why()}},
                 {{"field.fix"}, {rule.fix()}},
                 {{"field.example"}, {rule.example()}}};
  for (auto source : rule.sources)
    if (!source.empty()) card.sources.emplace_back(source);
  return card;
}

Card gpu_card(const GpuRow& row, const Knowledge& knowledge) {
  auto card = card_of(row, std::string(row.names[0]));
  if (auto* chip = knowledge.chip(row.chip)) {
    add(card, "architecture", written(chip->architecture));
    add(card, "not_before", written(chip->not_before));
    add(card, "known_from", written(chip->known_from));
    add_sources(card, chip->provenance);
  }
  return card;
}

Card chip_card(const ChipRow& row) { return card_of(row, std::string(row.id)); }

Card driver_card(const DriverRow& row) { return card_of(row, std::string(row.id)); }

Card driver_version_card(const Version& version, const Knowledge& knowledge) {
  auto branch = knowledge.branch_of(version, Machine::Platform::linux);
  auto cuda = knowledge.driver_cuda(version, Machine::Platform::linux);
  Card card{"driver/" + version.text(), literal(version.text()), {}, {}};
  if (branch.row && branch.in_table) add(card, "branch", std::string(branch.row->id));
  if (cuda.cuda)
    card.fields.push_back({{"field.cuda"},
                           {cuda.is_lower_bound ? Text{"show.at-least", {{"value", cuda.cuda->dotted()}}}
                                                : literal(cuda.cuda->dotted())}});
  if (cuda.cuda)
    if (auto isa = knowledge.ptx_isa(*cuda.cuda)) add(card, "ptx_isa", written(*isa));
  if (branch.row) add_sources(card, branch.row->provenance);
  return card;
}

Card toolkit_card(const ToolkitRow& row) { return card_of(row, "CUDA " + std::string(row.id)); }

Card build_card(const BuildRow& row) { return card_of(row, std::string(row.id)); }

Card triton_card(const TritonRow& row) { return card_of(row, "Triton " + std::string(row.id)); }

Card compat_card(const ForwardCompatRow& row) { return card_of(row, std::string(row.id)); }

Card error_card(const ErrorRow& row) {
  auto name = row.runtime_name.empty() ? row.driver_name : row.runtime_name;
  return card_of(row, std::string(row.id) + ' ' + std::string(name));
}

Card cause_card(const CauseRow& row) {
  std::string id(row.id);
  Card card{"cause/" + id, {"cause." + id + ".title"}, {}, {}};
  card.fields = {{{"field.why"}, {{"cause." + id + ".why"}}},
                 {{"field.confirm"}, {{"cause." + id + ".confirm"}}}};
  Card::Field fix{{"field.fix"}, {}}, as_root{{"field.fix_root"}, {}}, wrong{{"field.wrong"}, {}};
  for (auto& remedy : row.remedies) {
    auto& field = remedy.root ? as_root : fix;
    field.values.push_back({"cure." + std::string(remedy.id)});
    for (auto command : remedy.commands) field.values.push_back(literal("$ " + std::string(command)));
  }
  for (auto name : row.wrong)
    for (auto* part : {"", ".why"}) wrong.values.push_back({"wrong." + std::string(name) + part});
  for (auto& field : {fix, as_root, wrong})
    if (!field.values.empty()) card.fields.push_back(field);
  add(card, "group", written(row.group));
  add(card, "severity", written(row.severity));
  add(card, "seen_passively", written(row.seen_passively));
  add(card, "folds", written(row.folds));
  RowFields fields(card, CauseRow::table);
  Provenance::fields(fields, row.provenance);
  return card;
}

Card capability_card(Sm sm, const Knowledge& knowledge) {
  auto gpu = sm.plain();
  Card card{"sm/" + sm.bare(), literal(sm.name() + " (" + sm.dotted() + ')'), {}, {}};
  auto chips = knowledge.chips_with(gpu);
  std::string names;
  for (auto* chip : chips) names += (names.empty() ? "" : ", ") + std::string(chip->id);
  add(card, "chip", names);
  if (!chips.empty()) add(card, "architecture", written(chips[0]->architecture));
  auto sass = toolkits_with(knowledge, &ToolkitRow::sass_targets, sm);
  auto ptx = toolkits_with(knowledge, &ToolkitRow::ptx_targets, sm);
  add(card, "toolkits_sass", range_of(sass));
  add(card, "toolkits_ptx", range_of(ptx));
  if (auto isa = knowledge.min_isa(sm)) add(card, "min_isa", written(*isa));
  if (sm == gpu)
    add(card, "runs_sass", targets(knowledge, &ToolkitRow::sass_targets, [&](Sm target) {
          return sass_runs(knowledge, target, gpu);
        }));
  if (!chips.empty()) add_window(card, knowledge.window(chips));
  for (auto* chip : chips) add_sources(card, chip->provenance);
  for (auto* row : {sass.empty() ? nullptr : sass.front(), sass.empty() ? nullptr : sass.back()})
    if (row) add_sources(card, row->provenance);
  return card;
}

Card ptx_isa_card(Isa isa, const Knowledge& knowledge) {
  Card card{"ptx/" + written(isa), literal("PTX ISA " + written(isa)), {}, {}};
  std::vector<const ToolkitRow*> writers;
  for (auto& row : knowledge.tables().toolkits)
    if (row.ptx_isa == isa) writers.push_back(&row);
  add(card, "toolkits_isa", range_of(writers));
  if (auto cuda = knowledge.first_cuda_with_isa(isa)) {
    add(card, "read_from_cuda", cuda->dotted());
    if (auto driver = knowledge.native_driver(*cuda, Machine::Platform::linux))
      add(card, "read_from_driver", written(*driver));
  }
  std::string targets;
  for (auto& row : knowledge.tables().ptx_targets)
    if (row.min_isa == isa) targets += (targets.empty() ? "" : ", ") + std::string(row.id);
  add(card, "targets_new", targets);
  for (auto* row : writers) add_sources(card, row->provenance);
  return card;
}

}  // namespace cufit::commands
