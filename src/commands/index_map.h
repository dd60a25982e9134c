// Package indexes: which one a plain version comes from, and how printed commands name it.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "commands/invocation.h"
#include "model/report.h"

namespace cufit::commands {

/// "cu118" of "https://download.pytorch.org/whl/cu118" and of a mirror of it; empty for other addresses.
std::string variant_of_index(std::string_view url);

class IndexMap {
 public:
  /// From --index-map FROM=TO, and from the variables that pip and uv read (PIP_INDEX_URL,
  /// PIP_EXTRA_INDEX_URL, UV_INDEX, UV_DEFAULT_INDEX, UV_INDEX_URL): a mirror of the PyTorch index there
  /// stands for the original.
  static std::expected<IndexMap, Complaint> from(const Invocation&);

  /// The variant whose index the user has configured; empty: the default index.
  const std::string& variant() const { return variant_; }
  /// Puts the mirrors into the commands of all remedies.
  void apply(Report&) const;

 private:
  std::vector<std::pair<std::string, std::string>> prefixes_;
  std::string variant_;
};

}  // namespace cufit::commands
