// ELF files at random, the same for the same seed: sound ones, strange ones, and damaged ones.
#pragma once

#include <random>

#include "formats/build.h"

namespace cufit::test {

class RandomElf {
 public:
  explicit RandomElf(uint32_t seed) : random_(seed) {}

  /// A file as linkers might write it: GPU code in any section at any alignment.
  ElfImage sound() {
    ElfSpec spec;
    size_t sections = 1 + below(5);
    for (size_t i = 0; i < sections; i++) spec.sections.push_back(section());
    size_t wrappers = below(4);
    for (size_t i = 0; i < wrappers; i++) {
      auto& s = spec.sections[below(spec.sections.size())];
      spec.wrappers.push_back({uint32_t(1 + below(2)), s.name, below(s.data.size() + 1), one_in(2)});
    }
    for (size_t i = below(3); i > 0; i--) spec.needed.push_back("libneeded" + std::to_string(i) + ".so");
    if (one_in(2)) spec.soname = "libsound.so.1";
    if (one_in(3)) spec.runpath = "$ORIGIN/../lib";
    if (one_in(2)) spec.build_id = "\x12\x34\xab";
    spec.dynamic_last = one_in(3);
    spec.table = one_in(8) ? ElfSpec::Table::none : one_in(4) ? ElfSpec::Table::front : ElfSpec::Table::end;
    spec.count_in_section0 = one_in(8);
    spec.relocations = below(40);
    spec.machine = one_in(4) ? 183 : 62;
    return elf(spec);
  }

  /// Changes some bytes, or lets sections overlap, or cuts the end off.
  std::string damaged() {
    ElfImage image = sound();
    std::string& b = image.bytes;
    for (size_t n = 1 + below(4); n > 0; n--) {
      switch (below(5)) {
        case 0:
          b[below(b.size())] = char(random_());
          break;
        case 1: {  // a field of the ELF header
          patch<uint16_t>(b, 16 + 2 * below(24), uint16_t(random_()));
          break;
        }
        case 2: {  // offset or size of a section
          uint64_t at = image.table + 64 * below(6) + (one_in(2) ? 24 : 32);
          if (image.table && at + 8 <= b.size()) patch<uint64_t>(b, at, below(b.size() + 64));
          break;
        }
        case 3:
          b.resize(std::max<size_t>(1, b.size() - below(std::min<size_t>(b.size(), 200))));
          break;
        default:
          patch<uint8_t>(b, below(b.size()), uint8_t(1u << below(8)));
      }
      image.table = image.table < b.size() ? image.table : 0;
    }
    return b;
  }

  size_t below(size_t n) { return n ? random_() % n : 0; }
  bool one_in(size_t n) { return below(n) == 0; }

 private:
  std::string code() {
    static const char* const kTargets[] = {"sm_80", "sm_90a, debug", "sm_100f"};
    switch (below(9)) {
      case 0:
        return container({sass(80), ptx_entry(90, 8, 4)});
      case 1:
        return container({sass(90, 'a', Packing::lz4)});
      case 2:
        return container({sass(100, 'f', Packing::zstd), sass(120)});
      case 3:
        return container({});
      case 4:
        return cubin({.arch = 86, .toolkit = 118});
      case 5:
        return packed_as(Packing::zstd, cubin({.abi = 8, .arch = 103, .toolkit = 129, .bit3 = true}));
      case 6:
        return ptx("8.3", kTargets[below(3)]);
      case 7:
        return std::string(
            "\x7f"
            "ELF\2\1\1\0",
            8);  // host code inside
      default:
        return std::string("\x50\xed\x55\xba\1\0\x10\0", 8) +
               std::string(below(40), '\7');  // a lying container
    }
  }

  std::string filling() {
    size_t n = below(one_in(4) ? 200 : 12);
    return one_in(2) ? std::string(n, '\0') : prose(n, uint32_t(random_()));
  }

  SectionSpec section() {
    static const char* const kNames[] = {".nv_fatbin", "__nv_relfatbin", ".rodata",        ".data",
                                         ".ldata",     ".text",          ".cask_resource", ".debug_info"};
    SectionSpec s;
    s.name = kNames[below(8)];
    if (s.name == ".text") s.flags = 6;
    if (s.name == ".debug_info") s.flags = 0;
    s.align = size_t{1} << below(5);
    s.gap = one_in(3) ? below(30) : 0;
    if (one_in(6)) s.bias = 0x10'0000 * (1 + below(4));
    for (size_t i = below(5); i > 0; i--) {
      s.data += code();
      if (one_in(2)) s.data += filling();
    }
    if (one_in(8)) s.claimed_size = below(s.data.size() + 300);  // ends inside or behind its last module
    return s;
  }

  std::mt19937 random_;
};

}  // namespace cufit::test
