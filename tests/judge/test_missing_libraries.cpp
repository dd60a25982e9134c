// Files that a package lists and that are gone, and libraries of CUDA that no package of an environment
// brings.
#include "judge/observed_world.h"
#include "render/phrase.h"

namespace cufit::testing {
namespace {

const std::string site = "/venv/lib/python3.12/site-packages/";

/// PyTorch and cuFFT of one environment, for a machine that nobody looked at.
Report judged(const Json& patch) {
  Json base = {{"gpus", {"h100-pcie"}}, {"driver", "580.95.05"}};
  base["subjects"]["s0"] = {{"kind", "distribution"},
                            {"name", "torch"},
                            {"version", "2.9.1+cu128"},
                            {"files",
                             {{{"path", site + "torch/lib/libtorch_python.so"},
                               {"modules", {"s90"}},
                               {"toolkits", {"12.8"}},
                               {"needed", {"libtorch_cuda.so", "libcufft.so.11", "libcuda.so.1"}}}}}};
  base["subjects"]["s1"] = {{"kind", "distribution"},
                            {"name", "nvidia-cufft-cu12"},
                            {"version", "11.3.3.83"},
                            {"files",
                             {{{"path", site + "nvidia/cufft/lib/libcufft.so.11"},
                               {"role", "math"},
                               {"modules", {"s90"}},
                               {"toolkits", {"12.8"}}}}}};
  auto world = observed_world("host", {base, patch});
  world.observed.reset();
  return judge(world, Knowledge::builtin());
}

std::string assumed(const Judgement& j) {
  for (auto& note : j.notes)
    if (note.text.id == "note.libraries-of-machine") return note.text.args.at(0).second;
  return {};
}

TEST(MissingLibraries, AWholeEnvironmentAssumesNothing) {
  auto report = judged(Json::object());
  EXPECT_EQ(report.judgements.at(0).verdict, Verdict::fits);
  EXPECT_EQ(assumed(report.judgements[0]), "");
}

TEST(MissingLibraries, OneThatIsNotBroughtAsTheOthersAreLeavesItOpen) {
  Json more;
  more["subjects"]["s0"]["files"] = Json::array({{{"path", site + "torch/lib/libtorch_cuda.so"},
                                                  {"modules", {"s90"}},
                                                  {"toolkits", {"12.8"}},
                                                  {"needed", {"libcufft.so.11", "libcurand.so.10"}}}});
  auto j = judged(more).judgements.at(0);
  EXPECT_EQ(j.verdict, Verdict::unknown);
  auto words = render::phrase(j.why.text, render::Lang::en);
  EXPECT_TRUE(words.starts_with("libcurand.so.10: needed")) << words;
}

TEST(MissingLibraries, WhatNobodyBringsIsAssumedAndSaid) {
  Json without;
  without["subjects"]["s1"] = nullptr;
  auto report = judged(without);
  EXPECT_EQ(report.judgements.at(0).verdict, Verdict::fits);
  EXPECT_EQ(assumed(report.judgements[0]), "libcufft.so.11");
}

// CuPy 14.2 without cuTENSOR: "import cupy" works.
TEST(MissingLibraries, WhatOnlyAWrapperNeedsIsNotAssumed) {
  Json more;
  more["subjects"]["s2"] = {
      {"kind", "distribution"},
      {"name", "cupy-cuda12x"},
      {"version", "14.2.0"},
      {"files",
       {{{"path", site + "cupy/_core/core.so"}, {"modules", {"s90"}}},
        {{"path", site + "cupy_backends/cuda/libs/cutensor.so"}, {"needed", {"libcutensor.so.2"}}}}}};
  EXPECT_EQ(assumed(judged(more).judgements.at(2)), "");
}

// ld.so looks on the machine, too: nobody knows whether it has one.
TEST(MissingLibraries, AFileOfAnotherPackageThatIsGoneLeavesItOpen) {
  Json gone;
  gone["subjects"]["s1"]["files"] = Json::array();
  gone["subjects"]["s1"]["gone"] = {site + "nvidia/cufft/lib/libcufft.so.11"};
  auto j = judged(gone).judgements.at(0);
  EXPECT_EQ(j.verdict, Verdict::unknown);
  auto words = render::phrase(j.why.text, render::Lang::en);
  EXPECT_NE(words.find("libcufft.so.11, which libtorch_python.so needs, is not there"), words.npos) << words;
  EXPECT_NE(words.find("install nvidia-cufft-cu12 again"), words.npos) << words;
}

// Of a PyTorch 2.9.1 without libtorch_cuda.so: "ImportError: libtorch_cuda.so: cannot open shared object
// file".
TEST(MissingLibraries, AnOwnLibraryThatIsGoneEndsEveryImport) {
  Json gone;
  gone["subjects"]["s0"]["gone"] = {site + "torch/lib/libtorch_cuda.so"};
  auto j = judged(gone).judgements.at(0);
  EXPECT_EQ(j.verdict, Verdict::unfit);
  ASSERT_TRUE(j.fails);
  EXPECT_EQ(j.fails->when, When::before_start);
  auto words = render::phrase(j.why.text, render::Lang::en);
  EXPECT_NE(words.find("install torch again"), words.npos) << words;
}

/// PyTorch that needs cuBLAS by its DT_RPATH, of which one file has this gap.
Json with_damaged_cublas(const std::string& gap, const char* entry = "rpath") {
  Json patch;
  patch["subjects"]["s0"]["files"] = Json::array({{{"path", site + "torch/lib/libtorch_cuda.so"},
                                                   {"modules", {"s90"}},
                                                   {"toolkits", {"12.8"}},
                                                   {entry, "$ORIGIN/../../nvidia/cublas/lib:$ORIGIN"},
                                                   {"needed", {"libcublas.so.12"}}}});
  patch["subjects"]["s1"] = {{"name", "nvidia-cublas-cu12"}, {"version", "12.8.4.1"}};
  auto path = site + "nvidia/cublas/lib/libcublas.so.12";
  patch["subjects"]["s1"]["files"] = Json::array();
  if (gap == "gap.no-library" || gap == "gap.denied")
    patch["subjects"]["s1"]["damaged"][path] = gap;
  else
    patch["subjects"]["s1"]["files"] = Json::array(
        {{{"path", path}, {"role", "math"}, {"modules", {"s90"}}, {"toolkits", {"12.8"}}, {"gaps", {gap}}}});
  return patch;
}

void expect_of_torch(const Json& patch, Verdict verdict, const std::string& text, const std::string& cause) {
  auto report = judged(patch);
  auto& j = report.judgements.at(0);
  EXPECT_EQ(j.verdict, verdict) << text;
  EXPECT_EQ(j.why.text.id, text);
  ASSERT_FALSE(report.findings.empty()) << text;
  EXPECT_EQ(report.findings[0].cause, cause);
  EXPECT_FALSE(report.findings[0].remedies.empty()) << text;
}

// The loader takes the first file of the name and gives up where it is none ("file too short"); one that is
// cut off is mapped, and import ends by "Bus error" (PyTorch 2.9.1 with libcublasLt.so.12 cut to 300 MB).
TEST(MissingLibraries, ADamagedFileCountsOnAMachineThatNobodyLookedAt) {
  expect_of_torch(with_damaged_cublas("gap.cut-off"), Verdict::unfit, "evidence.library-cut-off",
                  "library-damaged");
  expect_of_torch(with_damaged_cublas("gap.no-library"), Verdict::unfit, "evidence.library-refused",
                  "library-damaged");
  expect_of_torch(with_damaged_cublas("gap.end-missing"), Verdict::unknown, "evidence.library-end-missing",
                  "library-damaged");
  expect_of_torch(with_damaged_cublas("gap.denied"), Verdict::unknown, "evidence.library-denied",
                  "library-unreadable");
  EXPECT_EQ(judged(with_damaged_cublas("gap.elf-class")).judgements.at(0).verdict, Verdict::fits);
}

TEST(MissingLibraries, WhereTheVariableIsAskedFirstADamagedFileLeavesItOpen) {
  auto patch = with_damaged_cublas("gap.cut-off", "runpath");
  expect_of_torch(patch, Verdict::unfit, "evidence.library-cut-off", "library-damaged");
  patch["env"]["LD_LIBRARY_PATH"] = "/opt/lib";
  expect_of_torch(patch, Verdict::unknown, "evidence.library-perhaps-damaged", "library-damaged");
}

TEST(MissingLibraries, ADamagedFileIsMetOnTheWayThroughAWholeOne) {
  auto patch = with_damaged_cublas("gap.elf-class");
  auto lib = site + "nvidia/cublas/lib/";
  patch["subjects"]["s1"]["files"][0]["runpath"] = "$ORIGIN";
  patch["subjects"]["s1"]["files"][0]["needed"] = {"libcublasLt.so.12"};
  patch["subjects"]["s1"]["damaged"][lib + "libcublasLt.so.12"] = "gap.no-library";
  expect_of_torch(patch, Verdict::unfit, "evidence.library-refused", "library-damaged");
}

// The answer of a loader that was asked counts: it may have found a whole file before.
TEST(MissingLibraries, WhatTheLoaderAnsweredIsNotGuessed) {
  auto patch = with_damaged_cublas("gap.cut-off");
  patch["loads"]["libcublas.so.12"] = "12.8.4.1 variable /opt/lib/libcublas.so.12";
  EXPECT_EQ(judged(patch).judgements.at(0).verdict, Verdict::fits);
}

TEST(MissingLibraries, OneThatNoCoreFileNeedsIsNotThereAndNotUnread) {
  Json gone;
  gone["subjects"]["s0"]["gone"] = {site + "torch/lib/libother.so"};
  auto j = judged(gone).judgements.at(0);
  EXPECT_EQ(j.verdict, Verdict::unknown);
  EXPECT_EQ(j.why.text.id, "image.file-gone");
}

}  // namespace
}  // namespace cufit::testing
