// Proof by Python: the interpreter of an environment imports its framework and multiplies two matrices on a
// GPU.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "collect/child.h"
#include "model/probed.h"
#include "model/subject.h"
#include "model/variables.h"

namespace cufit::collect {

/// The module that is imported to prove a distribution: "onnxruntime" of "onnxruntime-gpu", in any spelling
/// of its name. Nothing for what is not proved.
std::optional<std::string_view> framework_module(std::string_view distribution);

/// "3.12" of a package in lib/python3.12/site-packages; empty if its path does not say.
std::string python_version_of(const Subject&);

/// The program that runs what is installed in an environment: bin/python3.12 before bin/python3 and
/// bin/python. Otherwise why there is none: "/v/bin/python3 leads to nothing", "/v/bin/python3: EACCES"; "no
/// interpreter" for a folder of packages by itself. `version`: of python_version_of, may be empty.
std::expected<std::string, std::string> interpreter_of(const std::string& root, const std::string& version);

struct PythonQuestion {
  std::string environment;                              ///< its root
  std::expected<std::string, std::string> interpreter;  ///< of interpreter_of
  std::string module;                                   ///< of framework_module
  std::string framework;  ///< how it is called in the answer: "torch 2.11.0+cu130"
  Variables env;          ///< of a program of the user's: PYTHONPATH and the like act
  std::chrono::milliseconds limit{60'000};
};

/// Runs it, if there is an interpreter, in a child, which writes no byte code and takes no more memory of the
/// GPU than it needs.
PythonProof prove_by_python(const PythonQuestion&);

/// What a child has answered, however it came to its end. For tests and fuzzing.
PythonProof python_proof_of(const ChildEnd&, std::chrono::milliseconds limit);

}  // namespace cufit::collect
