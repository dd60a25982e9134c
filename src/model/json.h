// Every type of the model to and from JSON; docs/schema/cufit.report-1.schema.json describes a Report.
//
// An object that says something carries the id of its text, the words, and the parameters: "id", "text",
// "args". Reading takes id and args and leaves the words alone. Members with their usual value (no debug
// code, no offset) are left out. Members that reading does not know are ignored, so that newer reports can be
// read.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "model/report.h"
#include "model/summary.h"

namespace cufit {

using Json = nlohmann::ordered_json;

/// What JSON needs that the model does not hold.
struct JsonContext {
  std::function<std::string(const Text&)> words = [](const Text& t) { return t.id; };
  std::string cufit = {};  ///< version of this program
  FailOn fail_on = FailOn::unfit;
};

/// T: Report and every type in it.
template <class T>
Json write_json(const T& value, const JsonContext& context = {});

/// The error names the place, as in "$.judgements[0].verdict: expected one of fits, limited, ...; found
/// "maybe"".
template <class T>
Result<T> read_json(const Json& json);

/// Parses and reads; the error of a syntax error has the byte offset.
Result<Report> report_from_json(std::string_view text);

}  // namespace cufit
