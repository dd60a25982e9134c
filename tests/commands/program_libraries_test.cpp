// Programs that were built for the test, on the machine of the test: what commands say of the libraries that
// they load, beside what the loader says when they are started.
#include <gtest/gtest.h>

#include "commands/process.h"
#include "loader/real_loader.h"
#include "model/json.h"

namespace cufit::commands {
namespace {

/// A program that needs version V2 of a library, and a library that has V1 alone.
class ProgramLibraries : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
    lab.lib("lib/libv.so", {.soname = "libv.so", .versions = {"V1"}});
    program = lab.program("prog",
                          {.needed = {"libv.so"}, .runpath = "$ORIGIN/lib", .wants = {{"libv.so", {"V2"}}}});
  }
  void mend() const { lab.lib("lib/libv.so", {.soname = "libv.so", .versions = {"V1", "V2"}}); }
  /// What the loader says when the program is started.
  std::string refusal() const {
    auto ran = test::run({program});
    EXPECT_NE(ran.status, 0);
    return ran.err;
  }

  test::Lab lab;
  std::string program;
};

TEST_F(ProgramLibraries, AVersionOfSymbolsThatIsMissingStopsTheProgram) {
  auto why = "version `V2' not found (required by " + program;
  ASSERT_NE(refusal().find(why), std::string::npos) << refusal();
  auto ran = Process{}({"check", program});
  EXPECT_EQ(ran.exit, 1);
  for (auto& text : {"unfit      ", "needs V2 of libv.so", "before the program starts: ld.so refuses",
                     why.c_str(), "A library is older than what was linked to it", "fix "})
    EXPECT_NE(ran.out.find(text), ran.out.npos) << text << '\n' << ran.out;
  EXPECT_EQ(ran.out.find("cannot open shared object file"), ran.out.npos) << ran.out;
  EXPECT_EQ(ran.out.find("libcuda"), ran.out.npos) << "it asks nothing of CUDA\n" << ran.out;
  auto chinese = Process{}({"check", "--lang", "zh", program});
  EXPECT_EQ(chinese.exit, 1);
  EXPECT_NE(chinese.out.find("库的版本低于链接它的程序所需"), chinese.out.npos) << chinese.out;
  auto report = report_from_json(Process{}({"check", "--json", program}).out);
  ASSERT_TRUE(report);
  ASSERT_FALSE(report->judgements.empty());
  EXPECT_EQ(report->judgements[0].why.rule, "symbol-version-missing");
}

TEST_F(ProgramLibraries, InspectShowsWhichVersionIsMissingAndFromWhere) {
  auto ran = Process{}({"inspect", "--libs", program});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (auto& line :
       {"loads    " + lab.path("lib/libv.so"), std::string("because  DT_RUNPATH $ORIGIN/lib of prog"),
        "for      " + program, std::string("lacks    V2")})
    EXPECT_NE(ran.out.find(line), ran.out.npos) << line << '\n' << ran.out;
}

TEST_F(ProgramLibraries, WithTheRightLibraryNothingIsSaid) {
  mend();
  EXPECT_EQ(test::run({program}).status, 0);
  auto ran = Process{}({"check", program});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_EQ(ran.out.find("libv.so"), ran.out.npos) << ran.out;
  EXPECT_NE(ran.out.find("fits       " + program), ran.out.npos) << ran.out;
  ran = Process{}({"inspect", "--libs", program});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out.find("lacks"), ran.out.npos) << ran.out;
  ran = Process{}({"inspect", "--libs", "--why", program});
  EXPECT_NE(ran.out.find("loads    " + lab.path("lib/libv.so")), ran.out.npos) << ran.out;
}

TEST_F(ProgramLibraries, ALibraryThatIsMissingStopsTheProgram) {
  std::filesystem::remove(lab.path("lib/libv.so"));
  std::string why = "libv.so: cannot open shared object file: No such file or directory";
  ASSERT_NE(refusal().find(why), std::string::npos) << refusal();
  auto ran = Process{}({"check", program});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find(why), ran.out.npos) << ran.out;
  EXPECT_NE(ran.out.find("before the program starts: ld.so refuses"), ran.out.npos) << ran.out;
  EXPECT_NE(Process{}({"inspect", "--libs", program}).out.find("libv.so"), ran.out.npos);
}

}  // namespace
}  // namespace cufit::commands
