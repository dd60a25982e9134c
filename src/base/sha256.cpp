#include "base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cufit {
namespace {

constexpr std::array<uint32_t, 64> kRounds = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t big_endian(const uint8_t* p) {
  return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 | p[3];
}

/// Value of a digit, -1 if it is none.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

}  // namespace

void Sha256::block(const uint8_t* p) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; i++) w[i] = big_endian(p + 4 * i);
  for (size_t i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (size_t i = 0; i < 64; i++) {
    uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) +
                  kRounds[i] + w[i];
    uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const std::array<uint32_t, 8> add = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < 8; i++) state_[i] += add[i];
}

void Sha256::add(Bytes bytes) {
  while (!bytes.empty()) {
    size_t held = size_ % 64;
    if (held == 0 && bytes.size() >= 64) {
      block(bytes.data());
      size_ += 64;
      bytes = bytes.subspan(64);
      continue;
    }
    size_t n = std::min(bytes.size(), 64 - held);
    std::memcpy(pending_.data() + held, bytes.data(), n);
    size_ += n;
    bytes = bytes.subspan(n);
    if (size_ % 64 == 0) block(pending_.data());
  }
}

std::string Sha256::digest() {
  uint64_t bits = size_ * 8;
  std::string end(1, '\x80');
  end.resize(1 + (119 - size_ % 64) % 64, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) end += char(bits >> shift & 0xff);
  add(as_bytes(end));
  std::string out;
  for (uint32_t word : state_)
    for (int shift = 24; shift >= 0; shift -= 8) out += char(word >> shift & 0xff);
  return out;
}

std::string sha256(Stream& stream) {
  Sha256 sum;
  for (Bytes b; !(b = stream.peek(1)).empty(); stream.skip(b.size())) sum.add(b);
  return sum.digest();
}

std::string bytes_of_base64url(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = bits << 6 | uint32_t(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += char(bits >> held & 0xff);
  }
  return out;
}

std::string bytes_of_hex(std::string_view text) {
  std::string out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    out += char(high << 4 | low);
  }
  return text.size() % 2 ? std::string() : out;
}

}  // namespace cufit
