// Heads of PTX texts.
#include "formats/ptx.h"

#include "fuzz/fuzz.h"

using namespace cufit;
using namespace cufit::formats;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto image = read_ptx({data, size});
  if (!image) return 0;
  fuzz::require(image->kind == Kind::ptx && image->arch >= 10 && image->arch <= 999 && image->major <= 99 &&
                    image->minor <= 99,
                "an image that no PTX text can have");
  fuzz::require(image->suffix == 0 || image->suffix == 'a' || image->suffix == 'f', "an unknown suffix");
  return 0;
}
