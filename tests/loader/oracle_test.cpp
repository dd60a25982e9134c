// The search against the real loader, on environments that are built here. Every object that comes into the
// process must be the same, in the same order, asked for by the same object and found in the same way.
#include <gtest/gtest.h>

#include <functional>

#include "base/text.h"
#include "collect/live_files.h"
#include "loader/compare.h"

namespace cufit {
namespace {

using namespace test;

using Build = std::function<void(const Lab&, Counts&)>;

const std::vector<std::pair<const char*, Build>>& environments() {
  static const std::vector<std::pair<const char*, Build>> all = {
      {"RPATH",
       [](const Lab& l, Counts& n) {
         l.lib("a/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("a")})}, n);
       }},
      {"RUNPATH",
       [](const Lab& l, Counts& n) {
         l.lib("a/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("a") + ":" + l.path("a") + "/"})},
                 n);
       }},
      {"both: DT_RPATH does not count",
       [](const Lab& l, Counts& n) {
         l.lib("a/liba.so", {.soname = "liba.so"});
         l.lib("b/liba.so", {.soname = "liba.so"});
         compare({l.program(
                     "p", {.needed = {"liba.so"}, .runpath = l.path("b"), .depaudit_as_rpath = l.path("a")})},
                 n);
       }},
      {"both, in the middle of a chain: DT_RPATH is not inherited either",
       [](const Lab& l, Counts& n) {
         l.lib("a/libc1.so", {.soname = "libc1.so"});
         l.lib("b/libb.so", {.needed = {"libc1.so"}, .soname = "libb.so"});
         l.lib("b/liba.so", {.needed = {"libb.so"},
                             .soname = "liba.so",
                             .runpath = l.path("b"),
                             .depaudit_as_rpath = l.path("a")});
         compare_broken({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("b")})}, n);
       }},
      {"RPATH is inherited over three levels",
       [](const Lab& l, Counts& n) {
         l.lib("x/libc1.so", {.soname = "libc1.so"});
         l.lib("x/libb.so", {.needed = {"libc1.so"}, .soname = "libb.so"});
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")})}, n);
       }},
      {"RPATH of a library is for what it needs, and comes before that of the program",
       [](const Lab& l, Counts& n) {
         for (auto folder : {"x", "y"}) l.lib(std::string(folder) + "/libb.so", {.soname = "libb.so"});
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so", .rpath = l.path("y")});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")})}, n);
       }},
      {"RUNPATH is not inherited",
       [](const Lab& l, Counts& n) {
         l.lib("x/libb.so", {.soname = "libb.so"});
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so"});
         compare_broken({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("x")})}, n);
       }},
      {"an object with RUNPATH inherits no RPATH",
       [](const Lab& l, Counts& n) {
         l.lib("x/libb.so", {.soname = "libb.so"});
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so", .runpath = l.path("nothing")});
         compare_broken({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")})}, n);
       }},
      {"LD_LIBRARY_PATH comes after RPATH",
       [](const Lab& l, Counts& n) {
         for (auto folder : {"x", "y"}) l.lib(std::string(folder) + "/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")}),
                  {},
                  {{"LD_LIBRARY_PATH", l.path("y")}}},
                 n);
       }},
      {"LD_LIBRARY_PATH comes before RUNPATH",
       [](const Lab& l, Counts& n) {
         for (auto folder : {"x", "y"}) l.lib(std::string(folder) + "/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("x")}),
                  {},
                  {{"LD_LIBRARY_PATH", l.path("y")}}},
                 n);
       }},
      {"LD_LIBRARY_PATH: semicolons, missing and double entries",
       [](const Lab& l, Counts& n) {
         l.lib("y/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}}),
                  {},
                  {{"LD_LIBRARY_PATH",
                    "/does/not/exist;" + l.path("y") + "//:" + l.path("y") + ":" + l.path("y/../y") + ":/"}}},
                 n);
       }},
      {"LD_LIBRARY_PATH: an empty entry is the working directory",
       [](const Lab& l, Counts& n) {
         l.lib("y/liba.so", {.soname = "liba.so"});
         l.lib("z/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}}),
                  {},
                  {{"LD_LIBRARY_PATH", ":" + l.path("z")}},
                  l.path("y")},
                 n);
       }},
      {"LD_LIBRARY_PATH: relative, and $ORIGIN of the program from there",
       [](const Lab& l, Counts& n) {
         l.lib("y/sub/liba.so", {.needed = {"libb.so"}, .soname = "liba.so", .runpath = "$ORIGIN/deep"});
         l.lib("y/sub/deep/libb.so", {.soname = "libb.so"});
         compare({l.program("p", {.needed = {"liba.so"}}), {}, {{"LD_LIBRARY_PATH", "sub"}}, l.path("y")}, n);
       }},
      {"LD_LIBRARY_PATH: tokens are those of the program",
       [](const Lab& l, Counts& n) {
         l.lib("q/lib/liba.so", {.needed = {"libb.so"}, .soname = "liba.so"});
         l.lib("q/lib/libb.so", {.soname = "libb.so"});
         compare({l.program("q/p", {.needed = {"liba.so"}}),
                  {},
                  {{"LD_LIBRARY_PATH", "${ORIGIN}/lib:$ORIGINAL"}}},
                 n);
       }},
      {"$ORIGIN of a program behind a link is that of the program",
       [](const Lab& l, Counts& n) {
         l.lib("real/liba.so", {.soname = "liba.so"});
         l.lib("bin/liba.so", {.soname = "liba.so"});
         l.program("real/p", {.needed = {"liba.so"}, .rpath = "$ORIGIN"});
         compare({l.link("../real/p", "bin/p")}, n);
       }},
      {"$ORIGIN of a library behind a link is where the link lies",
       [](const Lab& l, Counts& n) {
         l.lib("real/liba.so", {.needed = {"libb.so"}, .soname = "liba.so", .runpath = "$ORIGIN"});
         l.lib("real/libb.so", {.soname = "libb.so"});
         l.lib("farm/libb.so", {.soname = "libb.so"});
         l.link("../real/liba.so", "farm/liba.so");
         compare({.program = l.program("p", {.needed = {"liba.so"}, .runpath = l.path("farm")}),
                  .compare_where = false},
                 n);
       }},
      {"$LIB and $PLATFORM",
       [](const Lab& l, Counts& n) {
         l.lib("t/lib/liba.so", {.soname = "liba.so"});
         l.lib("t/lib64/liba.so", {.soname = "liba.so"});
         l.lib("t/lib/x86_64-linux-gnu/liba.so", {.soname = "liba.so"});
         for (auto platform : {"x86_64", "haswell", "xeon_phi", "aarch64"})
           l.lib(std::string("t/") + platform + "/libb.so", {.soname = "libb.so"});
         compare({l.program("p", {.needed = {"liba.so", "libb.so"},
                                  .rpath = l.path("t") + "/$LIB:" + l.path("t") + "/${PLATFORM}"})},
                 n);
       }},
      {"glibc-hwcaps folders, the best first, in every place",
       [](const Lab& l, Counts& n) {
         for (auto level :
              {"", "glibc-hwcaps/x86-64-v2/", "glibc-hwcaps/x86-64-v3/", "glibc-hwcaps/x86-64-v4/"}) {
           l.lib("x/" + std::string(level) + "liba.so", {.soname = "liba.so"});
           if (std::string(level).ends_with("v2/"))
             l.lib("x/" + std::string(level) + "libb.so", {.soname = "libb.so"});
         }
         l.lib("x/libb.so", {.soname = "libb.so"});
         auto program = l.program("p", {.needed = {"liba.so", "libb.so"}, .rpath = l.path("x")});
         compare({program}, n);
         compare({program, {}, {{"GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2"}}}, n);
         compare({program, {}, {{"GLIBC_TUNABLES", "glibc.malloc.check=0:glibc.cpu.hwcaps=-SSSE3,-AVX512F"}}},
                 n);
       }},
      {"older folders for processors",
       [](const Lab& l, Counts& n) {
         for (auto sub : {"tls", "x86_64", "haswell", "tls/x86_64", "haswell/x86_64", "avx512_1", ""})
           l.lib("x/" + std::string(sub) + "/liba.so", {.soname = "liba.so"});
         for (auto sub : {"x86_64", "haswell/avx512_1", ""})
           l.lib("x/" + std::string(sub) + "/libb.so", {.soname = "libb.so"});
         compare({l.program("p", {.needed = {"liba.so", "libb.so"}, .runpath = l.path("x")})}, n);
       }},
      {"preload by name, found through the RUNPATH of the program",
       [](const Lab& l, Counts& n) {
         l.lib("x/libp.so", {.needed = {"libb.so"}, .soname = "libp.so", .runpath = l.path("x")});
         l.lib("x/liba.so", {.soname = "liba.so"});
         l.lib("x/libb.so", {.soname = "libb.so"});
         compare({.program = l.program("p", {.needed = {"liba.so"}, .runpath = l.path("x")}),
                  .env = {{"LD_PRELOAD", "libp.so"}},
                  .compare_where = false},
                 n);
       }},
      {"preload by path, several, one twice",
       [](const Lab& l, Counts& n) {
         l.lib("x/libp.so", {.soname = "libp.so"});
         l.lib("x/libq.so", {.soname = "libq.so"});
         l.lib("x/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("x")}),
                  {},
                  {{"LD_PRELOAD",
                    l.path("x/libp.so") + " " + l.path("x/libq.so") + ":libq.so:" + l.path("x/./libp.so")}}},
                 n);
       }},
      {"preload takes the name of what is needed",
       [](const Lab& l, Counts& n) {
         l.lib("mine/other-name.so", {.soname = "liba.so"});
         l.lib("x/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")}),
                  {},
                  {{"LD_PRELOAD", l.path("mine/other-name.so")}}},
                 n);
       }},
      {"preload that is not there is left out",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")}),
                  {},
                  {{"LD_PRELOAD", "libnothere.so:" + l.path("nothing/libp.so")}}},
                 n);
       }},
      {"a second file of a SONAME that is loaded is not loaded",
       [](const Lab& l, Counts& n) {
         l.lib("x/libs.so.1", {.soname = "libs.so.1"});
         l.lib("y/libs.so.1", {.soname = "libs.so.1"});
         l.lib("x/liba.so", {.needed = {"libs.so.1"}, .soname = "liba.so", .runpath = l.path("x")});
         l.lib("x/libb.so", {.needed = {"libs.so.1"}, .soname = "libb.so", .runpath = l.path("y")});
         compare({l.program("p", {.needed = {"libb.so", "liba.so"}, .runpath = l.path("x")})}, n);
       }},
      {"a file whose SONAME is another one: the name asked for and the SONAME both count",
       [](const Lab& l, Counts& n) {
         l.lib("x/libs.so", {.soname = "libs.so.1"});
         l.lib("y/libs.so.1", {.soname = "libs.so.1"});
         l.lib("x/liba.so",
               {.needed = {"libs.so.1", "libs.so"}, .soname = "liba.so", .runpath = l.path("y")});
         compare({l.program("p", {.needed = {"libs.so", "liba.so"}, .runpath = l.path("x")})}, n);
       }},
      {"without SONAME only names and files count",
       [](const Lab& l, Counts& n) {
         l.lib("x/libn.so", {});
         l.copy(l.path("x/libn.so"), "y/libn.so");
         auto p = l.program("p", {.needed = {"libn.so"}, .runpath = l.path("x")});
         compare({p, {l.path("y/libn.so"), l.path("x/libn.so"), "libn.so"}}, n);
       }},
      {"a farm of links: the same file under two names is one object",
       [](const Lab& l, Counts& n) {
         l.lib("store/1/libs.so.1.2", {.soname = "libs.so.1"});
         l.link("../store/1/libs.so.1.2", "farm/libone.so");
         l.link("libone.so", "farm/libtwo.so");
         l.link("farm", "again");
         compare(
             {l.program("p", {.needed = {"libone.so", "libtwo.so", "libs.so.1"}, .rpath = l.path("again")})},
             n);
       }},
      {"hard links are one object",
       [](const Lab& l, Counts& n) {
         l.lib("x/libone.so", {});
         fs::create_hard_link(l.path("x/libone.so"), l.path("x/libtwo.so"));
         auto p = l.program("p", {.needed = {"libone.so", "libtwo.so"}, .rpath = l.path("x")});
         compare({p}, n);
       }},
      {"a diamond: breadth first decides whose RUNPATH counts",
       [](const Lab& l, Counts& n) {
         for (auto f : {"1", "2", "3"}) l.lib(std::string(f) + "/libd.so", {.soname = "libd.so"});
         l.lib("x/libc1.so", {.needed = {"libd.so"}, .soname = "libc1.so", .runpath = l.path("3")});
         l.lib("x/liba.so", {.needed = {"libc1.so"}, .soname = "liba.so", .runpath = l.path("x")});
         l.lib("x/libb.so", {.needed = {"libd.so"}, .soname = "libb.so", .runpath = l.path("2")});
         compare({.program = l.program("p", {.needed = {"liba.so", "libb.so"}, .runpath = l.path("x")}),
                  .compare_where = false},
                 n);
       }},
      {"files of another class or processor are passed over",
       [](const Lab& l, Counts& n) {
         for (auto f : {"1", "2", "3"}) l.lib(std::string(f) + "/liba.so", {.soname = "liba.so"});
         l.poke(l.path("1/liba.so"), 4, "\x01");
         l.poke(l.path("2/liba.so"), 18, std::string("\xb7\0", 2));
         auto rpath = l.path("1") + ":" + l.path("2") + ":" + l.path("3");
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = rpath})}, n);
         compare_broken({l.program("q", {.needed = {"liba.so"}, .rpath = l.path("1") + ":" + l.path("2")})},
                        n);
       }},
      {"-z nodefaultlib: neither cache nor default folders",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.needed = {"libc.so.6"}, .soname = "liba.so", .nodeflib = true});
         l.lib("x/libz.so", {.needed = {"libdl.so.2"}, .soname = "libz.so", .nodeflib = true});
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")}), {l.path("x/libz.so")}}, n);
       }},
      {"a library that is missing",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so",
               {.needed = {"libgone.so.3", "libb.so"}, .soname = "liba.so", .runpath = l.path("x")});
         l.lib("x/libb.so", {.needed = {"libgone.so.3"}, .soname = "libb.so"});
         compare_broken({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("x")})}, n);
       }},
      {"missing for one, there for another",
       [](const Lab& l, Counts& n) {
         l.lib("y/libg.so", {.soname = "libg.so"});
         l.lib("x/liba.so", {.needed = {"libg.so"}, .soname = "liba.so"});
         l.lib("x/libb.so", {.needed = {"libg.so"}, .soname = "libb.so", .runpath = l.path("y")});
         compare_broken({l.program("p", {.needed = {"liba.so", "libb.so"}, .runpath = l.path("x")})}, n);
       }},
      {"versions of symbols: all there, one missing, none at all in the file",
       [](const Lab& l, Counts& n) {
         l.lib("good/libv.so", {.soname = "libv.so", .versions = {"V_1", "V_2"}});
         l.lib("old/libv.so", {.soname = "libv.so", .versions = {"V_1"}});
         l.lib("bare/libv.so", {.soname = "libv.so"});
         l.lib("x/liba.so",
               {.needed = {"libv.so"}, .soname = "liba.so", .wants = {{"libv.so", {"V_1", "V_2"}}}});
         auto program = [&](const std::string& folder) {
           return l.program("p" + folder,
                            {.needed = {"liba.so"}, .rpath = l.path("x") + ":" + l.path(folder)});
         };
         compare({program("good")}, n);
         compare_broken({program("old")}, n);
         compare_broken({program("bare")}, n);
       }},
      {"versions: of two that need them, one lacks some",
       [](const Lab& l, Counts& n) {
         l.lib("x/libv.so", {.soname = "libv.so", .versions = {"V_1"}});
         l.lib("x/liba.so", {.needed = {"libv.so"}, .soname = "liba.so", .wants = {{"libv.so", {"V_1"}}}});
         l.lib("x/libb.so", {.needed = {"libv.so"}, .soname = "libb.so", .wants = {{"libv.so", {"V_3"}}}});
         auto rpath = l.path("x");
         compare_broken({l.program("p", {.needed = {"liba.so", "libb.so"}, .rpath = rpath})}, n);
         compare({l.program("q", {.needed = {"liba.so"}, .rpath = rpath}), {"libb.so", "liba.so", "libv.so"}},
                 n);
       }},
      {"dlopen by absolute path, then by SONAME",
       [](const Lab& l, Counts& n) {
         l.lib("x/libs.so.1", {.soname = "libs.so.1"});
         l.lib("y/libs.so.1", {.soname = "libs.so.1"});
         auto p = l.program("p", {.needed = {}, .rpath = l.path("x")});
         compare({p, {l.path("y/libs.so.1"), "libs.so.1", l.path("x/libs.so.1"), "libs.so.1"}}, n);
       }},
      {"dlopen by relative path, with dots and links",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so", .runpath = "$ORIGIN"});
         l.lib("x/libb.so", {.soname = "libb.so"});
         l.link("x", "y");
         compare({l.program("p", {}), {"./y/../x/liba.so", "x/libb.so", "./nothing.so"}, {}, l.path("")}, n);
       }},
      {"dlopen: RPATH of the program counts, RUNPATH of the program not for what comes further down",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.needed = {"libb.so"}, .soname = "liba.so"});
         l.lib("x/libb.so", {.soname = "libb.so"});
         compare({l.program("p", {.rpath = l.path("x")}), {"liba.so"}}, n);
         compare({l.program("q", {.runpath = l.path("x")}), {"liba.so", "libb.so"}}, n);
       }},
      {"dlopen by a library: its RUNPATH counts, its RPATH not for what is needed further down",
       [](const Lab& l, Counts& n) {
         for (auto [name, rpath] : {std::pair{"librun.so", false}, {"librp.so", true}})
           l.lib("x/" + std::string(name), {.soname = name,
                                            .rpath = rpath ? l.path("y") : "",
                                            .runpath = rpath ? "" : l.path("y"),
                                            .opens = true});
         l.lib("y/liba.so", {.needed = {"libb.so"}, .soname = "liba.so"});
         l.lib("y/libb.so", {.soname = "libb.so"});
         auto p = l.program("p", {.needed = {"librun.so", "librp.so"}, .runpath = l.path("x")});
         for (auto by : {"librun.so", "librp.so"})
           compare({p, {"liba.so", l.path("x/") + by + "|libb.so"}}, n);
         compare({p, {l.path("x/librp.so") + "|liba.so"}}, n);
       }},
      {"dlopen with $ORIGIN, of the library that calls",
       [](const Lab& l, Counts& n) {
         l.lib("x/libo.so", {.soname = "libo.so", .opens = true});
         l.lib("x/sub/liba.so", {.soname = "liba.so"});
         l.lib("sub/liba.so", {});
         auto p = l.program("p", {.needed = {"libo.so"}, .rpath = l.path("x")});
         compare({p, {l.path("x/libo.so") + "|$ORIGIN/sub/liba.so", "$ORIGIN/sub/liba.so"}}, n);
       }},
      {"dlopen that fails leaves nothing behind",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so",
               {.needed = {"libb.so", "libgone.so"}, .soname = "liba.so", .runpath = l.path("x")});
         l.lib("x/libb.so", {.soname = "libb.so"});
         l.lib("y/libb.so", {.soname = "libb.so"});
         auto p = l.program("p", {.runpath = l.path("y")});
         l.lib("y/libd.so", {.needed = {"libe.so"}, .soname = "libd.so"});
         l.lib("x/libe.so", {.soname = "libe.so"});
         compare({p, {l.path("x/liba.so"), "libb.so"}}, n);
         compare({p, {l.path("x/liba.so"), l.path("y/libd.so")}}, n);
       }},
      {"dlopen of a program, of a text, of a folder, of the loader by another path",
       [](const Lab& l, Counts& n) {
         l.write("x/libt.so",
                 "INPUT(-lc) and enough text to be longer than a header of sixty-four bytes is\n");
         l.write("x/libshort.so", "short");
         fs::create_directories(l.path("x/libf.so"));
         l.lib("y/libt.so", {.soname = "libt.so"});
         l.lib("y/libf.so", {.soname = "libf.so"});
         l.copy(*glibc_loader(), "z/ld-copy.so");
         auto p = l.program("p", {.rpath = l.path("x") + ":" + l.path("y")});
         compare({p, {"libt.so", "libf.so", "libshort.so", l.path("p"), l.path("z/ld-copy.so")}}, n);
       }},
      {"the loader and the kernel's library by name",
       [](const Lab& l, Counts& n) {
         auto loader = *glibc_loader();
         auto name = std::string(base_name(std::string_view(loader)));
         // By another path its file is loaded a second time: nobody asked for the identity of the first.
         auto elsewhere = fs::canonical(loader).string();
         auto p = l.program("p", {});
         compare({p, {name, "libc.so.6", loader, elsewhere}}, n);
       }},
      {"links in a circle end the list, not the search",
       [](const Lab& l, Counts& n) {
         l.link("liba.so", "x/liba.so");
         l.lib("y/liba.so", {.soname = "liba.so"});
         l.lib("z/liba.so", {.soname = "liba.so"});
         compare({l.program("p", {.needed = {"liba.so"}, .runpath = l.path("y")}),
                  {},
                  {{"LD_LIBRARY_PATH", l.path("x") + ":" + l.path("z")}}},
                 n);
         compare_broken({l.program("q", {.needed = {"liba.so"}, .runpath = l.path("x") + ":" + l.path("y")})},
                        n);
       }},
      {"a place that is a file, or behind a link that leads to nothing",
       [](const Lab& l, Counts& n) {
         l.write("file", "x");
         l.link("nowhere", "x/gone");
         l.link("nowhere.so", "y/liba.so");
         l.lib("z/liba.so", {.soname = "liba.so"});
         auto rpath = l.path("file") + ":" + l.path("x/gone") + ":" + l.path("y") + ":" + l.path("z");
         compare({l.program("p", {.needed = {"liba.so"}, .rpath = rpath})}, n);
       }},
      {"a DT_NEEDED with slash, and one with a token",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.soname = l.path("x/liba.so")});
         l.lib("x/libb.so", {.soname = "$ORIGIN/x/libb.so"});
         auto p = l.program("p", {.needed = {l.path("x/liba.so"), "$ORIGIN/x/libb.so"}});
         compare({p}, n);
       }},
      {"auxiliary libraries: before whom they stand in for, whose needs come first; missing ones do not "
       "count",
       [](const Lab& l, Counts& n) {
         l.lib("x/libn.so", {.needed = {"libn2.so"}, .soname = "libn.so"});
         l.lib("x/libn2.so", {.soname = "libn2.so"});
         l.lib("x/libm.so", {.soname = "libm.so"});
         l.lib("x/libf.so", {.needed = {"libg.so"}, .soname = "libf.so"});
         l.lib("x/libg.so", {.soname = "libg.so"});
         l.lib("x/liba.so", {.needed = {"libn.so"},
                             .soname = "liba.so",
                             .flags = {"-Wl,-f,libgone.so", "-Wl,-f,libf.so", "-Wl,-f,libm.so"}});
         compare(
             {.program = l.program("p", {.needed = {"liba.so", "libn2.so", "libm.so"}, .rpath = l.path("x")}),
              .opened = {"libg.so"},
              .compare_list = false},
             n);
         compare({.program = l.program("q", {.rpath = l.path("x")}),
                  .opened = {"liba.so", "libg.so"},
                  .compare_list = false},
                 n);
       }},
      {"an auxiliary library that is no ELF file does not count, one that lacks what it needs does",
       [](const Lab& l, Counts& n) {
         l.write("x/libbad.so", std::string(100, 'x'));
         l.lib("x/libf.so", {.needed = {"libgone.so"}, .soname = "libf.so"});
         l.lib("x/liba.so", {.soname = "liba.so", .flags = {"-Wl,-f,libbad.so"}});
         l.lib("x/libb.so", {.soname = "libb.so", .flags = {"-Wl,-f,libf.so"}});
         compare({.program = l.program("p", {.rpath = l.path("x")}),
                  .opened = {"liba.so", "libb.so"},
                  .compare_list = false},
                 n);
       }},
      {"filters: what they stand for must be there",
       [](const Lab& l, Counts& n) {
         l.lib("x/libf.so", {.soname = "libf.so"});
         l.lib("x/liba.so", {.needed = {"libn.so"}, .soname = "liba.so", .flags = {"-Wl,-F,libf.so"}});
         l.lib("x/libb.so", {.soname = "libb.so", .flags = {"-Wl,-F,libgone.so"}});
         l.lib("x/libn.so", {.soname = "libn.so"});
         compare({.program = l.program("p", {.needed = {"liba.so"}, .rpath = l.path("x")}),
                  .opened = {"libb.so"},
                  .compare_list = false},
                 n);
         compare_broken({.program = l.program("q", {.needed = {"libb.so"}, .rpath = l.path("x")}),
                         .compare_list = false},
                        n);
       }},
      {"a filter finds what it stands for by its own RUNPATH, or by the RPATH of who needs it",
       [](const Lab& l, Counts& n) {
         for (auto folder : {"x", "y"}) l.lib(std::string(folder) + "/libf.so", {.soname = "libf.so"});
         l.lib("x/liba.so", {.soname = "liba.so", .runpath = "$ORIGIN/../y", .flags = {"-Wl,-f,libf.so"}});
         l.lib("x/libb.so", {.soname = "libb.so", .flags = {"-Wl,-f,$ORIGIN/libf.so"}});
         for (auto name : {"liba.so", "libb.so"})
           compare(
               {.program = l.program("p", {.needed = {name}, .rpath = l.path("x")}), .compare_list = false},
               n);
       }},
      {"a library that is given by a link: $ORIGIN is where the link lies, and its file is not known",
       [](const Lab& l, Counts& n) {
         l.lib("real/liba.so", {.needed = {"libb.so"}, .soname = "liba.so.1", .runpath = "$ORIGIN"});
         for (auto folder : {"real", "farm"})
           l.lib(std::string(folder) + "/libb.so",
                 {.needed = {"liba.so"}, .soname = "libb.so", .runpath = l.path("real")});
         l.link("../real/liba.so", "farm/libz.so");
         l.link("farm", "way");
         for (auto given : {"farm/libz.so", "way/libz.so", "way/../farm/libz.so", "real/liba.so"}) {
           SCOPED_TRACE(given);
           auto loads = loads_of(l.path(given), {}, collect::LiveFiles(), settings_here({}));
           count(loads, n);
           compare_list(loads, run({*glibc_loader(), "--list", l.path(given)}));
         }
       }},
      {"a library as the start",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.needed = {"libb.so", "libc.so.6"}, .soname = "liba.so", .rpath = "$ORIGIN"});
         l.lib("x/libb.so", {.needed = {"liba.so"}, .soname = "libb.so"});
         auto loads = loads_of(l.path("x/liba.so"), {}, collect::LiveFiles(), settings_here({}));
         count(loads, n);
         compare_list(loads, run({*glibc_loader(), "--list", l.path("x/liba.so")}));
       }},
      {"an empty RPATH, and one that is nothing after its tokens",
       [](const Lab& l, Counts& n) {
         l.lib("x/liba.so", {.soname = "liba.so"});
         compare(
             {l.program("p", {.needed = {"liba.so"}, .rpath = ":" + l.path("gone")}), {}, {}, l.path("x")},
             n);
         compare(
             {l.program("q", {.needed = {"liba.so"}, .rpath = "$"}), {}, {{"LD_LIBRARY_PATH", l.path("x")}}},
             n);
       }},
  };
  return all;
}

TEST(Oracle, EveryEnvironmentIsAsTheLoaderSays) {
  if (!glibc_loader()) GTEST_SKIP() << "NOT TESTED: the loader of this machine is not that of glibc";
  Counts counts;
  for (auto& [name, build] : environments()) {
    SCOPED_TRACE(name);
    Lab lab;
    build(lab, counts);
  }
  std::cout << environments().size() << " environments, " << counts.cases << " processes, " << counts.answers
            << " answers compared, " << counts.unknown << " unknown\n";
  EXPECT_GE(environments().size(), 30u);
  EXPECT_GE(counts.answers, 200u);
}

}  // namespace
}  // namespace cufit
