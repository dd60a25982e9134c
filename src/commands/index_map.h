// Package indexes: which ones a plain version comes from, and how printed commands name them.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "commands/invocation.h"
#include "model/report.h"

namespace cufit::commands {

/// What is known of a package index by its address.
struct Index {
  enum class Kind {
    usual,    ///< the default index and what looks like a mirror of it
    variant,  ///< PyTorch's index of one CUDA release, or a mirror of it: serves builds with this local
              ///< version
    plain,    ///< PyTorch's index of builds without CUDA code: `variant` is "cpu", "rocm6.4", "xpu"
    nightly,  ///< nightly and test builds
    mixed,    ///< PyTorch's index of all variants
    own,      ///< another project's index of its own builds for one CUDA release
    other,    ///< nothing is known of it
  };
  Kind kind = Kind::usual;
  std::string variant;  ///< "cu118"
  std::string shown;    ///< the address without credentials

  static Index of(std::string_view url);
};

/// The indexes of one installation: an installer takes the best version of all.
struct Indexes {
  Index first;
  std::vector<Index> more = {};
  bool takes_nightly = false;  ///< --pre
};

class IndexMap {
 public:
  /// From --index-map FROM=TO, and from the variables that pip and uv read (PIP_INDEX_URL,
  /// PIP_EXTRA_INDEX_URL, UV_INDEX, UV_DEFAULT_INDEX, UV_INDEX_URL): a mirror of the PyTorch index there
  /// stands for the original.
  static std::expected<IndexMap, Complaint> from(const Invocation&);

  const Indexes& indexes() const { return indexes_; }
  /// The variant whose index the user has configured; empty: the default index.
  std::string variant() const;
  /// Puts the mirrors into the commands of all remedies, without credentials.
  void apply(Report&) const;

 private:
  std::vector<std::pair<std::string, std::string>> prefixes_;
  Indexes indexes_;
};

}  // namespace cufit::commands
