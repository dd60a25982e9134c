// Reads a log of any size and finds the messages in it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/log_anchors.h"
#include "collect/log_form.h"
#include "collect/log_text.h"
#include "model/log.h"

namespace cufit::collect {

/// A message to look for: its id and forms. What they view must outlive whoever uses it.
struct LogMessage {
  std::string_view id;
  std::vector<std::string_view> forms;
};

/// All messages, ready to be looked for.
class LogMessages {
 public:
  /// Fails on a form that is none; the error names it.
  static Result<LogMessages> from(const std::vector<LogMessage>&);

 private:
  friend class LogReader;
  struct Form {
    LogForm form;
    uint32_t message;
  };
  LogMessages(std::vector<Form> forms, std::vector<std::string_view> ids);
  std::vector<Form> forms_;
  std::vector<std::string_view> ids_;
  LogAnchors anchors_;
};

/// Takes the bytes of a log in pieces. Holds a window of it, and of each message the first places.
class LogReader {
 public:
  /// `messages` must outlive the reader.
  explicit LogReader(const LogMessages& messages);

  void take(std::string_view bytes);
  /// Nothing more comes for a while: what was taken is looked at up to its end.
  void flush();
  /// What was found so far; nothing of its end.
  const Log& so_far() const { return log_; }
  /// All that was found. The reader is used up.
  Log finish();

 private:
  struct Seen {
    uint32_t times = 0;                       ///< matched
    uint32_t misses = 0;                      ///< its anchor was there, and it was not
    std::map<std::string, uint32_t> streams;  ///< kept, of each stream
  };
  void search(size_t to);
  void sight(const LogMessages::Form&, size_t at);
  void drop_front();
  uint64_t line_of(size_t at);
  Sighting last_error();

  const LogMessages& messages_;
  LogText decoder_;
  std::string window_;
  size_t searched_ = 0;  ///< of the window
  size_t counted_ = 0;   ///< of the window: ends of lines before it are in `lines_`
  uint64_t lines_ = 0;
  std::vector<Seen> seen_;
  Log log_;
};

}  // namespace cufit::collect
