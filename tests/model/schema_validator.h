// A validator for the keywords of JSON Schema (draft 2020-12) that docs/schema uses; any other keyword is an
// error.
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace cufit {

class SchemaValidator {
 public:
  using Json = nlohmann::ordered_json;

  static SchemaValidator load(const std::string& file) {
    std::ifstream in(file);
    return SchemaValidator(Json::parse(in));
  }

  explicit SchemaValidator(Json schema) : schema_(std::move(schema)) {}

  /// References to "$id#..." of the other schema are checked by it. `other` must outlive this.
  void refer_to(SchemaValidator& other) { others_[other.schema_["$id"]] = &other; }

  /// What does not agree with the schema, one line each; empty if all does.
  std::vector<std::string> check(const Json& document) {
    errors_.clear();
    check(document, schema_, "$");
    return errors_;
  }

  /// Members described by the schema that no checked document had.
  std::vector<const Json*> unused() const {
    std::vector<const Json*> all;
    collect(schema_, all);
    std::erase_if(all, [&](auto* p) { return used_.contains(p); });
    return all;
  }

 private:
  static void collect(const Json& schema, std::vector<const Json*>& out) {
    if (!schema.is_structured()) return;
    if (schema.is_object() && schema.contains("properties"))
      for (auto& [name, inner] : schema["properties"].items()) out.push_back(&inner);
    for (auto& inner : schema) collect(inner, out);
  }

  void error(const std::string& at, const std::string& what) { errors_.push_back(at + ": " + what); }

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    throw std::runtime_error("type " + type + " is not known to the validator");
  }

  void check_members(const Json& value, const Json& schema, const std::string& at) {
    static const Json none = Json::object();
    auto& known = schema.contains("properties") ? schema["properties"] : none;
    for (auto& [name, member] : value.items()) {
      auto inner = at + '.' + name;
      if (known.contains(name)) {
        used_.insert(&known[name]);
        check(member, known[name], inner);
      } else if (schema.contains("additionalProperties")) {
        auto& rest = schema["additionalProperties"];
        if (rest == false)
          error(inner, "is not in the schema");
        else
          check(member, rest, inner);
      }
    }
  }

  void check_referred(const Json& value, const std::string& reference, const std::string& at) {
    auto hash = reference.find('#');
    auto& other = hash == 0 ? *this : *others_.at(reference.substr(0, hash));
    auto before = other.errors_.size();
    other.check(value, other.schema_[Json::json_pointer(reference.substr(hash + 1))], at);
    if (&other == this) return;
    errors_.insert(errors_.end(), other.errors_.begin() + long(before), other.errors_.end());
    other.errors_.resize(before);
  }

  void check(const Json& value, const Json& schema, const std::string& at) {
    for (auto& [key, rule] : schema.items()) {
      if (key == "$ref") {
        check_referred(value, rule, at);
      } else if (key == "type") {
        if (!has_type(value, rule)) return error(at, "expected type " + rule.get<std::string>());
      } else if (key == "const") {
        if (value != rule) error(at, "expected " + rule.dump());
      } else if (key == "enum") {
        if (std::ranges::find(rule, value) == rule.end()) error(at, "expected one of " + rule.dump());
      } else if (key == "pattern") {
        if (value.is_string() &&
            !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())))
          error(at, "expected to match " + rule.dump());
      } else if (key == "minimum") {
        if (value.is_number() && value < rule) error(at, "expected at least " + rule.dump());
      } else if (key == "required") {
        for (auto& name : rule)
          if (!value.contains(name)) error(at, "lacks " + name.dump());
      } else if (key == "items") {
        for (size_t i = 0; i < value.size(); i++) check(value[i], rule, at + '[' + std::to_string(i) + ']');
      } else if (key == "properties" || key == "additionalProperties") {
        // Both at once, at whichever of them comes first.
        if (key == "properties" || !schema.contains("properties")) check_members(value, schema, at);
      } else if (key != "$schema" && key != "$id" && key != "$defs" && key != "title" &&
                 key != "description") {
        throw std::runtime_error("keyword " + key + " is not known to the validator");
      }
    }
  }

  Json schema_;
  std::vector<std::string> errors_;
  std::set<const Json*> used_;
  std::map<std::string, SchemaValidator*> others_;
};

}  // namespace cufit
