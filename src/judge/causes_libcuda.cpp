// Is there a libcuda, is it a real one, and does it pair with the kernel driver? NVML and the compiler of PTX
// lie beside it.
#include <algorithm>

#include "base/text.h"
#include "judge/machine_view.h"
#include "judge/uses.h"
#include "model/cuda_library.h"
#include "model/package.h"

namespace cufit {

namespace {

using Kind = DriverLibrary::Kind;

constexpr std::string_view libcuda = "libcuda.so.1", nvml = "libnvidia-ml.so.1",
                           jit = "libnvidia-ptxjitcompiler.so.1";

FactRef library_fact(const DriverLibrary& l) { return "observed.libraries." + l.path; }

/// Everything that was named may, but a file in which nothing is of CUDA.
bool may_ask_for_cuda(const Subject& s) {
  if (s.kind != Subject::Kind::file) return !s.members.empty();
  return std::ranges::any_of(s.members, [](auto& m) {
    auto& bin = m.bin;
    return !bin.shapes.empty() || !bin.unread.empty() || !bin.toolkits.empty() ||
           (bin.dyn.soname && is_cuda_library(*bin.dyn.soname)) ||
           std::ranges::any_of(bin.dyn.needed, is_cuda_library);
  });
}

/// Where no driver is installed, from which on the board takes one; nothing if that is not known of it.
std::optional<Text> needed_driver(const MachineView& v) {
  if (v.container || v.driver_is_installed() || !looked_and_absent(v.observed.kernel.on_disk))
    return std::nullopt;
  const GpuRow* newest = nullptr;
  for (auto& gpu : v.facts.machine.gpus) {
    auto* board = gpu.board ? v.facts.knowledge.gpu(*gpu.board) : nullptr;
    if (!board || board->first_driver.version.empty()) return std::nullopt;
    if (!newest || newest->first_driver.version.version() < board->first_driver.version.version())
      newest = board;
  }
  if (!newest) return std::nullopt;
  bool open = newest->open_kernel_module == ModuleSupport::required;
  return Text{open ? "cause.libcuda-not-found.no-open-driver" : "cause.libcuda-not-found.no-driver",
              {{"gpu", std::string(newest->names.front())},
               {"driver", std::string(newest->first_driver.version.text)}}};
}

void find_missing_libcuda(const MachineView& v, std::vector<FoundCause>& out) {
  auto& f = v.facts;
  if (v.wsl) {
    auto of_windows = [](auto& l) { return l.name == libcuda && l.kind == Kind::wsl; };
    auto lib = std::ranges::find_if(v.observed.libraries, of_windows);
    bool there = lib != v.observed.libraries.end();
    auto path = there ? lib->path : std::string("/usr/lib/wsl/lib/libcuda.so.1");
    auto cause = fault(f, "wsl-libcuda", Stage::libcuda, 35,
                       there ? Text{"cause.wsl-libcuda.found", {{"path", path}}}
                             : Text{"cause.wsl-libcuda.none", {{"path", path}}},
                       {there ? library_fact(*lib) : FactRef("observed.libraries")});
    cause.args.emplace_back("folder", folder_of(path));
    out.push_back(std::move(cause));
    return;
  }
  // An image has none: the driver of its host is put into it when it starts.
  if (!v.live) return;
  if (auto* lies = v.hidden(libcuda)) {
    auto folder = folder_of(lies->path);
    auto cause = fault(f, "libcuda-not-found", Stage::libcuda, 35,
                       {"cause.libcuda-not-found.hidden", {{"path", lies->path}, {"folder", folder}}},
                       {library_fact(*lies)});
    out.push_back(std::move(cause));
    return;
  }
  if (auto* lies = v.unlinked(libcuda)) {
    auto cause = fault(f, "libcuda-not-found", Stage::libcuda, 35,
                       {"cause.libcuda-not-found.unlinked", {{"path", lies->path}, {"name", lies->name}}},
                       {library_fact(*lies)});
    cause.args.emplace_back("folder", folder_of(lies->path));
    out.push_back(std::move(cause));
    return;
  }
  // Nobody misses a driver there before something asks for it.
  if (v.shows_no_gpu() && std::ranges::none_of(f.subjects, may_ask_for_cuda)) return;
  auto none = v.loaded(libcuda) ? "cause.libcuda-not-found.only-others" : "cause.libcuda-not-found.found";
  auto cause = fault(f, "libcuda-not-found", Stage::libcuda, 35, needed_driver(v).value_or(Text{none}),
                     {"observed.libraries"});
  if (v.without_gpu()) {
    // And none would help.
    cause.why.text = {"cause.libcuda-not-found.no-gpu"};
    cause.why.facts.push_back("observed.pci");
    cause.curable = false;
  }
  out.push_back(std::move(cause));
}

bool is_of_driver(const DriverLibrary& l) {
  return l.name == libcuda && (l.kind == Kind::driver || l.kind == Kind::compat || l.kind == Kind::wsl);
}

/// Another file than the driver's comes first. Where the machine has no driver's at all, to take the other
/// one away is no help, and that is told in its place: it is one fault.
void find_other_file(const MachineView& v, const DriverLibrary& lib, FoundCause cause,
                     std::vector<FoundCause>& out) {
  // What asks for no CUDA misses nothing, where there is no GPU to ask for.
  if (v.without_gpu() && std::ranges::none_of(v.facts.subjects, may_ask_for_cuda)) return;
  cause.args.emplace_back("folder", folder_of(lib.path));
  if (std::ranges::none_of(v.observed.libraries, is_of_driver)) {
    cause.why.text.id = "cause." + cause.id + (v.without_gpu() ? ".no-gpu" : ".alone");
    cause.curable = !v.without_gpu();
    cause.warns = false;
  }
  out.push_back(std::move(cause));
}

/// A process that has mapped a stub by its path, whatever programs come to that look for the name.
const Load* mapped_stub(const MachineView& v) {
  auto is_stub = [&](const Load& l) {
    auto& path = l.file();
    if (l.found != Found::in_maps || !base_name(std::string_view(path)).starts_with("libcuda.so"))
      return false;
    return path.contains("/stubs/") || std::ranges::any_of(v.observed.libraries, [&](auto& known) {
             return known.kind == Kind::stub && known.real == path;
           });
  };
  for (auto& process : v.facts.loads)
    if (auto at = std::ranges::find_if(process.loads, is_stub); at != process.loads.end()) return &*at;
  return nullptr;
}

void find_mapped_stub(const MachineView& v, const Load& stub, std::vector<FoundCause>& out) {
  auto cause = fault(v.facts, "stub-libcuda-loaded", Stage::libcuda, 34,
                     {"cause.stub-libcuda-loaded.mapped", {{"path", stub.file()}}}, {"loads"});
  cause.warns = false;
  out.push_back(std::move(cause));
}

void find_stub(const MachineView& v, const DriverLibrary& lib, std::vector<FoundCause>& out) {
  find_other_file(v, lib,
                  fault(v.facts, "stub-libcuda-loaded", Stage::libcuda, 34,
                        {"cause.stub-libcuda-loaded.found",
                         {{"path", lib.path}, {"by", lib.on}, {"folder", folder_of(lib.path)}}},
                        {library_fact(lib)}),
                  out);
}

/// The runtime finds no function in it and reports 35, as it does without libcuda.
void find_foreign(const MachineView& v, const DriverLibrary& lib, std::vector<FoundCause>& out) {
  auto* why = std::get_if<Unreadable>(&lib.version.is);
  Text what = {"cause.foreign-libcuda-loaded.found", {{"path", lib.path}, {"by", lib.on}}};
  if (why) what = {"cause.foreign-libcuda-loaded.no-library", {{"path", lib.path}, {"by", lib.on}}};
  find_other_file(
      v, lib,
      fault(v.facts, "foreign-libcuda-loaded", Stage::libcuda, 35, std::move(what), {library_fact(lib)}),
      out);
}

/// Programs that stand in for libcuda (remote GPUs, tracers) are such files: what they do nobody can tell.
void find_unknown_file(const MachineView& v, const DriverLibrary& lib, std::vector<FoundCause>& out) {
  auto cause = fault(v.facts, "foreign-libcuda-loaded", Stage::libcuda, 0,
                     {"cause.foreign-libcuda-loaded.unsure", {{"path", lib.path}, {"by", lib.on}}},
                     {library_fact(lib)});
  cause.answer = Answer::unknown;
  cause.confidence = Confidence::medium;
  cause.why.says = Verdict::unknown;
  cause.args.emplace_back("folder", folder_of(lib.path));
  out.push_back(std::move(cause));
}

bool differs(const Fact<Version>& a, const Fact<Version>& b) { return a && b && *a != *b; }

/// Full versions are compared; a cuda-compat package is another question (FC-2).
void find_mismatch(const MachineView& v, const DriverLibrary& lib, std::vector<FoundCause>& out) {
  auto& kernel = v.observed.kernel.loaded;
  auto* management = v.loaded(nvml);
  bool cuda_differs = lib.kind == Kind::driver && differs(lib.version, kernel);
  bool nvml_differs = management && management->kind == Kind::driver && differs(management->version, kernel);
  if (!cuda_differs && !nvml_differs) return;
  // Of both the one that programs meet.
  auto& other = cuda_differs ? lib : *management;
  std::vector<std::pair<std::string, std::string>> args = {
      {"have", other.version->text()}, {"kernel", kernel->text()}, {"path", other.path}};
  std::vector<FactRef> facts = {library_fact(other), "observed.kernel.loaded"};
  // What is loaded after a restart is what lies on disk.
  auto& on_disk = v.observed.kernel.on_disk;
  const char* how = "cause.nvml-driver-library-mismatch.found";
  if (v.container) {
    how = "cause.nvml-driver-library-mismatch.of-host";
  } else if (on_disk && *on_disk != *other.version) {
    how = "cause.nvml-driver-library-mismatch.on-disk";
    args.emplace_back("disk", on_disk->text());
    facts.push_back("observed.kernel.on_disk");
  }
  auto fold = [&](FoundCause cause) {
    cause.args.emplace_back("folder", folder_of(other.path));
    out.push_back(std::move(cause));
  };
  if (!nvml_differs)
    return fold(fault(v.facts, "forward-compat-mismatch", Stage::pairing, 803,
                      {"cause.forward-compat-mismatch.found", args}, facts));
  Text text = {how, args};
  if (cuda_differs)
    return fold(fault(v.facts, "nvml-driver-library-mismatch", Stage::pairing, 803, text, facts));
  // libcuda pairs: programs run, tools that ask NVML do not.
  auto cause = found(v.facts, "nvml-driver-library-mismatch", text, facts);
  cause.severity = Severity::warning;
  fold(std::move(cause));
}

/// NCCL gives up its first communicator without NVML (misc/nvmlwrap.cc), vLLM looks for its GPUs by it.
bool opens_nvml(const Subject& s) {
  auto name = normalized_name(s.name);
  return is_package(s) && (name.starts_with("nvidia-nccl") || name == "vllm");
}

/// The loader takes it, and it is none of the driver's, or damaged.
bool serves(const DriverLibrary& part) { return part.kind != Kind::foreign && part.kind != Kind::stub; }

/// A library that comes with libcuda and is opened by its name.
struct Part {
  std::string_view cause, library;
  const char *missing, *foreign, *damaged;  ///< ids of texts
};
constexpr Part management = {"nvml-missing", nvml, "cause.nvml-missing.found", "cause.nvml-missing.foreign",
                             "cause.nvml-missing.damaged"};
constexpr Part compiler = {"ptx-jit-missing", jit, "cause.ptx-jit-missing.found",
                           "cause.ptx-jit-missing.foreign", "cause.ptx-jit-missing.damaged"};

/// `taken`: what is loaded as the part; null: nothing.
void find_part(const MachineView& v, const Part& part, const DriverLibrary& lib, const DriverLibrary* taken,
               std::vector<FoundCause>& out) {
  if (taken && serves(*taken)) return;
  auto* why = taken ? std::get_if<Unreadable>(&taken->version.is) : nullptr;
  auto& seen = taken ? *taken : lib;
  Text text = {!taken ? part.missing
               : why  ? part.damaged
                      : part.foreign,
               {{"library", std::string(part.library)}, {"path", seen.path}}};
  if (why) text.args.emplace_back("why", why->why);
  auto cause =
      found(v.facts, part.cause, std::move(text), {library_fact(seen), FactRef("observed.libraries")});
  if (auto* lies = taken ? taken : v.hidden(part.library))
    cause.args.emplace_back("folder", folder_of(lies->path));
  if (part.library == nvml)
    for (auto& s : v.facts.subjects)
      if (opens_nvml(s)) cause.subjects.push_back(s.id), cause.limits = true;
  out.push_back(std::move(cause));
}

void find_missing_parts(const MachineView& v, const DriverLibrary& lib, std::vector<FoundCause>& out) {
  if (lib.kind != Kind::driver && lib.kind != Kind::compat) return;
  find_part(v, management, lib, v.loaded(nvml), out);
  // libcuda opens it by name; beside libcuda it is found as well where that came by its folder.
  auto beside = [&](auto& l) {
    return l.name == jit && (!l.on.empty() || folder_of(l.path) == folder_of(lib.path));
  };
  auto taken = std::ranges::find_if(v.observed.libraries, beside);
  find_part(v, compiler, lib, taken == v.observed.libraries.end() ? nullptr : &*taken, out);
}

/// The file of a Linux driver is named by its release. Windows' is libcuda.so.1.1, and containers get it
/// under that name (https://github.com/NVIDIA/nvidia-docker/issues/1551) or under the SONAME (apptainer
/// --nv), outside of /usr/lib/wsl.
bool may_be_of_windows(const DriverLibrary& l) {
  auto name = base_name(std::string_view(l.real));
  return name == libcuda || name == "libcuda.so.1.1";
}

}  // namespace

void find_libcuda_causes(const MachineView& v, std::vector<FoundCause>& out) {
  auto* lib = v.loaded(libcuda);
  bool by_name = lib && lib->kind == Kind::stub;
  if (auto* stub = by_name ? nullptr : mapped_stub(v)) return find_mapped_stub(v, *stub, out);
  if (!lib) return find_missing_libcuda(v, out);
  if (lib->kind == Kind::stub) return find_stub(v, *lib, out);
  if (lib->kind == Kind::foreign) return find_foreign(v, *lib, out);
  if (v.wsl) {
    if (lib->kind == Kind::driver && !(v.container && may_be_of_windows(*lib)))
      out.push_back(fault(v.facts, "wsl-driver-in-guest", Stage::libcuda, 100,
                          {"cause.wsl-driver-in-guest.found", {{"path", lib->path}}}, {library_fact(*lib)}));
    return;
  }
  if (v.jetson) return;
  // A link that leads nowhere and a file that may not be read are passed over by the loader.
  bool read = !lib->real.empty() && !std::holds_alternative<Unreadable>(lib->version.is);
  if (lib->kind == Kind::unknown && read) return find_unknown_file(v, *lib, out);
  find_mismatch(v, *lib, out);
  find_missing_parts(v, *lib, out);
}

}  // namespace cufit
