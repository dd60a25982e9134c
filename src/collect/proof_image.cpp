#include "collect/proof_image.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/file.h"
#include "collect/convert.h"
#include "formats/cubin.h"
#include "formats/fatbin.h"
#include "formats/scan.h"

namespace cufit::collect {
namespace {

namespace fatbin = formats::fatbin;

constexpr uint64_t kLargest = 4 << 20;
/// No module without kernels was seen above this; below, an image may be the stub of a device link.
constexpr uint64_t kSmallest = 8 << 10;
/// Shapes of a file that are looked at: torch has up to 60, cublasLt 200.
constexpr size_t kMaxShapes = 512;
/// Containers that are stepped over: cuSPARSELt has a thousand.
constexpr size_t kMaxSteps = 2048;

/// The code that a package is for comes first, NVIDIA's libraries that lie beside it last.
int rank(Role role) {
  switch (role) {
    case Role::core:
    case Role::dispatching:
      return 0;
    case Role::variant:
      return 1;
    case Role::optional:
      return 2;
    case Role::on_request:
      return 3;
    case Role::math:
    case Role::jit_compiler:
      return 4;
  }
  return 4;
}

uint64_t modules_of(const Member& member) {
  uint64_t n = 0;
  for (auto& shape : member.bin.shapes) n += shape.count;
  return n;
}

/// Of members of one rank the one that holds most: libtorch_cuda.so before libc10_cuda.so.
std::vector<const Member*> by_importance(const Subject& subject) {
  std::vector<const Member*> members;
  for (auto& member : subject.members) members.push_back(&member);
  std::ranges::stable_sort(
      members, {}, [](const Member* m) { return std::pair(rank(m->role), -int64_t(modules_of(*m))); });
  return members;
}

/// Is a module of this shape handed to the driver as it lies there? Objects of a device link are not; what is
/// packed without a container the library unpacks itself; of PTX text inside of a file nothing tells the end.
bool is_handed_over(const ModuleShape& shape, Binary::Format format) {
  switch (shape.link) {
    case ModuleShape::Link::whole:
    case ModuleShape::Link::device_link:
      return format != Binary::Format::archive;
    case ModuleShape::Link::rdc_object:
      return false;
    case ModuleShape::Link::loose:
      break;
  }
  auto& image = shape.images.front();
  if (image.packing != Packing::none || format == Binary::Format::archive) return false;
  return image.kind == Image::Kind::sass || format == Binary::Format::ptx;
}

/// Where a module lies that the GPU takes.
struct Place {
  uint64_t at = 0, size = 0;
  Takes takes = Takes::not_at_all;

  bool is_tiny() const { return size < kSmallest; }
  bool is_large() const { return size > kLargest; }
  /// Smaller ones first, but what may be a stub behind all others.
  auto order() const { return std::tuple(takes, is_tiny(), is_tiny() ? ~size : size); }
};

/// How many bytes the container at this offset takes; nothing if there is none, or it goes beyond the end.
std::optional<uint64_t> container_at(const File& file, uint64_t at) {
  std::array<uint8_t, fatbin::kHeaderSize> head;
  if (at >= file.size() || !file.read_at(at, head) || load_at<uint64_t>(head.data()) != fatbin::kHead)
    return std::nullopt;
  uint64_t size = load_at<uint64_t>(head.data() + 8), room = file.size() - at - head.size();
  return size <= room ? std::optional(head.size() + size) : std::nullopt;
}

/// The same for the module that stands for a shape.
std::optional<uint64_t> module_at(const File& file, const ModuleShape& shape) {
  uint64_t at = shape.example;
  if (shape.link != ModuleShape::Link::loose) return container_at(file, at);
  if (shape.images.front().kind == Image::Kind::ptx)
    return at < file.size() ? std::optional(file.size() - at) : std::nullopt;
  std::array<uint8_t, 64> head;
  auto size = file.read_at(at, head) ? formats::cubin_size(head) : std::nullopt;
  return size && *size <= file.size() - at ? size : std::nullopt;
}

ModuleShape shape_of(const File& file, uint64_t at, uint64_t size) {
  FileStream stream(file, at, size);
  formats::Found found;
  formats::Scanner(stream, {}, found).scan(size);
  Binary container;
  set_contents(container, found, nullptr, {});
  return container.shapes.empty() ? ModuleShape{} : container.shapes.front();
}

/// Containers lie back to back in their section: the first behind this place that the GPU takes so well, and
/// that is neither too large nor a stub.
std::optional<Place> first_behind(const File& file, Place place, const TakesModule& takes) {
  for (size_t step = 0; step < kMaxSteps; step++) {
    place.size = container_at(file, place.at).value_or(0);
    if (place.size == 0) return std::nullopt;
    if (!place.is_tiny() && !place.is_large()) {
      auto shape = shape_of(file, place.at, place.size);
      if (!shape.images.empty() && takes(shape) == place.takes) return place;
    }
    place.at = (place.at + place.size + 7) / 8 * 8;
  }
  return std::nullopt;
}

/// The best of the modules that stand for the shapes; where these are too large or stubs (the first one of
/// XLA has 10 MiB, most have less), one of those behind them.
std::optional<Place> best_of(const File& file, std::span<const Place> taken, const TakesModule& takes) {
  auto how = std::ranges::min(taken, {}, &Place::takes).takes;
  std::optional<Place> best;
  Place first{UINT64_MAX, 0, how};
  for (auto& place : taken) {
    if (place.takes == how) first.at = std::min(first.at, place.at);
    if (!place.is_large() && (!best || place.order() < best->order())) best = place;
  }
  if (best && best->takes == how && !best->is_tiny()) return best;
  auto other = first_behind(file, first, takes);
  return other ? other : best;
}

/// The shapes that the GPU takes.
std::vector<const ModuleShape*> taken_of(const Binary& bin, const TakesModule& takes) {
  std::vector<const ModuleShape*> taken;
  for (auto& shape : bin.shapes)
    if (taken.size() < kMaxShapes && !shape.images.empty() && is_handed_over(shape, bin.format) &&
        takes(shape) != Takes::not_at_all)
      taken.push_back(&shape);
  return taken;
}

std::expected<FoundImage, Gap> image_in(const Subject& subject, const Binary& bin, const TakesModule& takes) {
  auto gap = [&](Text why) { return std::unexpected(Gap{bin.path, {}, std::move(why)}); };
  auto taken = taken_of(bin, takes);
  if (taken.empty()) return gap({"gap.image-none"});
  auto file = File::open(bin.path);
  if (!file) return gap({"gap.read-error", {{"error", file.error().message}}});
  std::vector<Place> places;
  for (auto* shape : taken)
    if (auto size = module_at(*file, *shape)) places.push_back({shape->example, *size, takes(*shape)});
  if (places.empty()) return gap({"gap.image-moved"});
  auto place = best_of(*file, places, takes);
  if (!place) return gap({"gap.image-large"});
  FoundImage found{
      {subject.id, bin.path, std::vector<uint8_t>(size_t(place->size))}, place->at, place->takes};
  if (auto read = file->read_at(found.at, found.image.bytes); !read)
    return gap({"gap.read-error", {{"error", read.error().message}}});
  if (bin.format == Binary::Format::ptx) found.image.bytes.push_back(0);
  found.image.is_compiled = found.takes == Takes::compiled;
  return found;
}

}  // namespace

std::expected<FoundImage, Gap> image_to_prove(const Subject& subject, const TakesModule& takes) {
  if (subject.kind == Subject::Kind::wheel || subject.kind == Subject::Kind::build)
    return std::unexpected(Gap{subject.path, {}, {"gap.image-not-installed"}});
  std::optional<Gap> why;
  for (auto* member : by_importance(subject)) {
    auto found = image_in(subject, member->bin, takes);
    if (found) return found;
    // "None here" of the first file says less than what hinders a later one.
    if (!why || why->what.id == "gap.image-none") why = std::move(found.error());
  }
  return std::unexpected(why.value_or(Gap{subject.path, {}, {"gap.image-none"}}));
}

}  // namespace cufit::collect
