// The files of a subject, what each offers to a GPU, and which of them decide.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "judge/coverage.h"
#include "judge/failure.h"
#include "judge/toolkit_need.h"

namespace cufit {

/// A member with what it needs and what it offers.
struct JudgedFile {
  FileFit fit;
  std::optional<ToolkitNeed> need;
  bool of_torch = false;  ///< of PyTorch or what serves it

  Role role() const { return fit.member->role; }
  const Binary& bin() const { return fit.member->bin; }
  Caller caller() const;
};

/// All members but the compilers.
std::vector<JudgedFile> read_files(const Subject&, const Place&);

/// The files whose modules decide: core; without core files NVIDIA's own libraries, then the best variant,
/// then the optional ones.
std::vector<const JudgedFile*> deciding_files(std::span<const JudgedFile>, const Subject&, const Place&);

/// What the modules that count were built for: machine code, PTX and LTO-IR with kernels.
std::set<std::pair<Image::Kind, Sm>> targets_of(std::span<const JudgedFile* const>);

/// Built to be given to others, not for the machine at hand.
bool is_published(const Subject&);

}  // namespace cufit
