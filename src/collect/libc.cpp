#include "collect/libc.h"

#include <sys/utsname.h>

#include <array>

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "collect/architecture.h"
#include "formats/elf.h"

namespace cufit::collect {
namespace {

constexpr size_t kLibcLimit = 64 << 20;  // 2 MB, and far more with symbols
constexpr size_t kHead = 64 << 10;

/// What the head of a program says.
struct Program {
  std::string arch, interpreter;  ///< the latter empty: static, or a library
};

constexpr uint32_t kInterp = 3;

/// The text of PT_INTERP. Field offsets: the ELF specification, "Program Header", for 64 and 32 bits.
std::string interpreter_of(Bytes head, bool wide) {
  auto word = [&](uint64_t at) -> std::optional<uint64_t> {
    if (wide) return load<uint64_t>(head, at);
    return load<uint32_t>(head, at);
  };
  auto table = word(wide ? 32 : 28);
  auto entry = load<uint16_t>(head, wide ? 54 : 42), count = load<uint16_t>(head, wide ? 56 : 44);
  if (!table || !entry || !count || *table > head.size()) return {};
  for (uint64_t i = 0, at = *table; i < *count; i++, at += *entry) {
    if (load<uint32_t>(head, at) != kInterp) continue;
    auto offset = word(at + (wide ? 8 : 4));
    return offset ? std::string(text_at(head, *offset)) : std::string();
  }
  return {};
}

std::optional<Program> program(std::string_view text) {
  auto head = as_bytes(text);
  constexpr uint8_t kLittleEndian = 1, kWide = 2;
  auto machine = load<uint16_t>(head, 18);
  if (!text.starts_with("\x7f"
                        "ELF") ||
      !machine || head[5] != kLittleEndian)
    return std::nullopt;
  return Program{architecture(*machine), interpreter_of(head, head[4] == kWide)};
}

struct Loader {
  const char* path;
  const char* libc;
};
constexpr std::array<Loader, 6> kLoaders = {{{"/lib64/ld-linux-x86-64.so.2", "glibc"},
                                             {"/lib/ld-linux-aarch64.so.1", "glibc"},
                                             {"/lib64/ld64.so.2", "glibc"},
                                             {"/lib/ld-linux-riscv64-lp64d.so.1", "glibc"},
                                             {"/lib/ld-musl-x86_64.so.1", "musl"},
                                             {"/lib/ld-musl-aarch64.so.1", "musl"}}};

std::string libc_of_loader(std::string_view name) {
  if (name.starts_with("ld-musl-")) return "musl";
  // Debian's is a link to "ld-linux-x86-64.so.2"; releases before 2.34 called it "ld-2.31.so".
  if (name.starts_with("ld-linux") || name.starts_with("ld64.so") || name.starts_with("ld-2."))
    return "glibc";
  return {};
}

/// The loader of /bin/sh; else one that is there.
Fact<std::string> find_loader(const Root& root, const Fact<Program>& sh) {
  if (sh && !sh->interpreter.empty() && sh->interpreter.starts_with('/') && root.has(sh->interpreter))
    return {sh->interpreter, at_path("/bin/sh")};
  for (auto& l : kLoaders)
    if (root.has(l.path)) return {l.path, at_path(l.path)};
  return absent<std::string>(kLoaders.front().path);
}

/// Of the section in which compilers put texts, a sixth of the file; nothing if it has none, or no version.
std::optional<Version> version_in_texts(const Root& root, const std::string& path) {
  auto real = root.open_path(path);
  auto file = real ? File::open(*real) : fail("not there", path);
  if (!file) return std::nullopt;
  FileBytes bytes(*file);
  auto elf = formats::read_elf(bytes);
  if (!elf) return std::nullopt;
  for (auto& section : elf->sections)
    if (section.name == ".rodata")
      if (auto texts = bytes.view(section.offset, section.size)) return glibc_version(as_text(*texts));
  return std::nullopt;
}

Fact<Version> version_of(const Root& root, const std::string& libc) {
  if (auto version = version_in_texts(root, libc)) return {*version, at_path(libc)};
  return parsed<Version>(root.text(libc, kLibcLimit), glibc_version);
}

Fact<Version> version_beside(const Root& root, const std::string& loader) {
  auto real = root.real(loader);
  if (!real) return absent<Version>(loader);
  Fact<Version> version;
  for (auto& from : {*real, loader}) {
    version = version_of(root, from.substr(0, from.rfind('/')) + "/libc.so.6");
    if (!is_absent(version)) break;
  }
  return version;
}

Fact<std::string> arch_of(const Root& root, const Fact<Program>& sh, const Fact<std::string>& loader) {
  if (sh) return {sh->arch, sh.from};
  if (loader)
    if (auto p = parsed<Program>(root.head(*loader, kHead), program)) return {p->arch, p.from};
  utsname name;
  if (root.this_machine() && uname(&name) == 0) return {name.machine, {Source::Kind::call, "uname"}};
  return no_value<std::string>(sh);
}

}  // namespace

std::optional<Version> glibc_version(std::string_view bytes) {
  constexpr std::string_view kName = "GNU C Library ", kVersion = "release version ";
  constexpr size_t kLine = 200;  // the text is one line
  for (size_t at = 0; (at = bytes.find(kName, at)) != bytes.npos; at += kName.size()) {
    auto line = bytes.substr(at, kLine);
    auto from = line.find(kVersion);
    if (from == line.npos) continue;
    auto digits = digits_and_dots(line.substr(from + kVersion.size()));
    // "2.36." ends the sentence.
    if (auto v = Version::parse(trimmed(digits, "."))) return v;
  }
  return std::nullopt;
}

UserSpace observe_libc(const Root& root) {
  UserSpace out;
  auto sh = parsed<Program>(root.head("/bin/sh", kHead), program);
  auto loader = find_loader(root, sh);
  out.arch = arch_of(root, sh, loader);
  if (!loader) {
    out.libc = no_value<std::string>(loader);
    out.glibc = no_value<Version>(loader);
    return out;
  }
  auto kind = libc_of_loader(base_name(*loader));
  out.libc = kind.empty() ? unreadable<std::string>(kNotUnderstood, *loader)
                          : Fact<std::string>(kind, at_path(*loader));
  out.glibc = kind == "glibc" ? version_beside(root, *loader) : absent<Version>(*loader);
  return out;
}

}  // namespace cufit::collect
