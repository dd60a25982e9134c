// Command lines: what is understood, and what is said about those that are not.
#include <gtest/gtest.h>

#include <cstdio>

#include "collect/scratch.h"
#include "commands/invocation.h"
#include "commands/process.h"
#include "commands/table.h"
#include "render/phrase.h"

namespace cufit::commands {
namespace {

struct Refusal {
  std::string line, error, hint;
};

const Refusal refusals[] = {
    {"chek app", "there is no command chek", "did you mean check?"},
    {"check app --gpu a800 --drivr 1", "there is no option --drivr here", "did you mean --driver?"},
    {"check app --gpu", "--gpu needs a value: --gpu LIST", ""},
    {"check app --json=yes", "--json takes no value", ""},
    {"check app -x", "there is no option -x here", "cufit help check"},
    {"check app --platform windows", "--gpu is missing", "--gpu sm_89"},
    {"check", "TARGET... is missing", "cufit help check"},
    {"check app --gpu a800,", "--gpu a800,: a name is empty", ""},
    {"check app --gpu rtx4091", "no GPU is known as \"rtx4091\"", "did you mean rtx4090"},
    {"check app --gpu a800 --driver new", "\"new\" is no driver version", "--driver 535.183.01"},
    {"check app --gpu a800 --env X", "--env X: expected NAME=VALUE", ""},
    {"check app --gpu a800 --env =1", "--env =1: expected NAME=VALUE", ""},
    {"check app --gpu a800 --driver 551.61", "Linux has no such branch", "--platform windows"},
    {"check app --gpu a800 --driver 5350.1", "far beyond", "--driver 535.183.01"},
    {"check app --gpu a800 --driver 999.99", "newest branch is R", ""},
    {"check app --gpu a800 --driver R999", "\"R999\" is far beyond", ""},
    {"check app --gpu a800 --driver 535.1.2.3", "is no driver version", ""},
    {"check app --gpu a800 --driver 535.183.01 --platform windows", "two fields", "--platform linux"},
    {"check app --gpu a800 --driver=", "--driver is empty", ""},
    {"check app --gpu a800 --python=", "--python is empty", ""},
    {"check app --gpu a800 --driver-cuda 12.4", "--driver-cuda needs --driver", "not the CUDA version"},
    {"check app --gpu a800 --arch sparc", "--arch is x86_64 or aarch64, not 'sparc'", ""},
    {"check app --gpu a800 --python cpbanana", "--python is a version such as 3.12", ""},
    {"check app --gpu a800 --python cp3", "not 'cp3'", ""},
    {"check app --gpu a800 --compat cuda-compat-12-8-image-rule", "no cuda-compat package",
     "cuda-compat-12-4"},
    {"check torch=2.4 --gpu a800", "no such file or folder", "torch==2.4.0"},
    {"check - --gpu a800", "no such file or folder", "/dev/stdin"},
    {"check app --gpu mi300x", "no GPU is known as \"mi300x\"", "the GPUs of NVIDIA"},
    {"check app --gpu ampere", "stands for GPUs with different answers", "sm_86"},
    {"inspect app --pass all", "--pass cannot be \"all\"; expected one of usual, full", ""},
    {"inspect app --gpu a800", "there is no option --gpu here", ""},
    {"inspect /nonexistent/file", "/nonexistent/file: ", ""},
    {"inspect /nonexistent/1 /nonexistent/2 /nonexistent/3", "/nonexistent/1: ", "2 other targets"},
    {"show 9999999", "nothing is known as \"9999999\"", "error codes (209)"},
    {"show cudaErrorNoKernelImageForDevic", "nothing is known", "cudaErrorNoKernelImageForDevice"},
    {"diff me.json", "error: BAD is missing", "cufit help diff"},
    {"diff", "GOOD BAD is missing", ""},
    {"--driver 535", "there is no option --driver here", "--driver belongs to check, pick: cufit check"},
    {"record -o /nonexistent/x.json", "cannot write /nonexistent/x.json: no such folder", ""},
    {"record -o /", "cannot write /: that is a folder", ""},
    {"completion tcsh", "no completions for tcsh; there are bash, zsh, fish", ""},
    {"completion bash zsh", "\"zsh\" is one too many", ""},
    {"help chek", "there is no command chek", "did you mean check?"},
    {"check app --gpu a800 --data /nonexistent", "/nonexistent", ""},
};

TEST(Usage, RefusalsSayWhatIsWrongAndWhatToDo) {
  for (auto& r : refusals) {
    auto ran = cufit(r.line);
    EXPECT_EQ(ran.exit, 2) << r.line;
    EXPECT_EQ(ran.out, "") << r.line;
    EXPECT_TRUE(ran.err.starts_with("cufit: error: ")) << r.line << '\n' << ran.err;
    EXPECT_NE(ran.err.find(r.error), std::string::npos) << r.line << '\n' << ran.err;
    if (r.hint.empty()) continue;
    auto hints = ran.err.find("\n\nhint: ");
    ASSERT_NE(hints, std::string::npos) << r.line << '\n' << ran.err;
    EXPECT_NE(ran.err.find(r.hint, hints), std::string::npos) << r.line << '\n' << ran.err;
  }
}

/// Command lines on which one of two options could only be ignored.
const Refusal conflicts[] = {
    {"check --pid 1 --machine me.json", "--pid and --machine do not go together", "its own machine"},
    {"check --pid 1 --gpu a800", "--pid and --gpu", ""},
    {"check --pid 1 --root /", "--pid and --root", ""},
    {"check --pid 1 --env A=b", "--pid and --env", "its own files and variables"},
    {"check --pid 1 --fleet f.toml", "--pid and --fleet", ""},
    {"check --pid 1 -r r.txt", "--pid and --requirement", "without targets"},
    {"check app --fleet f.toml --machine me.json", "--fleet and --machine", "a fleet names the GPUs"},
    {"check app --machine me.json --gpu h100 --platform wsl", "--machine and --platform", "its recording"},
    {"--machine me.json --root /", "--machine and --root", "cufit check --root DIR --machine FILE"},
    {"inspect --libs --machine me.json --root /", "--machine and --root", ""},
    {"inspect app --machine me.json", "--machine says something of a file only with --libs", ""},
    {"inspect app --env A=b", "--env says something of a file only with --libs", ""},
    {"check app --gpu a800 --json --format text", "--json and --format text", "--json is --format json"},
    {"check app --gpu a800 --fix --json", "--fix and --json", "only commands"},
    {"check app --gpu a800 --fix --format html", "--fix and --format html", "only commands"},
    {"check app --gpu a800 --fix --why", "--fix and --why", "only commands"},
};

TEST(Usage, OptionsThatExcludeEachOtherAreRefused) {
  for (auto& c : conflicts) {
    auto ran = cufit(c.line);
    EXPECT_EQ(ran.exit, 2) << c.line;
    EXPECT_NE(ran.err.find(c.error), std::string::npos) << c.line << '\n' << ran.err;
    EXPECT_NE(ran.err.find(c.hint), std::string::npos) << c.line << '\n' << ran.err;
  }
  EXPECT_EQ(cufit("check --json --format text --help").exit, 0);
}

TEST(Usage, AmbiguousGpuNamesItsCandidatesAsArguments) {
  auto ran = cufit("check app --gpu mx450,mx350,titan");
  ASSERT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("stands for GPUs with different answers"), std::string::npos) << ran.err;
  // What a hint tells to type is understood.
  std::istringstream lines(ran.err);
  size_t tried = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("hint: --gpu ")) continue;
    auto name = words(line)[2];
    auto again = cufit("check " + example("saxpy.fatbin") + " --gpu " + name);
    EXPECT_NE(again.exit, 2) << line << '\n' << again.err;
    tried++;
  }
  EXPECT_GE(tried, 2u);
}

TEST(Usage, ControlCharactersOfArgumentsDoNotReachTheTerminal) {
  auto ran = Process{}(std::vector<std::string>{"show", "\x1b[31mred"});
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos) << ran.err;
}

TEST(Usage, AnEmptyArgumentIsNoTarget) {
  for (const char* command : {"check", "inspect", "pick", "show", "diff"}) {
    auto ran = Process{}(std::vector<std::string>{command, ""});
    EXPECT_EQ(ran.exit, 2) << command;
    EXPECT_TRUE(ran.err.starts_with("cufit: error: an argument is empty")) << command << ran.err;
  }
}

TEST(Usage, EverythingBehindTwoDashesIsATarget) {
  auto ran = Process{}("inspect -- --json");
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("--json: "), std::string::npos) << ran.err;
}

TEST(Usage, ATargetThatIsSomethingElseGetsAHint) {
  auto hint = [](const std::string& line) { return cufit("check " + line).err; };
  auto saxpy = example("libsaxpy.so");
  EXPECT_NE(hint(saxpy + " --gpu rtx4090 h100").find("h100 is a GPU"), std::string::npos);
  EXPECT_NE(hint(CUFIT_SOURCE_DIR "/CMakeLists.txt --gpu a800").find("-r "), std::string::npos);
  EXPECT_NE(hint(CUFIT_SOURCE_DIR "/examples/fleet.toml --gpu a800").find("does not read fleet.toml"),
            std::string::npos);
  EXPECT_EQ(hint(saxpy + " --gpu a800"), "");
}

TEST(Usage, RefusalsSpeakTheLanguageOfTheUser) {
  auto said = [](const std::string& line) { return cufit("check " + line + " --lang zh").err; };
  auto readme = said(CUFIT_SOURCE_DIR "/README.md --gpu a800");
  EXPECT_TRUE(readme.starts_with("cufit：错误：")) << readme;
  EXPECT_NE(readme.find("不可能含 GPU 代码"), std::string::npos) << readme;
  EXPECT_NE(said("/nonexistent/file --gpu a800").find("没有这个文件"), std::string::npos);
  EXPECT_NE(said("x --gpu nonsense").find("建议："), std::string::npos);
}

TEST(Usage, ARuleOfImagesIsNotOfferedAsAPackage) {
  EXPECT_EQ(cufit("check app --gpu a800 --compat x").err.find("image-rule"), std::string::npos);
}

TEST(Usage, VariablesThatNoRuleAsksForAreNoted) {
  auto noted = [](const std::string& variable) {
    return cufit("check " + example("libsaxpy.so") + " --gpu a800 --env " + variable).err;
  };
  EXPECT_NE(noted("CUDA_FORCE_PTX_JTI=1").find("did you mean CUDA_FORCE_PTX_JIT?"), std::string::npos);
  EXPECT_NE(noted("MY_OWN=1").find("MY_OWN"), std::string::npos);
  EXPECT_NE(noted("LD_LIBRARY_PATH=/usr/local/cuda-12/compat").find("--compat"), std::string::npos);
  EXPECT_EQ(noted("CUDA_FORCE_PTX_JIT=1"), "");
  EXPECT_EQ(noted("NVIDIA_REQUIRE_CUDA=cuda>=12.0"), "");
}

TEST(Usage, OptionsMayStandAnywhere) {
  auto file = example("saxpy.fatbin");
  auto expected = cufit("check " + file + " --gpu a800 --json");
  EXPECT_EQ(cufit("check --gpu=a800 --json " + file).out, expected.out);
  EXPECT_EQ(cufit("--lang en check --json --gpu a800 -- " + file).out, expected.out);
  EXPECT_EQ(cufit("check --format json --gpu a800 " + file).out, expected.out);
}

TEST(Help, TheOptionIsTheCommand) {
  auto ran = cufit("--help");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, cufit("help").out);
}

TEST(Help, ListsEveryCommandOptionAndExample) {
  for (auto& command : table()) {
    auto name = std::string(command.name);
    EXPECT_NE(cufit("help").out.find("  " + name + ' '), std::string::npos) << name;
    auto about = cufit("help " + name);
    EXPECT_EQ(about.exit, 0);
    EXPECT_EQ(about.out, cufit(name + " --help").out);
    for (auto& option : command.options)
      EXPECT_NE(about.out.find("--" + std::string(option.name)), std::string::npos)
          << name << ' ' << option.name;
    EXPECT_FALSE(command.examples.empty()) << name;
    for (auto line : command.examples) EXPECT_NE(about.out.find(line), std::string::npos) << line;
  }
}

TEST(Help, TellsTheExitCodesOfTheCommand) {
  auto codes = [](const std::string& line) {
    auto text = cufit(line).out;
    auto from = text.find("exit codes");
    return from == text.npos ? text : text.substr(from, text.find("\n\n", from) - from);
  };
  EXPECT_NE(codes("help diff").find("1                       something differs"), std::string::npos)
      << codes("help diff");
  EXPECT_NE(codes("help check").find("3                       undecided"), std::string::npos);
  EXPECT_EQ(codes("help").find("undecided"), std::string::npos) << "of cufit by itself\n" << codes("help");
  EXPECT_NE(codes("help").find("something on the machine fails"), std::string::npos) << codes("help");
  EXPECT_NE(cufit("help check").out.find("  limited                 it runs, and"), std::string::npos);
  EXPECT_EQ(cufit("help show").out.find("verdicts"), std::string::npos);
}

TEST(Help, EverythingInTheTableHasWords) {
  for (auto& exit : unnamed_command().exits) EXPECT_TRUE(render::has_words(std::string(exit.means)));
  for (auto& command : table()) {
    EXPECT_TRUE(render::has_words("command." + std::string(command.name)));
    for (auto& option : command.options)
      EXPECT_TRUE(render::has_words("option." + std::string(option.name))) << option.name;
  }
  for (auto& option : global_options()) EXPECT_TRUE(render::has_words("option." + std::string(option.name)));
}

TEST(Help, ExamplesAreCommandLinesThatParse) {
  Io io;
  io.env = [](const char*) { return std::string(); };
  for (auto& command : table())
    for (auto line : command.examples) {
      auto all = words(std::string(line.substr(0, line.find(" >"))));
      ASSERT_EQ(all.front(), "cufit");
      auto parsed = Invocation::parse(std::span(all).subspan(1), io);
      ASSERT_TRUE(parsed.has_value()) << line;
      EXPECT_EQ(&parsed->command(), &command) << line;
    }
}

TEST(Help, ExamplesOfShowAreKnown) {
  for (auto line : find_command("show")->examples) {
    auto ran = cufit(std::string(line.substr(6)));
    EXPECT_EQ(ran.exit, 0) << line << '\n' << ran.err;
  }
}

TEST(Help, SpeaksTheLanguageOfTheUser) {
  auto english = cufit("help").out;
  EXPECT_NE(english.find("usage:"), std::string::npos);
  auto chinese = cufit("--lang zh help").out;
  EXPECT_NE(chinese.find("用法"), std::string::npos);
  EXPECT_EQ((Process{.env = {{"LANG", "zh_CN.UTF-8"}}}("help").out), chinese);
  EXPECT_EQ((Process{.env = {{"LC_ALL", "C"}, {"LANG", "zh_CN.UTF-8"}}}("help").out), english);
  EXPECT_EQ((Process{.env = {{"LC_ALL", "zh_CN"}}}("help --lang en").out), english);
  auto refused = Process{.env = {{"LANG", "zh_CN.UTF-8"}}}("chek").err;
  EXPECT_NE(refused.find("没有 chek 这个命令"), std::string::npos) << refused;
}

TEST(Help, VersionIsOneLine) { EXPECT_EQ(cufit("--version").out, "cufit " CUFIT_VERSION "\n"); }

TEST(Completion, EveryShellKnowsEveryCommandAndOption) {
  for (std::string shell : {"bash", "zsh", "fish"}) {
    auto script = cufit("completion " + shell);
    ASSERT_EQ(script.exit, 0);
    for (auto& command : table()) {
      EXPECT_NE(script.out.find(command.name), std::string::npos) << shell << ' ' << command.name;
      for (auto& option : command.options) {
        auto spelled = (shell == "fish" ? "-l " : "--") + std::string(option.name);
        EXPECT_NE(script.out.find(spelled), std::string::npos) << shell << ' ' << spelled;
        for (auto choice : option.choices)
          EXPECT_NE(script.out.find(choice), std::string::npos) << shell << choice;
      }
    }
  }
}

/// What bash offers for the words of a line, the last of which is being typed.
std::string offered(std::vector<std::string> words) {
  test::Scratch folder;
  folder.write("cufit.bash", cufit("completion bash").out);
  std::string line;
  for (auto& word : words) line += " '" + word + '\'';
  auto script = "compopt() { :; }; . " + folder.path("cufit.bash") + "; COMP_WORDS=(" + line +
                "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cufit; echo ${COMPREPLY[*]}";
  folder.write("run.bash", script);
  auto* pipe = popen(("bash " + folder.path("run.bash")).c_str(), "r");
  if (!pipe) return "no bash";
  std::string text;
  char part[4096];
  for (size_t n; (n = fread(part, 1, sizeof part, pipe)) > 0;) text.append(part, n);
  pclose(pipe);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST(Completion, BashKnowsWhatCanFollow) {
  EXPECT_EQ(offered({"cufit", "--m"}), "--machine");
  EXPECT_EQ(offered({"cufit", "dif"}), "diff");
  EXPECT_EQ(offered({"cufit", "check", "--gpu", "rtx4090,h100n"}), "rtx4090,h100nvl");
  EXPECT_EQ(offered({"cufit", "check", "--gpu", "=", "a800,h100n"}), "a800,h100nvl");
  EXPECT_EQ(offered({"cufit", "check", "--fail-on", "="}), "limited unfit");
  EXPECT_EQ(offered({"cufit", "check", "--fail-on", "=", "l"}), "limited");
  EXPECT_EQ(offered({"cufit", "--format", "js"}), "json");
  EXPECT_NE(offered({"cufit", "--machine", CUFIT_SOURCE_DIR "/REA"}).find("README.md"), std::string::npos);
}

TEST(Completion, OffersGpusAsTheyAreTyped) {
  for (std::string shell : {"bash", "zsh", "fish"})
    EXPECT_NE(cufit("completion " + shell).out.find("rtx4090 "), std::string::npos) << shell;
}

TEST(Output, AReaderThatHasGoneIsSuccess) {
  EXPECT_EQ((Process{.writing = Io::Wrote::reader_gone}("show 209").exit), 0);
  auto full = Process{.writing = Io::Wrote::failed}("show 209");
  EXPECT_EQ(full.exit, 2);
  EXPECT_NE(full.err.find("could not be written"), std::string::npos);
}

TEST(Output, ColourOnlyOnATerminalAndNotAgainstNoColor) {
  auto line = "check " + example("saxpy.fatbin") + " --gpu a800";
  auto coloured = [](const Ran& ran) { return ran.out.find('\x1b') != std::string::npos; };
  EXPECT_FALSE(coloured(Process{}(line)));
  EXPECT_TRUE(coloured(Process{.terminal = true}(line)));
  EXPECT_FALSE(coloured(Process{.env = {{"NO_COLOR", "1"}}, .terminal = true}(line)));
}

}  // namespace
}  // namespace cufit::commands
