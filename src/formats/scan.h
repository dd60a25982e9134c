// Scan: finds the GPU code in a run of bytes, going only forward.
#pragma once

#include <cstdint>
#include <vector>

#include "base/stream.h"
#include "formats/fatbin.h"
#include "formats/found.h"
#include "formats/magic.h"

namespace cufit::formats {

/// Reads fatbin containers, bare cubins, zstd-compressed cubins and PTX text out of a stream.
///
/// Headers decide, so payloads are skipped; small machine code is looked into, because the product of a
/// device link and units that hold only globals have an architecture but no kernel. Damage never ends a scan:
/// it becomes a gap, and the search goes on behind the last thing that was understood.
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
  void search(uint64_t end);
  void skip_checked(Bytes skipped);
  void container(uint64_t end);
  bool entry(uint64_t end, std::vector<Image>& images);
  void look_into(const fatbin::Entry& e, Image& image);
  void wrapper();
  void loose_cubin(uint64_t end);
  void loose_zstd(uint64_t end);
  void skip_zstd_frame(uint64_t end);
  void loose_ptx();
  void note_toolkit(uint16_t t) {
    if (t) found_.add_toolkit(t);
  }

  Stream& s_;
  Options options_;
  Found& found_;
  uint64_t hole_reported_until_ = 0;  ///< one gap a hole, not one a chunk
  uint32_t unpackings_ = 0;
  std::vector<uint8_t> scratch_;
};

}  // namespace cufit::formats
