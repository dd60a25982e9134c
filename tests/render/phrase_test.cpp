#include "render/phrase.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "model/json_names.h"
#include "render/generate/text_rows.h"
#include "render/template.h"

namespace cufit::render {
namespace {

TEST(Lang, ArgumentBeforeLcAllBeforeLang) {
  EXPECT_EQ(lang_from("", "", ""), Lang::en);
  EXPECT_EQ(lang_from("", "", "zh_CN.UTF-8"), Lang::zh);
  EXPECT_EQ(lang_from("", "C", "zh_CN.UTF-8"), Lang::en);
  EXPECT_EQ(lang_from("en", "zh_CN", "zh_CN"), Lang::en);
  EXPECT_EQ(lang_from("zh", "C", "de_DE"), Lang::zh);
}

TEST(Phrase, PutsParametersIn) {
  Text gap{"unread.at", {{"offset", "0x40"}, {"path", "a.so"}}};
  EXPECT_EQ(phrase(gap, Lang::en), "a.so at 0x40");
  EXPECT_EQ(phrase(gap, Lang::zh), "a.so 偏移 0x40 处");
}

TEST(Phrase, AnIdWithoutARowIsShownWithItsParameters) {
  EXPECT_EQ(phrase({"no.such-id"}, Lang::en), "no.such-id");
  EXPECT_EQ(phrase({"no.such-id", {{"a", "1"}, {"b", "2"}}}, Lang::zh), "no.such-id (a: 1, b: 2)");
  EXPECT_EQ(phrase({}, Lang::en), "");
  EXPECT_EQ(phrase({"zzz"}, Lang::en), "zzz");
}

std::string filled(std::string_view words, std::vector<std::pair<std::string, std::string>> args = {}) {
  auto pieces = parse_template(words);
  return pieces ? fill(*pieces, args) : "error: " + pieces.error().message;
}

TEST(Template, Fills) {
  EXPECT_EQ(filled("{n} {n|module|modules}", {{"n", "1"}}), "1 module");
  EXPECT_EQ(filled("{n} {n|module|modules}", {{"n", "0"}}), "0 modules");
  EXPECT_EQ(filled("{{{a}}}", {{"a", "{b}"}}), "{{b}}");
  EXPECT_EQ(filled("needs {what}"), "needs {what}");
}

TEST(Template, RefusesBrokenOnes) {
  for (const char* bad : {"{", "}", "{a", "a}", "{}", "{|a|b}", "{n|a}", "{n|a|b|c}", "{n|one|{n} many}"})
    EXPECT_TRUE(filled(bad).starts_with("error: ")) << bad;
}

std::string refusal(std::string_view toml) {
  auto rows = read_text_rows(toml, "x.toml");
  return rows ? "none" : rows.error().to_string();
}

TEST(TextRows, RefuseWhatWouldConfuseAUser) {
  EXPECT_EQ(refusal("[\"a.b\"]\nen = 'x {n}'\nzh = '{n} y'"), "none");
  EXPECT_EQ(refusal("[\"a.b\"]\nen = 'x'"), "x.toml: a.b: needs both en and zh");
  EXPECT_EQ(refusal("[\"a.b\"]\nen = ''\nzh = 'y'"), "x.toml: a.b: needs both en and zh");
  EXPECT_EQ(refusal("[\"a.b\"]\nen = '{n}'\nzh = '{m}'"), "x.toml: a.b: en and zh use different parameters");
  EXPECT_EQ(refusal("[\"a.b\"]\nen = 'x'\nzh = 'y'\nde = 'z'"),
            "x.toml: a.b: expected only en and zh, as strings");
  EXPECT_EQ(refusal("[\"a.b\"]\nen = 1\nzh = 'y'"), "x.toml: a.b: expected only en and zh, as strings");
  EXPECT_EQ(refusal("a = 1"), "x.toml: a: expected a table [\"a\"]");
  EXPECT_TRUE(refusal("[\"a.b\"]\nen = '{'\nzh = 'y'").starts_with("x.toml: a.b: a brace without partner"));
  EXPECT_TRUE(refusal("[\"a.b\"\n").starts_with("x.toml: line 1: "));
}

TEST(TextRows, RefuseAnIdThatOccursTwice) {
  auto joined =
      join_text_rows({{"b", "x", "y", "1.toml"}, {"a", "x", "y", "1.toml"}, {"b", "x", "y", "2.toml"}});
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().to_string(), "1.toml: b: also in 2.toml");
}

TEST(TextRows, BecomeC) {
  EXPECT_EQ(to_cpp({{"a", "say \"x\"\\", "行\n二", ""}}), "{\"a\", \"say \\\"x\\\"\\\\\", \"行\\n二\"},\n");
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<TextRow> all_rows() {
  std::vector<TextRow> all;
  for (auto& entry : std::filesystem::directory_iterator(CUFIT_SOURCE_DIR "/data/texts")) {
    auto rows = read_text_rows(contents(entry.path()), entry.path().filename());
    EXPECT_TRUE(rows) << rows.error().to_string();
    if (rows) all.insert(all.end(), rows->begin(), rows->end());
  }
  return all;
}

/// The source without its comments. "https://" in a string is none: no space stands before it.
std::string code_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string code;
  for (std::string line; std::getline(in, line);) {
    for (size_t at = line.find("//"); at != line.npos; at = line.find("//", at + 1))
      if (at == 0 || line[at - 1] == ' ') line.resize(at);
    code += line + '\n';
  }
  return code;
}

/// All matches of the first group in the sources, with a file where each was found.
std::map<std::string, std::string> found_in_sources(const std::regex& pattern) {
  std::map<std::string, std::string> found;
  for (auto* folder : {CUFIT_SOURCE_DIR "/src", CUFIT_SOURCE_DIR "/docs/generate"})
    for (auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
      auto source = code_of(entry.path());
      for (std::sregex_iterator m(source.begin(), source.end(), pattern), end; m != end; ++m)
        found.emplace((*m)[1], entry.path().filename());
    }
  return found;
}

std::string family(const std::string& id) { return id.substr(0, id.find('.')); }

/// An id that ends so is completed at run time, by the name of an enumerator or the id of a rule.
bool is_prefix(const std::string& id) { return id.ends_with('.') || id.ends_with('-'); }

TEST(Texts, EveryTextInTheSourcesHasWords) {
  auto ids = found_in_sources(std::regex(R"re(Text\{\s*"([^"]+)")re"));
  EXPECT_GT(ids.size(), 50u) << "the search finds too little to prove anything";
  for (auto& [id, file] : ids)
    EXPECT_TRUE(is_prefix(id) || has_words(id)) << id << " in " << file << " has no row in data/texts";
}

// Catches ids that reach a Text by way of a table or a function.
TEST(Texts, EveryStringThatLooksLikeAnIdHasWords) {
  std::set<std::string> families;
  for (auto& row : all_rows()) families.insert(family(row.id));
  for (auto& [id, file] : found_in_sources(std::regex(R"re("([a-z]+\.[A-Za-z0-9.-]+)")re"))) {
    if (!families.contains(family(id)) || is_prefix(id)) continue;
    EXPECT_TRUE(has_words(id)) << id << " in " << file << " has no row in data/texts";
  }
}

TEST(Texts, EveryRowIsUsed) {
  auto literals = found_in_sources(std::regex(R"re("([a-z]+\.[A-Za-z0-9.-]*)")re"));
  for (auto& row : all_rows()) {
    bool used = literals.contains(row.id);
    for (auto& [literal, file] : literals) used |= is_prefix(literal) && row.id.starts_with(literal);
    EXPECT_TRUE(used) << row.id << " in " << row.file << " is not used by any source";
  }
}

/// Names of the arguments in `{{"name", value}, ...}` at the start of `code`; nothing if there is no such
/// list.
std::optional<std::set<std::string>> argument_names(std::string_view code) {
  std::set<std::string> names;
  int depth = 0;
  for (size_t at = 0; at < code.size(); at++) {
    char c = code[at];
    if (c == '{') depth++;
    if (c == '}' && --depth == 0) return names;
    if (depth == 0 && c != ',' && c != ' ' && c != '\n') return std::nullopt;
    if (c != '"' && c != '\'') continue;
    size_t begin = ++at;
    for (; at < code.size() && code[at] != c; at++)
      if (code[at] == '\\') at++;
    bool opens_pair = begin >= 2 && code[begin - 2] == '{' && depth == 2;
    if (opens_pair) names.insert(std::string(code.substr(begin, at - begin)));
  }
  return std::nullopt;
}

TEST(ArgumentNames, AreThoseOfTheOuterList) {
  using Set = std::set<std::string>;
  EXPECT_EQ(argument_names(R"( {{"a", f({"x"})}, {"b", w(Text{"q.r", {{"c", "}"}}})}}; {{"d", 1}})"),
            (Set{"a", "b"}));
  EXPECT_EQ(argument_names(R"( {}, {{"d", 1}})"), Set{});
  EXPECT_EQ(argument_names(R"( more, {{"d", 1}})"), std::nullopt);
}

TEST(Texts, EveryParameterIsGivenWhereTheIdIsUsed) {
  std::map<std::string, std::set<std::string>> parameters;
  for (auto& row : all_rows())
    for (auto name : parameters_of(*parse_template(row.en))) parameters[row.id].insert(std::string(name));
  std::regex literal(R"re("([a-z]+\.[A-Za-z0-9.-]+)"\s*,)re");
  size_t checked = 0;
  for (auto& entry : std::filesystem::recursive_directory_iterator(CUFIT_SOURCE_DIR "/src")) {
    if (entry.path().extension() != ".cpp") continue;
    auto code = code_of(entry.path());
    for (std::sregex_iterator m(code.begin(), code.end(), literal), end; m != end; ++m) {
      auto given = argument_names(std::string_view(code).substr(size_t(m->position() + m->length())));
      if (!has_words((*m)[1].str()) || !given || given->empty()) continue;
      EXPECT_EQ(*given, parameters[(*m)[1]]) << (*m)[1] << " in " << entry.path().filename();
      checked++;
    }
  }
  EXPECT_GT(checked, 20u) << "the search finds too little to prove anything";
}

TEST(Texts, EveryNameThatIsShownHasWords) {
  for (auto name : Names<Verdict>::list) EXPECT_TRUE(has_words("verdict." + std::string(name))) << name;
  for (auto name : Names<When>::list) EXPECT_TRUE(has_words("when." + std::string(name))) << name;
}

}  // namespace
}  // namespace cufit::render
