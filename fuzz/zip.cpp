// Zip archives: the listing, and every member unpacked, up to a bound.
#include "formats/zip.h"

#include <memory>

#include "fuzz/fuzz.h"

using namespace cufit;
using namespace cufit::formats;

namespace {

constexpr uint64_t kEnough = 1 << 20;  // bytes a member: a bomb is a matter of time, not of correctness

/// Unpacks a member and checks that it has the size that it states, or an error.
void read_member(const zip::Entry& e, std::unique_ptr<Stream> packed) {
  auto stream = zip::unpack(e, std::move(packed));
  uint64_t total = 0;
  while (total < kEnough) {
    Bytes b = stream->peek(1);
    if (b.empty()) break;
    total += b.size();
    stream->skip(b.size());
    fuzz::require(stream->at() == total, "a stream that loses count");
  }
  fuzz::require(total <= e.size || stream->error(), "more bytes than stated, and no error");
  if (total < kEnough)
    fuzz::require(total == e.size || stream->error(), "fewer bytes than stated, and no error");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes all(data, size);
  zip::begins_like_zip(all);
  MemoryBytes bytes(all);
  auto archive = zip::read(bytes);
  if (!archive) return 0;
  unsigned unpacked = 0;
  for (const auto& e : archive->entries) {
    zip::describe(e.flaw);
    if (!e.is_readable() || ++unpacked > 8) continue;
    auto at = zip::locate(bytes, e);
    if (!at) continue;
    auto data_of_entry = slice(all, *at, e.packed);
    fuzz::require(data_of_entry && *at + e.packed <= e.limit, "data outside of what the entry may have");
    read_member(e, std::make_unique<test::NarrowStream>(*data_of_entry, 50));
  }
  return 0;
}
