#include "formats/ar.h"

#include <algorithm>
#include <string_view>

#include "base/number.h"

namespace cufit::formats::ar {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::string_view kThinMagic = "!<thin>\n";
constexpr uint64_t kHeaderSize = 60;  // name 16, date 12, uid 6, gid 6, mode 8, size 10, "`\n"
constexpr uint64_t kMaxName = 4096;   // as long as a path can be

std::string_view trimmed(std::string_view s) {
  size_t last = s.find_last_not_of(' ');
  return last == s.npos ? std::string_view{} : s.substr(0, last + 1);
}

bool is_symbol_table(std::string_view name) {
  return name == "/" || name == "/SYM64/" || name.starts_with("__.SYMDEF");
}

struct Header {
  std::string name;   // as written, without the padding
  uint64_t size = 0;  // of the data, with a BSD name in front of it
};

class Reader {
 public:
  explicit Reader(RandomBytes& bytes) : bytes_(bytes) {}

  Result<Archive> read() {
    auto head = bytes_.view(0, kMagic.size());
    if (!head || !begins_like_ar(*head))
      return fail("expected \"!<arch>\" or \"!<thin>\" and a newline", {}, 0);
    archive_.thin = as_text(*head) == kThinMagic;
    uint64_t at = kMagic.size();
    while (at < bytes_.size()) {
      auto next = read_member(at);
      if (!next) {
        archive_.damage = std::move(next.error());
        break;
      }
      at = *next;
    }
    return std::move(archive_);
  }

 private:
  Result<Header> read_header(uint64_t at) {
    auto raw = bytes_.view(at, kHeaderSize);
    if (!raw) return fail("expected a member header of 60 bytes, found the end of the archive", {}, at);
    auto text = as_text(*raw);
    if (text.substr(58, 2) != "`\n")
      return fail("expected a member header that ends in \"`\" and a newline", {}, at);
    auto size = whole_number<uint64_t>(trimmed(text.substr(48, 10)));
    if (!size) return fail("expected a decimal member size", {}, at + 48);
    return Header{std::string(trimmed(text.substr(0, 16))), *size};
  }

  /// Reads the member whose header is at `at`; gives where the next one is.
  Result<uint64_t> read_member(uint64_t at) {
    auto header = read_header(at);
    if (!header) return std::unexpected(std::move(header.error()));
    uint64_t data = at + kHeaderSize;
    bool is_names = header->name == "//" || header->name == "ARFILENAMES/";
    bool is_table = is_names || is_symbol_table(header->name);
    // In a thin archive only the tables have their data here.
    uint64_t here = archive_.thin && !is_table ? 0 : header->size;
    if (here > bytes_.size() - data)
      return fail("expected " + std::to_string(here) + " bytes of member data, the archive has " +
                      std::to_string(bytes_.size() - data),
                  {}, data);
    if (is_names) {
      long_names_at_ = data;
      long_names_size_ = header->size;
    } else if (!is_table) {
      if (auto added = add_member(*header, data); !added) return std::unexpected(std::move(added.error()));
    }
    return std::min(data + here + (here & 1), bytes_.size());  // data begin at even offsets
  }

  Result<void> add_member(const Header& header, uint64_t data) {
    Member member{{}, data, header.size};
    if (header.name.starts_with("#1/")) {  // BSD: the name is the first N bytes of the data
      auto n = whole_number<uint64_t>(std::string_view(header.name).substr(3));
      if (!n || *n > header.size || *n > kMaxName)
        return fail("expected a BSD name inside the member", {}, data);
      auto name = bytes_.view(data, *n);
      if (!name) return fail("the member's name cannot be read", {}, data);
      member.name = text_at(*name, 0);  // padded with zeros
      if (is_symbol_table(member.name)) return {};
      member.offset += *n;
      member.size -= *n;
    } else if (header.name.size() > 1 &&
               header.name[0] == '/') {  // GNU: an offset into the table of long names
      auto name = long_name(std::string_view(header.name).substr(1));
      if (!name) return fail("expected an offset into the table of long names", {}, data - kHeaderSize);
      member.name = std::move(*name);
    } else {  // GNU ends short names with a slash, so that they may end with a space
      std::string_view name = header.name;
      if (name.ends_with('/')) name.remove_suffix(1);
      member.name = name;
    }
    if (archive_.thin) member.offset = 0;
    name_bytes_ += member.name.size();
    if (archive_.members.size() == kMaxMembers || name_bytes_ > kMaxNameBytes)
      return fail("more members than are read here", {}, data - kHeaderSize);
    archive_.members.push_back(std::move(member));
    return {};
  }

  /// The name at decimal offset `where` of the long name table: up to "/\n", or in archives of other makers
  /// "\n" or a zero byte. Thin archives write "/OFFSET:POSITION" for members of archives in them.
  std::optional<std::string> long_name(std::string_view where) {
    auto offset = whole_number<uint64_t>(where.substr(0, where.find(':')));
    if (!offset || *offset >= long_names_size_) return std::nullopt;
    auto raw = bytes_.view(long_names_at_ + *offset, std::min(kMaxName, long_names_size_ - *offset));
    if (!raw) return std::nullopt;
    auto text = as_text(*raw);
    size_t end = text.find_first_of(std::string_view("\n\0", 2));
    if (end == text.npos) return std::nullopt;
    text = text.substr(0, end);
    if (text.ends_with('/')) text.remove_suffix(1);
    return std::string(text);
  }

  RandomBytes& bytes_;
  Archive archive_;
  uint64_t long_names_at_ = 0, long_names_size_ = 0;
  uint64_t name_bytes_ = 0;
};

}  // namespace

bool begins_like_ar(Bytes head) {
  auto text = as_text(head);
  return text.starts_with(kMagic) || text.starts_with(kThinMagic);
}

Result<Archive> read(RandomBytes& bytes) { return Reader(bytes).read(); }

}  // namespace cufit::formats::ar
