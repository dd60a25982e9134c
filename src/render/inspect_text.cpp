// The text of `inspect`: the GPU code of every file.
#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "model/cuda_library.h"
#include "render/labels.h"
#include "render/words.h"

namespace cufit::render {

namespace {

/// Images of one kind and target, over the modules of a file.
struct Tally {
  uint64_t code = 0, empty = 0, debug = 0, relocatable = 0;
  std::map<Packing, uint64_t> packed;

  void add(const Image& i, uint64_t n) {
    (i.empty ? empty : code) += n;
    if (i.debug) debug += n;
    if (i.relocatable) relocatable += n;
    packed[i.packing] += n;
  }
};

struct Target {
  Image::Kind kind;
  Sm sm;
  Isa isa, isa_at_most;  ///< of PTX only: the ABI of a cubin and the version of LTO-IR do not decide
  auto operator<=>(const Target&) const = default;
};

std::string count_of(uint64_t n) { return "x" + std::to_string(n); }

std::string packing_words(const Writer& w, const Tally& t) {
  std::vector<std::string> parts;
  auto say = [&](Packing p, const std::string& name) {
    auto n = t.packed.find(p);
    if (n == t.packed.end()) return;
    parts.push_back(t.packed.size() == 1 ? name : name + ' ' + count_of(n->second));
  };
  say(Packing::none, w(Text{"inspect.raw"}));
  say(Packing::lz4, "LZ4");
  say(Packing::zstd, "zstd");
  return w.list(parts);
}

std::string marks(const Writer& w, const Tally& t) {
  std::vector<std::string> parts;
  auto say = [&](const Text& text) { parts.push_back(w(text)); };
  if (t.empty) say(Text{"inspect.empty", {{"n", std::to_string(t.empty)}}});
  if (t.debug) say(Text{"inspect.debug", {{"n", std::to_string(t.debug)}}});
  if (t.relocatable) say(Text{"inspect.relocatable", {{"n", std::to_string(t.relocatable)}}});
  return w.list(parts);
}

/// One row a target: "SASS  sm_80  x436  LZ4".
void write_images(Writer& w, const Binary& b, const Text& title, bool loose) {
  std::map<Target, Tally> tallies;
  for (auto& shape : b.shapes) {
    if ((shape.link == ModuleShape::Link::loose) != loose) continue;
    for (auto& i : shape.images) {
      bool ptx = i.kind == Image::Kind::ptx;
      tallies[{i.kind, i.target, ptx ? i.isa : Isa{}, ptx ? i.isa_at_most : Isa{}}].add(i, shape.count);
    }
  }
  if (tallies.empty()) return;
  using enum Table::Align;
  Table table({left, left, right, left, left});
  bool first = true;
  for (auto& [target, tally] : tallies) {
    Image image;
    image.kind = target.kind, image.target = target.sm, image.isa = target.isa;
    image.isa_at_most = target.isa_at_most;
    auto head = "  " + (first ? w(title) : std::string());
    table.row({{padded(head, w.indent()) + std::string(kind_label(target.kind)), Style::plain},
               {label(image).substr(kind_label(target.kind).size() + 1), Style::strong},
               {count_of(tally.code)},
               {packing_words(w, tally)},
               {marks(w, tally), Style::faint}});
    first = false;
  }
  table.print(w.page, 0);
}

std::string images_of(const ModuleShape& shape) {
  std::vector<std::string> parts;
  std::optional<Image::Kind> kind;
  for (auto& i : shape.images) {
    auto target = i.target.bare();
    auto name = kind == i.kind ? target : std::string(kind_label(i.kind)) + ' ' + target;
    parts.push_back(i.empty ? '(' + name + ')' : name);
    kind = i.kind;
  }
  return joined(parts, " ");
}

/// The packings in a shape: shapes that look the same often differ in nothing else.
std::string packings_of(const Writer& w, const ModuleShape& shape) {
  Tally all;
  for (auto& i : shape.images) all.add(i, 1);
  std::vector<std::string> parts;
  for (auto& [packing, n] : all.packed)
    parts.push_back(packing == Packing::none  ? w(Text{"inspect.raw"})
                    : packing == Packing::lz4 ? "LZ4"
                                              : "zstd");
  return w.list(parts);
}

Text link_words(ModuleShape::Link link) {
  switch (link) {
    case ModuleShape::Link::whole:
      return Text{"link.whole"};
    case ModuleShape::Link::rdc_object:
      return Text{"link.rdc-object"};
    case ModuleShape::Link::device_link:
      return Text{"link.device-link"};
    case ModuleShape::Link::loose:
      break;
  }
  return Text{"link.loose"};
}

/// The shapes with the most modules first: "436  SASS 50 60 70 PTX 90   .nv_fatbin".
void write_shapes(Writer& w, const Binary& b) {
  if (b.shapes.empty()) return;
  std::vector<const ModuleShape*> order;
  for (auto& s : b.shapes) order.push_back(&s);
  std::ranges::sort(order,
                    [](auto* x, auto* y) { return x->count != y->count ? x->count > y->count : x < y; });
  constexpr size_t shown = 8;
  size_t n = w.options.why ? order.size() : std::min(order.size(), shown);
  using enum Table::Align;
  Table table({left, right, left, left, left});
  for (size_t i = 0; i < n; i++) {
    auto& s = *order[i];
    auto head = "  " + (i == 0 ? w(Text{"label.modules"}) : std::string());
    auto where = s.section.empty() ? hex(s.example) : s.section + ' ' + hex(s.example);
    table.row(
        {{padded(head, w.indent() - 2)},
         {count_of(s.count)},
         {images_of(s)},
         {packings_of(w, s), Style::faint},
         {s.link == ModuleShape::Link::whole ? where : where + ' ' + w(link_words(s.link)), Style::faint}});
  }
  table.print(w.page, 0);
  auto has_empty = [](auto* s) { return std::ranges::any_of(s->images, &Image::empty); };
  if (std::any_of(order.begin(), order.begin() + ptrdiff_t(n), has_empty))
    w.page.item({""}, w.indent(), w(Text{"inspect.brackets"}), Style::faint);
  if (n == order.size()) return;
  uint64_t modules = 0;
  for (size_t i = n; i < order.size(); i++) modules += order[i]->count;
  w.page.item({""}, w.indent(),
              w(Text{"inspect.more-shapes",
                     {{"n", std::to_string(order.size() - n)}, {"modules", std::to_string(modules)}}}),
              Style::faint);
}

std::string format_words(const Writer& w, const Binary& b) {
  switch (b.format) {
    case Binary::Format::elf:
      return "ELF " + b.arch;
    case Binary::Format::cubin:
      return "cubin";
    case Binary::Format::fatbin:
      return "fatbin";
    case Binary::Format::ptx:
      return "PTX";
    case Binary::Format::archive:
      break;
  }
  return w(Text{"inspect.archive"});
}

void write_needs(Writer& w, const Dynamic& d) {
  if (d.soname) w.item(Text{"label.soname"}, *d.soname);
  std::vector<std::string> cuda;
  std::ranges::copy_if(d.needed, std::back_inserter(cuda), is_cuda_library);
  if (!cuda.empty()) w.item(Text{"label.needs"}, w.list(cuda));
}

void write_binary(Writer& w, const Binary& b) {
  w.page.line({{b.path, Style::strong}});
  auto file = format_words(w, b) + ", " + size_label(b.size);
  if (!b.build_id.empty()) file += ", build-id " + b.build_id;
  w.item(Text{"label.file"}, file);
  write_needs(w, b.dyn);
  if (!b.toolkits.empty()) {
    std::vector<std::string> versions;
    for (auto& v : b.toolkits) versions.push_back(v.text());
    w.item(Text{"label.toolkit"}, "CUDA " + w.list(versions));
  }
  // A file that is one image has no containers from which to tell it apart.
  bool one_image = b.format == Binary::Format::cubin || b.format == Binary::Format::ptx;
  write_images(w, b, Text{"label.images"}, false);
  write_images(w, b, one_image ? Text{"label.images"} : Text{"label.loose"}, true);
  if (b.shapes.empty()) w.item(Text{"label.images"}, w(Text{"inspect.none"}));
  if (!one_image) write_shapes(w, b);
  w.item(Text{"label.read"}, w(b.pass == Pass::full ? Text{"pass.full"} : Text{"pass.usual"}), Style::faint);
  write_gaps(w, b.unread);
}

void write_subject(Writer& w, const Subject& s) {
  bool several = s.kind == Subject::Kind::wheel || s.kind == Subject::Kind::directory;
  if (several) {
    auto counts = w(Text{"inspect.files",
                         {{"n", std::to_string(s.members.size())}, {"files", std::to_string(s.files_read)}}});
    w.page.line({{label(s), Style::strong}, {"  " + counts, Style::faint}});
    if (s.needs.python) w.item(Text{"label.python"}, *s.needs.python);
    if (s.needs.glibc) w.item(Text{"label.glibc"}, *s.needs.glibc);
  }
  for (size_t i = 0; i < s.members.size(); i++) {
    if (i > 0 || several) w.page.blank();
    write_binary(w, s.members[i].bin);
  }
  if (s.members.empty() && !several) {
    w.page.line({{label(s), Style::strong}});
    w.item(Text{"label.images"}, w(Text{"inspect.none"}));
  }
  write_gaps(w, s.unread);
}

}  // namespace

void write_inspect(Writer& w) {
  if (w.options.quiet) return;
  bool first = true;
  for (auto& s : w.report.subjects) {
    if (!first) w.page.blank();
    first = false;
    write_subject(w, s);
  }
  write_gaps(w, w.report.unread);
}

}  // namespace cufit::render
