// Names of enumerators in JSON, in the order of the enumerators.
#pragma once

#include <array>
#include <string_view>

#include "model/report.h"

namespace cufit {

template <class E>
struct Names;

// clang-format off
template <> struct Names<Image::Kind> { static constexpr std::array<std::string_view, 4> list = {"sass", "ptx", "lto", "other"}; };
template <> struct Names<Packing> { static constexpr std::array<std::string_view, 3> list = {"none", "lz4", "zstd"}; };
template <> struct Names<ModuleShape::Link> { static constexpr std::array<std::string_view, 4> list = {"whole", "rdc-object", "device-link", "loose"}; };
template <> struct Names<Pass> { static constexpr std::array<std::string_view, 2> list = {"usual", "full"}; };
template <> struct Names<Binary::Format> { static constexpr std::array<std::string_view, 5> list = {"elf", "cubin", "fatbin", "ptx", "archive"}; };
template <> struct Names<Role> { static constexpr std::array<std::string_view, 7> list = {"core", "math", "optional", "variant", "jit-compiler", "on-request", "dispatching"}; };
template <> struct Names<Subject::Kind> { static constexpr std::array<std::string_view, 7> list = {"file", "archive", "wheel", "directory", "distribution", "build", "process"}; };
template <> struct Names<Machine::Platform> { static constexpr std::array<std::string_view, 2> list = {"linux", "windows"}; };
template <> struct Names<Source::Kind> { static constexpr std::array<std::string_view, 6> list = {"path", "call", "arg", "knowledge", "log", "assumed"}; };
template <> struct Names<Verdict> { static constexpr std::array<std::string_view, 4> list = {"fits", "limited", "unknown", "unfit"}; };
template <> struct Names<Axis> { static constexpr std::array<std::string_view, 5> list = {"fits", "limited", "unknown", "unfit", "not-asked"}; };
template <> struct Names<When> { static constexpr std::array<std::string_view, 4> list = {"first-cuda-call", "module-load", "first-kernel", "before-start"}; };
template <> struct Names<Remedy::Kind> { static constexpr std::array<std::string_view, 7> list = {"driver", "rebuild", "env", "build", "compat", "tool", "machine"}; };
template <> struct Names<DriverLibrary::Kind> { static constexpr std::array<std::string_view, 6> list = {"driver", "stub", "compat", "wsl", "foreign", "unknown"}; };
template <> struct Names<IndexedFile::Kind> { static constexpr std::array<std::string_view, 4> list = {"absent", "file", "directory", "other"}; };
template <> struct Names<Found> { static constexpr std::array<std::string_view, 11> list = {"preload", "already-loaded", "as-path", "rpath", "ld-library-path", "runpath", "cache", "default-folder", "in-maps", "not-found", "unknown"}; };
template <> struct Names<Difference::Kind> { static constexpr std::array<std::string_view, 3> list = {"changed", "added", "removed"}; };
template <> struct Names<Difference::Effect> { static constexpr std::array<std::string_view, 4> list = {"decides", "changes", "none", "not-tried"}; };
template <> struct Names<Asking::End> { static constexpr std::array<std::string_view, 8> list = {"not-asked", "done", "no-library", "crashed", "hung", "garbled", "flooded", "not-started"}; };
template <> struct Names<Proof::What> { static constexpr std::array<std::string_view, 4> list = {"context", "ptx", "sass", "image"}; };
template <> struct Names<ExplainedLog::Outcome> { static constexpr std::array<std::string_view, 3> list = {"cause", "program-error", "nothing"}; };
template <> struct Names<DoctorStep::State> { static constexpr std::array<std::string_view, 5> list = {"works", "limited", "unknown", "fails", "not-asked"}; };
// clang-format on

template <class E>
concept Named = requires { Names<E>::list; };

/// Compilers write a value that has no enumerator as a number behind a cast.
template <auto value>
consteval bool is_enumerator() {
  return !std::string_view(__PRETTY_FUNCTION__).contains("value = (");
}

/// All names of an enumeration; an enumerator behind them does not compile.
template <Named E>
constexpr const auto& names_of() {
  static_assert(!is_enumerator<E(Names<E>::list.size())>(), "an enumerator without a name");
  return Names<E>::list;
}

/// "first-cuda-call" for When::first_cuda_call.
template <Named E>
constexpr std::string_view name_of(E e) {
  return names_of<E>()[size_t(e)];
}

}  // namespace cufit
