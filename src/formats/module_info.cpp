#include "formats/module_info.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "base/text.h"
#include "formats/elf.h"
#include "formats/inflate.h"

namespace cufit::formats {
namespace {

/// A zstd frame as a stream of unpacked bytes in bounded memory.
class ZstdStream final : public Stream {
 public:
  explicit ZstdStream(std::unique_ptr<Stream> packed)
      : packed_(std::move(packed)), context_(ZSTD_createDCtx()) {
    if (!context_) throw std::bad_alloc();
    constexpr int kMaxWindow = 27;  // 128 MiB: no frame may ask for more memory
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindow);
  }

  uint64_t at() const override { return at_; }
  Bytes peek(size_t n) override {
    n = std::min(n, max_peek);
    if (window_.size() < n) {
      window_.make_room(std::max<size_t>(n, kStep));
      while (window_.size() < n && !done_) unpack();
    }
    return window_.bytes();
  }
  void skip(uint64_t n) override {
    while (n > 0) {
      auto have = peek(1).size();
      if (have == 0) return;
      auto step = size_t(std::min<uint64_t>(n, have));
      window_.begin += step;
      at_ += step;
      n -= step;
    }
  }

 private:
  static constexpr size_t kStep = 256 << 10;

  void unpack() {
    auto in = packed_->peek(kStep);
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{window_.data.get() + window_.end, window_.capacity - window_.end, 0};
    auto left = ZSTD_decompressStream(context_.get(), &to, &from);
    packed_->skip(from.pos);
    window_.end += to.pos;
    done_ = left == 0 || ZSTD_isError(left) || (from.pos == 0 && to.pos == 0);
  }

  struct Free {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };
  std::unique_ptr<Stream> packed_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  RawBuffer window_;
  uint64_t at_ = 0;
  bool done_ = false;
};

/// The deflated part of a gzip file (RFC 1952); nothing if the header is none or has what nobody writes here.
std::unique_ptr<Stream> gzip_stream(const File& file) {
  constexpr uint64_t kHeader = 10, kTrailer = 8;
  constexpr uint8_t kName = 8, kOthers = 0xf7;
  FileBytes bytes(file);
  auto head = bytes.view(0, std::min<uint64_t>(file.size(), 512));
  if (!head || head->size() < kHeader + kTrailer || (*head)[2] != 8 || (*head)[3] & kOthers) return nullptr;
  uint64_t from = kHeader;
  if ((*head)[3] & kName) from += text_at(*head, kHeader).size() + 1;
  auto trailer = bytes.view(file.size() - kTrailer, kTrailer);
  if (!trailer || from + kTrailer > file.size()) return nullptr;
  InflateStream::Expect expect{load_at<uint32_t>(trailer->data() + 4), load_at<uint32_t>(trailer->data())};
  auto packed = std::make_unique<FileStream>(file, from, file.size() - kTrailer - from);
  return std::make_unique<InflateStream>(std::move(packed), expect);
}

std::expected<ModuleInfo, std::string> read_plain(const File& file) {
  FileBytes bytes(file);
  auto elf = read_elf(bytes);
  if (!elf) return std::unexpected(std::string("no module"));
  constexpr uint64_t kMaxSection = 1 << 20;
  for (auto& s : elf->sections)
    if (s.name == ".modinfo" && s.size <= kMaxSection)
      if (auto section = bytes.view(s.offset, s.size)) return parse_module_info(as_text(*section));
  return std::unexpected(std::string("no module"));
}

std::expected<ModuleInfo, std::string> read_packed(std::unique_ptr<Stream> module) {
  auto info = module ? find_module_info(*module) : std::nullopt;
  return info ? std::expected<ModuleInfo, std::string>(*info) : std::unexpected(std::string("damaged"));
}

/// The value of the entry "name=..." that lies nearest to `at`; empty if there is none.
std::string_view entry_near(std::string_view text, size_t at, std::string_view name) {
  auto behind = text.find(name, at), before = text.rfind(name, at);
  bool later = behind != text.npos && (before == text.npos || behind - at < at - before);
  auto from = later ? behind : before;
  if (from == text.npos) return {};
  auto value = text.substr(from + name.size());
  return value.substr(0, value.find('\0'));
}

}  // namespace

ModuleInfo parse_module_info(std::string_view section) {
  ModuleInfo info;
  for (auto entry : split(section, '\0')) {
    for (auto& [name, value] : {std::pair{std::string_view("version="), &info.version},
                                std::pair{std::string_view("license="), &info.license}})
      if (value->empty() && entry.starts_with(name)) *value = entry.substr(name.size());
  }
  return info;
}

std::optional<ModuleInfo> find_module_info(Stream& module) {
  using namespace std::string_view_literals;
  constexpr auto kVersion = "\0version="sv, kLicense = "\0license="sv;
  constexpr size_t kWindow = 1 << 20, kSection = 32 << 10;  // the section has some KB
  constexpr uint64_t kMostUnpacked = uint64_t{1} << 30;     // 100 MB with debug information
  while (module.at() < kMostUnpacked) {
    auto window = as_text(module.peek(kWindow));
    bool last = window.size() < kWindow;
    for (size_t at = 0; (at = window.find(kVersion, at)) != window.npos; at += kVersion.size()) {
      // What lies too near to the end of the window is met again in the next one.
      if (!last && window.size() - at < kSection) break;
      auto version = window.substr(at + kVersion.size());
      version = version.substr(0, version.find('\0'));
      auto from = at - std::min(at, kSection);
      auto license = entry_near(window.substr(from, 2 * kSection), at - from, kLicense);
      // Strings of the code may look like an entry, but not with a number and a license beside them.
      if (!license.empty() && !version.empty() && version[0] >= '0' && version[0] <= '9')
        return ModuleInfo{std::string(version), std::string(license)};
    }
    if (last) return std::nullopt;
    module.skip(window.size() - 2 * kSection);
  }
  return std::nullopt;
}

std::optional<bool> is_signed_module(const File& file) {
  constexpr std::string_view mark = "~Module signature appended~\n";
  FileBytes bytes(file);
  auto head = bytes.view(0, std::min<uint64_t>(file.size(), 4));
  if (!head || as_text(*head) !=
                   "\x7f"
                   "ELF")
    return std::nullopt;
  auto tail = bytes.view(file.size() - std::min<uint64_t>(file.size(), mark.size()),
                         std::min<uint64_t>(file.size(), mark.size()));
  return tail && as_text(*tail) == mark;
}

std::expected<ModuleInfo, std::string> read_module_info(const File& file) {
  FileBytes bytes(file);
  auto head = bytes.view(0, std::min<uint64_t>(file.size(), 8));
  auto magic = head ? as_text(*head) : std::string_view();
  if (magic.starts_with("\x7f"
                        "ELF"))
    return read_plain(file);
  if (magic.starts_with("\x28\xb5\x2f\xfd"))
    return read_packed(std::make_unique<ZstdStream>(std::make_unique<FileStream>(file)));
  if (magic.starts_with("\x1f\x8b")) return read_packed(gzip_stream(file));
  if (magic.starts_with("\xfd"
                        "7zXZ"))
    return std::unexpected(std::string("xz"));
  return std::unexpected(std::string("no module"));
}

}  // namespace cufit::formats
