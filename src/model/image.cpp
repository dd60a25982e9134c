#include "model/image.h"

namespace cufit {

std::string Image::isa_text() const {
  auto dotted = [](Isa i) { return std::to_string(i.major) + '.' + std::to_string(i.minor); };
  return isa_at_most == Isa{} || isa_at_most == isa ? dotted(isa) : dotted(isa) + '-' + dotted(isa_at_most);
}

}  // namespace cufit
