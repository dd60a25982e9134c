// Rows of the catalogue: what published builds hold and ask for. See rows.h for how rows work.
#pragma once

#include "knowledge/rows.h"

namespace cufit {

/// How it is known which code a build holds.
enum class Basis : uint8_t {
  none,  ///< not known: nothing can be said about images
  inferred,
  build_script,  ///< the list that its build used
  bytes,         ///< read from the published file
};

/// A published build of a package: one release, or a line of releases with equal contents. Key of data:
/// [[build]].
struct BuildRow {
  std::string_view id;       ///< "torch-2.9.1+cu130", "vllm-0.10.0"
  std::string_view package;  ///< normalized as in PEP 503: "jax-cuda12-plugin"
  std::string_view label;    ///< tells builds of one release apart where no local version does: "cu130"
  std::string_view version_from;
  std::string_view version_to;  ///< inclusive, "2.16" includes 2.16.2; empty: the newest seen is on this line
  std::string_view
      newest_read;              ///< of a line without end: the newest release that was read, if not the first
  std::string_view local;       ///< local version: "cu130"; empty if it has none
  bool is_default = false;      ///< what the package index serves when no local version is asked for
  bool is_variant = false;      ///< one of several libraries in one wheel, of which one is loaded
  std::optional<Cuda> cuda;     ///< toolkit that compiled the code, where it is one
  std::string_view cuda_major;  ///< "12", where only the major is sure
  Strings variant_cudas;  ///< of a variant: releases for each of which there surely is a library: "12.4"
  std::string_view cuda_release;       ///< as the source says it: "12.1.105", "12.x (compiled with 12.2)"
  List<Sm> sass, ptx;                  ///< Linux x86_64, in all modules that matter
  std::optional<Isa> ptx_isa;          ///< where it is not that of the toolkit
  bool ptx_is_known = false;           ///< false: there may be PTX that is not listed
  List<Sm> sass_partial, ptx_partial;  ///< in some kernels only
  List<Sm> sass_windows, ptx_windows, sass_aarch64, ptx_aarch64;
  Basis basis = Basis::none;
  std::string_view cudnn;          ///< version that it pins or was built with
  std::optional<Sm> cudnn_min_cc;  ///< lowest compute capability that this cuDNN serves
  std::string_view nccl, triton;
  Strings python;              ///< tags of its wheels: "cp312"
  Strings python_linux_only;   ///< further ones
  Strings python_of_releases;  ///< where they differ: "13.0.0 cp39 cp310 cp311 cp312"
  std::string_view python_text;
  Strings platforms;  ///< "linux_x86_64", "linux_aarch64", "windows_amd64"
  std::string_view glibc;
  Strings glibc_of_releases;    ///< where it differs: "0.20.0 2.35"
  std::string_view index;       ///< where pip finds it; empty: the default index
  std::string_view find_links;  ///< the page that links to its files, for pip's -f
  Strings torch_pins;           ///< what the metadata of its releases asks for: "0.11.0 ==2.8.0"
  std::string_view torch;       ///< releases of PyTorch that it is built for, as its source says it
  std::string_view install;     ///< where it comes from if no index serves it
  Strings companions;           ///< the releases of other packages that belong to it: "torchvision==0.24.1"
  Strings pins;                 ///< what its metadata asks for: "nvidia-cudnn-cu12==9.10.2.21"
  std::string_view released, least_driver;
  Provenance provenance;

  static constexpr std::string_view table = "build";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("package", r.package);
    v("label", r.label);
    v.required("version_from", r.version_from);
    v("version_to", r.version_to);
    v("newest_read", r.newest_read);
    v("local", r.local);
    v("is_default", r.is_default);
    v("is_variant", r.is_variant);
    v("cuda", r.cuda);
    v("cuda_major", r.cuda_major);
    v("variant_cudas", r.variant_cudas);
    v("cuda_release", r.cuda_release);
    v("sass", r.sass);
    v("ptx", r.ptx);
    v("ptx_isa", r.ptx_isa);
    v("ptx_is_known", r.ptx_is_known);
    v("sass_partial", r.sass_partial);
    v("ptx_partial", r.ptx_partial);
    v("sass_windows", r.sass_windows);
    v("ptx_windows", r.ptx_windows);
    v("sass_aarch64", r.sass_aarch64);
    v("ptx_aarch64", r.ptx_aarch64);
    v.required("basis", r.basis);
    v("cudnn", r.cudnn);
    v("cudnn_min_cc", r.cudnn_min_cc);
    v("nccl", r.nccl);
    v("triton", r.triton);
    v("python", r.python);
    v("python_linux_only", r.python_linux_only);
    v("python_of_releases", r.python_of_releases);
    v("python_text", r.python_text);
    v.required("platforms", r.platforms);
    v("glibc", r.glibc);
    v("glibc_of_releases", r.glibc_of_releases);
    v("index", r.index);
    v("find_links", r.find_links);
    v("torch_pins", r.torch_pins);
    v("torch", r.torch);
    v("install", r.install);
    v("companions", r.companions);
    v("pins", r.pins);
    v("released", r.released);
    v("least_driver", r.least_driver);
    v.inlined("provenance", r.provenance);
  }
};

/// A release of Triton, with the assembler that it carries. Key of data: [[triton]].
struct TritonRow {
  std::string_view id;                  ///< "2.2.0"
  Cuda ptxas;                           ///< CUDA release of its ptxas
  std::optional<Cuda> ptxas_blackwell;  ///< of a second one, for newer GPUs
  std::optional<Sm> blackwell_from;     ///< lowest compute capability that the second one serves
  Provenance provenance;

  static constexpr std::string_view table = "triton";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("ptxas", r.ptxas);
    v("ptxas_blackwell", r.ptxas_blackwell);
    v("blackwell_from", r.blackwell_from);
    v.inlined("provenance", r.provenance);
  }
};

// clang-format off
template <> struct Names<Basis> { static constexpr std::array<std::string_view, 4> list = {"none", "inferred", "build-script", "bytes"}; };
// clang-format on

}  // namespace cufit
