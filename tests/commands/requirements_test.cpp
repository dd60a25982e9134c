// Requirements and requirements files as targets of cufit check: which build they come to.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "commands/address.h"
#include "commands/process.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

namespace fs = std::filesystem;

/// A folder of requirements files that lives as long as the test.
class RequirementsFile : public testing::Test {
 protected:
  RequirementsFile() : dir_(fs::temp_directory_path() / ("cufit-requirements-" + std::to_string(getpid()))) {
    fs::create_directories(dir_);
  }
  ~RequirementsFile() override { fs::remove_all(dir_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
    return (dir_ / name).string();
  }
  /// check -r of a file with this text.
  Ran check(const std::string& text, const std::string& rest = " --gpu h100 --driver 580.95.05",
            const Process& process = {}) const {
    return process("check -r " + write("r.txt", text) + rest + " --json");
  }
  /// The names of what is judged: "torch==2.4.1+cu118 flash-attn==...".
  std::string judged(const std::string& text, const std::string& rest = " --gpu h100 --driver 580.95.05",
                     const Process& process = {}) const {
    auto ran = check(text, rest, process);
    if (ran.out.empty()) return ran.err;
    std::string names;
    auto report = Json::parse(ran.out);
    for (auto& s : report["subjects"]) names += (names.empty() ? "" : " ") + s["path"].get<std::string>();
    return names;
  }

  fs::path dir_;
};

Json report(const std::vector<std::string>& operands, const std::string& rest) {
  std::vector<std::string> args = {"check", "--json"};
  args.insert(args.end(), operands.begin(), operands.end());
  for (auto& word : words(rest)) args.push_back(word);
  auto ran = Process{}(args);
  EXPECT_FALSE(ran.out.empty()) << ran.err;
  return ran.out.empty() ? Json() : Json::parse(ran.out);
}

std::string path_of(const std::string& operand, const std::string& rest = "--gpu h100 --driver 580.95.05") {
  auto r = report({operand}, rest);
  return r["subjects"].empty() ? std::string() : r["subjects"][0]["path"].get<std::string>();
}

// The rules of https://pip.pypa.io/en/stable/reference/requirements-file-format/
TEST_F(RequirementsFile, LinesGoOnAsPipReadsThem) {
  EXPECT_EQ(judged("torch==2.4.1 \\"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("# built in C:\\tmp\\\ntorch==2.4.1\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("torch==\\\n2.4.1\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("torch==2.4.1\t# why\r\nvllm==0.6.0\r"), "torch==2.4.1+cu121 vllm==0.6.0");
  EXPECT_EQ(judged("torch==2.4.1 --hash=sha256:00 \\\n  --hash=sha256:01\n"), "torch==2.4.1+cu121");
}

TEST_F(RequirementsFile, IsReadInTheEncodingsOfWindows) {
  EXPECT_EQ(judged("\xEF\xBB\xBFtorch==2.4.1\n"), "torch==2.4.1+cu121");
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (char c : std::string("torch==2.4.1\r\n")) {
    little += c, little += '\0';
    big += '\0', big += c;
  }
  EXPECT_EQ(judged(little), "torch==2.4.1+cu121");
  EXPECT_EQ(judged(big), "torch==2.4.1+cu121");
}

TEST_F(RequirementsFile, WhatIsNotJudgedIsSaid) {
  for (std::string line :
       {"-e git+https://host/a#egg=bitsandbytes", "--editable ./src", "./local", "a @ git+https://host/b",
        "-r https://host/more.txt", "-c https://host/c.txt", "--unheard-of", "./x-1-py3-none-any.whl"}) {
    auto ran = check("torch==2.4.1\n" + line + '\n');
    EXPECT_EQ(ran.exit, 2) << line;
    auto unread = Json::parse(ran.out)["unread"];
    ASSERT_EQ(unread.size(), 1u) << line;
    EXPECT_TRUE(unread[0]["path"].get<std::string>().ends_with("r.txt:2")) << line;
  }
  for (std::string line : {"-f https://host/links.html", "--no-index", "--no-binary :all:"}) {
    auto ran = check("torch==2.4.1\n" + line + '\n');
    EXPECT_EQ(ran.exit, 0) << line;
    EXPECT_NE(ran.out.find("not considered, and it may change"), std::string::npos) << line;
  }
  EXPECT_EQ(check("--require-hashes\n--trusted-host host\ntorch==2.4.1\n").out.find("not considered"),
            std::string::npos);
}

TEST_F(RequirementsFile, AFolderIsNone) {
  auto ran = cufit("check -r " + dir_.string() + " --gpu h100");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("cannot be read"), std::string::npos) << ran.err;
}

TEST_F(RequirementsFile, ConstraintsHold) {
  write("c.txt", "torch==2.4.1\nnumpy<2\n");
  EXPECT_EQ(judged("-c c.txt\ntorch\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("--constraint=c.txt\ntorch>=2\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("vllm==0.6.0\n-c c.txt\n"), "vllm==0.6.0");  // a constraint alone installs nothing
  auto none = check("-c c.txt\ntorch>=2.9\n");
  EXPECT_EQ(none.exit, 3);
  EXPECT_NE(none.out.find("no release satisfies >=2.9,==2.4.1"), std::string::npos) << none.out;
  write("c.txt", "torch==2.4.1; sys_platform == 'win32'\n");
  EXPECT_EQ(judged("-c c.txt\ntorch==2.9.1\n"), "torch==2.9.1+cu128");
}

TEST_F(RequirementsFile, MarkersAreAskedOfTheMachine) {
  const std::string text =
      "torch==2.4.1; sys_platform == 'win32'\nvllm==0.6.0 ; python_full_version >= '3.10'\n";
  EXPECT_EQ(judged(text, " --gpu h100 --driver R550 --python 3.12"), "vllm==0.6.0");
  EXPECT_EQ(judged(text, " --gpu h100 --driver 581.15 --platform windows --python 3.9"),
            "torch==2.4.1+cu121");
  auto skipped = cufit("check -r " + write("r.txt", text) + " --gpu h100 --driver R550 --python 3.12");
  EXPECT_NE(skipped.err.find("not for the machine by its marker, so not judged: torch"), std::string::npos)
      << skipped.err;
  EXPECT_EQ(cufit("check -q -r " + write("r.txt", text) + " --gpu h100 --driver R550 --python 3.12").err, "");
  // Which Python it is nobody said.
  auto open = check(text, " --gpu h100 --driver R550");
  EXPECT_NE(open.out.find("taken to hold: python_full_version >= '3.10'"), std::string::npos) << open.out;
}

TEST_F(RequirementsFile, AnIndexServesItsOwnBuilds) {
  const std::string whl = "https://download.pytorch.org/whl/";
  EXPECT_EQ(judged("--index-url " + whl + "cu118\ntorch\n"), "torch==2.7.1+cu118");
  EXPECT_EQ(judged("-i " + whl + "cu118/\ntorch<2.5\n"), "torch==2.4.1+cu118");
  auto none = check("--index-url " + whl + "cu118\ntorch==2.9.1\n");
  EXPECT_EQ(none.exit, 3);
  EXPECT_NE(none.out.find("serves no release of torch"), std::string::npos) << none.out;
  EXPECT_NE(check("--index-url " + whl + "cu118\nvllm==0.6.0\n").out.find("which build of vllm"),
            std::string::npos);
  auto cpu = check("--index-url " + whl + "cpu\ntorch==2.4.1\n");
  EXPECT_EQ(cpu.exit, 3);
  EXPECT_NE(cpu.out.find("a CPU build of torch"), std::string::npos) << cpu.out;
  for (auto path : {"nightly/cu130\n--pre", "test/cu130", ""}) {
    auto ran = check("--index-url " + whl + path + "\ntorch\n");
    EXPECT_EQ(ran.exit, 3) << path;
    EXPECT_NE(ran.out.find("which build of torch the index"), std::string::npos) << path << ran.out;
  }
}

// PEP 440: of equal releases the highest local version counts, and one without stands below all.
TEST_F(RequirementsFile, OfSeveralIndexesTheHighestVersionCounts) {
  const std::string extra = "--extra-index-url https://download.pytorch.org/whl/";
  EXPECT_EQ(judged(extra + "cu121\n" + extra + "cu118\ntorch==2.4.1\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged(extra + "cu118\n" + extra + "cu121\ntorch==2.4.1\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged(extra + "cu118\ntorch==2.4.1\n"), "torch==2.4.1+cu118");
  EXPECT_EQ(judged(extra + "cu118\ntorch==2.9.1\n"), "torch==2.9.1+cu128");
  EXPECT_EQ(judged(extra + "cu118\nvllm==0.6.0\n"), "vllm==0.6.0");
  EXPECT_EQ(judged(extra + "cpu\ntorch==2.4.1\n"), "torch==2.4.1+cpu");
  EXPECT_EQ(judged(extra + "cpu\n" + extra + "cu118\ntorch==2.4.1\n"), "torch==2.4.1+cu118");
  EXPECT_EQ(judged(extra + "nightly/cu130\ntorch==2.4.1\n"), "torch==2.4.1+cu121");
  EXPECT_EQ(judged("-f https://mirror.example/pytorch-wheels/cu118\ntorch==2.4.1\n"), "torch==2.4.1+cu118");
  Process mirror{.env = {{"PIP_INDEX_URL", "https://mirror.example/simple"},
                         {"PIP_EXTRA_INDEX_URL", "https://mirror.example/pytorch-wheels/cu118"}}};
  EXPECT_EQ(judged("torch==2.4.1\n", " --gpu a100 --driver R550", mirror), "torch==2.4.1+cu118");
  auto other = check("--extra-index-url https://packages.example/\ntorch==2.4.1\n");
  EXPECT_NE(other.out.find("taken not to come from https://packages.example"), std::string::npos)
      << other.out;
  // Another project's index says nothing of PyTorch.
  auto own = "--extra-index-url https://host.example/llama-cpp-python/whl/cu118\n";
  EXPECT_EQ(judged(std::string(own) + "torch==2.4.1\n"), "torch==2.4.1+cu121");
}

TEST(Requirements, ALocalVersionSelectsItsBuildOnly) {
  auto r = report({"flash-attn==2.6.3+cu118torch2.4cxx11abiFALSE"}, "--gpu a100 --driver 470.129.06");
  ASSERT_EQ(r["judgements"].size(), 1u);
  EXPECT_EQ(r["subjects"][0]["build"], "flash-attn-2.3.0+cuda11");
  r = report({"flash-attn==2.6.3+cu123torch2.4cxx11abiFALSE"}, "--gpu a100 --driver 470.129.06");
  ASSERT_EQ(r["judgements"].size(), 1u);
  EXPECT_EQ(r["subjects"][0]["build"], "flash-attn-2.3.0+cuda12");
  // The catalogue has CUDA 12 builds of this release only; of others nothing is known.
  for (auto operand : {"vllm==0.6.0+cu118", "torch==2.3.0+nv24.5", "vllm==0.9.0+mine"})
    EXPECT_EQ(report({operand}, "--gpu a100 --driver R580")["judgements"][0]["verdict"], "unknown")
        << operand;
}

TEST(Requirements, BuildsWithoutCudaAreKnown) {
  auto says = [](const std::string& operand, const char* what) {
    return report({operand}, "--gpu a100 --driver R580").dump().find(what) != std::string::npos;
  };
  EXPECT_TRUE(says("torch==2.4.1+cpu", "a CPU build of torch"));
  EXPECT_TRUE(says("torch==2.4.1+rocm6.4", "ROCm (AMD)"));
}

TEST(Requirements, AnOpenOneSaysThatThereMayBeNewerReleases) {
  const std::string note = "the package index may have newer ones";
  EXPECT_NE(cufit("check vllm --gpu h100 --driver R580").out.find(note), std::string::npos);
  EXPECT_NE(cufit("pick vllm --gpu h100 --driver R580").out.find(note), std::string::npos);
  EXPECT_EQ(cufit("check vllm==0.6.0 --gpu h100 --driver R580").out.find(note), std::string::npos);
  EXPECT_EQ(cufit("pick torch==2.4.1 --gpu h100 --driver R580").out.find(note), std::string::npos);
}

TEST(Requirements, AReleaseWithinALineIsFound) {
  EXPECT_EQ(path_of("tensorflow>=2.11.1,<2.12"), "tensorflow==2.11.1");
  EXPECT_EQ(path_of("vllm<0.6"), "vllm==0.5.5");
}

TEST(Requirements, OnesThatExcludeAllSaySo) {
  for (auto none : {"torch==2.4.1,>=2.9", "torch==2.4.1,==2.9.1", "torch>=2.9,<2.4"}) {
    auto r = report({none}, "--gpu h100 --driver R580");
    EXPECT_EQ(r["judgements"][0]["verdict"], "unknown") << none;
    EXPECT_NE(r.dump().find("no release satisfies"), std::string::npos) << none;
  }
}

TEST(Requirements, MarkersOfOperandsAreAsked) {
  EXPECT_EQ(path_of("torch==2.4.1; sys_platform==\"win32\"", "--gpu h100 --platform linux --driver R550"),
            "");
  EXPECT_EQ(path_of("torch==2.4.1; python_version<\"3.8\"", "--gpu h100 --python 3.12"), "");
  EXPECT_EQ(path_of("torch==2.4.1; python_version>=\"3.8\"", "--gpu h100 --python 3.12"),
            "torch==2.4.1+cu121");
}

TEST(Requirements, JaxIsItsPlugin) {
  EXPECT_EQ(path_of("jax[cuda12]==0.4.30"), "jax-cuda12-plugin==0.4.30");
  EXPECT_EQ(path_of("jax[cuda13]==0.8.0"), "jax-cuda13-plugin==0.8.0");
  EXPECT_EQ(report({"jax[cuda11_pip]==0.4.20"}, "--gpu a100")["subjects"][0]["build"], "jaxlib-0.4.8");
  EXPECT_EQ(report({"jax[cuda12]"}, "--gpu a100 --driver R580")["subjects"][0]["name"], "jax-cuda12-plugin");
}

TEST(Requirements, ANameThatIsNeitherFileNorPackageSaysSo) {
  for (auto name : {"numpy", "tf-nightly", "faiss-gpu-cu12"}) {
    auto ran = cufit("check " + std::string(name) + " --gpu h100");
    EXPECT_EQ(ran.exit, 2) << name;
    EXPECT_NE(ran.err.find(std::string(name) + " is not in the catalogue"), std::string::npos) << ran.err;
  }
  EXPECT_NE(cufit("check https://host/a.so --gpu h100").err.find("does not fetch"), std::string::npos);
}

TEST(Requirements, AWheelIsNamedByItsAddress) {
  const std::string address =
      "https://download.pytorch.org/whl/cu118/torch-2.4.1%2Bcu118-cp310-cp310-linux_x86_64.whl";
  EXPECT_EQ(path_of(address), "torch==2.4.1+cu118");
  EXPECT_EQ(path_of("torch @ " + address), "torch==2.4.1+cu118");
  EXPECT_EQ(path_of("torch==2.4.1 --hash=sha256:00"), "torch==2.4.1+cu121");
}

TEST(Address, IsShownWithoutCredentials) {
  EXPECT_EQ(without_credentials("https://user:secret@host/a?token=1#sha256=0"), "https://host/a");
  EXPECT_EQ(without_credentials("a @ https://token@host/b.whl ; os_name == 'nt'"),
            "a @ https://host/b.whl ; os_name == 'nt'");
  EXPECT_EQ(without_credentials("git+ssh://git@host/a.git@v1#egg=a"), "git+ssh://host/a.git@v1#egg=a");
  EXPECT_EQ(without_credentials("https://user:se/cr?et@host/a"), "https://host/a");
  EXPECT_EQ(without_credentials("https://host:8080/a@b"), "https://host:8080/a@b");
  EXPECT_EQ(without_credentials("torch==2.4.1"), "torch==2.4.1");
}

TEST_F(RequirementsFile, SecretsAreNotRepeated) {
  for (std::string line : {"foo @ https://tok:s3cret@my/simple/foo.whl", "-e git+https://tok:s3cret@my/a",
                           "https://my/a?token=s3cret", "-i https://tok:s3cret@my/other",
                           "--extra-index-url https://s3cret@my/other", "-f https://s3cret@my/other",
                           "-c https://s3cret@my/c.txt", "-i https://tok:s3cret@my/whl/cu999"}) {
    for (std::string rest :
         {"", " --json", " --why", " --format html", " --format sarif", " --format junit"}) {
      auto ran = cufit("check -r " + write("r.txt", "torch==2.4.1\n" + line + '\n') + " --gpu h100" + rest);
      EXPECT_EQ((ran.out + ran.err).find("s3cret"), std::string::npos) << line << rest << ran.out << ran.err;
    }
  }
  for (auto operand : {"https://tok:s3cret@my/a.so", "https://tok:s3cret@my/foo-1-py3-none-any.whl"}) {
    auto ran = cufit("check " + std::string(operand) + " --gpu h100");
    EXPECT_EQ((ran.out + ran.err).find("s3cret"), std::string::npos) << ran.out << ran.err;
  }
  Process mirror{.env = {{"PIP_INDEX_URL", "https://tok:s3cret@mirror.example/whl/cu121"}}};
  auto ran = mirror("check torch==2.4.1 --gpu a100 --driver 470.129.06 --fix");
  EXPECT_EQ((ran.out + ran.err).find("s3cret"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("https://mirror.example/whl/cu118"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace cufit::commands
