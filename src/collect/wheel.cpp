#include "collect/wheel.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "collect/archive_name.h"
#include "collect/binary.h"
#include "collect/convert.h"
#include "collect/entry.h"
#include "collect/file_names.h"
#include "collect/metadata.h"
#include "formats/zip.h"

namespace cufit::collect {
namespace {

namespace zip = formats::zip;
using formats::GapKind;

constexpr size_t kSmallText = 256 << 10;

Gap gap_of(const std::string& path, GapKind kind, const Error& e) {
  return {path, e.offset, text_of({kind, 0, e.message})};
}

/// Reads one member. Members that hold no GPU code give nothing.
struct MemberResult {
  std::optional<Binary> binary;
  std::optional<Gap> gap;
};

MemberResult read_member(const File& file, const zip::Entry& entry, const Options& options) {
  std::string full = file.path() + '!' + entry.name;
  if (!entry.is_readable()) {
    auto kind = entry.flaw == zip::Flaw::encrypted ? GapKind::member_encrypted : GapKind::member_method;
    return {{}, gap_of(full, kind, {std::string(zip::describe(entry.flaw)), {}, entry.header})};
  }
  if (is_archive_name(entry.name)) return {{}, Gap{full, {}, text_of({GapKind::archive_inside})}};
  MemberResult r;
  std::optional<Error> opened;
  auto open = [&]() -> std::unique_ptr<Stream> {
    auto s = zip::open(file, entry);
    if (s) return std::move(*s);
    opened = s.error();
    return std::make_unique<MemoryStream>(Bytes{});
  };
  if (entry.method == uint16_t(zip::Method::stored)) {
    FileBytes bytes(file);
    auto at = zip::locate(bytes, entry);
    if (!at) return {{}, gap_of(full, GapKind::member_damaged, at.error())};
    r.binary = read_binary(file, *at, entry.size, options);
  } else {
    r.binary = read_binary(open, entry.size, options);
  }
  if (opened) return {{}, gap_of(full, GapKind::member_damaged, *opened)};
  if (r.binary) {
    r.binary->path = entry.name;
    add_release(*r.binary, open);
    for (auto& g : r.binary->unread) g.path = full;
    if (!is_member(*r.binary)) r.binary.reset();
  }
  return r;
}

/// ELF members count their bytes as they come; all others are counted when they are done.
void count(Progress* progress, const MemberResult& r, const zip::Entry& entry) {
  if (!progress) return;
  progress->files++;
  bool counted =
      entry.method == uint16_t(zip::Method::stored) || (r.binary && r.binary->format == Binary::Format::elf);
  if (!counted) progress->done += entry.size;
}

/// The text of a small member, empty if it cannot be read.
std::string text_of_member(const File& file, const zip::Entry& entry) {
  if (!entry.is_readable() || entry.size > kSmallText) return {};
  auto s = zip::open(file, entry);
  return s ? std::string(as_text((*s)->peek(size_t(entry.size)))) : std::string{};
}

void describe(Subject& subject, const File& file, const zip::Archive& archive) {
  subject.kind = Subject::Kind::archive;
  subject.name = base_name(file.path());
  if (auto w = parse_wheel_name(base_name(file.path()))) {
    subject.kind = Subject::Kind::wheel;
    subject.name = w->name;
    subject.version = w->version;
    subject.needs = requires_of(w->python, w->abi, w->platform);
  }
  for (const auto& e : archive.entries) {
    if (!e.name.ends_with(".dist-info/METADATA") || e.name.find('/') != e.name.rfind('/')) continue;
    auto metadata = text_of_member(file, e);
    auto name = field(metadata, "Name:"), version = field(metadata, "Version:");
    if (name.empty()) continue;
    subject.kind = Subject::Kind::wheel;
    subject.name = name;
    if (!version.empty()) subject.version = version;
    MarkerPlace place;
    for (auto& p : subject.needs.platforms) place.machine = machine_of(p);
    subject.dependencies = dependencies(metadata, place);
  }
  for (const auto& e : archive.entries)
    if (e.name == subject.name + "/version.py")
      subject.version = with_local_version(subject.version, text_of_member(file, e));
}

}  // namespace

Result<Subject> read_wheel(const File& file, const Options& options) {
  FileBytes bytes(file);
  auto archive = zip::read(bytes);
  if (!archive) {
    archive.error().file = file.path();
    return std::unexpected(std::move(archive.error()));
  }
  Subject subject;
  subject.path = file.path();
  describe(subject, file, *archive);

  std::vector<const zip::Entry*> entries;
  for (const auto& e : archive->entries)
    if (!e.is_directory() && !e.shadowed) entries.push_back(&e);
  // Largest first, so that no thread is left alone with the largest one at the end.
  std::ranges::stable_sort(entries, std::greater{}, [](const zip::Entry* e) { return e->size; });
  if (options.progress)
    for (const auto* e : entries) options.progress->total += e->size;
  std::vector<MemberResult> results(entries.size());
  parallel_for(entries.size(), [&](size_t i) {
    results[i] = read_member(file, *entries[i], options);
    count(options.progress, results[i], *entries[i]);
  });
  for (auto& r : results) {
    if (r.binary) subject.members.push_back({std::move(*r.binary)});
    if (r.gap) subject.unread.push_back(std::move(*r.gap));
  }
  std::ranges::sort(subject.members, {}, [](const Member& m) { return m.bin.path; });
  std::ranges::sort(subject.unread, {}, &Gap::path);
  subject.files_read = entries.size();
  if (archive->damage) subject.unread.push_back(gap_of(file.path(), GapKind::zip_damaged, *archive->damage));
  return subject;
}

}  // namespace cufit::collect
