#include "commands/requirements_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "base/text.h"
#include "commands/address.h"

namespace cufit::commands {

namespace {

/// Larger files are no list of requirements.
constexpr size_t most_bytes = 4u << 20;
constexpr size_t most_files = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xC0 | (c >> 6));
    out += char(0x80 | (c & 0x3F));
  } else {
    out += char(0xE0 | (c >> 12));
    out += char(0x80 | ((c >> 6) & 0x3F));
    out += char(0x80 | (c & 0x3F));
  }
}

/// PowerShell writes UTF-16 with a byte order mark. Names of packages need no more than its first plane.
std::string as_utf8(std::string bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return bytes.substr(3);
  bool little = bytes.starts_with("\xFF\xFE"), big = bytes.starts_with("\xFE\xFF");
  if (!little && !big) return bytes;
  std::string out;
  for (size_t i = 2; i + 1 < bytes.size(); i += 2) {
    auto low = uint8_t(bytes[little ? i : i + 1]), high = uint8_t(bytes[little ? i + 1 : i]);
    append_utf8(out, uint32_t(high << 8 | low));
  }
  return out;
}

std::expected<std::string, Complaint> text_of(const std::string& path) {
  auto unreadable = complain({"requirements.unread", {{"path", without_credentials(path)}}});
  struct stat st;
  if (stat(path.c_str(), &st) != 0 || S_ISDIR(st.st_mode)) return unreadable;
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable;
  std::string text(most_bytes, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(size_t(in.gcount()));
  if (in || in.bad()) return unreadable;
  return as_utf8(std::move(text));
}

struct Line {
  size_t number = 0;  ///< of its first part
  std::string text;
};

/// Where a comment begins: '#' at the beginning or behind a blank.
size_t comment_at(std::string_view line) {
  for (size_t at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || is_blank(line[at - 1])) return at;
  return line.npos;
}

/// Lines that end in a backslash go on in the next one, but comments do not; comments are cut off.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::optional<Line> open;
  for (size_t number = 1; !text.empty(); number++) {
    auto end = text.find_first_of("\r\n");
    auto line = text.substr(0, end);
    if (end == text.npos)
      text = {};
    else
      text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    bool is_comment = trimmed(line).starts_with('#');
    bool goes_on = line.ends_with('\\') && !is_comment;
    if (!open) open = Line{number, {}};
    while (goes_on && line.ends_with('\\')) line.remove_suffix(1);
    if (is_comment) open->text += ' ';
    open->text += line;
    if (goes_on) continue;
    lines.push_back(*std::exchange(open, {}));
  }
  if (open) lines.push_back(std::move(*open));
  for (auto& line : lines) {
    line.text.resize(std::min(line.text.size(), comment_at(line.text)));
    line.text = trimmed(line.text);
  }
  std::erase_if(lines, [](auto& line) { return line.text.empty(); });
  return lines;
}

/// An option line: "-r x", "-rx", "--requirement=x", "--requirement x"; `name` is the long form.
struct OptionLine {
  std::string name, value;
};

OptionLine option_of(std::string_view line) {
  static constexpr std::array<std::pair<char, std::string_view>, 5> letters = {{{'r', "--requirement"},
                                                                                {'c', "--constraint"},
                                                                                {'e', "--editable"},
                                                                                {'i', "--index-url"},
                                                                                {'f', "--find-links"}}};
  OptionLine option;
  if (line.starts_with("--")) {
    auto end = std::min(line.find_first_of("= \t"), line.size());
    option = {std::string(line.substr(0, end)),
              std::string(trimmed(line.substr(std::min(end + 1, line.size()))))};
  } else {
    auto letter =
        std::ranges::find(letters, line.size() > 1 ? line[1] : '\0', &decltype(letters)::value_type::first);
    auto name = letter == letters.end() ? line.substr(0, line.find_first_of(" \t")) : letter->second;
    auto value = trimmed(line.substr(std::min<size_t>(2, line.size())));
    if (value.starts_with('=')) value.remove_prefix(1);
    option = {std::string(name), std::string(value)};
  }
  auto& v = option.value;
  if (v.size() > 1 && (v.front() == '"' || v.front() == '\'') && v.back() == v.front())
    v = v.substr(1, v.size() - 2);
  if (option.name == "--pypi-url") option.name = "--index-url";
  return option;
}

/// Options that change how things are fetched or checked, not which build it is.
bool is_harmless(std::string_view name) {
  static constexpr std::array<std::string_view, 6> harmless = {
      "--trusted-host", "--require-hashes", "--only-binary", "--prefer-binary", "--use-feature", "--hash"};
  return std::ranges::find(harmless, name) != harmless.end();
}

class Reader {
 public:
  explicit Reader(const Indexes& indexes) { found.indexes = indexes; }

  std::expected<void, Complaint> read(const std::string& path, bool constrains) {
    if (!seen_.emplace(path, constrains).second) return {};
    if (seen_.size() > most_files) return complain({"requirements.unread", {{"path", path}}});
    auto text = text_of(path);
    if (!text) return std::unexpected(text.error());
    for (auto& line : lines_of(*text))
      if (auto done = take(path, line, constrains); !done) return done;
    return {};
  }

  RequirementsFile found;

 private:
  std::expected<void, Complaint> take(const std::string& path, const Line& line, bool constrains) {
    auto where = path + ':' + std::to_string(line.number);
    if (line.text.starts_with('-')) return take_option(path, where, option_of(line.text), constrains);
    if (auto requirement = requirement_of(line.text))
      (constrains ? found.constraints : found.requirements).push_back(std::move(*requirement));
    else
      leave(where, line.text.find('/') == line.text.npos ? "gap.no-requirement" : "gap.from-sources",
            line.text);
    return {};
  }

  std::expected<void, Complaint> take_option(const std::string& path, const std::string& where,
                                             const OptionLine& option, bool constrains) {
    auto& [name, value] = option;
    bool is_constraint = name == "--constraint";
    if (name == "--requirement" || is_constraint) {
      if (value.find("://") != value.npos) {
        leave(where, "gap.remote-list", value);
        return {};
      }
      auto slash = path.rfind('/');
      bool relative = !value.starts_with('/') && slash != path.npos;
      return read(relative ? path.substr(0, slash + 1) + value : value, constrains || is_constraint);
    }
    if (name == "--editable")
      leave(where, "gap.from-sources", value);
    else if (name == "--index-url")
      found.indexes.first = Index::of(value);
    else if (name == "--extra-index-url")
      found.indexes.more.push_back(Index::of(value));
    else if (name == "--pre")
      found.indexes.takes_nightly = true;
    else if (name == "--find-links" && Index::of(value).kind == Index::Kind::variant)
      found.indexes.more.push_back(Index::of(value));
    else if (name == "--find-links" || name == "--no-index" || name == "--no-binary")
      note(name + (value.empty() ? "" : ' ' + value));
    else if (!is_harmless(name))
      leave(where, "gap.no-requirement", name);
    return {};
  }

  void leave(const std::string& where, const char* why, const std::string& line) {
    found.unread.push_back({where, {}, {why, {{"line", without_credentials(line)}}}});
  }

  void note(const std::string& option) {
    found.notes.push_back({"note.option-not-considered", {{"option", without_credentials(option)}}});
  }

  std::set<std::pair<std::string, bool>> seen_;
};

}  // namespace

std::optional<Requirement> requirement_of(std::string_view line) {
  for (size_t at = line.find('-', 1); at != line.npos; at = line.find('-', at + 1))
    if (is_blank(line[at - 1])) {
      line = line.substr(0, at);
      break;
    }
  line = trimmed(line);
  if (line.find("://") == line.npos) return line.ends_with(".whl") ? std::nullopt : Requirement::parse(line);
  // PEP 508 asks for a blank before the marker of an address.
  auto marker = line.find(" ;");
  auto address = trimmed(line.substr(0, marker));
  auto at = address.find('@');
  bool named = at != address.npos && address.substr(0, at).find_first_of(":/") == address.npos;
  auto requirement = Requirement::of_wheel(trimmed(named ? address.substr(at + 1) : address));
  if (!requirement) return std::nullopt;
  if (marker != line.npos) requirement->marker = trimmed(line.substr(marker + 2));
  return requirement;
}

std::expected<RequirementsFile, Complaint> read_requirements(const std::string& path,
                                                             const Indexes& indexes) {
  Reader reader(indexes);
  if (auto done = reader.read(path, false); !done) return std::unexpected(done.error());
  return std::move(reader.found);
}

}  // namespace cufit::commands
