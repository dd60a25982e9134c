// Compares what was heard of a driver that misbehaves with the answers of one that works.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "model/json.h"
#include "probe/fakes.h"

namespace cufit::test {

/// The answers of a driver that works, to compare with.
inline const Probed& healthy() {
  static const Probed answers = fake();
  return answers;
}

/// Without what is never the same twice.
inline Json timeless(Json json) {
  if (json.is_object()) json.erase("micros");
  if (json.is_structured())
    for (auto& part : json) part = timeless(part);
  return json;
}

/// Is every fact that is there what the driver that works says, or Unreadable for this reason because of this
/// call?
inline void expect_stands(const Json& heard, const Json& good, const std::string& reason,
                          const std::string& call) {
  for (auto& [name, fact] : heard.items()) {
    if (fact.is_object() && fact.contains("unreadable")) {
      EXPECT_EQ(fact["unreadable"], reason) << name;
      EXPECT_EQ(fact["from"], "call:" + call) << name;
    } else if (fact.is_array() && !fact.empty() && fact[0].is_object()) {
      for (size_t i = 0; i < fact.size(); i++) expect_stands(fact[i], good.at(name).at(i), reason, call);
    } else {
      EXPECT_EQ(fact, good.value(name, Json())) << name;
    }
  }
}

/// What a call was about: all, a GPU, or the only pair.
inline const Json& part_of(const Json& answers, const std::string& on) {
  static const Json nothing = Json::object();
  auto kind = on.find(',') != on.npos ? "pairs" : "gpus";
  size_t index = on.find(',') != on.npos || on.empty() ? 0 : std::stoul(on);
  if (on.empty()) return answers;
  return answers.contains(kind) && answers[kind].size() > index ? answers[kind][index] : nothing;
}

/// Is every fact that these calls gave to the driver that works there?
inline void expect_there(const Json& heard, const Json& good, const std::vector<DriverCall>& calls) {
  for (auto& call : calls)
    for (auto& [name, fact] : part_of(good, call.on).items()) {
      bool gave = fact.is_object() && fact.value("from", "") == "call:" + call.name;
      EXPECT_TRUE(!gave || part_of(heard, call.on).contains(name)) << name << " of " << call.name;
    }
}

inline size_t count_unreadable(const Json& json) {
  size_t n = json.is_object() && json.contains("unreadable") ? 1 : 0;
  if (json.is_structured())
    for (auto& part : json) n += count_unreadable(part);
  return n;
}

/// The answers of one library without how the asking went.
inline Json facts_of(const auto& answers) {
  Json json = timeless(write_json(answers));
  json.erase("asking");
  json.erase("init");  // a code is its value
  if (json.contains("gpus"))
    for (auto& gpu : json["gpus"]) gpu.erase("proofs");
  return json;
}

}  // namespace cufit::test
