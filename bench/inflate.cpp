// bench_inflate ARCHIVE: unpacks all deflated members and forgets the bytes: the least that any reader of a
// wheel has to do. Uses the same library as cufit in the same build, on as many threads.
#include "formats/inflate.h"

#include <atomic>
#include <cstdio>
#include <vector>

#include "base/file.h"
#include "base/parallel.h"
#include "formats/zip.h"

namespace {

using namespace cufit;
namespace zip = formats::zip;

/// Bytes that the member unpacks to.
uint64_t unpack(const File& file, const zip::Entry& entry) {
  FileBytes bytes(file);
  auto at = zip::locate(bytes, entry);
  if (!at) return 0;
  FileStream packed(file, *at, entry.packed);
  auto inflater = formats::make_inflater();
  std::vector<uint8_t> out(256 << 10);
  uint64_t made = 0;
  for (;;) {
    auto step = inflater->step(packed.peek(64 << 10), out);
    packed.skip(step.consumed);
    made += step.produced;
    if (step.status != formats::Inflater::Status::more || (step.consumed == 0 && step.produced == 0))
      return made;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto file = File::open(argv[1]);
  if (!file) return 2;
  FileBytes bytes(*file);
  auto archive = zip::read(bytes);
  if (!archive) return 2;
  constexpr uint16_t deflated = 8;
  std::vector<const zip::Entry*> members;
  for (auto& entry : archive->entries)
    if (entry.method == deflated && entry.is_readable()) members.push_back(&entry);
  std::atomic<uint64_t> total = 0;
  parallel_for(members.size(), [&](size_t i) { total += unpack(*file, *members[i]); });
  std::printf("%llu bytes from %zu members\n", static_cast<unsigned long long>(total), members.size());
}
