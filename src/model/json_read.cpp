#include <algorithm>
#include <utility>

#include "model/json_fields_machine.h"
#include "model/json_fields_probed.h"
#include "model/json_numbers.h"

namespace cufit {

namespace {

// Nobody writes proofs that deep; the limit keeps a hostile file from exhausting the stack.
constexpr int max_depth = 100;

/// An error shows at most so much of what was found.
constexpr size_t most_found = 60;

/// The beginning of a value as text, a little more than `most_found`: values can be large, and nested deeper
/// than a stack.
void sketch(const Json& value, std::string& out) {
  if (out.size() > most_found) return;
  auto text = [](std::string_view s) {
    return Json(s.substr(0, most_found)).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  if (value.is_string()) {
    out += text(value.get_ref<const std::string&>());
  } else if (value.is_structured()) {
    out += value.is_object() ? '{' : '[';
    bool first = true;
    for (auto inner = value.begin(); inner != value.end() && out.size() <= most_found; ++inner) {
      if (!first) out += ',';
      first = false;
      if (value.is_object()) out += text(inner.key()) + ':';
      sketch(*inner, out);
    }
    out += value.is_object() ? '}' : ']';
  } else {
    out += value.dump();
  }
}

/// Reads one JSON value. The first error wins; after it nothing more is read.
class JsonReader {
 public:
  static constexpr bool writes = false;
  JsonReader(const Json& in, std::string path, int depth, std::optional<Error>& error)
      : in_(&in), path_(std::move(path)), depth_(depth), error_(error) {}

  template <class T>
  void operator()(std::string_view key, T& value) {
    if (auto* member = find(key))
      at(*member, key).decode(value);
    else
      expected("a member \"" + std::string(key) + '"');
  }

  template <class T>
  void opt(std::string_view key, T& value) {
    if (auto* member = find(key)) at(*member, key).decode(value);
  }

  template <class T>
  void opt(std::string_view key, T& value, const T& /*usual*/) {
    opt(key, value);
  }

  template <class N>
  void hex(std::string_view key, N& n, int /*digits*/) {
    read_number(key, n, from_hex, "a number as in \"0x20b5\"");
  }
  template <class N>
  void octal(std::string_view key, N& n) {
    read_number(key, n, from_octal, "octal digits as in \"0666\"");
  }

  void octal(std::string_view key, Fact<uint32_t>& fact) {
    auto* member = find(key);
    if (!member) return;
    Fact<std::string> digits;
    at(*member, key).decode(digits);
    fact.from = digits.from;
    if (auto* unreadable = std::get_if<Unreadable>(&digits.is)) fact.is = *unreadable;
    if (!digits || error_) return;
    auto n = from_octal(*digits);
    if (at(*member, key).is(n && std::in_range<uint32_t>(*n), "octal digits as in \"0666\""))
      fact.is = uint32_t(*n);
  }

  void check(bool right, const std::string& what) { is(right, what); }

  void text(Text& t) {
    (*this)("id", t.id);
    auto* args = find("args");
    if (!args) return;
    auto values = at(*args, "args");
    if (!values.is(args->is_object(), "an object")) return;
    for (auto& [name, value] : args->items()) {
      t.args.emplace_back(name, "");
      values.at(value, name).decode(t.args.back().second);
    }
  }

  void at_least(std::string_view key, std::optional<Version>& v) {
    std::string text;
    opt(key, text);
    if (text.empty()) return;
    v = text.starts_with(">=") ? Version::parse(std::string_view(text).substr(2)) : std::nullopt;
    if (!v) at(*find(key), key).expected("a version as in \">=525.60.13\"");
  }

  template <class F>
  void object(std::string_view key, F members) {
    auto* member = find(key);
    if (!member) return expected("a member \"" + std::string(key) + '"');
    auto* outer = std::exchange(in_, member);
    auto outer_path = path_;
    path_ += '.' + std::string(key);
    if (is(in_->is_object(), "an object")) members();
    in_ = outer;
    path_ = std::move(outer_path);
  }

  void schema(std::string_view name) {
    std::string found;
    (*this)("schema", found);
    if (!error_ && found != name) at(*find("schema"), "schema").expected('"' + std::string(name) + '"');
  }

  void decode(bool& b) {
    if (is(in_->is_boolean(), "true or false")) b = in_->get<bool>();
  }
  void decode(int& n) { decode_integer(n); }
  void decode(uint8_t& n) { decode_integer(n); }
  void decode(uint16_t& n) { decode_integer(n); }
  void decode(double& n) {
    if (is(in_->is_number(), "a number")) n = in_->get<double>();
  }
  void decode(uint32_t& n) { decode_integer(n); }
  void decode(uint64_t& n) { decode_integer(n); }
  void decode(std::string& s) {
    if (is(in_->is_string(), "a string")) s = in_->get<std::string>();
  }

  void decode(Version& v) {
    auto text = word("a version");
    if (text.empty()) return;
    auto parsed = Version::parse(text);
    if (is(parsed.has_value(), "a version")) v = *parsed;
  }

  void decode(Sm& sm) {
    auto text = word("a target such as \"9.0a\"");
    auto suffix = text.ends_with('a')   ? Sm::Suffix::a
                  : text.ends_with('f') ? Sm::Suffix::f
                                        : Sm::Suffix::none;
    if (suffix != Sm::Suffix::none) text.remove_suffix(1);
    if (auto pair = two_numbers(text, "a target such as \"9.0a\"")) sm = {pair->first, pair->second, suffix};
  }

  void decode(Isa& isa) {
    if (auto pair = two_numbers(word("two numbers as in \"8.4\""), "two numbers as in \"8.4\""))
      isa = {pair->first, pair->second};
  }

  void decode(std::map<std::string, std::string>& m) {
    if (!is(in_->is_object(), "an object")) return;
    for (auto& [name, value] : in_->items()) at(value, name).decode(m[name]);
  }

  void decode(Text& t) {
    if (is(in_->is_object(), "an object")) text(t);
  }

  template <Named E>
  void decode(E& e) {
    auto& names = names_of<E>();
    auto found = std::ranges::find(names, word("a name"));
    if (found != names.end()) {
      e = E(found - names.begin());
      return;
    }
    std::string list;
    for (auto name : names) list.append(list.empty() ? "" : ", ").append(name);
    expected("one of " + list);
  }

  template <Row R>
  void decode(R& row) {
    std::vector<std::string> words;
    decode(words);
    if (!error_) is(from_row(words, row), std::string(row_is<R>));
  }

  template <class T>
  void decode(std::optional<T>& o) {
    decode(o.emplace());
  }

  template <class T>
  void decode(std::vector<T>& list) {
    if (!is(in_->is_array(), "an array")) return;
    for (size_t i = 0; i < in_->size() && !error_; i++)
      JsonReader((*in_)[i], path_ + '[' + std::to_string(i) + ']', depth_ + 1, error_)
          .decode(list.emplace_back());
  }

  template <class T>
  void decode(Fact<T>& fact) {
    if (!is(in_->is_object(), "an object with \"value\", \"absent\" or \"unreadable\"")) return;
    std::string from;
    (*this)("from", from);
    auto colon = std::min(from.find(':'), from.size());
    Json kind = from.substr(0, colon);
    at(kind, "from").decode(fact.from.kind);
    fact.from.where = from.substr(std::min(colon + 1, from.size()));
    if (find("value")) {
      (*this)("value", fact.is.template emplace<T>());
    } else if (find("unreadable")) {
      (*this)("unreadable", fact.is.template emplace<Unreadable>().why);
    } else if (!find("absent")) {
      expected("\"value\", \"absent\" or \"unreadable\"");
    }
  }

  template <class T>
  void decode(T& object) {
    if (is(in_->is_object(), "an object")) fields(*this, object);
  }

 private:
  const Json* find(std::string_view key) const {
    auto member = in_->find(std::string(key));
    return member == in_->end() ? nullptr : &*member;
  }

  JsonReader at(const Json& member, std::string_view key) const {
    return {member, path_ + '.' + std::string(key), depth_ + 1, error_};
  }

  void expected(const std::string& what) {
    if (error_) return;
    std::string found;
    sketch(*in_, found);
    if (found.size() > most_found) found = found.substr(0, most_found - 3) + "...";
    error_ = Error{path_ + ": expected " + what + ", found " + found};
  }

  bool is(bool right, const std::string& what) {
    if (error_) return false;
    if (depth_ > max_depth) error_ = Error{path_ + ": nested too deep"};
    if (!right) expected(what);
    return !error_;
  }

  /// The string here, empty after an error.
  std::string_view word(const std::string& what) {
    if (!is(in_->is_string(), what)) return {};
    return in_->get_ref<const std::string&>();
  }

  std::optional<std::pair<uint8_t, uint8_t>> two_numbers(std::string_view text, const std::string& what) {
    auto v = Version::parse(text);
    if (!is(v && v->size() == 2 && v->major() < 256 && v->minor() < 256, what)) return std::nullopt;
    return std::pair{uint8_t(v->major()), uint8_t(v->minor())};
  }

  template <class N>
  void decode_integer(N& n) {
    if (!is(in_->is_number_integer(), "a whole number")) return;
    if (in_->is_number_unsigned() ? std::in_range<N>(in_->get<uint64_t>())
                                  : std::in_range<N>(in_->get<int64_t>()))
      n = in_->get<N>();
    else
      expected("a number in range");
  }

  template <class N>
  void read_number(std::string_view key, N& n, std::optional<uint64_t> parse(std::string_view),
                   const std::string& what) {
    auto* member = find(key);
    if (!member) return;
    auto reader = at(*member, key);
    auto number = parse(reader.word(what));
    if (reader.is(number && std::in_range<N>(*number), what)) n = N(*number);
  }

  const Json* in_;
  std::string path_;
  int depth_;
  std::optional<Error>& error_;
};

}  // namespace

template <class T>
Result<T> read_json(const Json& json) {
  T value{};
  std::optional<Error> error;
  JsonReader(json, "$", 0, error).decode(value);
  if (error) return std::unexpected(*error);
  return value;
}

Result<Report> report_from_json(std::string_view text) {
  try {
    return read_json<Report>(Json::parse(text));
  } catch (const Json::parse_error& e) {
    return fail("not JSON: " + std::string(e.what()), {}, e.byte);
  }
}

#define CUFIT_READS(T) template Result<T> read_json(const Json&);
CUFIT_FOR_MODEL_TYPES(CUFIT_READS)
CUFIT_FOR_MACHINE_TYPES(CUFIT_READS)
CUFIT_FOR_PROBED_TYPES(CUFIT_READS)

}  // namespace cufit
