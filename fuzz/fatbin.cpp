// A run of bytes with GPU code in it. However little a stream gives at a time, the result is the same.
#include "formats/scan.h"
#include "fuzz/fuzz.h"

using namespace cufit;
using namespace cufit::formats;

namespace {

void require_equal(const Found& a, const Found& b) {
  fuzz::require(a.modules().size() == b.modules().size(), "another number of modules");
  for (size_t i = 0; i < a.modules().size(); i++) {
    const auto &m = a.modules()[i], &n = b.modules()[i];
    fuzz::require(
        m.at == n.at && m.size == n.size && m.loose == n.loose && a.shape(m.shape) == b.shape(n.shape),
        "another module");
  }
  fuzz::require(a.gaps().size() == b.gaps().size(), "another number of gaps");
  for (size_t i = 0; i < a.gaps().size(); i++)
    fuzz::require(a.gaps()[i].kind == b.gaps()[i].kind && a.gaps()[i].at == b.gaps()[i].at, "another gap");
  fuzz::require(a.wrappers().size() == b.wrappers().size() && a.toolkits() == b.toolkits(),
                "other wrappers or toolkits");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bytes bytes(data + 1, size - 1);
  Scanner::Options options{
      .tiled = bool(data[0] & 1), .loose = !(data[0] & 2), .all_heads = bool(data[0] & 4)};
  Found wide, narrow;
  MemoryStream memory(bytes);
  Scanner(memory, options, wide).scan(bytes.size());
  fuzz::require(memory.at() == bytes.size(), "the scan ended before the data");
  for (const auto& m : wide.modules())
    fuzz::require(m.at < bytes.size() && m.size <= bytes.size() - m.at, "a module outside the data");
  test::NarrowStream stream(bytes, data[0] & 8 ? 1 : 100);
  Scanner(stream, options, narrow).scan(bytes.size());
  require_equal(wide, narrow);
  return 0;
}
