#include "collect/log_text.h"

#include <algorithm>
#include <cstdint>

namespace cufit::collect {

namespace {

constexpr char escape = 0x1b, bell = 0x07;
constexpr size_t longest_order = 4096;  // what goes on longer was none

void append_utf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += char(0xc0 | code >> 6);
    out += char(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += char(0xe0 | code >> 12);
    out += char(0x80 | (code >> 6 & 0x3f));
    out += char(0x80 | (code & 0x3f));
  } else {
    out += char(0xf0 | code >> 18);
    out += char(0x80 | (code >> 12 & 0x3f));
    out += char(0x80 | (code >> 6 & 0x3f));
    out += char(0x80 | (code & 0x3f));
  }
}

}  // namespace

void LogText::decide(std::string_view bytes) {
  encoding_ = Encoding::bytes;
  if (bytes.starts_with("\xff\xfe")) encoding_ = Encoding::utf16_le;
  if (bytes.starts_with("\xfe\xff")) encoding_ = Encoding::utf16_be;
  if (encoding_ != Encoding::bytes || bytes.size() < 16) return;
  // PowerShell writes it without a mark, too: every other byte of English text is zero then.
  size_t zeros[2] = {}, n = std::min<size_t>(bytes.size(), 512);
  for (size_t i = 0; i < n; i++) zeros[i & 1] += bytes[i] == 0;
  if (zeros[1] > n / 4 && zeros[0] < n / 16) encoding_ = Encoding::utf16_le;
  if (zeros[0] > n / 4 && zeros[1] < n / 16) encoding_ = Encoding::utf16_be;
}

void LogText::from_utf16(std::string_view bytes, std::string& out) {
  rest_ += bytes;
  size_t at = 0;
  auto unit = [&](size_t i) {
    auto a = uint8_t(rest_[i]), b = uint8_t(rest_[i + 1]);
    return uint32_t(encoding_ == Encoding::utf16_le ? a | b << 8 : a << 8 | b);
  };
  for (; at + 2 <= rest_.size(); at += 2) {
    auto code = unit(at);
    if (code == 0xfeff) continue;
    if (code >= 0xd800 && code < 0xdc00) {
      if (at + 4 > rest_.size()) break;
      auto low = unit(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      } else {
        code = 0xfffd;
      }
    } else if (code >= 0xdc00 && code < 0xe000) {
      code = 0xfffd;
    }
    append_utf8(code, out);
  }
  rest_.erase(0, at);
}

void LogText::without_orders(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (order_ == Order::none) {
      auto at = bytes.find(escape);
      out += bytes.substr(0, at);
      if (at == bytes.npos) return;
      order_ = Order::begun;
      order_size_ = 0;
      bytes.remove_prefix(at + 1);
      continue;
    }
    char c = bytes.front();
    // The end of a line ends all of them: a broken one must not swallow the log.
    if (c == '\n' || ++order_size_ > longest_order) {
      order_ = Order::none;
      continue;
    }
    bytes.remove_prefix(1);
    switch (order_) {
      case Order::begun:
        order_ = c == '[' ? Order::parameters : c == ']' || c == 'P' ? Order::text : Order::none;
        break;
      case Order::parameters:
        if (c >= 0x40 && c <= 0x7e) order_ = Order::none;
        break;
      case Order::text:
        if (c == bell) order_ = Order::none;
        if (c == escape) order_ = Order::text_ending;
        break;
      default:
        order_ = c == '\\' ? Order::none : Order::text;
    }
  }
}

void LogText::take(std::string_view bytes, std::string& out) {
  if (bytes.empty()) return;
  if (encoding_ == Encoding::open) decide(bytes);
  if (encoding_ == Encoding::bytes) {
    if (order_ == Order::none && bytes.find(escape) == bytes.npos)
      out += bytes;
    else
      without_orders(bytes, out);
    return;
  }
  std::string decoded;
  from_utf16(bytes, decoded);
  without_orders(decoded, out);
}

}  // namespace cufit::collect
