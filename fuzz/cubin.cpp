// Cubins, packed and not, and the heads of packed ones.
#include "formats/cubin.h"

#include "formats/unpack.h"
#include "fuzz/fuzz.h"

using namespace cufit;
using namespace cufit::formats;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes all(data, size);
  auto cubin = read_cubin(all);
  fuzz::require(cubin.has_value() == cubin_size(all).has_value(), "size and contents disagree about a cubin");
  if (cubin && size > 64) {
    auto head = read_cubin(all.first(64));
    fuzz::require(head && head->image.arch == cubin->image.arch,
                  "the head of a cubin has another architecture");
  }
  if (size < 2) return 0;
  std::vector<uint8_t> out;
  auto packing = all[0] & 1 ? Packing::zstd : Packing::lz4;
  size_t claimed = size_t{all[1]} << (all[0] >> 4);
  unpack(packing, all.subspan(2), claimed, out);
  fuzz::require(out.size() <= claimed, "more bytes than asked for");
  read_cubin(out);
  unpack_head(packing, all.subspan(2), out);
  fuzz::require(out.size() <= 128 << 10, "a head of more than 128 KiB");
  read_cubin(out);
  return 0;
}
