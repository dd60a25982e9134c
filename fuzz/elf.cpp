// ELF files of the host: what is read from a file is what is read from a stream, however little of the stream
// is kept.
#include <optional>

#include "collect/binary.h"
#include "formats/elf_object.h"
#include "formats/ld_so.h"
#include "fuzz/fuzz.h"
#include "fuzz/scratch_file.h"

using namespace cufit;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  Bytes bytes(data + 1, size - 1);
  // The first byte chooses how much a stream keeps, from everything to next to nothing.
  collect::Options options;
  options.pass = data[0] & 1 ? Pass::usual : Pass::full;
  options.keep = {uint64_t{64} << (data[0] >> 1 & 7), uint64_t{1} << (data[0] >> 4)};

  // As the dynamic loader reads it.
  MemoryBytes memory(bytes);
  if (auto object = formats::read_object(memory))
    fuzz::require(object->refused.empty() || object->needed.empty(), "a refused object that was read");
  formats::read_ld_so(bytes);

  static fuzz::ScratchFile scratch;
  scratch.set(bytes);
  auto file = File::open(scratch.path());
  fuzz::require(file.has_value(), "the scratch file cannot be opened");
  auto from_file = collect::read_binary(*file, options);
  if (from_file && from_file->format == Binary::Format::archive)
    return 0;  // streams of them are not compared
  auto from_stream = collect::read_binary([&] { return std::make_unique<test::NarrowStream>(bytes, 200); },
                                          bytes.size(), options);
  fuzz::require(from_file.has_value() == from_stream.has_value(), "only one of file and stream is a binary");
  if (!from_file) return 0;
  from_file->path.clear();
  for (auto& gap : from_file->unread) gap.path.clear();
  fuzz::require(*from_file == *from_stream, "file and stream give different binaries");
  return 0;
}
