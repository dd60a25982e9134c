// Rows of messages: what programs, libraries and drivers print, in the form in which they print it, and which
// causes stand behind it. See rows.h for how rows work.
#pragma once

#include "knowledge/rows.h"

namespace cufit {

/// What a message says about a run.
enum class MessageRole : uint8_t {
  error,        ///< something failed, and this says what
  consequence,  ///< follows from something else, and is the cause only where nothing else is named
  warning,      ///< may be ignored by the program: counts only where no error is named
  fact,         ///< no fault: tells of versions, machines and surroundings
  summary,      ///< repeats what was said before ("Root Cause (first observed failure)")
  noise,        ///< harmless, whatever else the line says
};

/// Conditions of causes that are no ids of messages: what the figures and facts of a log come to
/// (judge/log_conditions.cpp).
inline constexpr std::array<std::string_view, 15> log_conditions = {
    "oom-real",
    "oom-fragmentation",
    "oom-other-process",   // by the figures of the message
    "found-version-zero",  // the message names driver version 0
    "count-zero",          // the message counts no GPU
    "major-12",            // the message names a library of CUDA 12
    "driver-below-toolkit",
    "driver-fits-toolkit",  // driver and CUDA of the program, as the log tells them
    "gpu-below-build",
    "gpu-above-build",
    "gpu-in-build",  // GPU and code of the build, as the log tells them
    "old-gpu",       // the GPU is older than compute capability 7.0
    "other-major-in-log",
    "same-major-in-log",  // the CUDA of the program, and that of the library in the message
    "named-elsewhere",    // another message tells of this library
};

/// A cause that a message may have. `when`, `unless`: ids of messages that are in the log as well, or
/// `log_conditions`.
struct MessageCause {
  std::string_view id;  ///< of a cause row
  uint32_t share = 0;   ///< of 100 logs with this message and these conditions, in so many it is the cause
  Strings when;         ///< all of them
  Strings unless;       ///< none of them

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("share", r.share);
    v("when", r.when);
    v("unless", r.unless);
  }
};

/// A family of messages. Key of data: [[message]]. Of several entries of `causes` with one id the first whose
/// conditions hold counts.
///
/// `forms` are the texts as the emitting program words them, up to what varies: "{name:type}" takes a value
/// of the log (collect/log_form.h lists the types), "{:type}" one that nobody needs, one blank stands for any
/// run of blanks and for the end of a line, "{{" is a brace.
struct MessageRow {
  std::string_view id;       ///< "torch-no-driver"
  std::string_view emitter;  ///< "PyTorch, torch/csrc/cuda/Module.cpp"; of codes whoever prints their words
  MessageRole role = MessageRole::error;
  Strings forms;  ///< none: it is reached by `code` alone
  /// "cuda:209", "cublas:1": an error code by whose number or name a captured {cuda_code}, {cuda_name} or
  /// {cuda_text} leads here.
  std::string_view code;
  List<MessageCause> causes;
  Provenance provenance;

  static constexpr std::string_view table = "message";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v("emitter", r.emitter);
    v("role", r.role);
    v("forms", r.forms);
    v("code", r.code);
    v("causes", r.causes);
    v.inlined("provenance", r.provenance);
  }
};

/// What NVIDIA says about an Xid, a fault that the kernel driver logs. Key of data: [[xid]].
struct XidRow {
  std::string_view id;      ///< "79"
  std::string_view name;    ///< "GPU_HAS_FALLEN_OFF_THE_BUS", as the driver names it; empty: not known
  std::string_view cause;   ///< of a cause row
  std::string_view action;  ///< NVIDIA's immediate action: "RESTART_APP"; empty: none is listed
  bool follows = false;     ///< mostly the consequence of an Xid before it
  std::string_view meaning;
  std::string_view advice;
  Provenance provenance;

  static constexpr std::string_view table = "xid";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v("name", r.name);
    v.required("cause", r.cause);
    v("action", r.action);
    v("follows", r.follows);
    v.required("meaning", r.meaning);
    v.required("advice", r.advice);
    v.inlined("provenance", r.provenance);
  }
};

// clang-format off
template <> struct Names<MessageRole> { static constexpr std::array<std::string_view, 6> list = {"error", "consequence", "warning", "fact", "summary", "noise"}; };
// clang-format on

}  // namespace cufit
