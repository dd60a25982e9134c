#include "model/recording.h"

#include <set>
#include <vector>

#include "base/number.h"

namespace cufit {

namespace {

constexpr std::string_view machine_schema = "cufit.machine/";
constexpr std::string_view this_schema = "cufit.machine/1";

/// Looks through a text before it becomes values. Members of an object are found one after the other, so
/// objects with very many of them would take for ever; values take 16 bytes for two bytes of text.
class Guard final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool key(string_t& name) override {
    if (members_.back().size() == most_members) return false;
    if (members_.back().insert(name).second) return true;
    twice = name;
    return false;
  }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception& e) override {
    error_at = at;
    error = e.what();
    return false;
  }

  std::string error;
  size_t error_at = 0;
  std::optional<std::string> twice;  ///< a member that an object has two times: nobody can tell which counts

 private:
  static constexpr size_t most_members = 1'000;
  static constexpr size_t most_levels = 100;
  static constexpr uint32_t most_values = 4'000'000;

  bool value() { return ++values_ <= most_values; }
  bool open() {
    members_.emplace_back();
    return value() && members_.size() <= most_levels;
  }
  bool close() {
    members_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> members_;  ///< of the objects and arrays that are open
  uint32_t values_ = 0;
};

std::string in_quotes(std::string_view name) {
  constexpr size_t most_shown = 60;
  return Json(name.substr(0, most_shown)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Appends the value. What does not fit in a line is broken at its members; an element of a list may be
/// longer.
void lay_out(const Json& value, size_t indent, bool element, std::string& out) {
  constexpr size_t line_length = 110, element_length = 600;
  auto line = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!value.is_structured() || value.empty() || line.size() <= (element ? element_length : line_length)) {
    out += line;
    return;
  }
  bool object = value.is_object();
  out += object ? '{' : '[';
  bool first = true;
  for (auto& [key, inner] : value.items()) {
    out.append(first ? "\n" : ",\n").append(indent + 1, ' ');
    first = false;
    if (object) out += Json(key).dump(-1, ' ', false, Json::error_handler_t::replace) + ": ";
    lay_out(inner, indent + 1, !object, out);
  }
  out.append("\n").append(indent, ' ');
  out += object ? '}' : ']';
}

bool is_number_above_1(std::string_view text) { return all_digits(text) && text != "0" && text != "1"; }

}  // namespace

std::optional<Error> unreadable_text(std::string_view text) {
  if (text.size() > largest_recording)
    return Error{"larger than a recording may be (32 MiB)", {}, {}, "record.too-large"};
  Guard guard;
  if (Json::sax_parse(text, &guard)) return std::nullopt;
  if (guard.twice)
    return Error{"expected every member of an object once, " + in_quotes(*guard.twice) +
                 " stands there twice"};
  if (guard.error.empty())
    return Error{
        "more values, members of one object or levels than a recording may have", {}, {}, "record.too-many"};
  bool ends = guard.error_at > text.size() && text.find_first_not_of(" \t\r\n") != text.npos;
  if (ends && text[text.find_first_not_of(" \t\r\n")] == '{')
    return Error{"ends in the middle: the recording was cut off", {}, text.size(), "record.cut-off"};
  return Error{"not JSON: " + guard.error, {}, guard.error_at, "record.not-json"};
}

std::optional<Error> not_a_recording(const Json& json) {
  if (!json.is_object()) return Error{"no recording: expected a JSON object", {}, {}, "record.no-recording"};
  auto schema = json.find("schema");
  auto name = schema != json.end() && schema->is_string() ? schema->get<std::string>() : std::string();
  if (name == this_schema) return std::nullopt;
  if (name.starts_with(machine_schema) &&
      is_number_above_1(std::string_view(name).substr(machine_schema.size())))
    return Error{
        "written by a newer cufit (" + name + "); this one reads cufit.machine/1", {}, {}, "record.newer"};
  if (json.contains("groups") || json.contains("items"))
    return Error{"many machines, expected the recording of one", {}, {}, "record.fleet"};
  if (name.starts_with("cufit.report/"))
    return Error{"a report, expected a recording: cufit record writes one", {}, {}, "record.report"};
  return Error{"no recording: expected \"schema\": \"cufit.machine/1\"", {}, {}, "record.no-recording"};
}

std::string recording_of(const Recording& recording, const JsonContext& context) {
  std::string text;
  lay_out(write_json(recording, context), 0, false, text);
  return text + '\n';
}

Result<Recording> world_from_recording(std::string_view text) {
  if (auto error = unreadable_text(text)) return std::unexpected(*error);
  auto json = Json::parse(text);
  if (auto error = not_a_recording(json)) return std::unexpected(*error);
  return read_json<Recording>(json);
}

}  // namespace cufit
