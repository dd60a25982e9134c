// What the bytes of a library of a driver say of themselves.
#include <algorithm>
#include <cctype>

#include "base/version.h"
#include "collect/driver_library.h"
#include "formats/elf.h"

namespace cufit::collect {
namespace {

using formats::Elf;
using formats::ElfSection;

constexpr uint64_t kMaxSearched = 8 << 20;  ///< bytes of .rodata
constexpr uint64_t kMaxNote = 4096;

const ElfSection* section(const Elf& elf, std::string_view name) {
  auto at = std::ranges::find(elf.sections, name, &ElfSection::name);
  return at == elf.sections.end() ? nullptr : &*at;
}

std::string_view text_of(Bytes b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// The description of the note of cuda-compat: JSON with the driver branches and kinds of boards that it is
/// meant for. Layout: sizes of name and description and a type (0), 4 bytes each; the name "NVIDIA
/// Corporation" with NUL, filled up to 4 bytes; the description. The name of the section tells it, not its
/// type.
std::string compat_note(const Elf& elf, RandomBytes& file) {
  auto* s = section(elf, ".note.cuda.fwd_compatibility");
  if (!s || s->size < 12) return {};
  auto view = file.view(s->offset, std::min(s->size, kMaxNote));
  if (!view) return {};
  auto size_at = [&](size_t at) {
    uint32_t v = 0;
    for (size_t i = 4; i-- > 0;) v = v << 8 | (*view)[at + i];
    return v;
  };
  uint64_t name = size_at(0), description = size_at(4), from = 12 + (name + 3) / 4 * 4;
  auto text = text_of(*view);
  if (from > text.size() || description > text.size() - from ||
      !text.substr(12).starts_with(std::string_view("NVIDIA Corporation\0", 19)))
    return {};
  text = text.substr(from, description);
  text = text.substr(0, text.find('\0'));
  // It goes into reports: bytes that are no text are no note.
  bool printable = std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  return printable ? std::string(text) : std::string();
}

std::optional<Version> driver_version(std::string_view text) {
  auto version = Version::parse(text);
  return version && version->size() >= 2 && version->major() >= 100 && version->major() < 10'000
             ? version
             : std::nullopt;
}

/// "nvidia-application-profiles-580.95.05-rc": libcuda.
std::optional<Version> by_profiles(std::string_view text) {
  constexpr std::string_view before = "nvidia-application-profiles-";
  for (auto at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
    auto rest = text.substr(at + before.size());
    auto number = digits_and_dots(rest);
    if (auto v = driver_version(number); v && rest.substr(number.size()).starts_with("-rc")) return v;
  }
  return std::nullopt;
}

/// "13.580.159.04" as a text of its own: NVML. Of several that differ none counts.
std::optional<Version> by_release(std::string_view text) {
  std::optional<Version> found;
  for (auto at = text.find('.'); at != text.npos; at = text.find('.', at + 1)) {
    if (at < 3 || text[at - 3] != '\0' || !std::isdigit(static_cast<unsigned char>(text[at - 2])) ||
        !std::isdigit(static_cast<unsigned char>(text[at - 1])))
      continue;
    auto rest = text.substr(at + 1);
    auto number = digits_and_dots(rest);
    if (number.size() == rest.size() || rest[number.size()] != '\0') continue;
    auto v = driver_version(number);
    if (!v) continue;
    if (found && *found != *v) return std::nullopt;
    found = v;
  }
  return found;
}

/// Both texts stand in the last megabytes of .rodata, which has up to 76 MiB in libcuda: it is read from its
/// end.
std::optional<Version> version_in(const Elf& elf, RandomBytes& file) {
  constexpr uint64_t kPiece = 1 << 20, kOverlap = 128;
  auto* s = section(elf, ".rodata");
  if (!s || s->offset > file.size() || s->size > file.size() - s->offset) return std::nullopt;
  uint64_t first = s->offset + s->size - std::min(s->size, kMaxSearched);
  std::optional<Version> release;
  for (uint64_t end = s->offset + s->size; end > first;) {
    uint64_t from = end - std::min(end - first, kPiece);
    auto view = file.view(from, std::min(end - from + kOverlap, s->offset + s->size - from));
    if (!view) return std::nullopt;
    if (auto v = by_profiles(text_of(*view))) return v;
    if (auto v = by_release(text_of(*view)); v && !release) release = v;
    end = from;
  }
  return release;
}

/// The names of dynamic symbols, each with NUL; one may be the end of another. A library that uses the
/// function of another one has its name, too.
bool lacks(const Elf& elf, RandomBytes& file, std::string_view function) {
  constexpr uint64_t kMaxNames = 16 << 20;
  auto* s = section(elf, ".dynstr");
  if (function.empty() || !s || s->size > kMaxNames) return false;
  auto names = file.view(s->offset, s->size);
  return names && !text_of(*names).contains(std::string(function) + '\0');
}

}  // namespace

DriverBytes read_driver_library(const File& file, bool look_for_version, std::string_view function) {
  DriverBytes out;
  FileBytes bytes(file);
  auto head = bytes.view(0, std::min<uint64_t>(file.size(), 5));
  out.is_elf = head && formats::is_elf(*head);
  out.is_32_bit = out.is_elf && head->size() > 4 && (*head)[4] == 1;  // EI_CLASS
  if (!out.is_elf || out.is_32_bit) return out;
  auto elf = formats::read_elf(bytes);
  if (!elf) {
    out.is_elf = false;
    return out;
  }
  out.is_cut_off = elf->whole_size > 0;
  out.needs_libraries = !elf->needed.empty();
  out.lacks_function = lacks(*elf, bytes, function);
  out.compat_note = compat_note(*elf, bytes);
  if (look_for_version) out.version = version_in(*elf, bytes);
  return out;
}

}  // namespace cufit::collect
