#include "collect/compiler.h"

#include <algorithm>

#include "base/version.h"
#include "formats/elf.h"

namespace cufit::collect {
namespace {

constexpr std::string_view kMark = "Cuda compilation tools, release ";
constexpr size_t kMaxNumber = 16;  ///< of "12.8,"

std::optional<Version> number_at(std::string_view text) {
  return Version::parse(digits_and_dots(text.substr(0, kMaxNumber)));
}

}  // namespace

std::optional<Version> compiler_release(Stream& stream) {
  constexpr size_t kNeed = kMark.size() + kMaxNumber;
  for (Bytes b; !(b = stream.peek(kNeed)).empty();) {
    auto text = as_text(b);
    auto at = text.find(kMark);
    if (at != text.npos) {
      stream.skip(at);
      auto release = number_at(as_text(stream.peek(kNeed)).substr(kMark.size()));
      if (release) return release;
      stream.skip(kMark.size());
    } else {
      stream.skip(b.size() < kNeed ? b.size() : b.size() - kMark.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<Version> compiler_release(const File& file) {
  FileBytes bytes(file);
  auto elf = formats::read_elf(bytes);
  if (!elf) return std::nullopt;
  for (auto& s : elf->sections) {
    if (s.name != ".rodata") continue;
    FileStream stream(file, s.offset, s.size);
    if (auto release = compiler_release(stream)) return release;
  }
  return std::nullopt;
}

}  // namespace cufit::collect
