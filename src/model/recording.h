// Recording: a machine as a file (cufit.machine/1; docs/schema/cufit.machine-1.schema.json).
#pragma once

#include <string>
#include <string_view>

#include "model/json.h"

namespace cufit {

/// A world, and who wrote it down.
struct Recording {
  World world;
  std::string cufit = {};      ///< version of the program
  std::string knowledge = {};  ///< date of the newest row that it knew
  bool redacted = false;       ///< names and secrets were replaced (model/redact.h)
  bool operator==(const Recording&) const = default;
};

/// Larger texts are refused.
inline constexpr uint64_t largest_recording = uint64_t{32} << 20;

/// The text of a recording: equal worlds give equal texts, one entry of a long list is one line.
std::string recording_of(const Recording&, const JsonContext& = {});

/// Reads it back. Members that are not known are ignored, so that what a later version of the same schema
/// adds does no harm. Errors say what the text is instead (another version, a report, a fleet, cut off, no
/// JSON) or where it is wrong, as in "$.observed.pci[0].address: expected a string, found 7".
Result<Recording> world_from_recording(std::string_view text);

/// Why a text is not read at all: too large, no JSON, cut off, a member twice, too many values or levels.
std::optional<Error> unreadable_text(std::string_view);

/// Why this JSON is no recording that can be read here; nothing if its schema is ours.
std::optional<Error> not_a_recording(const Json&);

}  // namespace cufit
