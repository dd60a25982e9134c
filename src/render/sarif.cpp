// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html. One result for each
// subject and judgement that is not `fits`; a judgement of a fleet stands for all its cells with that
// subject.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "model/json.h"
#include "model/json_names.h"
#include "render/labels.h"
#include "render/matrix.h"
#include "render/words.h"

namespace cufit::render {

namespace {

constexpr std::string_view schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A path as a URI reference: all but unreserved characters and "/" is percent-encoded (RFC 3986).
std::string uri_of(std::string_view path) {
  constexpr std::string_view kept = "-._~/", digits = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (unsigned char c : path) {
    bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (alphanumeric || kept.find(char(c)) != kept.npos)
      out += char(c);
    else
      (out += '%').append({digits[c >> 4], digits[c & 15]});
  }
  return out;
}

std::string_view level_of(Verdict v) {
  return v == Verdict::unfit ? "error" : v == Verdict::limited ? "warning" : "note";
}

Json message(std::string text) { return {{"text", printable(text)}}; }

Json location(std::string_view path) {
  return {{"physicalLocation", {{"artifactLocation", {{"uri", uri_of(path)}}}}}};
}

/// FNV-1a, 64 bits: the same result has the same mark in the next run.
std::string fingerprint(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  return hex(hash).substr(2);
}

class Sarif {
 public:
  Sarif(const Report& report, const Options& options) : w_(report, options), matrix_(report) {}

  Json log() {
    auto results = Json::array();
    for (size_t row = 0; row < matrix_.rows(); row++) add_results(row, results);
    Json driver = {{"name", "cufit"}, {"version", CUFIT_VERSION}, {"rules", std::move(rules_)}};
    Json run = {{"tool", {{"driver", std::move(driver)}}},
                {"language", w_.options.lang == Lang::zh ? "zh-CN" : "en-US"},
                {"invocations", Json::array({invocation()})},
                {"results", std::move(results)}};
    return {{"$schema", schema}, {"version", "2.1.0"}, {"runs", Json::array({std::move(run)})}};
  }

 private:
  /// What could not be read is about this run, not about a rule.
  Json invocation() {
    auto notifications = Json::array();
    for (auto& gap : all_gaps(w_.report))
      notifications.push_back({{"level", "warning"},
                               {"message", message(w_(gap.what))},
                               {"locations", Json::array({location(gap.path)})}});
    Json out = {{"executionSuccessful", w_.report.unread.empty()}};
    if (!notifications.empty()) out["toolExecutionNotifications"] = std::move(notifications);
    return out;
  }

  void add_results(size_t row, Json& results) {
    std::vector<uint32_t> order;
    std::map<uint32_t, std::vector<size_t>> columns;
    for (size_t c = 0; c < matrix_.columns().size(); c++) {
      auto* j = matrix_.at(row, c);
      if (!j || j->verdict == Verdict::fits) continue;
      auto i = matrix_.index(row, c);
      if (!columns.contains(i)) order.push_back(i);
      columns[i].push_back(c);
    }
    for (auto i : order) results.push_back(result(w_.report.subjects[row], i, columns[i]));
  }

  Json result(const Subject& subject, uint32_t judgement, const std::vector<size_t>& columns) {
    auto& j = w_.report.judgements[judgement];
    auto gpus = Json::array(), groups = Json::array();
    std::vector<std::string> names, same_in_all_languages;
    uint64_t machines = 0;
    for (auto c : columns) {
      auto& column = matrix_.columns()[c];
      gpus.push_back(printable(w_.gpu_name(column.gpu)));
      auto of_group = column.group ? column.group->name + ": " : std::string();
      if (column.group) groups.push_back(printable(column.group->name));
      names.push_back(of_group + w_.gpu_name(column.gpu, column.boards));
      same_in_all_languages.push_back(of_group + (column.gpu ? label(*column.gpu) : std::string()));
      machines += column.machines();
    }
    Json properties = {{"verdict", std::string(name_of(j.verdict))}, {"gpus", std::move(gpus)}};
    if (matrix_.is_fleet()) properties["groups"] = std::move(groups), properties["machines"] = machines;
    if (j.fails) properties["code"] = j.fails->code;
    Json logical = {{"fullyQualifiedName", printable(label(subject))}, {"kind", "module"}};
    Json where = subject.kind == Subject::Kind::build ? Json::object() : location(subject.path);
    where["logicalLocations"] = Json::array({std::move(logical)});
    auto on = w_.list(names);
    return {{"ruleId", j.why.rule},
            {"ruleIndex", rule_index(j.why.rule)},
            {"level", level_of(j.verdict)},
            {"message", message(words_about(subject, judgement, on))},
            {"locations", Json::array({std::move(where)})},
            {"partialFingerprints",
             {{"cufit/v1",
               fingerprint(j.why.rule + '\n' + label(subject) + '\n' + joined(same_in_all_languages))}}},
            {"properties", std::move(properties)}};
  }

  /// "torch 2.2.0 on lab: A800 (sm_80): unfit: REASON. CALL fails. CHANGE".
  std::string words_about(const Subject& subject, uint32_t judgement, const std::string& on) const {
    auto& j = w_.report.judgements[judgement];
    auto colon = w_(Text{"punctuation.colon"}), stop = w_(Text{"punctuation.stop"});
    auto text = w_(Text{"check.on", {{"subject", label(subject)}, {"gpu", on}}}) + colon + w_.word(j.verdict);
    if (!j.why.text.empty()) text += colon + w_(j.why.text);
    if (j.fails) text += stop + failure_words(w_, *j.fails);
    for (auto& l : j.limits) text += stop + limit_words(w_, l);
    if (auto* change = matrix_.least_change(judgement))
      text += stop + w_(Text{"label.change"}) + colon + remedy_words(w_, *change);
    return text;
  }

  size_t rule_index(const RuleId& id) {
    auto [at, is_new] = index_.emplace(id, rules_.size());
    if (is_new) rules_.push_back(rule(id));
    return at->second;
  }

  Json rule(const RuleId& id) const {
    Json out = {{"id", id}};
    auto words = [&](const char* part) {
      auto text = "rule." + id + '.' + part;
      return has_words(text) ? w_(Text{text}) : std::string();
    };
    auto what = words("what"), why = words("why"), fix = words("fix");
    if (what.empty()) return out;
    out["shortDescription"] = message(what);
    if (!why.empty()) out["fullDescription"] = message(why);
    auto stop = w_(Text{"punctuation.stop"});
    out["help"] = message(what + (why.empty() ? "" : stop + why) + (fix.empty() ? "" : stop + fix));
    return out;
  }

  Writer w_;
  Matrix matrix_;
  Json rules_ = Json::array();
  std::map<RuleId, size_t> index_;
};

}  // namespace

std::string to_sarif(const Report& report, const Options& options) {
  return Sarif(report, options).log().dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace cufit::render
