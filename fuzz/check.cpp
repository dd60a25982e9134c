// Whatever a user may name as a target: wheels, libraries, fatbins, cubins, PTX.
#include "collect/target.h"
#include "fuzz/fuzz.h"
#include "fuzz/scratch_file.h"

using namespace cufit;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::ScratchFile scratch;
  scratch.set({data, size});
  auto subjects = collect::read_target(scratch.path(), {});
  if (!subjects) fuzz::require(!subjects.error().message.empty(), "an error without a message");
  return 0;
}
