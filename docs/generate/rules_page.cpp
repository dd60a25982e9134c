// Writes docs/rules.md: every rule that cufit judges by, in the words of data/texts, and what is not judged
// yet.
#include <array>
#include <fstream>
#include <iostream>

#include "judge/rule.h"
#include "render/phrase.h"

namespace cufit {

namespace {

std::string words(std::string id) { return render::phrase({std::move(id)}, render::Lang::en); }

std::string family_of(const Rule& rule) { return std::string(rule.id.substr(0, rule.id.find('-'))); }

/// Chapters in the order in which a report meets them.
constexpr std::array<std::string_view, 15> families = {"SASS", "PTX",   "DRV",    "LIB",  "BIN",
                                                       "RUN",  "LAZY",  "JIT",    "VIS",  "FC",
                                                       "CTR",  "TEGRA", "TRITON", "HOST", "WSL"};

constexpr std::array<std::string_view, 5> not_judged = {"loader", "live", "container", "reading", "advice"};

/// "<https://...>" for an address, with what stands behind it; a document's name as it is.
std::string source(std::string_view text) {
  if (!text.starts_with("https://")) return std::string(text);
  auto end = text.find(' ');
  auto rest = end == text.npos ? std::string_view() : text.substr(end);
  return '<' + std::string(text.substr(0, end)) + '>' + std::string(rest);
}

/// Markdown takes * for emphasis, < for a tag.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '*' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

void write(const Rule& rule, std::ostream& out) {
  auto item = [&](const char* label, const Text& text) {
    out << "- " << words(std::string("field.") + label) << ": "
        << escaped(render::phrase(text, render::Lang::en)) << '\n';
  };
  out << "### " << rule.id << "\n\n" << escaped(render::phrase(rule.what(), render::Lang::en)) << "\n\n";
  item("why", rule.why());
  item("fix", rule.fix());
  item("example", rule.example());
  for (auto text : rule.sources)
    if (!text.empty()) out << "- " << words("label.source") << ": " << source(text) << '\n';
  out << '\n';
}

/// False if a rule is of no family, and so was not written.
bool write_page(std::ostream& out) {
  out << "# " << words("page.title") << "\n\n" << words("page.intro") << ".\n\n";
  size_t written = 0;
  for (auto family : families) {
    out << "## " << words("page.family." + std::string(family)) << "\n\n";
    for (auto* rule : all_rules())
      if (family_of(*rule) == family) write(*rule, out), written++;
  }
  out << "## " << words("page.not-judged") << "\n\n";
  for (auto part : not_judged) out << "- " << escaped(words("page.not-judged." + std::string(part))) << '\n';
  return written == all_rules().size();
}

}  // namespace

}  // namespace cufit

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cufit_rules_page FILE\n";
    return 2;
  }
  std::ofstream out(argv[1]);
  if (!cufit::write_page(out)) {
    std::cerr << "a rule is of no family in docs/generate/rules_page.cpp\n";
    return 1;
  }
  out.close();
  if (!out) {
    std::cerr << argv[1] << ": cannot write\n";
    return 1;
  }
  return 0;
}
