#include "collect/log_reader.h"

#include <algorithm>
#include <future>

#include "base/text.h"
#include "collect/log_line.h"

namespace cufit::collect {

namespace {

constexpr size_t piece = 4 << 20;
constexpr size_t worth_a_thread = 256 << 10;
constexpr size_t kept_behind = 32 << 10;
// Of a message: matched at most so often, kept of each stream, kept in all.
constexpr uint32_t most_matched = 256, most_of_stream = 3, most_kept = 24;
// Tried in vain so often, its anchor belongs to something else in this log.
constexpr uint32_t most_missed = 200'000;

std::vector<std::string_view> anchors_of(const auto& forms) {
  std::vector<std::string_view> anchors;
  for (auto& f : forms) anchors.push_back(f.form.anchor());
  return anchors;
}

/// "torch.OutOfMemoryError: ..." of a line, behind what stands before it; empty if it is no error of
/// Python's.
std::string_view python_error(std::string_view line) {
  auto is_name = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '.';
  };
  for (std::string_view ending : {"Error", "Exception", "Interrupt", "SystemExit"}) {
    auto at = line.find(ending);
    if (at == line.npos) continue;
    auto behind = line.substr(at + ending.size());
    if (!behind.empty() && !behind.starts_with(": ") && behind != ":") continue;
    size_t begin = at;
    while (begin > 0 && is_name(line[begin - 1])) begin--;
    // Indented lines quote code or other errors.
    auto before = trimmed(line.substr(0, begin));
    bool labelled = before.empty() ? begin == 0
                                   : before.ends_with(':') || before.ends_with(']') ||
                                         before.ends_with('|') || before.ends_with(')');
    if (labelled) return line.substr(begin);
  }
  return {};
}

/// What else says that a program failed.
bool is_failure(std::string_view line) {
  for (std::string_view mark : {"Segmentation fault", "core dumped", "terminate called", "panicked at",
                                "fatal error:", "Fatal error", "Aborted", "error: ", "ERROR: ", "Killed"})
    if (line.find(mark) != line.npos) return true;
  return false;
}

/// torchrun repeats that a child failed, and says nothing of why.
bool repeats(std::string_view error) {
  return error.find("ChildFailedError") != error.npos || error.find("CalledProcessError") != error.npos;
}

}  // namespace

LogMessages::LogMessages(std::vector<Form> forms, std::vector<std::string_view> ids)
    : forms_(std::move(forms)), ids_(std::move(ids)), anchors_(anchors_of(forms_)) {}

Result<LogMessages> LogMessages::from(const std::vector<LogMessage>& messages) {
  std::vector<Form> forms;
  std::vector<std::string_view> ids;
  for (auto& message : messages) {
    for (auto form : message.forms) {
      auto parsed = LogForm::parse(form);
      if (!parsed)
        return fail("message '" + std::string(message.id) + "', form '" + std::string(form) +
                    "': " + parsed.error());
      forms.push_back({std::move(*parsed), uint32_t(ids.size())});
    }
    ids.push_back(message.id);
  }
  return LogMessages(std::move(forms), std::move(ids));
}

LogReader::LogReader(const LogMessages& messages) : messages_(messages), seen_(messages.ids_.size()) {}

void LogReader::take(std::string_view bytes) {
  log_.bytes += bytes.size();
  while (!bytes.empty()) {
    auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    decoder_.take(part, window_);
    if (window_.size() > LogForm::reach) search(window_.size() - LogForm::reach);
    drop_front();
  }
}

void LogReader::flush() { search(window_.size()); }

void LogReader::search(size_t to) {
  if (to <= searched_) return;
  struct Part {
    std::vector<std::pair<size_t, uint32_t>> found = {};  ///< where, which form
    uint64_t lines = 0;
  };
  auto find = [&](size_t from, size_t end) {
    Part part;
    messages_.anchors_.search(window_, from, end,
                              [&](size_t at, uint32_t form) { part.found.emplace_back(at, form); });
    part.lines = count_lines(std::string_view(window_).substr(from, end - from));
    return part;
  };
  size_t middle = searched_ + (to - searched_) / 2;
  std::future<Part> second;
  if (to - searched_ >= worth_a_thread) second = std::async(std::launch::async, find, middle, to);
  auto part = find(searched_, second.valid() ? middle : to);
  if (second.valid()) {
    auto rest = second.get();
    std::ranges::move(rest.found, std::back_inserter(part.found));
    part.lines += rest.lines;
  }
  auto before = line_of(searched_) - 1;
  for (auto [at, form] : part.found) sight(messages_.forms_[form], at);
  lines_ = before + part.lines;
  counted_ = searched_ = to;
}

uint64_t LogReader::line_of(size_t at) {
  auto between =
      std::string_view(window_).substr(std::min(at, counted_), at > counted_ ? at - counted_ : counted_ - at);
  auto n = count_lines(between);
  lines_ = at >= counted_ ? lines_ + n : lines_ - n;
  counted_ = at;
  return lines_ + 1;
}

void LogReader::sight(const LogMessages::Form& form, size_t at) {
  auto& seen = seen_[form.message];
  if (seen.times >= most_matched || seen.misses >= most_missed) return;
  auto match = form.form.match(window_, at);
  if (!match) {
    seen.misses++;
    return;
  }
  auto span = line_around(window_, match->begin);
  if (is_quoted_code(window_, span)) return;
  seen.times++;
  auto stream = stream_of(std::string_view(window_).substr(span.begin, span.end - span.begin));
  uint32_t all = 0;
  for (auto& [name, n] : seen.streams) all += n;
  if (all >= most_kept || seen.streams[stream] >= most_of_stream) return;
  Sighting s{std::string(messages_.ids_[form.message]), line_of(match->begin),
             shown(window_, span, match->begin), stream};
  for (auto& [name, value] : match->captures) s.captures.emplace(name, readable(value));
  // Another form of the same message on the same line says nothing new.
  for (auto& other : log_.sightings)
    if (other.message == s.message && other.line == s.line) return;
  seen.streams[stream]++;
  log_.sightings.push_back(std::move(s));
}

void LogReader::drop_front() {
  if (window_.size() <= 2 * kept_behind) return;
  size_t drop = std::min(window_.size() - kept_behind, searched_ > kept_behind ? searched_ - kept_behind : 0);
  if (drop == 0) return;
  line_of(std::max(drop, counted_));
  window_.erase(0, drop);
  searched_ -= drop;
  counted_ -= drop;
}

Sighting LogReader::last_error() {
  std::string_view text = window_;
  Sighting fallback;
  size_t end = text.size();
  while (end > 0) {
    auto span = line_around(text, end - 1, kept_behind);
    auto line = text.substr(span.begin, span.end - span.begin);
    if (auto error = python_error(trimmed(line, "\r\n")); !error.empty() && !repeats(error)) {
      size_t at = size_t(error.data() - text.data());
      return {"", line_of(span.begin), shown(text, {at, span.end}, at), stream_of(line)};
    }
    if (fallback.line == 0 && is_failure(line))
      fallback = {"", line_of(span.begin), shown(text, span, span.begin), stream_of(line)};
    end = span.begin;
  }
  return fallback;
}

Log LogReader::finish() {
  flush();
  log_.ends_with = last_error();
  line_of(window_.size());
  log_.lines = lines_ + (!window_.empty() && window_.back() != '\n');
  std::ranges::stable_sort(log_.sightings, {}, &Sighting::line);
  return std::move(log_);
}

}  // namespace cufit::collect
