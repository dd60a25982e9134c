#include "collect/probe_frames.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace cufit::collect {
namespace {

/// Takes the first field off what is left of a frame; nothing if it is none.
std::optional<ProbeField> take_field(Bytes& rest) {
  WireField head;
  if (rest.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, rest.data(), sizeof head);
  auto name = slice(rest, sizeof head, head.name);
  auto value = slice(rest, sizeof head + head.name, head.value);
  if (!name || !value) return std::nullopt;
  ProbeField field{readable(as_text(*name)), WireType(head.type), 0, {}};
  if (head.type == kWireNumber && value->size() == sizeof field.number)
    std::memcpy(&field.number, value->data(), sizeof field.number);
  else if (head.type == kWireText)
    field.text = readable(as_text(*value));
  else if (head.type != kWireAbsent)
    return std::nullopt;
  rest = rest.subspan(sizeof head + head.name + head.value);
  return field;
}

}  // namespace

const ProbeField* ProbeFrame::field(std::string_view name) const {
  auto at = std::ranges::find(fields, name, &ProbeField::name);
  return at != fields.end() ? &*at : nullptr;
}

std::string ProbeFrame::text(std::string_view name) const {
  auto* f = field(name);
  return f && f->type == kWireText ? f->text : std::string();
}

std::optional<uint64_t> ProbeFrame::number(std::string_view name) const {
  auto* f = field(name);
  return f && f->type == kWireNumber ? std::optional(f->number) : std::nullopt;
}

void ProbeFrames::add(Bytes bytes) {
  held_.erase(held_.begin(), held_.begin() + ptrdiff_t(at_));
  at_ = 0;
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

std::optional<ProbeFrame> ProbeFrames::next() {
  Bytes left = Bytes(held_).subspan(at_);
  WireHeader head;
  if (!trouble_.empty() || left.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, left.data(), sizeof head);
  if (head.magic == kWireMagic && head.version != kWireVersion)
    trouble_ = "version " + std::to_string(head.version);
  else if (head.magic != kWireMagic || head.kind < kWireHello || head.kind > kWireDone ||
           head.size > kWireFrameMax - sizeof head)
    trouble_ = "garbage";
  auto body = slice(left, sizeof head, head.size);
  if (!trouble_.empty() || !body) return std::nullopt;
  ProbeFrame frame{WireKind(head.kind), {}};
  while (!body->empty()) {
    auto field = take_field(*body);
    if (!field) {
      trouble_ = "garbage";
      return std::nullopt;
    }
    frame.fields.push_back(std::move(*field));
  }
  at_ += sizeof head + head.size;
  return frame;
}

}  // namespace cufit::collect
