// Subject: what is judged (a file, a wheel, later an environment or a catalogue build).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/fact.h"
#include "model/image.h"

namespace cufit {

using SubjectId = std::string;  ///< "s0", "s1", ... in the order of the targets

/// What a file is for in its package; decides how its coverage counts.
enum class Role : uint8_t {
  core,          ///< every module must have an image for the GPU
  math,          ///< NVIDIA's own libraries: one module per architecture by design, a runnable set is enough
  optional,      ///< used only on demand: a missing image is a limit
  variant,       ///< one of several is chosen at run time
  jit_compiler,  ///< ptxas, NVRTC, nvJitLink
  on_request,    ///< used by few programs, which ask for it by name: a missing image is a note
};

struct Member {
  Binary bin;
  Role role = Role::core;
  bool operator==(const Member&) const = default;
};

struct Requires {
  std::optional<std::string> python, glibc;  ///< from the wheel's tags: "cp311", ">=2.17"
  bool operator==(const Requires&) const = default;
};

struct Subject {
  enum class Kind : uint8_t { file, archive, wheel, directory };
  SubjectId id;
  Kind kind = Kind::file;
  std::string name;     ///< distribution name of a wheel, else the target as the user wrote it
  std::string path;     ///< the target as the user wrote it
  std::string version;  ///< of a wheel, with local version ("2.2.0+cu121"); else empty
  Requires needs;
  std::vector<Member> members;  ///< only files that hold GPU code or need CUDA libraries, sorted by path
  uint64_t files_read = 0;      ///< how many files were looked at
  std::vector<Gap> unread;      ///< files that could not be read at all
  bool operator==(const Subject&) const = default;
};

}  // namespace cufit
