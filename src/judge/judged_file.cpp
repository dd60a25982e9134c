#include "judge/judged_file.h"

#include <algorithm>

#include "judge/driver_axis.h"
#include "judge/run.h"
#include "judge/uses.h"
#include "judge/variant.h"

namespace cufit {

bool is_published(const Subject& s) {
  return s.kind == Subject::Kind::wheel || s.kind == Subject::Kind::distribution;
}

/// Most modules hold an image for this GPU that the driver refuses. They were made to run here, unlike those
/// that have none: a framework of which most kernels fail does not run.
std::set<std::pair<Image::Kind, Sm>> targets_of(std::span<const JudgedFile* const> files) {
  std::set<std::pair<Image::Kind, Sm>> targets;
  auto has_code = [](const ModuleShape& shape) {
    return std::ranges::any_of(shape.images, [](auto& i) { return !i.empty; });
  };
  for (auto* file : files) {
    auto& shapes = file->bin().shapes;
    // Beside ordinary modules, cubins that lie loose do not count (fit_file).
    bool ordinary = !is_set(file->role()) && std::ranges::any_of(shapes, [&](auto& shape) {
      return shape.link != ModuleShape::Link::loose && has_code(shape);
    });
    for (auto& shape : shapes)
      for (auto& image : shape.images)
        if (!image.empty && image.kind != Image::Kind::other &&
            !(ordinary && shape.link == ModuleShape::Link::loose))
          targets.emplace(image.kind, image.target);
  }
  return targets;
}

Caller JudgedFile::caller() const {
  bool by_format = bin().format == Binary::Format::cubin || bin().format == Binary::Format::fatbin ||
                   bin().format == Binary::Format::ptx;
  bool driver_api = by_format || (need && !need->runtime);
  return {driver_api, need && need->runtime && has_legacy_codes(need->at_most), of_torch};
}

namespace {

std::vector<JudgedFile> fit_files(const Subject& subject, SetAside rule, const Place& place) {
  std::vector<JudgedFile> files;
  auto major = cuda_major_of_package(subject);
  bool of_torch = serves_torch(subject, place.installed);
  for (auto& member : subject.members) {
    if (member.role == Role::jit_compiler) continue;
    // A static library in a package is an input of links that others make: nothing loads it.
    if (member.bin.format == Binary::Format::archive && is_package(subject)) continue;
    auto need = toolkit_need(place.knowledge, member.bin);
    if (need && major) narrow(*need, *major);
    auto runtime = need && need->runtime ? need->at_least : Cuda{};
    files.push_back({fit_file(member, runtime, rule, place), std::move(need), of_torch});
  }
  return files;
}

}  // namespace

std::vector<JudgedFile> read_files(const Subject& subject, const Place& place) {
  auto read = [&](SetAside rule) { return fit_files(subject, rule, place); };
  // Who builds for one machine builds for its GPU; what is published for many may choose.
  if (!is_published(subject)) return read(SetAside::none);
  auto files = read(SetAside::made_for_others);
  auto runs = [](const JudgedFile& f) {
    return is_core(f.role()) && (f.fit.axis == Axis::fits || f.fit.axis == Axis::limited);
  };
  bool chooses = std::ranges::any_of(files, [](auto& f) { return f.fit.set_aside > 0; });
  // If nothing else runs, what was made for others is all that there is.
  return chooses && std::ranges::none_of(files, runs) ? read(SetAside::none) : files;
}

std::vector<const JudgedFile*> deciding_files(std::span<const JudgedFile> files, const Subject& subject,
                                              const Place& place) {
  for (auto role : {Role::core, Role::math, Role::variant, Role::optional, Role::on_request}) {
    std::vector<const JudgedFile*> with_role;
    bool has_code = false;
    for (auto& file : files)
      if (file.role() == role || (role == Role::core && is_core(file.role())))
        with_role.push_back(&file), has_code |= file.fit.axis != Axis::not_asked || file.fit.gap;
    if (!has_code) continue;
    if (role != Role::variant) return with_role;
    if (auto* chosen = chosen_variant(with_role, subject, place)) return {chosen};
    auto badness = [&](const JudgedFile* f) {
      auto images = f->fit.gap ? Verdict::unknown : verdict_of(f->fit.axis);
      return std::max(images, verdict_of(judge_floors(std::span(&f, 1), {}, place).axis));
    };
    return {*std::ranges::min_element(with_role, {}, badness)};
  }
  return {};
}

}  // namespace cufit
