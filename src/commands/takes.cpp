#include "commands/takes.h"

#include "judge/module.h"

namespace cufit::commands {
namespace {

Carrier carrier_of(const ModuleShape& shape) {
  if (shape.link != ModuleShape::Link::loose) return Carrier::fatbin;
  bool is_text = !shape.images.empty() && shape.images.front().kind == Image::Kind::ptx;
  return is_text ? Carrier::bare_ptx : Carrier::bare_cubin;
}

}  // namespace

collect::TakesModule takes_at(const Place& place) {
  return [&place](const ModuleShape& shape) {
    switch (fit_module(shape, carrier_of(shape), place).offer) {
      case ModuleFit::Offer::native:
        return collect::Takes::native;
      case ModuleFit::Offer::compatible:
        return collect::Takes::compatible;
      case ModuleFit::Offer::ptx:
        return collect::Takes::compiled;
      case ModuleFit::Offer::none:
      case ModuleFit::Offer::unknown:
      case ModuleFit::Offer::no_kernels:
        break;
    }
    return collect::Takes::not_at_all;
  };
}

}  // namespace cufit::commands
