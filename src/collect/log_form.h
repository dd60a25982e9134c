// The form of a message: literals, blanks and captures, matched around eight bytes that were found.
#pragma once

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cufit::collect {

/// What a capture takes. None of them crosses the end of a line.
enum class CaptureType : uint8_t {
  number,   ///< "117", "17,179,869,184", "4.5"
  hex,      ///< "0x22", "b3"
  version,  ///< "2.1.0+cu121", "535.183.01"
  word,     ///< letters, digits and "_"
  name,     ///< as `word`, and ".+-": "libcudnn_ops.so.9", "nvidia-nccl-cu12"
  path,     ///< up to a blank, quote, bracket or one of ":,;|"; a drive letter may begin it
  size,     ///< "22.78 GiB", "0 bytes"
  text,     ///< anything, as little as possible
  line,     ///< the rest of the line
};

/// Where a form fits, and what its captures took.
struct FormMatch {
  size_t begin = 0, end = 0;
  std::vector<std::pair<std::string_view, std::string_view>> captures;  ///< name, value
};

class LogForm {
 public:
  static constexpr size_t anchor_size = 8;

  /// Fails on a capture without a known type, on two captures side by side, and where no literal has eight
  /// bytes. The form must outlive the result.
  static std::expected<LogForm, std::string> parse(std::string_view form);

  /// The eight bytes by which it is looked for: the rarest ones of its literals, without a blank if there are
  /// such. A blank in them is one blank of the log.
  std::string_view anchor() const { return anchor_; }

  /// Does it fit around its anchor at text[at]? Looks at no more than `reach` bytes of either side, in time
  /// linear in them.
  std::optional<FormMatch> match(std::string_view text, size_t at) const;

  static constexpr size_t reach = 2048;

 private:
  struct Element {
    bool is_capture = false;
    std::string_view literal;  ///< with single blanks
    CaptureType type = CaptureType::text;
    std::string_view name;
  };
  std::optional<size_t> forward(std::string_view text, size_t at, FormMatch&) const;
  std::optional<size_t> backward(std::string_view text, size_t at, FormMatch&) const;

  std::vector<Element> elements_;
  size_t element_ = 0, offset_ = 0;  ///< where the anchor lies
  std::string_view anchor_;
};

/// The names of the types, as forms write them.
std::optional<CaptureType> capture_type(std::string_view name);

}  // namespace cufit::collect
