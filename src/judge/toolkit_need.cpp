#include "judge/toolkit_need.h"

#include <algorithm>
#include <array>

#include "judge/sass.h"
#include "model/package.h"

namespace cufit {

namespace {

/// Any minor of this major.
constexpr uint8_t any_minor = 255;

/// "libcudart" of "libcudart.so.12" and of the renamed "libcudart-d0da41ae.so.12".
std::string_view stem_of(std::string_view soname) { return soname.substr(0, soname.find_first_of(".-")); }

std::optional<ToolkitNeed> from_needed(const Binary& bin) {
  std::optional<ToolkitNeed> need;
  // A CUDA library needs what it is itself.
  auto names = bin.dyn.needed;
  if (bin.dyn.soname) names.push_back(*bin.dyn.soname);
  for (auto& name : names) {
    auto cuda = cuda_of_soname(name);
    if (!cuda || (need && *cuda <= need->at_least)) continue;
    need = ToolkitNeed{*cuda, *cuda, &lib_1, name};
    if (cuda->major >= 11) need->at_most.minor = any_minor;
  }
  if (!need || need->at_least.major < 11) return need;
  // The code tells the minor.
  bool told = need->at_least.minor > 0;
  for (auto& mark : bin.toolkits)
    if (auto cuda = Cuda::from(mark); cuda && cuda->major == need->at_least.major)
      need->at_least = std::max(need->at_least, *cuda), told = true;
  if (told) need->at_most = need->at_least;
  return need;
}

std::optional<ToolkitNeed> from_marks(const Binary& bin) {
  std::optional<ToolkitNeed> need;
  for (auto& mark : bin.toolkits)
    if (auto cuda = Cuda::from(mark); cuda && (!need || *cuda > need->at_least))
      need = ToolkitNeed{*cuda, *cuda, &sass_7, cuda->dotted()};
  return need;
}

/// The ELF ABI, the targets and the PTX ISA leave a range.
std::optional<ToolkitNeed> from_images(const Knowledge& k, const Binary& bin) {
  std::optional<ToolkitNeed> need;
  auto newest = k.tables().toolkits.empty() ? Cuda{} : k.tables().toolkits.back().cuda;
  for (auto& shape : bin.shapes)
    for (auto& image : shape.images) {
      if (image.empty) continue;
      ToolkitBounds bounds = {{}, newest};
      if (image.kind == Image::Kind::sass) bounds = toolkits_of_sass(k, image);
      if (image.kind == Image::Kind::ptx) bounds.at_least = k.first_cuda_with_isa(image.isa).value_or(Cuda{});
      if (!need) need = ToolkitNeed{bounds.at_least, bounds.at_most, &sass_7, {}};
      need->at_least = std::max(need->at_least, bounds.at_least);
      need->at_most = std::min(need->at_most, bounds.at_most);
    }
  if (!need) return need;
  if (need->at_most < need->at_least) need->at_most = newest;  // code of several toolkits
  need->evidence = need->at_least.dotted();
  return need;
}

}  // namespace

std::optional<Cuda> cuda_of_soname(std::string_view soname) {
  constexpr std::array<std::string_view, 4> named_by_major = {"libcudart", "libcublas", "libcublasLt",
                                                              "libnvrtc"};
  auto stem = stem_of(soname);
  auto so = soname.find(".so.");
  if (so == soname.npos || std::ranges::find(named_by_major, stem) == named_by_major.end())
    return std::nullopt;
  auto version = Version::parse(soname.substr(so + 4));
  if (!version) return std::nullopt;
  auto cuda = Cuda::from(*version);
  if (!cuda) return std::nullopt;
  if (cuda->major >= 11) return Cuda{cuda->major, 0};
  // Before 11 only libcudart is named by the exact release.
  return stem == "libcudart" ? cuda : std::nullopt;
}

std::optional<uint8_t> cuda_major_of_package(const Subject& s) {
  auto suffix = [](std::string_view name) -> std::optional<uint8_t> {
    auto at = name.rfind("-cu");
    if (at == name.npos) return std::nullopt;
    auto major = Version::parse(name.substr(at + 3));
    if (!major || major->size() != 1 || major->major() < 9 || major->major() > 99) return std::nullopt;
    return uint8_t(major->major());
  };
  if (!is_package(s)) return std::nullopt;
  if (auto own = suffix(normalized_name(s.name))) return own;
  for (auto& d : s.dependencies) {
    if (d.name.starts_with("nvidia-"))
      if (auto its = suffix(d.name)) return its;
    // conda writes it as "cuda-version >=12,<13".
    auto digit = d.specifier.find_first_of("0123456789");
    if (d.name == "cuda-version" && digit != d.specifier.npos) {
      auto end = d.specifier.find_first_not_of("0123456789", digit);
      if (auto major = Version::parse(d.specifier.substr(digit, end - digit))) return uint8_t(major->major());
    }
  }
  return std::nullopt;
}

void narrow(ToolkitNeed& need, uint8_t major) {
  if (need.at_least == need.at_most || need.at_least.major > major || need.at_most.major < major) return;
  need.at_least = std::max(need.at_least, Cuda{major, 0});
  need.at_most = std::min(need.at_most, Cuda{major, any_minor});
  need.rule = &lib_1;
}

std::optional<ToolkitNeed> toolkit_need(const Knowledge& k, const Binary& bin) {
  if (bin.format == Binary::Format::ptx) return std::nullopt;
  if (auto need = from_needed(bin)) return need;
  auto need = from_marks(bin);
  if (!need) need = from_images(k, bin);
  if (!need) return need;
  bool driver_api = std::ranges::any_of(bin.dyn.needed, [](auto& n) { return stem_of(n) == "libcuda"; });
  need->runtime = !driver_api && bin.format != Binary::Format::cubin && bin.format != Binary::Format::fatbin;
  return need;
}

}  // namespace cufit
