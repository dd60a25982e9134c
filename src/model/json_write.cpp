#include "model/json_fields_machine.h"
#include "model/json_fields_probed.h"
#include "model/json_numbers.h"

namespace cufit {

namespace {

class JsonWriter {
 public:
  static constexpr bool writes = true;
  JsonWriter(Json& out, const JsonContext& context) : out_(&out), context_(context) {
    if (out_->is_null()) *out_ = Json::object();
  }

  const JsonContext& context() const { return context_; }

  template <class T>
  void operator()(std::string_view key, const T& value) {
    (*out_)[std::string(key)] = encode(value);
  }

  template <class T>
  void opt(std::string_view key, const T& value) {
    if (!(value == T{})) (*this)(key, value);
  }

  template <class T>
  void opt(std::string_view key, const T& value, const T& usual) {
    if (!(value == usual)) (*this)(key, value);
  }

  void hex(std::string_view key, uint64_t n, int digits) {
    if (n) (*this)(key, in_hex(n, digits));
  }
  void octal(std::string_view key, uint64_t n) {
    if (n) (*this)(key, in_octal(n));
  }
  void octal(std::string_view key, const Fact<uint32_t>& fact) {
    Fact<std::string> digits = {{}, fact.from};
    if (auto* n = fact.get())
      digits.is = in_octal(*n);
    else if (auto* unreadable = std::get_if<Unreadable>(&fact.is))
      digits.is = *unreadable;
    else
      digits.is = Absent{};
    opt(key, digits);
  }

  void check(bool, std::string_view) {}

  void text(const Text& t) {
    (*this)("id", t.id);
    (*this)("text", t.id.empty() ? std::string() : context_.words(t));
    if (t.args.empty()) return;
    auto& args = (*out_)["args"] = Json::object();
    for (auto& [name, value] : t.args) args[name] = value;
  }

  void at_least(std::string_view key, const std::optional<Version>& v) {
    if (v) (*this)(key, ">=" + v->text());
  }

  template <class F>
  void object(std::string_view key, F members) {
    Json inner = Json::object();
    auto* outer = std::exchange(out_, &inner);
    members();
    out_ = outer;
    (*out_)[std::string(key)] = std::move(inner);
  }

  void schema(std::string_view name) { (*this)("schema", std::string(name)); }

  Json encode(bool b) const { return b; }
  Json encode(int n) const { return n; }
  Json encode(double n) const { return n; }
  Json encode(uint8_t n) const { return n; }
  Json encode(uint16_t n) const { return n; }
  Json encode(uint32_t n) const { return n; }
  Json encode(uint64_t n) const { return n; }
  Json encode(const std::string& s) const { return s; }
  Json encode(const Version& v) const { return v.text(); }
  Json encode(const Sm& sm) const { return sm.dotted(); }
  Json encode(const Isa& isa) const { return std::to_string(isa.major) + '.' + std::to_string(isa.minor); }
  Json encode(const std::map<std::string, std::string>& m) const { return m; }

  Json encode(const Text& t) const {
    Json out;
    JsonWriter(out, context_).text(t);
    return out;
  }

  template <Named E>
  Json encode(const E& e) const {
    return std::string(name_of(e));
  }

  template <Row R>
  Json encode(const R& row) const {
    return to_row(row);
  }

  template <class T>
  Json encode(const std::optional<T>& o) const {
    return o ? encode(*o) : Json();
  }

  template <class T>
  Json encode(const std::vector<T>& list) const {
    Json out = Json::array();
    for (auto& item : list) out.push_back(encode(item));
    return out;
  }

  template <class T>
  Json encode(const Fact<T>& fact) const {
    Json out = Json::object();
    if (auto* value = fact.get())
      out["value"] = encode(*value);
    else if (auto* unreadable = std::get_if<Unreadable>(&fact.is))
      out["unreadable"] = unreadable->why;
    else
      out["absent"] = true;
    out["from"] = std::string(name_of(fact.from.kind)) + ':' + fact.from.where;
    return out;
  }

  template <class T>
  Json encode(const T& object) const {
    Json out;
    JsonWriter writer(out, context_);
    fields(writer, object);
    return out;
  }

 private:
  Json* out_;
  const JsonContext& context_;
};

}  // namespace

template <class T>
Json write_json(const T& value, const JsonContext& context) {
  Json unused;
  return JsonWriter(unused, context).encode(value);
}

#define CUFIT_WRITES(T) template Json write_json(const T&, const JsonContext&);
CUFIT_FOR_MODEL_TYPES(CUFIT_WRITES)
CUFIT_FOR_MACHINE_TYPES(CUFIT_WRITES)
CUFIT_FOR_PROBED_TYPES(CUFIT_WRITES)

}  // namespace cufit
