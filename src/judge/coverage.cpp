#include "judge/coverage.h"

#include <algorithm>
#include <set>

#include "judge/jit.h"
#include "judge/ptx.h"
#include "judge/run.h"
#include "judge/unlisted.h"

namespace cufit {

namespace {

using Offer = ModuleFit::Offer;
using Link = ModuleShape::Link;

Carrier carrier_of(const Binary& bin) {
  switch (bin.format) {
    case Binary::Format::cubin:
      return Carrier::bare_cubin;
    case Binary::Format::fatbin:
      return Carrier::fatbin;
    case Binary::Format::ptx:
      return Carrier::bare_ptx;
    case Binary::Format::elf:
    case Binary::Format::archive:
      break;
  }
  return Carrier::program;
}

/// Code as data in a program: the program hands it to the driver by itself.
Carrier carrier_of_loose(const ModuleShape& shape) {
  auto is_ptx = [](const Image& i) { return i.kind == Image::Kind::ptx; };
  return std::ranges::all_of(shape.images, is_ptx) ? Carrier::bare_ptx : Carrier::bare_cubin;
}

/// Machine code with kernels for how many GPUs, not counting architecture-specific targets.
size_t plain_targets(const ModuleShape& shape) {
  std::set<Sm> targets;
  for (auto& image : shape.images)
    if (image.kind == Image::Kind::sass && !image.empty && image.target == image.target.plain())
      targets.insert(image.target);
  return targets.size();
}

bool is_architecture_specific(const ModuleShape& shape) {
  return std::ranges::all_of(shape.images, [](auto& i) { return i.empty || i.target != i.target.plain(); });
}

/// Of a module without code for the GPU: was it built for others only?
bool is_made_for_others(const ModuleShape& shape, const Member& member) {
  if (is_set(member.role)) return false;
  if (is_architecture_specific(shape)) return true;
  // What is opened on demand holds static libraries of NVIDIA too.
  if (member.role != Role::dispatching && member.role != Role::optional) return false;
  size_t most = 0;
  for (auto& other : member.bin.shapes) most = std::max(most, plain_targets(other));
  return 2 * plain_targets(shape) < most;
}

Tally tally_of(FileFit& file, Link link, Carrier carrier, SetAside rule, const Place& place) {
  Tally tally;
  for (auto& shape : file.member->bin.shapes) {
    if (shape.link != link) continue;
    auto fit = fit_module(shape, link == Link::loose ? carrier_of_loose(shape) : carrier, place);
    bool lacks = fit.offer == Offer::none && fit.code == 209 && link == Link::whole;
    if (lacks && rule == SetAside::made_for_others && is_made_for_others(shape, *file.member)) {
      file.set_aside += shape.count;
      continue;
    }
    if (fit.kernels_elsewhere) file.no_kernels_here += shape.count;
    if (fit.newer_ptx) file.newer_ptx += shape.count;
    tally.add(fit, shape.count);
  }
  return tally;
}

/// The driver does not link machine code of a newer toolkit than its own (RUN-2). Where no mark tells the
/// toolkit, PTX beside it does.
bool links_objects(const Binary& bin, const Place& place) {
  auto own = place.compiler();
  auto is_newer = [&](const Version& mark) {
    auto cuda = Cuda::from(mark);
    return cuda && own.cuda && *cuda > *own.cuda;
  };
  auto is_newer_ptx = [&](const Image& i) {
    return i.kind == Image::Kind::ptx && reads_isa(place.knowledge, i, own) == Answer::no;
  };
  auto has_newer_ptx = [&](const ModuleShape& s) {
    return s.link == Link::rdc_object && std::ranges::any_of(s.images, is_newer_ptx);
  };
  return own.at_least ||
         (std::ranges::none_of(bin.toolkits, is_newer) && std::ranges::none_of(bin.shapes, has_newer_ptx));
}

/// Objects of which some have PTX where a variable forces it, and libcudadevrt, say, has none: what needs it
/// fails with 300, the rest runs.
std::optional<Tally> what_forcing_lacks(const Tally& objects) {
  bool runs = objects.of(Offer::ptx) > 0, lacks = objects.of(Offer::none) > 0;
  auto by_forcing = [](const Share& s) { return s.offer != Offer::none || s.rule == &jit_3; };
  if (!runs || !lacks || !std::ranges::all_of(objects.shares, by_forcing)) return std::nullopt;
  auto tally = objects;
  for (auto& share : tally.shares)
    if (share.offer == Offer::none) share.code = 300;
  return tally;
}

/// Relocatable device code (RUN-2): the linked image decides; else the driver links the objects, if all of
/// them have an image for the GPU, and `links` says that it can. What the PTX compiler refuses keeps its own
/// code.
Tally join_linked(const Tally& linked, const Tally& objects, Cuda runtime, bool links) {
  auto complete = [](const Tally& t) { return t.total() > 0 && t.running() == t.total(); };
  if (complete(linked)) return linked;
  if (complete(objects) && (links || objects.of(Offer::ptx) == objects.total())) return objects;
  if (linked.of(Offer::unknown) + objects.of(Offer::unknown) > 0)
    return linked.total() > 0 ? linked : objects;
  if (auto lacks = what_forcing_lacks(objects)) return *lacks;
  Tally failed;
  ModuleFit fit = {Offer::none, &run_2, links || objects.running() == 0 ? code_of_missing_link(runtime) : 209,
                   nullptr};
  for (auto* tally : {&linked, &objects})
    for (auto& share : tally->shares)
      if (share.offer == Offer::none && (share.code == 222 || share.code == 223 || share.code == 200))
        fit.code = share.code, fit.rule = share.rule, fit.image = share.image;
  for (auto* tally : {&linked, &objects})
    for (auto& share : tally->shares)
      if (share.rule == &jit_3) fit.rule = &jit_3;  // the variable is why the link does not help
  failed.add(fit, linked.total() > 0 ? linked.total() : objects.total());
  return failed;
}

Axis axis_of(const Tally& t) {
  if (t.total() == 0) return Axis::not_asked;
  if (t.running() == 0) return t.of(Offer::unknown) > 0 ? Axis::unknown : Axis::unfit;
  if (t.of(Offer::none) > 0) return Axis::limited;
  if (t.of(Offer::unknown) > 0) return Axis::unknown;
  return t.of(Offer::ptx) > 0 ? Axis::limited : Axis::fits;
}

/// A library that picks one of its modules by itself: a set that runs is enough.
Axis axis_of_set(const Tally& t) {
  if (t.total() == 0) return Axis::not_asked;
  if (t.is_token()) return t.of(Offer::unknown) > 0 ? Axis::unknown : Axis::unfit;
  if (t.of(Offer::native) + t.of(Offer::compatible) > 0) return Axis::fits;
  if (t.of(Offer::ptx) > 0) return Axis::limited;
  return t.of(Offer::unknown) > 0 ? Axis::unknown : Axis::unfit;
}

}  // namespace

void Tally::add(const ModuleFit& fit, uint32_t count) {
  if (fit.offer == Offer::no_kernels || count == 0) return;
  for (auto& share : shares)
    if (share.offer == fit.offer && share.code == fit.code && share.rule == fit.rule) {
      share.modules += count;
      return;
    }
  shares.push_back({fit.offer, fit.code, fit.rule, count, fit.image});
}

void Tally::add(const Tally& other) {
  for (auto& s : other.shares) add(ModuleFit{s.offer, s.rule, s.code, s.image}, s.modules);
}

uint32_t Tally::of(Offer offer) const {
  uint32_t n = 0;
  for (auto& share : shares)
    if (share.offer == offer) n += share.modules;
  return n;
}

uint32_t Tally::running() const { return of(Offer::native) + of(Offer::compatible) + of(Offer::ptx); }

bool Tally::is_token() const { return uint64_t{100} * running() < total(); }

uint32_t Tally::total() const { return running() + of(Offer::none) + of(Offer::unknown); }

Coverage Tally::coverage() const {
  return {total(), of(Offer::native), of(Offer::compatible), of(Offer::ptx), of(Offer::none)};
}

FileFit fit_file(const Member& member, Cuda runtime, SetAside rule, const Place& place) {
  FileFit file;
  file.member = &member;
  for (auto& gap : member.bin.unread)
    if (hides_code(gap) && !file.gap) file.gap = &gap;
  if (auto fit = fails_whatever_it_holds(member, place)) {
    file.gap = nullptr;
    file.tally.add(*fit, 1);
    file.axis = Axis::unfit;
    return file;
  }
  auto carrier = carrier_of(member.bin);
  auto whole = tally_of(file, Link::whole, carrier, rule, place);
  auto linked = join_linked(tally_of(file, Link::device_link, carrier, rule, place),
                            tally_of(file, Link::rdc_object, carrier, rule, place), runtime,
                            links_objects(member.bin, place));
  auto loose = tally_of(file, Link::loose, carrier, rule, place);
  file.tally.add(whole);
  file.tally.add(linked);
  if (is_set(member.role)) {
    file.tally.add(loose);
    file.axis = axis_of_set(file.tally);
  } else if (file.tally.total() > 0) {
    // Relocatable code that runs is no help if no ordinary module does: libcudadevrt brings such code along.
    file.axis = whole.total() > 0 && whole.running() == 0 ? axis_of(whole) : axis_of(file.tally);
  } else {
    file.tally = loose;
    file.axis = carrier == Carrier::program ? axis_of_set(loose) : axis_of(loose);
  }
  return file;
}

bool is_set(Role role) { return role == Role::math || role == Role::on_request; }

}  // namespace cufit
