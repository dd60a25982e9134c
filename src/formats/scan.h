// Scan: finds the GPU code in a run of bytes, going only forward.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/stream.h"
#include "formats/fatbin.h"
#include "formats/found.h"
#include "formats/magic.h"
#include "formats/small_images.h"

namespace cufit::formats {

/// Reads fatbin containers, bare cubins, zstd-compressed cubins and PTX text out of a stream.
///
/// Headers decide, so payloads are skipped; small machine code is looked into, because the product of a
/// device link and units that hold only globals have an architecture but no kernel. Damage never ends a scan:
/// it becomes a gap, and the search goes on behind the last thing that was understood.
///
/// What is found depends on the bytes alone, not on how many of them the stream shows at a time; and outside
/// of modules the search has no memory: a search that starts or ends elsewhere finds the same modules,
/// wrappers and damage, as long as no module crosses its bounds.
class Scanner {
 public:
  struct Options {
    bool tiled = false;  ///< the run is a fatbin section: everything but zeroes must belong to a container
    bool loose = true;   ///< look for code without a container, too
    bool all_heads =
        false;  ///< unpack the head of every image (a bare fatbin file: few images, each may decide)
  };

  Scanner(Stream& stream, Options options, Found& found) : s_(stream), options_(options), found_(found) {}

  /// Scans up to offset `end` of the stream (or to its end, if that comes before).
  void scan(uint64_t end);

 private:
  Bytes peek(uint64_t n, uint64_t end);
  void search(uint64_t end);
  void pass_over(Bytes unknown);
  void pass_over_mark() { pass_over(s_.peek(1).first(1)); }
  void close_hole();
  void add_module(uint64_t at, std::vector<Image> images, bool loose);
  void add_damage(GapKind kind, uint64_t at);
  void container(uint64_t end);
  bool entry(uint64_t end, std::vector<Image>& images);
  std::optional<Cubin> read_packed(Packing packing, Bytes packed, uint64_t size);
  void look_into(const fatbin::Entry& e, Image& image);
  void wrapper(uint64_t end);
  void loose_cubin(uint64_t end);
  void loose_zstd(uint64_t end);
  void skip_zstd_frame(uint64_t end);
  void loose_ptx(uint64_t end);
  void note_toolkit(uint16_t t) {
    if (t) found_.add_toolkit(t);
  }

  Stream& s_;
  Options options_;
  Found& found_;
  struct Hole {
    uint64_t size = 0;                ///< bytes passed over since the last module
    std::optional<uint64_t> content;  ///< offset of the first one that is not zero
    bool explained = false;           ///< a gap says already why they are no module
  };
  Hole hole_;
  uint32_t unpackings_ = 0;
  SmallImages small_;
  std::vector<uint8_t> scratch_;
};

}  // namespace cufit::formats
