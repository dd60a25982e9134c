// Static libraries: ar archives with GNU/SysV or BSD names.
//
// Layout: https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5 and binutils include/aout/ar.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace cufit::formats::ar {

struct Member {
  std::string name;
  uint64_t offset = 0;  ///< of the member's data in the archive; 0 in a thin archive
  uint64_t size = 0;
};

struct Archive {
  bool thin = false;            ///< the members are files of their own, named relative to the archive
  std::vector<Member> members;  ///< without symbol and name tables
  std::optional<Error> damage;  ///< what stopped the listing; the members before it are good
};

constexpr uint64_t kMaxMembers = 1'000'000;
constexpr uint64_t kMaxNameBytes = uint64_t{64} << 20;  ///< of all names together

/// True if `head` (8 bytes or more) begins an ar archive, thin or not.
bool begins_like_ar(Bytes head);

/// Lists the archive. An error means that it is none.
Result<Archive> read(RandomBytes& bytes);

}  // namespace cufit::formats::ar
