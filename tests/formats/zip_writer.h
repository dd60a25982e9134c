// Builds zip archives in memory, honest ones; tests then change bytes at the offsets that it remembers.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::test {

template <class T>
void append(std::string& to, T v) {
  for (size_t i = 0; i < sizeof v; i++) to += char(uint64_t(v) >> (8 * i));
}

template <class T>
void patch(std::string& in, uint64_t at, T v) {
  for (size_t i = 0; i < sizeof v; i++) in.at(at + i) = char(uint64_t(v) >> (8 * i));
}

/// Raw deflate data of `s`.
inline std::string deflated(std::string_view s, int level = 6) {
  z_stream z{};
  deflateInit2(&z, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, s.size()) + 16, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(s.data()));
  z.avail_in = uInt(s.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = uInt(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline uint32_t crc_of(std::string_view s) {
  return uint32_t(crc32_z(0, reinterpret_cast<const Bytef*>(s.data()), s.size()));
}

struct ZipPart {
  std::string name;
  std::string content;
  bool deflate = true;
  bool descriptor = false;  ///< sizes behind the data, zero in the local header
  bool zip64 = false;       ///< sizes and offset in a zip64 field
  std::string local_extra = {};
};

class ZipWriter {
 public:
  std::vector<uint64_t> local_at, central_at;
  uint64_t directory_at = 0, end_at = 0;

  void add(const ZipPart& p) {
    Record r{p, p.deflate ? deflated(p.content) : p.content, out_.size()};
    local_at.push_back(out_.size());
    append<uint32_t>(out_, 0x04034b50);
    append<uint16_t>(out_, p.zip64 ? 45 : 20);
    append_common(r);
    append<uint32_t>(out_, p.descriptor ? 0 : crc_of(p.content));
    append<uint32_t>(out_, p.descriptor ? 0 : p.zip64 ? 0xffffffff : r.packed.size());
    append<uint32_t>(out_, p.descriptor ? 0 : p.zip64 ? 0xffffffff : p.content.size());
    append<uint16_t>(out_, p.name.size());
    append<uint16_t>(out_, p.local_extra.size());
    out_ += p.name + p.local_extra + r.packed;
    if (p.descriptor) {
      append<uint32_t>(out_, 0x08074b50);
      append<uint32_t>(out_, crc_of(p.content));
      append<uint32_t>(out_, r.packed.size());
      append<uint32_t>(out_, p.content.size());
    }
    records_.push_back(std::move(r));
  }

  std::string finish(std::string_view comment = "", bool zip64 = false) {
    directory_at = out_.size();
    for (auto& r : records_) append_central(r);
    uint64_t size = out_.size() - directory_at, n = records_.size();
    if (zip64) append_end64(n, size);
    end_at = out_.size();
    append<uint32_t>(out_, 0x06054b50);
    append<uint32_t>(out_, 0);  // disks
    append<uint16_t>(out_, zip64 ? 0xffff : n);
    append<uint16_t>(out_, zip64 ? 0xffff : n);
    append<uint32_t>(out_, zip64 ? 0xffffffff : size);
    append<uint32_t>(out_, zip64 ? 0xffffffff : directory_at);
    append<uint16_t>(out_, comment.size());
    return out_ += comment;
  }

 private:
  struct Record {
    ZipPart part;
    std::string packed;
    uint64_t header;
  };

  void append_common(const Record& r) {
    append<uint16_t>(out_, r.part.descriptor ? 8 : 0);
    append<uint16_t>(out_, r.part.deflate ? 8 : 0);
    append<uint32_t>(out_, 0);  // time and date
  }

  void append_central(const Record& r) {
    const ZipPart& p = r.part;
    std::string extra;
    if (p.zip64) {
      append<uint16_t>(extra, 0x5455);  // another field first
      append<uint16_t>(extra, 1);
      extra += '\0';
      append<uint16_t>(extra, 1);
      append<uint16_t>(extra, 24);
      append<uint64_t>(extra, p.content.size());
      append<uint64_t>(extra, r.packed.size());
      append<uint64_t>(extra, r.header);
    }
    central_at.push_back(out_.size());
    append<uint32_t>(out_, 0x02014b50);
    append<uint16_t>(out_, 20);
    append<uint16_t>(out_, 20);
    append_common(r);
    append<uint32_t>(out_, crc_of(p.content));
    append<uint32_t>(out_, p.zip64 ? 0xffffffff : r.packed.size());
    append<uint32_t>(out_, p.zip64 ? 0xffffffff : p.content.size());
    append<uint16_t>(out_, p.name.size());
    append<uint16_t>(out_, extra.size());
    append<uint16_t>(out_, 0);  // comment
    append<uint16_t>(out_, 0);  // disk
    append<uint16_t>(out_, 0);
    append<uint32_t>(out_, 0);
    append<uint32_t>(out_, p.zip64 ? 0xffffffff : r.header);
    out_ += p.name + extra;
  }

  void append_end64(uint64_t n, uint64_t size) {
    uint64_t at = out_.size();
    append<uint32_t>(out_, 0x06064b50);
    append<uint64_t>(out_, 44);
    append<uint32_t>(out_, 0x002d002d);
    append<uint64_t>(out_, 0);  // disks
    append<uint64_t>(out_, n);
    append<uint64_t>(out_, n);
    append<uint64_t>(out_, size);
    append<uint64_t>(out_, directory_at);
    append<uint32_t>(out_, 0x07064b50);
    append<uint32_t>(out_, 0);
    append<uint64_t>(out_, at);
    append<uint32_t>(out_, 1);
  }

  std::string out_;
  std::vector<Record> records_;
};

/// Text in which deflate finds matches at many distances, the same for the same seed.
inline std::string prose(size_t n, uint32_t seed = 1) {
  std::string s;
  s.reserve(n + 64);
  while (s.size() < n) {
    seed = seed * 1664525 + 1013904223;
    if (seed % 3 == 0 || s.size() < 100) {
      for (int i = 0; i < 13; i++) s += char(seed >> (i + 3));
    } else {
      size_t back = 1 + (seed >> 8) % (s.size() < 32768 ? s.size() : 32768), len = 3 + (seed >> 4) % 255;
      for (size_t i = 0; i < len; i++) s += s[s.size() - back];
    }
  }
  s.resize(n);
  return s;
}

}  // namespace cufit::test
