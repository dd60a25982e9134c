// What a torch environment loads, over indexes made by hand: layouts of the published wheels in small.
#include "judge/loading.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "knowledge/catalogue.h"
#include "loader/environment.h"
#include "model/duplicates.h"

namespace cufit {
namespace {

using Kind = IndexedFile::Kind;
using Names = std::vector<std::string>;

const std::string site = "/venv/lib/python3.12/site-packages";

/// An index without links: ".." goes to the folder above.
struct Flat final : Files {
  explicit Flat(const FileIndex& index) : index(index) {}
  static std::string flat(const std::string& path) {
    std::string out;
    for (auto part : split(std::string_view(path), '/')) {
      if (part == "..") out.resize(out.rfind('/'));
      if (part != ".." && !part.empty()) out += '/' + std::string(part);
    }
    return out;
  }
  FileAnswer look(const std::string& path) const override { return index.look(flat(path)); }
  std::optional<std::vector<std::string>> names(const std::string& folder,
                                                const std::string& pattern) const override {
    return index.names(flat(folder), pattern);
  }
  const Fact<std::vector<CachedLibrary>>& ld_cache() const override { return index.cache; }
  const FileIndex& index;
};

/// A root file system with glibc. What is not put into it is not there.
class Root {
 public:
  Root() {
    index.files["/"] = {.kind = Kind::directory, .real = "/"};
    index.listed = {"/"};
    lib("/lib64/ld-linux-x86-64.so.2").object->loader =
        LoaderBuild{{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"}, "/etc/ld.so.cache", "2.36"};
  }

  IndexedFile& lib(const std::string& path, Names needed = {}) {
    for (size_t at = path.find('/', 1); at != path.npos; at = path.find('/', at + 1)) {
      auto folder = path.substr(0, at);
      index.files[folder] = {.kind = Kind::directory, .real = folder};
      index.listed.push_back(folder);
    }
    std::ranges::sort(index.listed);
    LoadedObject object;
    object.arch = "x86_64";
    object.dyn.soname = path.substr(path.rfind('/') + 1);
    object.dyn.needed = std::move(needed);
    return index.files[path] = {.kind = Kind::file, .real = path, .size = 1, .object = std::move(object)};
  }
  void rpath(const std::string& path, Names needed, const std::string& rpath) {
    lib(path, std::move(needed)).object->dyn.rpath = rpath;
  }
  void runpath(const std::string& path, Names needed, const std::string& runpath) {
    lib(path, std::move(needed)).object->dyn.runpath = runpath;
  }

  EnvironmentLoads ask(const std::string& version, const std::string& cuda,
                       const std::string& package = "torch") const {
    auto framework = framework_of(Knowledge::builtin(), package, *PackageVersion::parse(version), cuda);
    EXPECT_TRUE(framework) << package << version;
    PythonProcess python{"", sys_path, ""};
    return loads_of_environment(*framework, python, Flat(index), {.env = env, .cpu = Cpu{}}, owners);
  }

  FileIndex index;
  Names sys_path = {site};
  std::map<std::string, std::string> env = {};
  Owners owners = [](auto&) { return FileOwner{}; };
};

using Duplicates = std::vector<std::pair<std::string, Names>>;

/// The libraries that are there from several files, and those.
Duplicates duplicates(const EnvironmentLoads& answer) {
  Duplicates out;
  for (auto& [library, loads] : duplicates_of(answer.loads.loads)) {
    auto& files = out.emplace_back(library, Names()).second;
    for (auto* load : loads) files.push_back(load->file());
  }
  return out;
}

/// The file behind the first load of a name; a word for what is none.
std::string copy(const EnvironmentLoads& answer, const std::string& name) {
  for (auto& load : answer.loads.loads) {
    if (load.name != name && load.soname != name) continue;
    if (load.found == Found::not_found) return "not found";
    return load.found == Found::unknown ? "unknown: " + load.why.id : load.real;
  }
  return "not asked for";
}

/// CUDA 12: a folder for each library; torch finds them by DT_RPATH, they find each other by DT_RUNPATH.
struct Slim12 : Root {
  explicit Slim12(const std::string& torch = site) {
    std::string folders;
    for (auto name : {"cuda_runtime", "cublas", "cudnn", "cusparse", "cuda_nvrtc"})
      folders += "$ORIGIN/../../nvidia/" + std::string(name) + "/lib:";
    folders += "$ORIGIN";
    auto own = torch + "/torch/lib/";
    rpath(own + "libtorch_global_deps.so", {"libcudart.so.12"}, folders);
    rpath(own + "libtorch_cpu.so", {"libcudart.so.12"}, folders);
    rpath(own + "libtorch_cuda.so", {"libcusparse.so.12", "libcublas.so.12", "libcudnn.so.9"}, folders);
    rpath(own + "libtorch_python.so", {"libtorch_cpu.so", "libtorch_cuda.so"}, folders);
    rpath(own + "libtorch_cuda_linalg.so", {"libtorch_cuda.so"}, folders);
    rpath(torch + "/torch/_C.cpython-312-x86_64-linux-gnu.so", {"libtorch_python.so"},
          folders + ":$ORIGIN/lib");
    lib(of("cuda_runtime", "libcudart.so.12"));
    runpath(of("cublas", "libcublas.so.12"), {"libcublasLt.so.12"}, "$ORIGIN");
    lib(of("cublas", "libcublasLt.so.12"));
    runpath(of("cusparse", "libcusparse.so.12"), {"libnvJitLink.so.12"},
            "$ORIGIN/../../nvjitlink/lib:$ORIGIN");
    lib(of("nvjitlink", "libnvJitLink.so.12"));
    lib(of("cuda_nvrtc", "libnvrtc.so.12"));
    lib(of("cuda_nvrtc", "libnvrtc-builtins.so.12.8"));
    runpath(of("cudnn", "libcudnn.so.9"), {}, "$ORIGIN");
    for (auto part : {"graph", "ops", "cnn", "adv"})
      runpath(of("cudnn", "libcudnn_" + std::string(part) + ".so.9"), {}, "$ORIGIN:$ORIGIN/../../nvrtc/lib");
  }
  static std::string of(const std::string& folder, const std::string& name) {
    return site + "/nvidia/" + folder + "/lib/" + name;
  }
  void poison(Names names) {
    for (auto& name : names) lib("/poison/" + name);
    env["LD_LIBRARY_PATH"] = "/poison";
  }
};

TEST(Loading, ASlimTorchTakesTheLibrariesOfItsPackages) {
  auto answer = Slim12().ask("2.9.1+cu128", "12.8");
  EXPECT_FALSE(answer.ends);
  EXPECT_EQ(answer.loads.framework, "torch 2.9.1+cu128");
  EXPECT_EQ(copy(answer, "libcublasLt.so.12"), Slim12::of("cublas", "libcublasLt.so.12"));
  EXPECT_EQ(copy(answer, "libcudnn_ops.so.9"), Slim12::of("cudnn", "libcudnn_ops.so.9"));
  EXPECT_EQ(copy(answer, "libtorch_cuda_linalg.so"), site + "/torch/lib/libtorch_cuda_linalg.so");
  EXPECT_EQ(copy(answer, "libcuda.so.1"), "not found");
  EXPECT_EQ(duplicates(answer), Duplicates());
}

// LIB-8: what torch needs directly comes by DT_RPATH, what NVIDIA's libraries need by DT_RUNPATH.
TEST(Loading, TheVariableMovesNvJitLinkAndNvrtcButNotCublas) {
  Slim12 root;
  root.poison({"libnvJitLink.so.12", "libnvrtc.so.12", "libcublas.so.12", "libcudart.so.12"});
  auto answer = root.ask("2.5.1+cu124", "12.4");
  EXPECT_EQ(copy(answer, "libnvJitLink.so.12"), "/poison/libnvJitLink.so.12");
  EXPECT_EQ(copy(answer, "libcublas.so.12"), Slim12::of("cublas", "libcublas.so.12"));
  EXPECT_EQ(copy(answer, "libcudart.so.12"), Slim12::of("cuda_runtime", "libcudart.so.12"));
  // NVRTC is opened by libtorch_cpu.so, whose DT_RPATH has its folder; without it the variable decides.
  EXPECT_EQ(copy(answer, "libnvrtc.so.12"), Slim12::of("cuda_nvrtc", "libnvrtc.so.12"));
}

TEST(Loading, From26OnTorchOpensNvJitLinkByPathFirst) {
  for (auto version : {"2.6.0+cu124", "2.8.0+cu128", "2.9.1+cu128"}) {
    Slim12 root;
    root.poison({"libnvJitLink.so.12", "libnvrtc.so.12", "libcublas.so.12"});
    auto answer = root.ask(version, "12.8");
    EXPECT_EQ(copy(answer, "libnvJitLink.so.12"), Slim12::of("nvjitlink", "libnvJitLink.so.12")) << version;
  }
}

TEST(Loading, APreloadedLibraryServesAllAndIsThereTwiceWhereTorchOpensByPath) {
  Slim12 root;
  root.lib("/poison/libnvJitLink.so.12");
  root.lib("/poison/libcublas.so.12");
  root.env["LD_PRELOAD"] = "/poison/libnvJitLink.so.12 /poison/libcublas.so.12";
  auto answer = root.ask("2.9.1+cu128", "12.8");
  EXPECT_EQ(copy(answer, "libcublas.so.12"), "/poison/libcublas.so.12");
  EXPECT_EQ(duplicates(answer),
            (Duplicates{{"libnvJitLink",
                         {"/poison/libnvJitLink.so.12", Slim12::of("nvjitlink", "libnvJitLink.so.12")}}}));
}

/// torch in one folder of sys.path, NVIDIA's packages in another: DT_RPATH leads nowhere.
struct Split12 : Slim12 {
  Split12() : Slim12("/opt/site") {
    sys_path = {"/opt/site", site};
    for (auto name :
         {"cuda_cupti/lib/libcupti.so.12", "cufft/lib/libcufft.so.11", "curand/lib/libcurand.so.10",
          "cusparselt/lib/libcusparseLt.so.0", "cusolver/lib/libcusolver.so.11", "nccl/lib/libnccl.so.2",
          "nvshmem/lib/libnvshmem_host.so.3", "cufile/lib/libcufile.so.0"})
      lib(site + "/nvidia/" + name);
  }
};

TEST(Loading, WhereTheFirstStepFailsTorchOpensEveryLibraryByPath) {
  auto answer = Split12().ask("2.9.1+cu128", "12.8");
  EXPECT_FALSE(answer.ends);
  EXPECT_EQ(copy(answer, "libcudnn.so.9"), Slim12::of("cudnn", "libcudnn.so.9"));
  EXPECT_EQ(copy(answer, "libtorch_cuda.so"), "/opt/site/torch/lib/libtorch_cuda.so");
}

TEST(Loading, AnyLibraryOfThatSeriesThatIsMissingEndsTheImport) {
  Split12 root;
  root.index.files.erase(Slim12::of("nccl", "libnccl.so.2"));
  EXPECT_TRUE(root.ask("2.9.1+cu128", "12.8").ends);
}

std::string stopping(const EnvironmentLoads& answer) {
  std::string names;
  for (auto& load : answer.loads.loads)
    if (load.stops) names += load.name + ' ';
  return names;
}

TEST(Loading, AllThatIsMissingStopsTheImportAndNothingThatComesByAnotherWay) {
  EXPECT_EQ(stopping(Split12().ask("2.9.1+cu128", "12.8")), "");
  Split12 series;  // the first step fails, the packages are opened by path up to the first that is not there
  series.index.files.erase(Slim12::of("nccl", "libnccl.so.2"));
  series.index.files.erase(Slim12::of("nvshmem", "libnvshmem_host.so.3"));
  EXPECT_EQ(stopping(series.ask("2.9.1+cu128", "12.8")), "libnccl.so libnvshmem_host.so ");
  Slim12 linked;  // the first step goes well, the import itself does not
  linked.index.files.erase(Slim12::of("cublas", "libcublas.so.12"));
  linked.index.files.erase(Slim12::of("cudnn", "libcudnn.so.9"));
  EXPECT_EQ(stopping(linked.ask("2.9.1+cu128", "12.8")), "libcublas.so.12 libcudnn.so.9 ");
  Slim12 tried;  // what only a use opens
  tried.index.files.erase(Slim12::of("cuda_nvrtc", "libnvrtc.so.12"));
  EXPECT_EQ(stopping(tried.ask("2.9.1+cu128", "12.8")), "");
}

TEST(Loading, AVersionOfSymbolsThatIsMissingStopsTheImport) {
  Slim12 root;
  auto python = site + "/torch/lib/libtorch_python.so";
  root.index.files[python].object->dyn.needed.emplace_back("libstdc++.so.6");
  root.index.files[python].object->needs = {{"libstdc++.so.6", {"GLIBCXX_3.4.30"}}};
  root.lib("/lib/x86_64-linux-gnu/libstdc++.so.6").object->defines = {"GLIBCXX_3.4.28", "libstdc++.so.6"};
  auto answer = root.ask("2.9.1+cu128", "12.8");
  EXPECT_TRUE(answer.ends);
  EXPECT_EQ(stopping(answer), "libstdc++.so.6 ");
  root.index.files["/lib/x86_64-linux-gnu/libstdc++.so.6"].object->defines.emplace_back("GLIBCXX_3.4.30");
  std::ranges::sort(root.index.files["/lib/x86_64-linux-gnu/libstdc++.so.6"].object->defines);
  answer = root.ask("2.9.1+cu128", "12.8");
  EXPECT_FALSE(answer.ends);
  EXPECT_EQ(stopping(answer), "");
}

// torch 1.13.1 opens by path only if the error names libcublas.so.11.
TEST(Loading, WhatTheErrorNamesDecidesWhetherTorchOpensByPath) {
  for (bool cublas_in_the_variable : {false, true}) {
    Root root;
    root.sys_path = {"/opt/site", site};
    root.lib("/opt/site/torch/lib/libtorch_global_deps.so", {"libcublas.so.11", "libcudnn.so.8"});
    root.lib("/opt/site/torch/_C.cpython-310-x86_64-linux-gnu.so");
    root.lib(site + "/nvidia/cublas/lib/libcublas.so.11");
    root.lib(site + "/nvidia/cudnn/lib/libcudnn.so.8");
    root.lib("/poison/libcublas.so.11");
    if (cublas_in_the_variable) root.env["LD_LIBRARY_PATH"] = "/poison";
    auto answer = root.ask("1.13.1+cu117", "11.7");
    EXPECT_EQ(answer.ends, cublas_in_the_variable);
    EXPECT_EQ(copy(answer, "libcudnn.so.8"),
              cublas_in_the_variable ? "not found" : site + "/nvidia/cudnn/lib/libcudnn.so.8");
  }
}

/// Everything in torch/lib, some of it under mangled names, found by DT_RUNPATH.
struct Bundled : Root {
  Bundled() {
    auto own = site + "/torch/lib/";
    runpath(own + "libtorch_global_deps.so", {"libcublas.so.10"}, "$ORIGIN");
    runpath(own + "libcublas.so.10", {"libcublasLt.so.10"}, "$ORIGIN");
    runpath(own + "libcublasLt.so.10", {}, "$ORIGIN");
    runpath(own + "libcudart-80664282.so.10.2", {}, "$ORIGIN");
    index.files[own + "libcudart-80664282.so.10.2"].object->dyn.soname = "libcudart.so.10.2";
    runpath(own + "libnvrtc-08c4863f.so.10.2", {}, "$ORIGIN");
    index.files[own + "libnvrtc-08c4863f.so.10.2"].object->dyn.soname = "libnvrtc.so.10.2";
    lib(own + "libnvrtc-builtins.so");
    runpath(own + "libtorch_cpu.so", {"libcudart-80664282.so.10.2"}, "$ORIGIN");
    runpath(own + "libtorch_cuda.so", {"libcudart-80664282.so.10.2", "libcublas.so.10"}, "$ORIGIN");
    runpath(own + "libtorch_python.so", {"libtorch_cpu.so", "libtorch_cuda.so"}, "$ORIGIN");
    runpath(site + "/torch/_C.cpython-310-x86_64-linux-gnu.so", {"libtorch_python.so"}, "$ORIGIN/lib");
  }
};

TEST(Loading, ABundledTorchTakesItsMangledCopies) {
  auto answer = Bundled().ask("1.12.1+cu102", "10.2");
  EXPECT_EQ(copy(answer, "libcudart.so.10.2"), site + "/torch/lib/libcudart-80664282.so.10.2");
  EXPECT_EQ(copy(answer, "libnvrtc.so.10.2"), site + "/torch/lib/libnvrtc-08c4863f.so.10.2");
  EXPECT_EQ(copy(answer, "libnvrtc-builtins.so"), site + "/torch/lib/libnvrtc-builtins.so");
  EXPECT_EQ(duplicates(answer), Duplicates());
}

TEST(Loading, TheVariableMovesWhatABundledTorchHasUnderItsOwnName) {
  Bundled root;
  for (auto name : {"libcublas.so.10", "libcudart.so.10.2", "libnvrtc.so.10.2"})
    root.lib("/poison/" + std::string(name));
  root.env["LD_LIBRARY_PATH"] = "/poison";
  auto answer = root.ask("1.12.1+cu102", "10.2");
  EXPECT_EQ(copy(answer, "libcublas.so.10"), "/poison/libcublas.so.10");
  EXPECT_EQ(copy(answer, "libcudart.so.10.2"), site + "/torch/lib/libcudart-80664282.so.10.2");
  // It asks for the name that is not mangled first.
  EXPECT_EQ(copy(answer, "libnvrtc.so.10.2"), "/poison/libnvrtc.so.10.2");
}

/// CUDA 13: nvidia/cu13/lib for all but cuDNN.
struct Slim13 : Root {
  Slim13() {
    std::string folders = "$ORIGIN/../../nvidia/cudnn/lib:$ORIGIN/../../nvidia/cu13/lib:$ORIGIN";
    auto own = site + "/torch/lib/";
    rpath(own + "libtorch_global_deps.so", {"libcudart.so.13"}, folders);
    rpath(own + "libtorch_cuda.so", {"libcublas.so.13", "libcusparse.so.12", "libcudnn.so.9"}, folders);
    rpath(site + "/torch/_C.cpython-312-x86_64-linux-gnu.so", {"libtorch_cuda.so"}, folders + ":$ORIGIN/lib");
    for (auto name : {"libcudart.so.13", "libcublasLt.so.13", "libnvJitLink.so.13", "libnvrtc.so.13",
                      "libnvrtc-builtins.so.13.0", "libcupti.so.13", "libcurand.so.10"})
      lib(of(name));
    runpath(of("libcublas.so.13"), {"libcublasLt.so.13"}, "$ORIGIN");
    runpath(of("libcusparse.so.12"), {"libnvJitLink.so.13"}, "$ORIGIN");
    lib(site + "/nvidia/cudnn/lib/libcudnn.so.9");
  }
  static std::string of(const std::string& name) { return site + "/nvidia/cu13/lib/" + name; }
};

// Up to 2.13 the series ends at the first library that is not installed (here cuFFT), and nvJitLink stands
// behind it.
TEST(Loading, ALibraryThatIsNotInstalledEndsTheSeriesUpTo213) {
  for (auto [version, moved] :
       {std::pair("2.11.0+cu130", true), {"2.13.0+cu130", true}, {"2.14.0+cu130", false}}) {
    Slim13 root;
    root.lib("/poison/libnvJitLink.so.13");
    root.env["LD_LIBRARY_PATH"] = "/poison";
    EXPECT_EQ(copy(root.ask(version, "13.0"), "libnvJitLink.so.13"),
              moved ? "/poison/libnvJitLink.so.13" : Slim13::of("libnvJitLink.so.13"))
        << version;
  }
}

TEST(Loading, PackagesOfCuda12BesideABuildForCuda13AreLoadedToo) {
  Slim13 root;
  root.lib(site + "/nvidia/cublas/lib/libcublas.so.12");
  root.lib(site + "/nvidia/cublas/lib/libcublasLt.so.12");
  auto answer = root.ask("2.11.0+cu130", "13.0");
  auto two = [&](const std::string& name) {
    return std::pair(name,
                     Names{site + "/nvidia/cublas/lib/" + name + ".so.12", Slim13::of(name + ".so.13")});
  };
  EXPECT_EQ(duplicates(answer), (Duplicates{two("libcublasLt"), two("libcublas")}));
}

// cuBLASLt of CUDA 11.8 opens libnvrtc.so in a constructor; that of 11.7 does not.
TEST(Loading, ALibraryMayOpenAnotherWhenItIsLoaded) {
  for (auto [version, asked] : {std::pair("11.11.3.6", "/usr/lib/x86_64-linux-gnu/libnvrtc.so"),
                                {"11.10.3.66", "not asked for"},
                                {"", "unknown: loading.no-version"}}) {
    Root root;
    root.rpath(site + "/torch/lib/libtorch_global_deps.so", {"libcublasLt.so.11"},
               "$ORIGIN/../../nvidia/cublas/lib");
    root.lib(site + "/torch/_C.cpython-310-x86_64-linux-gnu.so");
    root.lib(site + "/nvidia/cublas/lib/libcublasLt.so.11");
    root.lib("/usr/lib/x86_64-linux-gnu/libnvrtc.so");
    root.owners = [&](auto& path) {
      bool cublas = path.ends_with("libcublasLt.so.11") && *version;
      return cublas ? FileOwner{"nvidia-cublas-cu11", version} : FileOwner{};
    };
    EXPECT_EQ(copy(root.ask("2.0.1+cu118", "11.8"), "libnvrtc.so"), asked) << version;
  }
}

// JAX opens what packages of both majors hold, by path; XLA's own calls find it there by name.
TEST(Loading, JaxOpensThePackagesOfBothMajors) {
  Root root;
  root.lib(site + "/jax_plugins/xla_cuda12/xla_cuda_plugin.so");
  root.lib(site + "/nvidia/cublas/lib/libcublas.so.12");
  root.lib(site + "/nvidia/cu13/lib/libcublas.so.13");
  root.lib("/poison/libcublas.so.12");
  root.lib("/poison/libcudart.so.12");
  root.env["LD_LIBRARY_PATH"] = "/poison";
  auto answer = root.ask("0.12.0.1", "12", "jax-cuda12-pjrt");
  EXPECT_EQ(copy(answer, "libcublas.so.12"), site + "/nvidia/cublas/lib/libcublas.so.12");
  EXPECT_EQ(copy(answer, "libcudart.so.12"), "/poison/libcudart.so.12");  // no package: the variable decides
  EXPECT_EQ(duplicates(answer), (Duplicates{{"libcublas",
                                             {site + "/nvidia/cublas/lib/libcublas.so.12",
                                              site + "/nvidia/cu13/lib/libcublas.so.13"}}}));
}

TEST(Loading, TheVariableMovesAllThatTensorflowOpens) {
  Root root;
  root.lib(site + "/tensorflow/python/_pywrap_tensorflow_internal.so", {"libtensorflow_framework.so.2"})
      .object->dyn.runpath = "$ORIGIN/../";
  root.lib(site + "/tensorflow/libtensorflow_framework.so.2").object->dyn.runpath =
      "$ORIGIN/../nvidia/cudnn/lib";
  root.lib(site + "/nvidia/cudnn/lib/libcudnn.so.9");
  EXPECT_EQ(copy(root.ask("2.21.0", "12.5", "tensorflow"), "libcudnn.so.9"),
            site + "/nvidia/cudnn/lib/libcudnn.so.9");
  root.lib("/poison/libcudnn.so.9");
  root.env["LD_LIBRARY_PATH"] = "/poison";
  EXPECT_EQ(copy(root.ask("2.21.0", "12.5", "tensorflow"), "libcudnn.so.9"), "/poison/libcudnn.so.9");
}

TEST(Loading, WhatNobodyListedIsUnknown) {
  Slim12 root;
  std::erase(root.index.listed, site + "/nvidia/nvjitlink/lib");
  auto answer = root.ask("2.9.1+cu128", "12.8");
  EXPECT_FALSE(answer.ends);
  EXPECT_EQ(copy(answer, "libnvJitLink.so.*[0-9]"), "unknown: loading.not-listed");
}

TEST(Loading, ReleasesHaveTheirRows) {
  auto row = [](const char* version, bool* beyond = nullptr) {
    auto* found = find_loading(Knowledge::builtin(), "torch", *PackageVersion::parse(version), beyond);
    return found ? std::string(found->id) : "none";
  };
  EXPECT_EQ(row("1.13.0"), "torch-1.12");
  EXPECT_EQ(row("1.13.1+cu117"), "torch-1.13.1");
  EXPECT_EQ(row("2.4.1"), "torch-2.1");
  EXPECT_EQ(row("2.5.0"), "torch-2.5.0");
  EXPECT_EQ(row("2.5.1"), "torch-2.5.1");
  EXPECT_EQ(row("2.13.0"), "torch-2.10");
  EXPECT_EQ(row("1.4.0"), "none");
  bool beyond = false;
  EXPECT_EQ(row("2.15.0", &beyond), "torch-2.15");
  EXPECT_FALSE(beyond);
  EXPECT_EQ(row("2.17.0", &beyond), "torch-2.15");
  EXPECT_TRUE(beyond);
  EXPECT_FALSE(framework_of(Knowledge::builtin(), "numpy", *PackageVersion::parse("2.0"), ""));
}

// The name of NVRTC holds what its SONAME does: https://docs.nvidia.com/cuda/nvrtc/#versioning-scheme
TEST(Loading, NvrtcIsAskedForByTheNameOfItsCuda) {
  for (auto [cuda, name] : {std::pair("10.2", "libnvrtc.so.10.2"),
                            {"11.2", "libnvrtc.so.11.2"},
                            {"11.8", "libnvrtc.so.11.2"},
                            {"12.4", "libnvrtc.so.12"},
                            {"13", "libnvrtc.so.13"},
                            {"", "libnvrtc-*.so.*"},
                            {"11", "libnvrtc-*.so.*"}}) {
    auto framework = framework_of(Knowledge::builtin(), "torch", *PackageVersion::parse("2.3.0"), cuda);
    ASSERT_TRUE(framework);
    auto step =
        std::ranges::find_if(framework->steps, [](auto& s) { return s.use == "code made at run time"; });
    ASSERT_NE(step, framework->steps.end());
    EXPECT_EQ(step->names.front(), name) << cuda;
  }
}

TEST(Loading, NamesOfLibrariesAndTheirVersions) {
  EXPECT_EQ(library_stem("libcudart-d0da41ae.so.11.0"), "libcudart");
  EXPECT_EQ(library_stem("/a/libnvrtc-builtins.so.12.8"), "libnvrtc-builtins");
  EXPECT_EQ(library_stem("libcudnn_ops.so.9"), "libcudnn_ops");
  EXPECT_EQ(version_in_name("libcublas.so.12.1.3.1", "libcublas.so.12"), "12.1.3.1");
  EXPECT_EQ(version_in_name("libcublas.so.12", "libcublas.so.12"), "");
  EXPECT_EQ(version_in_name("libcudart-d0da41ae.so.11.0", "libcudart.so.11.0"), "");
}

TEST(Loading, VersionsAreThoseOfTheOwner) {
  Slim12 root;
  root.owners = [](auto& path) {
    return path.find("/nvidia/cublas/") != path.npos ? FileOwner{"nvidia-cublas-cu12", "12.8.4.1"}
                                                     : FileOwner{"torch", "2.9.1"};
  };
  auto answer = root.ask("2.9.1+cu128", "12.8");
  auto load = std::ranges::find(answer.loads.loads, "libcublas.so.12", &Load::name);
  ASSERT_NE(load, answer.loads.loads.end());
  EXPECT_EQ(load->version, "12.8.4.1");
  EXPECT_EQ(load->owner, "nvidia-cublas-cu12 12.8.4.1");
  load = std::ranges::find(answer.loads.loads, "libtorch_cuda.so", &Load::name);
  EXPECT_EQ(load->version, "");  // the version of torch is not that of a library
  EXPECT_EQ(load->owner, "torch 2.9.1");
}

}  // namespace
}  // namespace cufit
