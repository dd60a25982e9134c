#include "judge/log_codes.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"

namespace cufit {

namespace {

/// The error whose words these are, or begin with: of several the one with the most.
const ErrorRow* by_words(std::string_view text, const Knowledge& k) {
  text = trimmed(text, " \t'\"`([");
  const ErrorRow* best = nullptr;
  size_t longest = 0;
  for (auto& row : k.tables().errors)
    for (auto words : row.words)
      if (words.size() > longest && lower(text.substr(0, words.size())) == lower(words))
        best = &row, longest = words.size();
  return best;
}

const ErrorRow* by_name(std::string_view text, const Knowledge& k) {
  for (auto& row : k.tables().errors)
    for (auto name : {row.runtime_name, row.driver_name})
      if (!name.empty() && text.starts_with(name) &&
          (text.size() == name.size() ||
           !(is_digit(text[name.size()]) || text[name.size()] == '_' || (text[name.size()] | 0x20) >= 'a')))
        return &row;
  return nullptr;
}

/// "NO_DEVICE" of CUDA_ERROR_NO_DEVICE.
const ErrorRow* by_end_of_name(std::string_view end, const Knowledge& k) {
  constexpr size_t before = 11;
  auto& rows = k.tables().errors;
  auto is_it = [&](auto& row) {
    return row.driver_name.size() > before && row.driver_name.substr(before) == end;
  };
  auto found = std::ranges::find_if(rows, is_it);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

const ErrorRow* cuda_error_of(const Sighting& s, const Knowledge& k) {
  if (auto* name = s.captured("cuda_runtime"))
    if (auto* row = by_name("cudaError" + *name, k)) return row;
  if (auto* name = s.captured("cuda_driver"))
    if (auto* row = by_end_of_name(*name, k)) return row;
  // Words are the same in all releases, numbers were others before CUDA 10.1.
  if (auto* words = s.captured("cuda_text")) {
    auto text = trimmed(*words);
    if (auto* row = by_words(text, k)) return row;
    if (auto* row = by_name(text, k)) return row;
  }
  if (auto* code = s.captured("cuda_code"))
    if (auto n = whole_number<uint32_t>(*code))
      if (auto* row = k.error(*n)) return row;
  if (auto* code = s.captured("cuda_legacy"))
    if (auto n = whole_number<uint32_t>(*code)) {
      auto legacy = k.legacy_runtime_errors(*n);
      if (*n < 100 && legacy.size() == 1) return legacy.front();
      return k.error(*n);
    }
  return nullptr;
}

const MessageRow* message_of_code(std::string_view code, const Knowledge& k) {
  auto& rows = k.tables().messages;
  auto found = std::ranges::find(rows, code, &MessageRow::code);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace cufit
