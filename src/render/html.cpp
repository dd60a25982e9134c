// One page of HTML for a report: no scripts, nothing from outside, and a policy that allows neither.
#include <algorithm>
#include <array>
#include <map>

#include "model/json_names.h"
#include "render/cause_groups.h"
#include "render/html_style.h"
#include "render/labels.h"
#include "render/markup.h"
#include "render/words.h"

namespace cufit::render {

namespace {

constexpr std::array best_first = {Verdict::fits, Verdict::limited, Verdict::unknown, Verdict::unfit};

std::string_view mark(Verdict v) {
  constexpr std::array<std::string_view, 4> marks = {"✓", "!", "?", "✗"};
  return marks[size_t(v)];
}

std::string element(std::string_view name, const std::string& inner, std::string_view attributes = {}) {
  std::string out = "<" + std::string(name);
  if (!attributes.empty()) (out += ' ') += attributes;
  return out + '>' + inner + "</" + std::string(name) + '>';
}

/// A name from outside; its letters do not turn the text around them.
std::string name_element(std::string_view name) { return element("bdi", escaped(name)); }

class Html {
 public:
  Html(const Report& report, const Options& options)
      : w_(report, options), matrix_(report), causes_(cause_groups(matrix_, least_explained())) {}

  std::string page() {
    bool zh = w_.options.lang == Lang::zh;
    std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(zh ? "zh-Hans" : "en") + "\">\n<head>\n";
    out +=
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n";
    out += element("title", "cufit check") + "\n<style>" + std::string(html_style) +
           "</style>\n</head>\n<body>\n";
    out += header();
    if (!matrix_.columns().empty() && matrix_.rows() > 0) out += matrix();
    out += causes() + gaps() + assumptions();
    return out + "</body>\n</html>\n";
  }

 private:
  /// Of a fleet only what does not fit; the page would be too large.
  Verdict least_explained() const { return w_.report.groups.empty() ? Verdict::fits : Verdict::limited; }

  std::string say(const Text& text) const { return escaped(w_(text)); }
  std::string number(uint64_t n) const { return std::to_string(n); }

  std::string badge(Verdict v) const {
    return "<span class=\"badge " + std::string(name_of(v)) + "\"><span aria-hidden=\"true\">" +
           std::string(mark(v)) + "</span> " + escaped(w_.word(v)) + "</span>";
  }

  std::string header() {
    auto counts = matrix_.counts();
    std::string tiles;
    for (auto v : best_first)
      if (auto n = counts.of(v))
        tiles += element("li", element("b", number(n)) + std::string(mark(v)) + ' ' + escaped(w_.word(v)),
                         "class=\"" + std::string(name_of(v)) + '"');
    auto about = matrix_.is_fleet() ? fleet_words() : driver_words(w_.report.machine, w_.options.lang);
    return "<header>\n" + element("h1", "cufit check") + '\n' +
           element("p", escaped(about) + " · " + say({"html.knowledge", {{"date", w_.report.knowledge}}}),
                   "class=\"soft\"") +
           '\n' + element("ul", tiles, "class=\"tiles\"") + "\n</header>\n";
  }

  std::string fleet_words() const {
    uint64_t machines = 0, groups = 0, without = 0;
    for (auto& g : w_.report.groups)
      if (g.machine.gpus.empty())
        without += g.count;
      else
        machines += g.count, groups++;
    auto text = w_(Text{
        "html.fleet",
        {{"machines", number(machines)}, {"groups", number(groups)}, {"targets", number(matrix_.rows())}}});
    if (without > 0) text += " · " + w_(Text{"fleet.without-gpu", {{"n", number(without)}}});
    return text;
  }

  std::string matrix() {
    std::string head = element("th", say({"html.target"}), "scope=\"col\"");
    for (auto& c : matrix_.columns()) head += element("th", column_words(c), "scope=\"col\"");
    std::string body;
    for (auto& [row, names] : rows()) {
      std::string cells = element("th", names, "scope=\"row\"");
      for (size_t c = 0; c < matrix_.columns().size(); c++) cells += cell(matrix_.index(row, c));
      body += element("tr", cells) + '\n';
    }
    return element("h2", say({"html.matrix"})) + "\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" " +
           "aria-label=\"" + say({"html.matrix"}) + "\"><table>\n<thead><tr>" + head +
           "</tr></thead>\n<tbody>\n" + body + "</tbody>\n</table></div>\n";
  }

  std::string column_words(const Matrix::Column& c) const {
    if (!c.group) return name_element(w_.gpu_name(c.gpu, c.boards));
    auto& m = c.group->machine;
    return name_element(c.group->name) +
           element("small", number(c.group->count) + " × " + name_element(w_.gpu_name(c.gpu, c.boards))) +
           element("small",
                   escaped(driver_words(m, w_.options.lang) + host_words(m, w_(Text{"punctuation.list"}))));
  }

  /// Rows of the table: the first subject with these cells, and the names of all; a long list is folded.
  std::vector<std::pair<size_t, std::string>> rows() const {
    constexpr size_t most_single_rows = 60;
    bool fold = matrix_.rows() > most_single_rows;
    std::map<std::vector<uint32_t>, size_t> known;
    std::vector<std::pair<size_t, std::vector<std::string>>> grouped;
    for (size_t row = 0; row < matrix_.rows(); row++) {
      std::vector<uint32_t> cells;
      for (size_t c = 0; c < matrix_.columns().size(); c++) cells.push_back(matrix_.index(row, c));
      auto [at, is_new] = known.emplace(std::move(cells), grouped.size());
      if (is_new || !fold) {
        at->second = grouped.size();
        grouped.push_back({row, {}});
      }
      grouped[at->second].second.push_back(w_.subject_name(w_.report.subjects[row]));
    }
    std::vector<std::pair<size_t, std::string>> out;
    for (auto& [row, names] : grouped) out.emplace_back(row, name_list(names, 3));
    return out;
  }

  std::string name_list(const std::vector<std::string>& names, size_t most) const {
    std::vector<std::string> shown;
    for (size_t i = 0; i < std::min(names.size(), most); i++) shown.push_back(name_element(names[i]));
    auto list = w_.list(shown);
    if (names.size() <= most) return list;
    // The marker is replaced after escaping: names are markup already, the sentence around them is not.
    auto words = say({"list.and-more", {{"list", "\x01"}, {"n", number(names.size() - most)}}});
    auto at = words.find("\\x01");
    return at == words.npos ? list : words.replace(at, 4, list);
  }

  std::string cell(uint32_t judgement) const {
    if (judgement == Matrix::none) return element("td", "-");
    auto v = w_.report.judgements[judgement].verdict;
    auto cause = causes_.of_judgement[judgement];
    auto words = std::string(mark(v)) + ' ' + escaped(w_.word(v));
    auto inner = cause == Matrix::none ? element("span", words)
                                       : element("a", words, "href=\"#c" + number(cause + 1) + '"');
    return element("td", inner, "class=\"" + std::string(name_of(v)) + '"');
  }

  std::string causes() const {
    std::string out = element("h2", say({"html.reasons"})) + '\n';
    bool open = causes_.all.size() <= 6;
    for (size_t i = 0; i < causes_.all.size(); i++) out += cause(i, open);
    return causes_.all.empty() ? std::string() : out;
  }

  std::string cause(size_t i, bool open) const {
    auto& group = causes_.all[i];
    auto& first = w_.report.judgements[group.judgements[0]];
    std::string machines;
    if (matrix_.is_fleet()) machines = ' ' + say({"html.machines", {{"n", number(group.machines)}}});
    auto summary = badge(group.verdict) + ' ' + where(group, 3) +
                   element("span", machines, "class=\"soft\"") + "<br>" + say(first.why.text);
    return "<details id=\"c" + number(i + 1) + (open ? "\" open>" : "\">") + element("summary", summary) +
           "\n<dl>" + facts(group) + "</dl></details>\n";
  }

  /// "torch 2.2.0, app on lab, farm; ...".
  std::string where(const CauseGroup& group, size_t most) const {
    std::string out;
    size_t shown = 0;
    auto all = rectangles(group);
    for (auto& [rows, columns] : all) {
      if (shown++ == most) break;
      std::vector<std::string> subjects, places;
      for (auto row : rows) subjects.push_back(w_.subject_name(w_.report.subjects[row]));
      for (auto c : columns) {
        auto& column = matrix_.columns()[c];
        places.push_back((column.group ? column.group->name + ": " : "") +
                         w_.gpu_name(column.gpu, column.boards));
      }
      out += (out.empty() ? "" : "; ") + name_list(subjects, 2 * most) + " → " + name_list(places, 2 * most);
    }
    if (all.size() > most) out += " …";
    return out;
  }

  std::string item(const char* head, const std::string& markup) const {
    return element("dt", say({head})) + element("dd", markup) + '\n';
  }

  std::string facts(const CauseGroup& group) const {
    auto& j = w_.report.judgements[group.judgements[0]];
    std::string out;
    constexpr size_t most = 12;
    auto because = reasons(group, w_.report);
    for (size_t i = 0; i < std::min(because.size(), most); i++)
      out += item("label.because", escaped(j.why.rule) + ": " + say(because[i]));
    if (because.size() > most)
      out += item("label.because", say({"html.more-reasons", {{"n", number(because.size() - most)}}}));
    if (group.judgements.size() == 1)
      for (auto& part : j.why.parts)
        out += item(part.says == j.verdict ? "label.because" : "label.though",
                    escaped(part.rule) + ": " + say(part.text) + ' ' + badge(part.says));
    if (j.fails) {
      out += item("label.fails", escaped(failure_words(w_, *j.fails)));
      auto alike = [&](uint32_t i) { return w_.report.judgements[i].fails == j.fails; };
      if (!j.fails->seen_as.empty() && std::ranges::all_of(group.judgements, alike))
        out += item("label.seen", say(j.fails->seen_as));
    }
    for (auto& l : j.limits) out += item("label.limit", escaped(limit_words(w_, l)));
    if (group.judgements.size() == 1) {
      for (auto& n : j.notes) out += item("label.note", say(n.text));
      if (j.needs.driver) out += item("html.needs", escaped("≥ " + j.needs.driver->text()));
    }
    for (auto f : group.findings) out += remedies(w_.report.findings[f]);
    if (rectangles(group).size() > 3) out += item("html.where", where(group, 50));
    return out;
  }

  std::string remedies(const Finding& f) const {
    std::string out;
    bool first = true;
    for (auto& r : f.remedies) {
      std::string commands;
      for (auto& c : r.commands) commands += (commands.empty() ? "" : "\n") + escaped(c);
      out += item(first ? "label.change" : "label.fix",
                  escaped(remedy_words(w_, r)) + (commands.empty() ? "" : element("pre", commands)));
      first = false;
    }
    for (auto& r : f.rejected)
      out += item("label.no-fix", say(r.change) + say({"punctuation.colon"}) + say(r.why));
    return out;
  }

  std::string gaps() const {
    auto all = all_gaps(w_.report);
    if (all.empty()) return {};
    constexpr size_t most = 200;
    std::string list;
    for (size_t i = 0; i < std::min(all.size(), most); i++)
      list += element("li", name_element(all[i].path) + (all[i].offset ? " @ " + hex(*all[i].offset) : "") +
                                say({"punctuation.colon"}) + say(all[i].what));
    if (all.size() > most) list += element("li", say({"unread.more", {{"n", number(all.size() - most)}}}));
    return element("h2", say({"html.unread"})) + '\n' + element("ul", list) + '\n';
  }

  std::string assumptions() const {
    std::vector<std::string> ids = w_.report.machine.assumed;
    for (auto& g : w_.report.groups)
      for (auto& id : g.machine.assumed)
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    if (ids.empty()) return {};
    std::string list;
    for (auto& id : ids) list += element("li", say({"assumed." + id}));
    return element("h2", say({"html.assumed"})) + '\n' + element("ul", list, "class=\"soft\"") + '\n';
  }

  Writer w_;
  Matrix matrix_;
  CauseGroups causes_;
};

}  // namespace

std::string to_html(const Report& report, const Options& options) { return Html(report, options).page(); }

}  // namespace cufit::render
