// What Python answers, with frameworks that only look like some, and with programs that are no Python.
#include "collect/python_proof.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using End = Asking::End;
using std::chrono::milliseconds;
using test::Scratch;

/// As much of PyTorch as the proof uses, in which a GPU is a name.
const std::string kTorch = R"(
class Tensor:
    def __init__(self, rows, device="cpu"):
        self.rows, self.device = rows, device
    def to(self, device):
        return Tensor(self.rows, device)
    def cpu(self):
        return Tensor(self.rows)
    def tolist(self):
        return self.rows

class cuda:
    is_available = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 2)

float32 = "float32"
device = str
def tensor(rows, dtype):
    return Tensor(rows)
def mm(a, b):
    columns = list(zip(*b.rows))
    return Tensor([[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a.rows], a.device)
)";

/// The Python of this machine itself: what PATH finds may be a script that looks for it.
const std::string& python() {
  static const std::string path = run_child({CUFIT_PYTHON,
                                             {"-c", "import os, sys; os.write(3, sys.executable.encode())"},
                                             {{"PATH", std::getenv("PATH")}}})
                                      .answers;
  return path;
}

template <class T>
std::string word(const Fact<T>& fact) {
  if (auto* why = std::get_if<Unreadable>(&fact.is)) return '(' + why->why + ')';
  if (!fact) return "-";
  if constexpr (std::is_same_v<T, std::string>)
    return *fact;
  else if constexpr (std::is_same_v<T, bool>)
    return *fact ? "yes" : "no";
  else
    return std::to_string(*fact);
}

/// "done: imports yes, available yes, devices 2, ran on cuda:0, right yes"
std::string describe(const PythonProof& p) {
  static const char* const kEnds[] = {"not_asked", "done",    "no_library", "crashed",
                                      "hung",      "garbled", "flooded",    "not_started"};
  return kEnds[size_t(p.end)] + (p.how.empty() ? "" : ' ' + p.how) + ": imports " + word(p.imports) +
         ", available " + word(p.available) + ", devices " + word(p.devices) + ", ran on " + word(p.ran_on) +
         ", right " + word(p.right);
}

/// Lets the Python of this machine import `source` as this module.
PythonProof import(const std::string& source, const std::string& module = "torch",
                   milliseconds limit = milliseconds(60'000)) {
  Scratch scratch;
  scratch.write(module + ".py", source);
  return prove_by_python({.environment = "/venv",
                          .interpreter = python(),
                          .module = module,
                          .framework = module + " 1.0",
                          .env = {{"PYTHONPATH", scratch.path()}},
                          .limit = limit});
}

const std::string kAllIsWell = "done: imports yes, available yes, devices 2, ran on cuda:0, right yes";

TEST(PythonProof, AllIsWell) {
  auto proof = import(kTorch + "print('hello')");
  EXPECT_EQ(describe(proof), kAllIsWell);
  EXPECT_EQ(proof.environment, "/venv");
  EXPECT_EQ(proof.framework, "torch 1.0");
  EXPECT_EQ(proof.output, "hello");
  EXPECT_TRUE(proof.file && proof.file->ends_with("/torch.py")) << word(proof.file);
  EXPECT_EQ(word(proof.version), "-");  // it says none
  EXPECT_EQ(proof.available.from, (Source{Source::Kind::call, "torch.cuda.is_available"}));
  EXPECT_GT(proof.micros, 0u);
}

TEST(PythonProof, WithoutAGpuItRunsOnTheCpu) {
  EXPECT_EQ(describe(import(kTorch + "cuda.is_available = lambda: False\ncuda.device_count = lambda: 0\n")),
            "done: imports yes, available no, devices 0, ran on cpu, right yes");
}

TEST(PythonProof, AnImportThatFails) {
  EXPECT_EQ(
      describe(import(
          "raise ImportError('libcudart.so.13: cannot open shared object file\\nand advice below it')")),
      "done: imports (ImportError: libcudart.so.13: cannot open shared object file), available -, "
      "devices -, ran on -, right -");
  EXPECT_EQ(describe(import("import sys; sys.exit(7)")),
            "done: imports (SystemExit: 7), available -, devices -, ran on -, right -");
  EXPECT_EQ(describe(import("", "jax")),
            "done: imports yes, available (AttributeError: module 'jax' has no attribute 'devices'), devices "
            "-, ran on -, right -");
}

TEST(PythonProof, AProductThatFailsOrIsWrong) {
  EXPECT_EQ(
      describe(import(kTorch + R"(
def mm(a, b):
    raise RuntimeError("CUDA error: no kernel image is available for execution on the device\n")
)")),
      "done: imports yes, available yes, devices 2, ran on -, right (RuntimeError: CUDA error: no kernel "
      "image is available for execution on the device)");
  EXPECT_EQ(describe(import(kTorch + "mm = lambda a, b: a")),
            "done: imports yes, available yes, devices 2, ran on cuda:0, right no");
}

TEST(PythonProof, WhatCameBeforeACrashStands) {
  EXPECT_EQ(describe(import(kTorch + R"(
def mm(a, b):
    import ctypes
    ctypes.string_at(0)
)")),
            "crashed SIGSEGV: imports yes, available yes, devices 2, ran on -, right (crashed)");
  EXPECT_EQ(describe(import("import os; os._exit(3)")),
            "crashed exit 3: imports (crashed), available -, devices -, ran on -, right -");
  EXPECT_EQ(describe(import("import os; os._exit(0)")),
            "crashed exit 0: imports (crashed), available -, devices -, ran on -, right -");
  EXPECT_EQ(describe(import(kTorch + "import os\ncuda.device_count = lambda: os.abort()")),
            "crashed SIGABRT: imports yes, available yes, devices (crashed), ran on -, right -");
}

TEST(PythonProof, WhatHangs) {
  EXPECT_EQ(describe(import("import time; time.sleep(1000)", "torch", milliseconds(500))),
            "hung 500 ms in all: imports (hung), available -, devices -, ran on -, right -");
  auto proof = import("print('x' * 10000 + 'end')\nwhile True: pass", "torch", milliseconds(1000));
  EXPECT_EQ(proof.how, "1 s in all");
  EXPECT_EQ(proof.output, std::string(4092, 'x') + "end");  // and a line end, which is cut off
}

TEST(PythonProof, ADaemonThatHoldsThePipe) {
  EXPECT_EQ(describe(import(kTorch + R"(
import os
if os.fork() == 0:
    os.setsid()
    import time
    time.sleep(30)
    os._exit(0)
)")),
            kAllIsWell);
}

TEST(PythonProof, NeitherTheCurrentFolderNorByteCode) {
  Scratch here, packages;
  here.write("torch.py", "raise RuntimeError('from the current folder')");
  packages.write("torch.py", kTorch);
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(here.path());
  auto proof = prove_by_python({.environment = "",
                                .interpreter = python(),
                                .module = "torch",
                                .framework = "",
                                .env = {{"PYTHONPATH", packages.path()}}});
  std::filesystem::current_path(before);
  EXPECT_EQ(describe(proof), kAllIsWell);
  EXPECT_FALSE(std::filesystem::exists(packages.path("__pycache__")));
}

TEST(PythonProof, OtherFrameworks) {
  const std::string array = R"(
class Array:
    def __init__(self, rows): self.rows = rows
    def tolist(self): return self.rows
    numpy = asnumpy = lambda self: self
    def block_until_ready(self): return self
    device = "/job:localhost/replica:0/task:0/device:GPU:0"
def product(a, b):
    return Array([[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a])
)";
  EXPECT_EQ(describe(import(array + R"(
import contextlib
class config: list_physical_devices = staticmethod(lambda kind: ["a", "b"])
device = contextlib.nullcontext
float32 = "float32"
constant = lambda rows, kind: rows
matmul = product
)",
                            "tensorflow")),
            kAllIsWell);
  EXPECT_EQ(describe(import(array + R"(
import sys, types
class Device:
    def __init__(self, id): self.platform, self.id = "gpu", id
devices = lambda: [Device(0), Device(1)]
Array.devices = lambda self: {Device(0)}
numpy = sys.modules["jax.numpy"] = types.ModuleType("jax.numpy")
numpy.array = lambda rows, kind: rows
numpy.matmul = product
__path__ = []
)",
                            "jax")),
            kAllIsWell);
  EXPECT_EQ(describe(import(array + R"(
class cuda:
    is_available = staticmethod(lambda: True)
    class runtime: getDeviceCount = staticmethod(lambda: 2)
class Device: id = 0
Array.device = Device()
array = lambda rows, kind: rows
matmul = product
asnumpy = lambda c: c
)",
                            "cupy")),
            kAllIsWell);
  // The provider was asked for and did not load.
  EXPECT_EQ(describe(import(array + R"(
import sys, types
numpy = sys.modules["numpy"] = types.ModuleType("numpy")
numpy.array = lambda rows, kind: rows
get_available_providers = lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
class InferenceSession:
    def __init__(self, model, providers): assert b"MatMul" in model and len(providers) == 2
    def get_providers(self): return ["CPUExecutionProvider"]
    def run(self, outputs, inputs): return [product(inputs["a"], inputs["b"])]
)",
                            "onnxruntime")),
            "done: imports yes, available yes, devices -, ran on cpu, right yes");
}

/// Runs a shell script in place of Python.
PythonProof script(const std::string& text, milliseconds limit = milliseconds(60'000)) {
  Scratch scratch;
  auto path = scratch.write("python", "#!/bin/sh\n" + text);
  chmod(path.c_str(), 0755);
  return prove_by_python({.environment = "",
                          .interpreter = path,
                          .module = "torch",
                          .framework = "",
                          .env = {},
                          .limit = limit});
}

const std::string kNothingElse = ", available -, devices -, ran on -, right -";

TEST(PythonProof, ProgramsThatAreNoPython) {
  EXPECT_EQ(describe(script("echo garbage >&3")), "garbled: imports (garbage)" + kNothingElse);
  EXPECT_EQ(describe(script("printf '{' >&3")), "garbled: imports (garbage)" + kNothingElse);
  EXPECT_EQ(describe(script("exit 0")), "crashed exit 0: imports (crashed)" + kNothingElse);
  EXPECT_EQ(describe(script("while :; do echo '{}                              '; done >&3")),
            "flooded more than 1 MiB: imports (flooded)" + kNothingElse);
  EXPECT_EQ(describe(script("exec cat /dev/zero", milliseconds(200))),
            "hung 200 ms in all: imports (hung)" + kNothingElse);
  EXPECT_EQ(describe(prove_by_python({.environment = "",
                                      .interpreter = "/nowhere/python",
                                      .module = "torch",
                                      .framework = "",
                                      .env = {}})),
            "not_started ENOENT: imports (not started)" + kNothingElse);
}

TEST(PythonProof, WhatATerminalWouldObeyIsReplaced) {
  auto proof = import(
      "print('\\x1b[31mred')\nprint('line')\nimport os; os.write(1, b'\\xff')\n"
      "raise ImportError('\\x1b]0;title \\u202e \\x9b1m')");
  EXPECT_EQ(proof.output, "?[31mred\nline\n?");
  EXPECT_EQ(word(proof.imports), "(ImportError: ?]0;title ? ?1m)");
}

PythonProof answered(const std::string& lines, ChildEnd::How how = ChildEnd::How::exited) {
  ChildEnd end;
  end.how = how, end.answers = lines;
  return python_proof_of(end, milliseconds(1000));
}

TEST(PythonProof, AnswersThatAreNone) {
  const std::string good = R"({"step":"imports","call":"import torch","value":true})"
                           "\n",
                    end = R"({"step":"end","call":""})"
                          "\n";
  EXPECT_EQ(describe(answered(good + end)), "done: imports yes" + kNothingElse);
  const std::string garbled = "garbled: imports yes, available (garbage), devices -, ran on -, right -";
  for (std::string line :
       {R"([])", R"({})", R"({"step":"imports","call":"","value":true})", R"({"step":"other","call":""})",
        R"({"step":"available","call":"","value":1})", R"({"step":"available","call":""})",
        R"({"step":"available","call":1,"value":true})", R"({"step":"available","call":"","error":1})",
        R"({"step":"mapped","call":"","value":[1]})", R"({"step":"mapped","call":""})", "\xff"})
    EXPECT_EQ(describe(answered(good + line + "\n" + end)), garbled) << line;
  EXPECT_EQ(describe(answered(good + R"({"step":"available","call":"","value":true})" + "\n" +
                              R"({"step":"devices","call":"","value":-1})" + "\n" + end)),
            "garbled: imports yes, available yes, devices (garbage), ran on -, right -");
  auto longest = R"({"step":"available","call":"","error":")" + std::string(5000, 'x') + "\"}\n";
  EXPECT_EQ(answered(good + longest + end).end, End::garbled);
  // A line that was cut off by a signal is no garbage.
  ChildEnd killed;
  killed.how = ChildEnd::How::killed, killed.number = 9, killed.answers = good + R"({"step":"avai)";
  EXPECT_EQ(describe(python_proof_of(killed, milliseconds(1))),
            "crashed SIGKILL: imports yes, available (crashed), devices -, ran on -, right -");
}

TEST(PythonProof, OfWhatIsMappedTheLibrariesOfCuda) {
  auto proof = answered(
      R"({"step":"mapped","call":"/proc/self/maps","value":["1000-2000 r--p 0 fe:00 5 /v/libcudart.so.13",)"
      R"("2000-3000 r-xp 0 fe:00 5 /v/libcudart.so.13","4000-5000 r-xp 0 fe:00 6 /usr/lib/libc.so.6",)"
      R"j("6000-7000 r-xp 0 fe:00 7 /my libs/libnccl.so.2 (deleted)"]})j"
      "\n");
  EXPECT_EQ(proof.mapped, (std::vector<std::string>{"/v/libcudart.so.13", "/my libs/libnccl.so.2"}));
}

TEST(PythonProof, WhatItsProcessHasMappedIsHeard) {
  auto proof = import(kTorch + R"(
import mmap, os
path = os.path.dirname(os.path.abspath(__file__)) + "/libcudart.so.13"
with open(path, "w+b") as file:
    file.write(b"x" * 4096)
    file.flush()
    kept = mmap.mmap(file.fileno(), 4096)
)");
  ASSERT_EQ(proof.mapped.size(), 1u);
  EXPECT_TRUE(proof.mapped[0].ends_with("/libcudart.so.13")) << proof.mapped[0];
}

TEST(PythonProof, WhichModuleProvesADistribution) {
  EXPECT_EQ(framework_module("torch"), "torch");
  EXPECT_EQ(framework_module("onnxruntime-gpu"), "onnxruntime");
  EXPECT_EQ(framework_module("cupy-cuda13x"), "cupy");
  EXPECT_EQ(framework_module("jax-cuda12-plugin"), "jax");
  EXPECT_EQ(framework_module("jax_cuda12_plugin"), "jax");
  EXPECT_EQ(framework_module("Onnxruntime_GPU"), "onnxruntime");
  EXPECT_EQ(framework_module("torchvision"), std::nullopt);
}

/// What doctor asks for a package that lies there.
std::expected<std::string, std::string> interpreter_for(const Scratch& scratch, const std::string& folder) {
  Subject package;
  package.path = scratch.path(folder + "/torch-2.9.1.dist-info");
  package.environment = scratch.path("v");
  return interpreter_of(package.environment, python_version_of(package));
}

TEST(PythonProof, TheInterpreterOfAnEnvironment) {
  Scratch scratch;
  const std::string site = "v/lib/python3.12/site-packages";
  EXPECT_EQ(interpreter_for(scratch, site).error(), "no interpreter");
  std::filesystem::create_directories(scratch.path("v/bin/python3"));
  EXPECT_EQ(interpreter_for(scratch, site).error(), scratch.path("v/bin/python3") + " is a folder");
  std::filesystem::remove(scratch.path("v/bin/python3"));
  for (std::string name : {"python", "python3", "python3.12"}) {
    auto path = scratch.write("v/bin/" + name, "");
    chmod(path.c_str(), 0755);
    EXPECT_EQ(interpreter_for(scratch, site), path);
  }
  EXPECT_EQ(interpreter_for(scratch, "v/conda-meta"), scratch.path("v/bin/python3"));
}

TEST(PythonProof, AnInterpreterThatCannotBeRunSaysWhy) {
  Scratch scratch;
  const std::string site = "v/lib/python3.12/site-packages";
  auto python = scratch.write("v/bin/python", "");
  EXPECT_EQ(interpreter_for(scratch, site).error(), python + ": EACCES");
  auto python3 = scratch.path("v/bin/python3");
  std::filesystem::create_symlink("/nowhere/python3", python3);
  auto why = interpreter_for(scratch, site);
  EXPECT_EQ(why.error(), python3 + " leads to nothing");
  auto proof =
      prove_by_python({.environment = "", .interpreter = why, .module = "torch", .framework = "", .env = {}});
  EXPECT_EQ(describe(proof),
            "not_started " + python3 + " leads to nothing: imports (not started)" + kNothingElse);
  chmod(python.c_str(), 0755);
  EXPECT_EQ(interpreter_for(scratch, site), python);
}

}  // namespace
}  // namespace cufit::collect
