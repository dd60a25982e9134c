#include "knowledge/rows.h"

#include "base/number.h"
#include "base/read_once.h"
#include "knowledge/cause_rows.h"

namespace cufit {

std::string Cuda::dotted() const { return std::to_string(major) + '.' + std::to_string(minor); }

std::optional<Cuda> Cuda::from(const Version& v) {
  if (v.empty() || v.major() > 255 || v.minor() > 255) return std::nullopt;
  return Cuda{uint8_t(v.major()), uint8_t(v.minor())};
}

std::optional<Cuda> Cuda::parse(std::string_view dotted) {
  auto v = Version::parse(dotted);
  if (!v || v->size() != 2) return std::nullopt;
  return from(*v);
}

const Version& DriverVersion::version() const { return read_once<Version>(text); }

bool ToolkitRow::complete() {
  auto version = Cuda::parse(id);
  if (version) cuda = *version;
  return version.has_value();
}

bool PtxTargetRow::complete() {
  auto sm = Sm::parse(id);
  if (sm) target = *sm;
  return sm.has_value() && sm->bare() == id;
}

bool DriverRow::complete() {
  auto n = id.starts_with('R') ? whole_number<uint32_t>(id.substr(1)) : std::nullopt;
  number = n.value_or(0);
  return n.has_value();
}

bool ErrorRow::complete() {
  auto n = whole_number<uint32_t>(id);
  code = n.value_or(0);
  return n.has_value();
}

bool in_range(const Version& version, std::string_view from, std::string_view before) {
  auto bound = [](std::string_view text) { return Version::parse(text); };
  return (from.empty() || version >= *bound(from)) && (before.empty() || version < *bound(before));
}

}  // namespace cufit
