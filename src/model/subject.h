// Subject: what is judged: a file, a wheel, an installed distribution, a published build.
#pragma once

#include <algorithm>
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
  dispatching,  ///< core, and some modules are made for few GPUs, of which the program picks those of its own
};

/// The code that a package is for: what it lacks decides.
inline bool is_core(Role role) { return role == Role::core || role == Role::dispatching; }

struct Member {
  Binary bin;
  Role role = Role::core;
  bool operator==(const Member&) const = default;
};

/// What a package asks of the machine, from the tags of its wheel or its row in the catalogue.
struct Requires {
  std::optional<std::string> python,
      glibc;                           ///< "cp311" ("cp311, cp312" if it is built for several), ">=2.17"
  std::vector<std::string> platforms;  ///< "linux_x86_64", "windows_amd64"; empty: not said
  bool operator==(const Requires&) const = default;
};

/// Another distribution that this one asks for (Requires-Dist, without markers that do not hold here).
struct Dependency {
  std::string name;       ///< normalized as in PEP 503: "nvidia-cudnn-cu12"
  std::string specifier;  ///< "==9.10.2.21", ">=2,<3"; empty: any version
  bool operator==(const Dependency&) const = default;
};

struct Subject {
  enum class Kind : uint8_t {
    file,
    archive,
    wheel,
    directory,
    distribution,  ///< installed, with its metadata; one of an environment
    build,         ///< a published build of the catalogue: nothing was downloaded
    process,       ///< running: its program and what it has mapped
  };
  SubjectId id;
  Kind kind = Kind::file;
  std::string name;     ///< distribution name of a wheel, distribution or build, else the target as written
  std::string path;     ///< the target as the user wrote it
  std::string version;  ///< of a package, with local version ("2.2.0+cu121"); else empty
  std::string environment;  ///< root of the environment that it belongs to; empty if it stands alone
  std::string build;        ///< row of the catalogue that describes it: "torch-2.2.0+cu121"; empty if none
  Requires needs;
  std::vector<Dependency> dependencies;  ///< sorted by name
  std::vector<Member> members;  ///< only files that hold GPU code or need CUDA libraries, sorted by path
  uint64_t files_read = 0;      ///< how many files were looked at
  std::vector<Gap> unread;      ///< files that could not be read at all
  bool operator==(const Subject&) const = default;
};

/// Not a single file that somebody built, but what is installed as a whole.
inline bool is_package(const Subject& s) {
  return s.kind != Subject::Kind::file && s.kind != Subject::Kind::archive;
}

/// The newest toolkit whose mark was read in a member.
inline std::optional<Version> newest_toolkit(const Subject& s) {
  std::optional<Version> newest;
  for (auto& m : s.members)
    for (auto& t : m.bin.toolkits)
      if (!newest || *newest < t) newest = t;
  return newest;
}

/// A framework, an extension or a program: it holds GPU code and is none of the libraries that come with CUDA
/// (NVIDIA publishes those under its own name).
inline bool has_own_code(const Subject& s) {
  if (s.name.starts_with("nvidia-") || s.name.starts_with("nvidia_")) return false;
  return std::ranges::any_of(s.members,
                             [](auto& m) { return m.role != Role::math && !m.bin.shapes.empty(); });
}

}  // namespace cufit
