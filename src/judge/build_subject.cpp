#include "judge/build_subject.h"

#include <algorithm>

#include "base/read_once.h"
#include "base/text.h"

namespace cufit {

namespace {

/// What a row lists for a platform.
struct Listed {
  List<Sm> sass, ptx;
  bool known = false;
};

Listed listed_for(const BuildRow& row, const BuildPlatform& platform) {
  if (row.basis == Basis::none) return {};
  if (platform.os == Machine::Platform::windows)
    return row.sass_windows.empty() && row.ptx_windows.empty()
               ? Listed{}
               : Listed{row.sass_windows, row.ptx_windows, true};
  if (platform.aarch64)
    return row.sass_aarch64.empty() && row.ptx_aarch64.empty()
               ? Listed{}
               : Listed{row.sass_aarch64, row.ptx_aarch64, true};
  return {row.sass, row.ptx, true};
}

/// Machine code for newer targets, and all that CUDA 13 writes, has the ELF ABI 8 (SASS-7).
Isa abi_of(Sm target, const std::optional<Cuda>& cuda) {
  bool newer = (cuda && cuda->major >= 13) || target.major >= 10;
  return {1, uint8_t(newer ? 8 : 7)};
}

Image image(Image::Kind kind, Sm target, Isa isa) {
  Image i;
  i.kind = kind;
  i.target = target;
  i.isa = isa;
  return i;
}

using Toolkits = std::span<const ToolkitRow* const>;

/// PTX of one of these toolkits: what its ISA is at least and at most. A target asks for an ISA of its own,
/// so toolkits from before it wrote none of it.
Image ptx_of(const Knowledge& k, Toolkits toolkits, Sm target) {
  auto i = image(Image::Kind::ptx, target, {});
  auto needed = k.min_isa(target).value_or(Isa{});
  for (auto* toolkit : toolkits) {
    if (toolkit->ptx_isa < needed) continue;
    if (i.isa == Isa{}) i.isa = toolkit->ptx_isa;
    i.isa_at_most = std::max(i.isa_at_most, toolkit->ptx_isa);
  }
  return i;
}

/// PTX that nobody listed may be there: all that is known is what the toolkits can write.
Image unlisted_ptx(const Knowledge& k, Toolkits toolkits) {
  std::optional<Sm> lowest;
  for (auto* toolkit : toolkits)
    for (auto target : toolkit->ptx_targets)
      if (!lowest || target < *lowest) lowest = target;
  auto i = ptx_of(k, toolkits, lowest.value_or(Sm{}));
  i.kind = Image::Kind::other;
  return i;
}

Member member_of(const Knowledge& k, const BuildRow& row, const BuildPlatform& platform) {
  Member m;
  m.role = row.is_variant ? Role::variant : Role::core;
  m.bin.path = std::string(row.id);
  m.bin.arch = platform.aarch64 ? "aarch64" : "x86_64";
  auto major = row.cuda ? row.cuda->major : Version::parse(row.cuda_major).value_or(Version()).major();
  if (row.cuda) m.bin.toolkits = {*Version::parse(row.cuda->dotted())};
  if (major >= 12)
    m.bin.dyn.needed = {"libcudart.so." + std::to_string(major)};
  else if (major == 11)
    m.bin.dyn.needed = {"libcudart.so.11.0"};
  else if (row.cuda)
    m.bin.dyn.needed = {"libcudart.so." + row.cuda->dotted()};
  auto listed = listed_for(row, platform);
  ModuleShape shape;
  shape.count = 1;
  for (auto target : listed.sass)
    shape.images.push_back(image(Image::Kind::sass, target, abi_of(target, row.cuda)));
  auto toolkits = toolkits_of(k, row);
  for (auto target : listed.ptx) {
    auto isa = row.ptx_isa || !row.cuda ? row.ptx_isa : k.ptx_isa(*row.cuda);
    shape.images.push_back(isa ? image(Image::Kind::ptx, target, *isa) : ptx_of(k, toolkits, target));
  }
  if (!row.ptx_is_known) shape.images.push_back(unlisted_ptx(k, toolkits));
  if (listed.known)
    m.bin.shapes.push_back(std::move(shape));
  else
    m.bin.unread.push_back(
        {std::string(row.id), {}, {"gap.no-list-of-code", {{"platform", platform.tag()}}}});
  return m;
}

/// What a list of "RELEASE WORDS" has for a release; empty if nothing.
std::string_view words_of(const Strings& list, const PackageVersion& release) {
  for (auto item : list) {
    auto space = item.find(' ');
    if (read_once<PackageVersion>(item.substr(0, space)) == release) return item.substr(space + 1);
  }
  return {};
}

std::vector<Dependency> dependencies_of(const BuildRow& row, const PackageVersion& release) {
  std::vector<Dependency> all;
  auto add = [&](std::string_view pin) {
    auto at = pin.find_first_of("=><!~");
    all.push_back({std::string(pin.substr(0, at)), std::string(at == pin.npos ? "" : pin.substr(at))});
  };
  for (auto pin : row.pins) add(pin);
  if (auto torch = words_of(row.torch_pins, release); !torch.empty())
    all.push_back({"torch", std::string(torch)});
  if (!row.triton.empty()) add("triton==" + std::string(row.triton));
  std::ranges::sort(all, {}, &Dependency::name);
  return all;
}

/// A label in the form of a local version, so that two files of one release have two names.
std::string as_local(std::string_view label) {
  std::string local;
  for (char c : label) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      local += c;
    else if (!local.empty() && local.back() != '.')
      local += '.';
  }
  while (local.ends_with('.')) local.pop_back();
  return local;
}

/// "cp39 cp310" as "cp39, cp310".
std::string with_commas(std::string_view words) {
  std::string list;
  for (char c : words) list += c == ' ' ? std::string(", ") : std::string(1, c);
  return list;
}

}  // namespace

std::string BuildPlatform::tag() const {
  if (os == Machine::Platform::windows) return aarch64 ? "windows_arm64" : "windows_amd64";
  return aarch64 ? "linux_aarch64" : "linux_x86_64";
}

BuildPlatform platform_of(const Place& place) {
  auto* arch = place.machine.arch.get();
  return {place.machine.platform, arch ? *arch == "aarch64" : place.arm};
}

Subject subject_of_build(const Knowledge& k, std::span<const BuildRow* const> rows,
                         const PackageVersion& version, const BuildPlatform& platform, bool beyond) {
  auto& first = *rows.front();
  Subject s;
  s.kind = Subject::Kind::build;
  s.name = std::string(first.package);
  s.version = version.text();
  auto local = first.local.empty() ? version.local() : std::string(first.local);
  if (local.empty()) local = as_local(first.label);
  if (!local.empty()) s.version += '+' + local;
  s.path = s.name + "==" + s.version;
  s.build = std::string(first.id);
  s.files_read = rows.size();
  if (!first.python.empty()) s.needs.python = joined(first.python);
  if (auto tags = words_of(first.python_of_releases, version); !tags.empty())
    s.needs.python = with_commas(tags);
  auto glibc = first.glibc.empty() ? words_of(first.glibc_of_releases, version) : first.glibc;
  if (!glibc.empty()) s.needs.glibc = ">=" + std::string(glibc);
  for (auto p : first.platforms) s.needs.platforms.emplace_back(p);
  for (auto* row : rows) s.members.push_back(member_of(k, *row, platform));
  s.dependencies = dependencies_of(first, version);
  if (beyond)
    s.unread.push_back({s.path, {}, {"gap.beyond-catalogue", {{"newest", newest_release(first).text()}}}});
  return s;
}

Subject unknown_build(const std::string& name, const std::string& version, Text why) {
  Subject s;
  s.kind = Subject::Kind::build;
  s.name = name;
  s.version = version;
  s.path = version.empty() ? name : name + "==" + version;
  s.unread.push_back({s.path, {}, std::move(why)});
  return s;
}

std::optional<Subject> on_platform(const Subject& subject, const Place& place) {
  if (subject.kind != Subject::Kind::build || subject.build.empty()) return std::nullopt;
  auto platform = platform_of(place);
  auto version = PackageVersion::parse(subject.version);
  if (platform == BuildPlatform{} || !version) return std::nullopt;
  auto& k = place.knowledge;
  std::vector<const BuildRow*> rows;
  for (auto& m : subject.members)
    if (auto* row = k.build(m.bin.path)) rows.push_back(row);
  if (rows.empty()) return std::nullopt;
  auto other = subject_of_build(k, rows, *version, platform);
  other.id = subject.id;
  other.name = subject.name;
  other.path = subject.path;
  other.environment = subject.environment;
  other.unread = subject.unread;
  return other;
}

namespace {

void reword(Text& text) {
  struct Pair {
    std::string_view in_files, in_list;
  };
  static constexpr Pair pairs[] = {
      {"image.native", "listed.native"},
      {"image.compatible", "listed.compatible"},
      {"image.ptx", "listed.ptx"},
      {"image.none", "listed.none"},
      {"image.ptx-too-new", "listed.ptx-too-new"},
      {"image.jit-disabled", "listed.jit-disabled"},
      {"image.forced", "listed.forced"},
      {"image.unknown.isa", "listed.unknown.isa"},
      {"image.unknown.kind", "listed.unknown.kind"},
      {"image.unknown.target", "listed.unknown.target"},
  };
  auto pair = std::ranges::find(pairs, text.id, &Pair::in_files);
  if (pair == std::end(pairs)) return;
  text.id = pair->in_list;
  std::erase_if(text.args, [](auto& arg) { return arg.first == "n" || arg.first == "m"; });
}

void reword(Evidence& e) {
  reword(e.text);
  for (auto& part : e.parts) reword(part);
}

}  // namespace

void word_as_listed(Judgement& j) {
  reword(j.why);
  for (auto& limit : j.limits) reword(limit.text);
}

const BuildRow* identify_build(const Knowledge& k, const Subject& subject) {
  if (!subject.build.empty()) return k.build(subject.build);
  auto version = PackageVersion::parse(subject.version);
  if (!version || subject.kind == Subject::Kind::file) return nullptr;
  const BuildRow* served = nullptr;  // what the default index serves, if the code does not tell
  bool tells = false;
  for (auto* row : builds_of(k, normalized_name(subject.name))) {
    if (!covers(*row, *version) || row->is_variant) continue;
    if (!version->local().empty()) {
      if (row->local == version->local()) return row;
      continue;
    }
    for (auto& member : subject.members)
      for (auto& toolkit : member.bin.toolkits) {
        if (!is_core(member.role)) continue;
        tells = true;
        if (row->cuda && Cuda::from(toolkit) == row->cuda) return row;
      }
    if (row->is_default && !served) served = row;
  }
  return tells ? nullptr : served;
}

}  // namespace cufit
