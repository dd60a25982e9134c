#include "collect/variables.h"

#include <gtest/gtest.h>

#include "collect/assignments.h"
#include "collect/scratch.h"

namespace cufit::collect {
namespace {

using test::Scratch;
using Lines = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

Lines told(std::string_view text, SetForm form = SetForm::sh) {
  Lines out;
  for (auto& a : assignments(text, form))
    out.push_back(a.name + '=' + a.value + '@' + std::to_string(a.line));
  return out;
}

TEST(Assignments, OfShells) {
  EXPECT_EQ(told("# export A=0\nexport A=1 B=\"two words\"\n  C='x;y' # rest\nD=$HOME/lib:${E}\n"),
            (Lines{"A=1@2", "B=two words@2", "C=x;y@3", "D=$HOME/lib:${E}@4"}));
  EXPECT_EQ(told("if [ -n \"$X\" ]; then export A=1; else B=2; fi"), (Lines{"A=1@1", "B=2@1"}));
  EXPECT_EQ(told("[ -d /x ] && export A=1 || declare -x B=2"), (Lines{"A=1@1", "B=2@1"}));
  EXPECT_EQ(told("( A=1 )\nf() { export B=2; }\n"), (Lines{"A=1@1", "B=2@2"}));
  EXPECT_EQ(told("A+=:/more\nexport A+=:/more\n"), (Lines{"A=:/more@1", "A=:/more@2"}));
  EXPECT_EQ(told("A=\\\n1\nB=2"), (Lines{"A=1@1", "B=2@3"}));
  EXPECT_EQ(told("A=\"1\n2\"\nB=2"), (Lines{"A=1\n2@1", "B=2@3"}));
  EXPECT_EQ(told("A=$(ls; echo x | tail) B=`a; b`\nC=3"),
            (Lines{"A=$(ls; echo x | tail)@1", "B=`a; b`@1", "C=3@2"}));
  EXPECT_EQ(told("export A\nexport\nunset A\n"), Lines{});
}

TEST(Assignments, ForOneProgramOnlyAndNoneAtAll) {
  EXPECT_EQ(told("LD_LIBRARY_PATH=/x python a.py\nenv A=1 prog\necho A=1\nalias a='B=1 c'\n"), Lines{});
  EXPECT_EQ(told("1A=2\nA-B=3\n=4\n"), Lines{});
}

TEST(Assignments, BrokenTextsEnd) {
  EXPECT_EQ(told("echo don't\nexport A=1\n"), Lines{"A=1@2"}) << "a quote that nothing closes";
  EXPECT_EQ(told("export A=\"1"), Lines{"A=\"1@1"});
  EXPECT_EQ(told("A=\\"), Lines{"A=\\@1"});
  EXPECT_EQ(told("A=$((1"), Lines{"A=$((1@1"});
  EXPECT_EQ(told(")))\nA=1"), Lines{"A=1@2"});
  EXPECT_EQ(told(std::string("\0\xff\n", 3)), Lines{});
  std::string lines(20'000, '\n');
  EXPECT_EQ(told(lines + "A=1"), Lines{}) << "beyond the bound";
  EXPECT_EQ(assignments(std::string(100'000, ';') + "A=1", SetForm::sh).size(), 1u);
}

TEST(Assignments, OfOtherShellsAndConda) {
  EXPECT_EQ(told("setenv A /x:/y\nsetenv B\nset C=1\n", SetForm::csh), (Lines{"A=/x:/y@1", "B=@2"}));
  EXPECT_EQ(told("set -gx A /x /y\nset --export B 1\nset C 1\nset -g D 1\nset -x\n", SetForm::fish),
            (Lines{"A=/x:/y@1", "B=1@2"}));
  EXPECT_EQ(told("{\n \"env_vars\": {\n  \"A\": \"1\",\n  \"B\": 2\n }\n}", SetForm::conda), Lines{"A=1@3"});
  EXPECT_EQ(told("{\"A\": \"1\"}", SetForm::conda), Lines{"A=1@1"});
  EXPECT_EQ(told("[", SetForm::conda), Lines{});
}

Lines told(const Scratch& s, const Env& env) {
  Lines out;
  for (auto& v : find_variables(Root(s.path()), env))
    out.push_back(v.name + '=' + v.value + ' ' + v.file + ':' + std::to_string(v.line));
  return out;
}

TEST(Variables, TheValueIsOfNowAndTheFileWhereItCanBeSeen) {
  Scratch s;
  s.write("etc/environment", "LANG=C\nLD_LIBRARY_PATH=/etc/x\n");
  s.write("root/.bashrc", "alias ll='ls'\n\nexport LD_LIBRARY_PATH=/usr/local/cuda/lib64:$LD_LIBRARY_PATH\n");
  s.write("home/ada/.config/fish/config.fish", "set -gx CUDA_HOME /opt/cuda\n");
  s.write("etc/profile.d/cuda.sh", "export CUDA_MODULE_LOADING=EAGER\n");
  s.write("etc/profile.d/readme", "export CUDA_X=1\n");
  EXPECT_EQ(told(s, {{"LD_LIBRARY_PATH", "/usr/local/cuda/lib64:/etc/x"},
                     {"CUDA_VISIBLE_DEVICES", ""},
                     {"LANG", "C"}}),
            (Lines{"CUDA_HOME=/opt/cuda /home/ada/.config/fish/config.fish:1",
                   "CUDA_MODULE_LOADING=EAGER /etc/profile.d/cuda.sh:1", "CUDA_VISIBLE_DEVICES= :0",
                   "LD_LIBRARY_PATH=/usr/local/cuda/lib64:/etc/x /etc/environment:2",
                   "LD_LIBRARY_PATH=/usr/local/cuda/lib64:/etc/x /root/.bashrc:3"}));
}

TEST(Variables, OfTheActiveEnvironment) {
  Scratch s;
  s.write("opt/conda/etc/conda/activate.d/cuda.sh", "export XLA_FLAGS=--a\n");
  s.write("opt/conda/conda-meta/state", R"({"env_vars": {"PYTHONPATH": "/p"}})");
  s.write("venv/bin/activate", "VIRTUAL_ENV=/venv\nexport VIRTUAL_ENV\n");
  EXPECT_EQ(told(s, {{"CONDA_PREFIX", "/opt/conda"}, {"VIRTUAL_ENV", "/venv"}}),
            (Lines{"CONDA_PREFIX=/opt/conda :0", "PYTHONPATH=/p /opt/conda/conda-meta/state:1",
                   "VIRTUAL_ENV=/venv /venv/bin/activate:1",
                   "XLA_FLAGS=--a /opt/conda/etc/conda/activate.d/cuda.sh:1"}));
}

TEST(Variables, BadFilesAreBounded) {
  Scratch s;
  std::string many;
  for (int i = 0; i < 50'000; i++) many += "CUDA_" + std::to_string(i) + "=1\n";
  s.write("etc/environment", many);
  s.write("etc/profile.d/a.sh/b", "");
  s.write("root/.profile", std::string(1 << 20, '\'') + "\nCUDA_HOME=1\n");
  auto found = find_variables(Root(s.path()), {});
  EXPECT_LE(found.size(), 2'000u);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].name, "CUDA_0") << "what comes before the bound is kept";
}

}  // namespace
}  // namespace cufit::collect
