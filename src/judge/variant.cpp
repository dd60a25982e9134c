#include "judge/variant.h"

#include <algorithm>

#include "judge/build_subject.h"
#include "judge/uses.h"

namespace cufit {

namespace {

/// "121" of "libbitsandbytes_cuda121.so"; empty if the name has no such part.
std::string cuda_digits(std::string_view path) {
  auto at = path.rfind("_cuda");
  if (at == path.npos) return {};
  auto rest = path.substr(at + 5);
  return std::string(rest.substr(0, rest.find_first_not_of("0123456789")));
}

std::string digits_of(Cuda cuda) { return std::to_string(cuda.major) + std::to_string(cuda.minor); }

/// The CUDA version that PyTorch of this environment was built with.
std::optional<Cuda> cuda_of_torch(const Subject& subject, const Place& place) {
  for (auto& other : place.installed) {
    if (!Place::beside(subject, other) || !is_torch(other)) continue;
    if (auto* row = identify_build(place.knowledge, other); row && row->cuda) return row->cuda;
    for (auto& m : other.members)
      if (is_core(m.role) && !m.bin.toolkits.empty()) return Cuda::from(m.bin.toolkits.back());
  }
  return std::nullopt;
}

/// The digits of the library that is looked for; empty if nobody tells.
std::string wanted_digits(const Subject& subject, const Place& place) {
  auto variable = place.machine.env.find("BNB_CUDA_VERSION");
  if (variable != place.machine.env.end()) return variable->second;
  auto cuda = cuda_of_torch(subject, place);
  return cuda ? digits_of(*cuda) : std::string();
}

/// The library of the catalogue that surely is there for these digits; null if no row says so.
const JudgedFile* listed_variant(std::span<const JudgedFile* const> files, const std::string& wanted,
                                 const Knowledge& k) {
  auto is_wanted = [&](std::string cuda) { return std::erase(cuda, '.') && cuda == wanted; };
  auto found = std::ranges::find_if(files, [&](auto* file) {
    auto* row = k.build(file->bin().path);
    return row &&
           ((row->cuda && is_wanted(row->cuda->dotted())) ||
            std::ranges::any_of(row->variant_cudas, [&](auto c) { return is_wanted(std::string(c)); }));
  });
  return found == files.end() ? nullptr : *found;
}

}  // namespace

std::string missing_variant(std::span<const JudgedFile* const> files, const Subject& subject,
                            const Place& place) {
  auto wanted = wanted_digits(subject, place);
  if (wanted.empty()) return {};
  if (subject.kind == Subject::Kind::build)
    return listed_variant(files, wanted, place.knowledge) ? std::string() : wanted;
  bool named = false;
  for (auto& m : subject.members) {
    if (m.role != Role::variant) continue;
    auto digits = cuda_digits(m.bin.path);
    if (digits == wanted) return {};
    named |= !digits.empty();
  }
  return named ? wanted : std::string();
}

const JudgedFile* chosen_variant(std::span<const JudgedFile* const> files, const Subject& subject,
                                 const Place& place) {
  auto wanted = wanted_digits(subject, place);
  if (wanted.empty()) return nullptr;
  if (subject.kind == Subject::Kind::build) return listed_variant(files, wanted, place.knowledge);
  auto found = std::ranges::find_if(files, [&](auto* f) { return cuda_digits(f->bin().path) == wanted; });
  return found == files.end() ? nullptr : *found;
}

}  // namespace cufit
