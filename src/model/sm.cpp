#include "model/sm.h"

#include "base/number.h"

namespace cufit {

std::string Sm::dotted() const {
  return std::to_string(major) + '.' + std::to_string(minor) +
         (suffix == Suffix::a   ? "a"
          : suffix == Suffix::f ? "f"
                                : "");
}

std::string Sm::bare() const {
  return std::to_string(number()) + (suffix == Suffix::a ? "a" : suffix == Suffix::f ? "f" : "");
}

std::string Sm::name() const { return "sm_" + bare(); }

std::optional<Sm> Sm::parse(std::string_view text) {
  for (std::string_view prefix : {"sm_", "compute_"})
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  Sm sm;
  if (text.ends_with('a') || text.ends_with('f')) {
    sm.suffix = text.back() == 'a' ? Suffix::a : Suffix::f;
    text.remove_suffix(1);
  }
  auto number = [](std::string_view s, unsigned max) -> std::optional<unsigned> {
    auto n = whole_number<unsigned>(s);
    return n && *n <= max ? n : std::nullopt;
  };
  if (auto dot = text.find('.'); dot != text.npos) {
    auto major = number(text.substr(0, dot), 25), minor = number(text.substr(dot + 1), 9);
    if (!major || !minor || *major == 0) return std::nullopt;
    sm.major = uint8_t(*major), sm.minor = uint8_t(*minor);
    return sm;
  }
  auto n = number(text, 259);
  if (!n || *n < 10) return std::nullopt;
  return from_number(*n, sm.suffix);
}

}  // namespace cufit
