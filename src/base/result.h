// Result and Error: what every function that touches the outside returns.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace cufit {

/// Something that could not be done. It is neither a fact ("no driver here") nor a verdict ("needs a newer
/// one"): it says where we looked, what we expected there and what we found.
struct Error {
  std::string message;                  ///< one sentence, without file name and without final full stop
  std::string file = {};                ///< path of the file concerned, empty if none
  std::optional<uint64_t> offset = {};  ///< byte offset in that file, if one is known
  std::string id = {};                  ///< id of a text that says `message` in any language, empty if none

  /// "FILE: at 0x1f: MESSAGE", leaving out what is not known.
  std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message, std::string file = {},
                                   std::optional<uint64_t> offset = {}) {
  return std::unexpected(Error{std::move(message), std::move(file), offset});
}

/// An error that a user meets often: `id` names its words in data/texts.
inline std::unexpected<Error> fail_as(std::string id, std::string message, std::string file = {},
                                      std::optional<uint64_t> offset = {}) {
  return std::unexpected(Error{std::move(message), std::move(file), offset, std::move(id)});
}

}  // namespace cufit
