// The frames in which the probe answers (apps/probe/wire.h), out of bytes that a driver may have written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wire.h"

namespace cufit::collect {

struct ProbeField {
  std::string name;
  WireType type = kWireAbsent;
  uint64_t number = 0;
  std::string text;  ///< readable
};

struct ProbeFrame {
  WireKind kind = kWireHello;
  std::vector<ProbeField> fields;

  const ProbeField* field(std::string_view name) const;
  /// Empty, or nothing, if there is no such field of this type.
  std::string text(std::string_view name) const;
  std::optional<uint64_t> number(std::string_view name) const;
};

/// Takes what comes over the pipe, in pieces of any size.
class ProbeFrames {
 public:
  void add(Bytes bytes);

  /// The next whole frame; nothing until more bytes come, and for ever once `trouble` is not empty.
  std::optional<ProbeFrame> next();

  /// Why what came is no answer: "garbage", "version 2".
  const std::string& trouble() const { return trouble_; }

 private:
  std::vector<uint8_t> held_;
  size_t at_ = 0;  ///< what lies before was taken
  std::string trouble_;
};

}  // namespace cufit::collect
