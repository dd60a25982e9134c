#include "collect/file_names.h"

#include <algorithm>
#include <array>

namespace cufit::collect {
namespace {

/// ".so" at the end, or followed by a version: "libcudart.so.12.4.127".
bool is_shared_library(std::string_view name) {
  for (auto at = name.find(".so"); at != name.npos; at = name.find(".so", at + 1)) {
    auto version = name.substr(at + 3);
    if (version.find_first_not_of(".0123456789") == version.npos) return true;
  }
  return false;
}

}  // namespace

bool may_hold_code(std::string_view name) {
  // Sorted. The suffix is what stands behind the last dot.
  static constexpr std::array<std::string_view, 90> endings = {
      "afm",        "arff",  "bat",   "bazel",   "bz2",   "bzl",   "c",    "cc",    "cfg",    "cmake",
      "conf",       "cpp",   "css",   "csv",     "cu",    "cuh",   "cxx",  "f",     "f90",    "fits",
      "gif",        "go",    "gz",    "h",       "hh",    "hpp",   "html", "hxx",   "ico",    "in",
      "inc",        "ini",   "inl",   "ipp",     "ipynb", "j2",    "java", "jinja", "jinja2", "jpeg",
      "jpg",        "js",    "json",  "lock",    "log",   "map",   "mat",  "md",    "mlir",   "mo",
      "mplstyle",   "npy",   "npz",   "parquet", "pc",    "pdf",   "pem",  "pkl",   "png",    "po",
      "properties", "proto", "ps1",   "pth",     "pxd",   "pxi",   "py",   "pyc",   "pyi",    "pyx",
      "rb",         "rs",    "rst",   "sh",      "svg",   "tcl",   "td",   "tmpl",  "toml",   "ts",
      "ttf",        "txt",   "typed", "wav",     "woff",  "woff2", "xml",  "xz",    "yaml",   "yml"};
  static_assert(std::ranges::is_sorted(endings));
  auto dot = name.rfind('.');
  return dot == name.npos || !std::ranges::binary_search(endings, name.substr(dot + 1));
}

bool is_loaded_name(std::string_view name) {
  return is_shared_library(name) || name.ends_with(".cubin") || name.ends_with(".fatbin") ||
         name.ends_with(".ptx");
}

bool is_compiler_name(std::string_view name) {
  if (name == "ptxas" || name.starts_with("ptxas-") || name == "nvcc") return true;
  if (!is_shared_library(name) || name.starts_with("libnvrtc-builtins")) return false;
  // Behind the name stands ".so", or what auditwheel and NVIDIA's alternative builds put before it.
  static constexpr std::array<std::string_view, 3> libraries = {"libnvrtc", "libnvJitLink", "libnvvm"};
  return std::ranges::any_of(libraries, [&](std::string_view l) {
    return name.starts_with(l) && (name[l.size()] == '.' || name[l.size()] == '-');
  });
}

}  // namespace cufit::collect
