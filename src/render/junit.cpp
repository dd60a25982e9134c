// JUnit XML as CI systems read it (https://github.com/testmoapp/junitxml): a suite for each group of
// machines, a case for each subject and GPU. unfit is a failure, unknown is skipped.
#include "model/json_names.h"
#include "render/labels.h"
#include "render/markup.h"
#include "render/matrix.h"
#include "render/words.h"

namespace cufit::render {

namespace {

class Junit {
 public:
  Junit(const Report& report, const Options& options) : w_(report, options), matrix_(report) {}

  std::string document() {
    std::string suites;
    auto& columns = matrix_.columns();
    for (size_t begin = 0; begin < columns.size();) {
      size_t end = begin + 1;
      while (end < columns.size() && columns[end].group == columns[begin].group) end++;
      suites += suite(begin, end);
      begin = end;
    }
    suites += suite_of_gaps();
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "cufit check") +
           counts(all_) + ">\n" + suites + "</testsuites>\n";
  }

 private:
  struct Count {
    uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;
    void operator+=(const Count& c) {
      tests += c.tests, failures += c.failures, errors += c.errors, skipped += c.skipped;
    }
  };

  static std::string attribute(std::string_view name, std::string_view value) {
    return ' ' + std::string(name) + "=\"" + escaped(value) + '"';
  }

  static std::string counts(const Count& c) {
    return attribute("tests", std::to_string(c.tests)) + attribute("failures", std::to_string(c.failures)) +
           attribute("errors", std::to_string(c.errors)) + attribute("skipped", std::to_string(c.skipped));
  }

  static std::string property(std::string_view name, std::string_view value) {
    return "<property" + attribute("name", name) + attribute("value", value) + "/>";
  }

  std::string gpu_of(size_t column) const {
    auto& c = matrix_.columns()[column];
    return w_.gpu_name(c.gpu, c.boards);
  }

  /// The columns [begin, end) are the GPUs of one group, or of the machine.
  std::string suite(size_t begin, size_t end) {
    auto* group = matrix_.columns()[begin].group;
    auto& machine = group ? group->machine : w_.report.machine;
    auto name = group ? group->name : std::string("machine");
    Count count;
    std::string cases;
    for (size_t row = 0; row < matrix_.rows(); row++)
      for (size_t c = begin; c < end; c++)
        if (matrix_.at(row, c)) cases += test_case(row, c, name, count);
    all_ += count;
    std::string out = " <testsuite" + attribute("name", name) + counts(count) + ">\n  <properties>";
    if (group) out += property("machines", std::to_string(group->count));
    if (machine.driver.version) out += property("driver", machine.driver.version->text());
    for (size_t c = begin; c < end; c++) out += property("gpu", gpu_of(c));
    return out + "</properties>\n" + cases + " </testsuite>\n";
  }

  std::string test_case(size_t row, size_t column, const std::string& suite, Count& count) {
    auto& j = *matrix_.at(row, column);
    auto name = w_(Text{"check.on", {{"subject", label(w_.report.subjects[row])}, {"gpu", gpu_of(column)}}});
    std::string out = "  <testcase" + attribute("classname", suite) + attribute("name", name);
    count.tests++;
    bool fails = j.verdict == Verdict::unfit ||
                 (j.verdict == Verdict::limited && w_.options.fail_on == FailOn::limited);
    auto reason = w_(j.why.text);
    if (fails) {
      count.failures++;
      return out + ">\n   <failure" + attribute("type", name_of(j.verdict)) + attribute("message", reason) +
             '>' + escaped_lines(details(row, column)) + "</failure>\n  </testcase>\n";
    }
    if (j.verdict == Verdict::unknown) {
      count.skipped++;
      return out + ">\n   <skipped" + attribute("message", reason) + "/>\n  </testcase>\n";
    }
    auto said = details(row, column);
    if (said.empty()) return out + "/>\n";
    return out + ">\n   <system-out>" + escaped_lines(said) + "</system-out>\n  </testcase>\n";
  }

  /// One line each: rule, failure, limits, what helps.
  std::vector<std::string> details(size_t row, size_t column) const {
    auto& j = *matrix_.at(row, column);
    auto colon = w_(Text{"punctuation.colon"});
    std::vector<std::string> lines;
    auto add = [&](const char* head, const std::string& text) {
      lines.push_back(w_(Text{head}) + colon + text);
    };
    if (j.verdict == Verdict::fits) return lines;
    lines.push_back(j.why.rule + colon + w_(j.why.text));
    if (j.fails) add("label.fails", failure_words(w_, *j.fails));
    if (j.fails && !j.fails->seen_as.empty()) add("label.seen", w_(j.fails->seen_as));
    for (auto& l : j.limits) add("label.limit", limit_words(w_, l));
    if (auto* change = matrix_.least_change(matrix_.index(row, column))) {
      add("label.change", remedy_words(w_, *change));
      for (auto& command : change->commands) lines.push_back("$ " + command);
    }
    return lines;
  }

  static std::string escaped_lines(const std::vector<std::string>& lines) {
    std::string out;
    for (auto& line : lines) out += (out.empty() ? "" : "\n") + escaped(line);
    return out;
  }

  /// What could not be read at all has no verdict.
  std::string suite_of_gaps() {
    if (w_.report.unread.empty()) return {};
    Count count;
    std::string cases;
    for (auto& gap : w_.report.unread) {
      count.tests++, count.errors++;
      cases += "  <testcase" + attribute("classname", "unread") + attribute("name", gap.path) +
               ">\n   <error" + attribute("type", "unread") + attribute("message", w_(gap.what)) +
               "/>\n  </testcase>\n";
    }
    all_ += count;
    return " <testsuite" + attribute("name", "unread") + counts(count) + ">\n" + cases + " </testsuite>\n";
  }

  Writer w_;
  Matrix matrix_;
  Count all_;
};

}  // namespace

std::string to_junit(const Report& report, const Options& options) {
  return Junit(report, options).document();
}

}  // namespace cufit::render
