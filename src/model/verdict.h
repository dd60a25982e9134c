// Judgement: one subject on one GPU, with the proof, what would change it, and what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/version.h"
#include "model/machine.h"
#include "model/subject.h"
#include "model/text.h"

namespace cufit {

/// Ordered from best to worst for exit codes: unfit before unknown before limited before fits.
enum class Verdict : uint8_t { fits, limited, unknown, unfit };

using RuleId = std::string;   ///< "SASS-1", "DRV-2"; of what a machine lacks the cause: "nvidia-uvm-missing"
using FactRef = std::string;  ///< "machine.driver.kernel", "subjects.s0.toolkit"
using RowRef = std::string;   ///< "toolkit/12.1", "driver/R470", "gpu/a800-pcie-80gb", "chip/GA100"

/// One step of the proof: what a rule says, from which facts and which rows of knowledge.
struct Evidence {
  RuleId rule;
  Verdict says = Verdict::fits;
  Text text;
  std::vector<FactRef> facts;
  std::vector<RowRef> rows;
  std::vector<Evidence> parts;
  bool operator==(const Evidence&) const = default;
};

/// When a failure comes.
enum class When : uint8_t {
  first_cuda_call,
  module_load,
  first_kernel,
  before_start,  ///< the program is not installed or not started at all: `code` is that of the tool
};

/// The call that fails, and how.
struct Failure {
  int code = 0;      ///< cudaError / CUresult: 34, 35, 98, 100, 101, 200, 209, ..., 802, 803, 804, 999
  std::string name;  ///< "cudaErrorInsufficientDriver"
  When when = When::first_cuda_call;
  std::string call;  ///< "cudaGetDeviceCount", "cuModuleLoadData", "cudaLaunchKernel"
  Text seen_as;      ///< how a user sees it
  bool operator==(const Failure&) const = default;
};

/// Modules by the best that they offer to the GPU. Only modules that decide: kernels inside, role core.
struct Coverage {
  uint32_t modules = 0, native = 0, compatible = 0, ptx = 0, none = 0;
  bool operator==(const Coverage&) const = default;
};

/// A named thing that will not be as hoped although the subject runs.
struct Limit {
  RuleId rule;
  Text text;
  int code = 0;  ///< error that the use meets; 0 if it is slow, not broken
  bool operator==(const Limit&) const = default;
};

struct Note {
  RuleId rule;
  Text text;
  bool operator==(const Note&) const = default;
};

/// One way to use a subject, judged by itself: what the core of the subject says nothing about.
struct Use {
  std::string id;  ///< "eager", "torch.compile", "nccl", "cudnn", or the distribution of an extension
  Verdict verdict = Verdict::fits;
  int code = 0;  ///< error that the use meets; 0 if none
  RuleId rule;
  Text text;
  bool operator==(const Use&) const = default;
};

/// What must hold for the verdict when a fact was not given: "driver >= 525.60.13".
struct Condition {
  std::optional<Version> driver;      ///< lowest driver version with which this subject fits this GPU
  std::optional<std::string> before;  ///< first driver branch that is too new for the GPU ("R590"), if any
  bool operator==(const Condition&) const = default;
};

/// The verdict on one axis; `not_asked` where it does not apply.
enum class Axis : uint8_t { fits, limited, unknown, unfit, not_asked };

struct Judgement {
  SubjectId subject;
  GpuId gpu;
  Verdict verdict = Verdict::unknown;
  std::optional<Failure> fails;
  Axis driver_axis = Axis::not_asked, image_axis = Axis::not_asked;
  Coverage coverage;
  std::vector<Limit> limits;
  std::vector<Note> notes;
  std::vector<Use> uses;  ///< in the order eager, torch.compile, libraries, extensions
  Condition needs;
  Evidence why;
  bool operator==(const Judgement&) const = default;
};

/// A change to the world, with the judgement after it.
struct Remedy {
  enum class Kind : uint8_t {
    driver,
    rebuild,
    env,
    build,    ///< another published build of the subject, with its companions
    compat,   ///< a cuda-compat package
    tool,     ///< another compiler for code made at run time
    machine,  ///< something on the machine: a module, a service, the options of a container, a library
  };
  std::string id;  ///< "r1", ...
  Kind kind = Kind::driver;
  Text text;                           ///< what to do, in words
  std::vector<std::string> commands;   ///< ready to paste, may be empty
  std::optional<Version> minimum;      ///< kind driver: least driver version
  std::optional<std::string> suggest;  ///< kind driver: a maintained branch ("R580")
  bool root = false, reboot = false;   ///< preconditions
  bool besides = false;                ///< together with the remedy before it: each alone is not enough
  bool checked = false;                ///< judged again after applying it to the model
  std::optional<Verdict> after;        ///< the verdict then
  bool operator==(const Remedy&) const = default;
};

/// A change that people try and that does not help, with the reason.
struct Rejected {
  Text change;
  RuleId rule;
  Text why;
  bool operator==(const Rejected&) const = default;
};

/// A named root cause over judgements.
struct Finding {
  std::string cause;     ///< stable id: "driver-too-old-for-runtime", "wheel-lacks-arch-too-new-gpu"
  std::string severity;  ///< error | warning | info (`pick`: the build that was chosen)
  std::vector<std::pair<SubjectId, GpuId>> on;
  std::vector<Remedy> remedies;
  std::vector<Rejected> rejected;
  std::vector<std::string> folds = {};  ///< causes that were found too and are consequences of this one
  std::string confidence = {};          ///< high | medium | low; empty: follows from the judgements
  Evidence why = {};                    ///< which facts show it; empty: the proofs of the judgements do
  /// A cause that the machine shows, not one that only follows from the judgements.
  bool is_of_machine() const { return !why.rule.empty() && !is_of_log(); }
  /// A cause that a log shows (`explain`).
  bool is_of_log() const { return why.rule == "log"; }
  bool operator==(const Finding&) const = default;
};

}  // namespace cufit
