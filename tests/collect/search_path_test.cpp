#include "collect/search_path.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment_scratch.h"
#include "collect/target.h"

namespace cufit::collect {
namespace {

using namespace test;

std::vector<Subject> read(const std::string& path, const Options& options = {}) {
  auto subjects = read_target(path, options);
  EXPECT_TRUE(subjects);
  return subjects ? std::move(*subjects) : std::vector<Subject>();
}

/// "NAME: members behind the last slash; ids of gaps" for each subject.
Names lines(const std::vector<Subject>& subjects) {
  Names out;
  for (auto& s : subjects) {
    auto line = s.name.substr(s.name.rfind('/') + 1) + ':';
    for (auto& m : s.members) line += ' ' + m.bin.path.substr(m.bin.path.rfind('/') + 1);
    for (auto& g : s.unread) line += ' ' + g.what.id;
    out.push_back(line);
  }
  std::ranges::sort(out);
  return out;
}

TEST(SearchPath, LinesOfPthFilesAreFollowed) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  s.write("one/here/one.so", gpu_library());
  s.write("two/two.so", gpu_library());
  s.write("two/.git/no.so", gpu_library());
  s.write("two/env/pyvenv.cfg", "");
  s.write("two/env/no.so", gpu_library());
  s.write("two/build/lib.linux-x86_64/no.so", gpu_library());
  s.write("two/build/cp312/built.so", gpu_library());
  s.write(kSite + "/x.pth", "# " + s.path("no") + "\nimport os; os.getcwd()\n\n" + s.path("one") + "\r\n" +
                                "../../../../two\n" + s.path("gone") + "\n" + s.path(kSite + "/a") + "\n");
  auto found = read(s.path("venv"));
  EXPECT_EQ(lines(found), (Names{"a: a.so", "one: one.so", "two: built.so two.so"}));
  for (auto& subject : found) EXPECT_EQ(subject.environment, s.path("venv")) << subject.name;
}

TEST(SearchPath, OnlyOfFoldersForPackages) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  s.write("one/one.so", gpu_library());
  s.write(kSite + "/a/weights.pth", s.path("one") + "\n");
  EXPECT_EQ(lines(read(s.path("venv"))), Names{"a: a.so"});
}

TEST(SearchPath, EggLinksAreFollowedWhereNoPackageIsInstalled) {
  Scratch s;
  make_venv(s);
  s.write("foo/foo.egg-info/PKG-INFO", "Name: foo\nVersion: 0.1\n");
  s.write("foo/foo.egg-info/top_level.txt", "foo\n");
  s.write("foo/foo/_C.so", gpu_library());
  s.write(kSite + "/foo.egg-link", s.path("foo") + "\n.");
  auto found = read(s.path("venv"));
  ASSERT_EQ(lines(found), (Names{"foo: _C.so", "venv:"}));
  auto& foo = *std::ranges::find(found, "foo", &Subject::name);
  EXPECT_EQ(foo.version, "0.1");
  EXPECT_EQ(foo.environment, s.path("venv"));
}

TEST(SearchPath, AFolderBehindALinkAmongThePackagesIsFollowed) {
  Scratch s;
  make_venv(s);
  install(s, kSite, {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  s.write("sources/foo/foo.so", gpu_library());
  s.write("sources/lib/part.so", gpu_library());
  fs::create_directory_symlink(s.path("sources/foo"), s.path(kSite + "/foo"));
  fs::create_directory_symlink(s.path("sources/lib"), s.path(kSite + "/a/lib"));
  EXPECT_EQ(lines(read(s.path("venv"))), (Names{"a: a.so", "foo: foo.so", "lib: part.so"}));
}

TEST(SearchPath, WhatIsTooMuchIsSaid) {
  Scratch s;
  make_venv(s);
  s.write(kSite + "/x.pth", "/usr\n");
  EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv: gap.search-path"});
}

/// An editable install of s.path("src") as setuptools and pip leave it.
void install_editable(const Scratch& s, const std::string& pth, const std::string& line) {
  install(s, kSite, {.name = "ext", .version = "0.1"});
  s.write(kSite + "/" + pth, line);
  s.write(kSite + "/ext-0.1.dist-info/direct_url.json",
          R"({"dir_info": {"editable": true}, "url": "file://)" + s.path("src") + "\"}");
}

TEST(SearchPath, EditableInstallsAreReadOnce) {
  for (std::string line :
       {"PATH", "import __editable___ext_0_1_finder; __editable___ext_0_1_finder.install()"}) {
    Scratch s;
    make_venv(s);
    s.write("src/pyproject.toml", "");
    s.write("src/lib/ext/_C.so", gpu_library());
    s.write("built/_D.so", gpu_library());
    fs::create_symlink(s.path("built/_D.so"), s.path("src/lib/ext/_D.so"));
    if (line == "PATH") line = s.path("src/lib");
    install_editable(s, "__editable__.ext-0.1.pth", line);
    EXPECT_EQ(lines(read(s.path("venv"))), Names{"ext: _C.so _D.so"}) << line;
  }
}

TEST(SearchPath, EditableInstallsLoadedByCodeAreSaid) {
  Scratch s;
  make_venv(s);
  s.write("src/pyproject.toml", "");
  install_editable(s, "_ext_editable.pth", "import _ext_editable\n");
  EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv: gap.loaded-by-code"});
}

/// Finders of setuptools, scikit-build-core, meson-python and `editables`, as their builds write them.
TEST(SearchPath, FindersOfEditableInstallsAreReadAsText) {
  struct Finder {
    std::string pth, line, module, code;
  };
  for (auto& f : std::vector<Finder>{
           {"__editable__.ext-0.1.pth",
            "import __editable___ext_0_1_finder; __editable___ext_0_1_finder.install()",
            "__editable___ext_0_1_finder", "MAPPING: dict[str, str] = {'ext': 'SRC/ext'}\nNAMESPACES = {}\n"},
           {"_ext_editable.pth", "import _ext_editable\n", "_ext_editable",
            "install({'ext': 'SRC/ext/__init__.py'}, {'ext.c': 'ext/c.so'}, None, False, True, [], [])\n"},
           {"ext-editable.pth", "import _ext_editable_loader\n", "_ext_editable_loader",
            "install(\n    'ext',\n    {'ext'},\n    \"SRC/ext\",\n    ['/gone/ninja'],\n    False,\n)\n"},
           {"_ext.pth", "import _editable_impl_ext\n", "_editable_impl_ext",
            "F.map_module('ext', 'SRC/ext/__init__.py')\n"}}) {
    Scratch s;
    make_venv(s);
    s.write("src/ext/__init__.py", "");
    s.write("src/ext/_C.so", gpu_library());
    auto code = f.code;
    code.replace(code.find("SRC"), 3, s.path("src"));
    install(s, kSite, {.name = "ext", .version = "0.1"});
    s.write(kSite + '/' + f.pth, f.line);
    s.write(kSite + '/' + f.module + ".py", code);
    auto found = read(s.path("venv"));
    EXPECT_EQ(lines(found), (Names{"ext: _C.so", "venv:"})) << f.pth;
    for (auto& subject : found) EXPECT_TRUE(subject.unread.empty()) << f.pth;
  }
}

/// Lines of code that add no folder, as the packages ship them.
TEST(SearchPath, HooksOfKnownPackagesAreNoGap) {
  for (std::string line :
       {"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
        "enabled "
        "and __import__('_distutils_hack').add_shim(); ",
        "import sys; exec('try: import coverage; coverage.process_startup()\\nexcept ImportError: pass')",
        "import os, sys;exec('if \\'COV_CORE_SOURCE\\' in os.environ:\\n try:\\n  from pytest_cov.embed "
        "import "
        "init\\n  init()\\n except Exception as exc:\\n  sys.stderr.write(str(exc))\\n')",
        "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals"
        "['sitedir'], *('zope',));m = has_mfs and sys.modules.setdefault('zope', types.ModuleType('zope'))",
        "import _virtualenv",
        "import sys; new=sys.path[sys.__plen:]; del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0); "
        "sys.path[p:p]=new; sys.__egginsert = p+len(new)"}) {
    Scratch s;
    make_venv(s);
    s.write(kSite + "/hook.pth", line + '\n');
    EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv:"}) << line;
  }
  for (std::string line :
       {"import sys; sys.path.insert(0, __import__('os').environ['MORE'])",
        "import site; site.addsitedir(more())", "import os; exec(open('/etc/hook').read())"}) {
    Scratch s;
    make_venv(s);
    s.write(kSite + "/hook.pth", line + '\n');
    EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv: gap.path-by-code"}) << line;
  }
}

TEST(SearchPath, SourcesThatAreGoneAreSaidWhereCodeLoadsThem) {
  Scratch s;
  make_venv(s);
  install_editable(s, "__editable__.ext-0.1.pth", "import __editable___ext_0_1_finder\n");
  EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv: gap.loaded-by-code"});
}

void write_config(const Scratch& s, const std::string& home) {
  s.write("venv/pyvenv.cfg", "HOME = " + home + "\nInclude-System-Site-Packages = TRUE\nversion = 3.12.3\n");
}

TEST(SearchPath, PackagesOfTheInterpreterAreReadUnlessHidden) {
  Scratch s;
  write_config(s, s.path("base/bin"));
  s.write("base/bin/python3", "");
  std::string base = "base/lib/python3.12/site-packages";
  install(s, base, {.name = "torch", .version = "1", .files = {{"torch/old.so", gpu_library()}}});
  install(s, base, {.name = "Foo", .version = "1", .files = {{"foo/foo.so", gpu_library()}}});
  s.write(base + "/more.pth", s.path("more"));
  s.write("more/more.so", gpu_library());
  install(s, kSite, {.name = "Torch", .version = "2", .files = {{"torch/new.so", gpu_library()}}});
  auto found = read(s.path("venv"));
  EXPECT_EQ(lines(found), (Names{"Foo: foo.so", "Torch: new.so", "more: more.so"}));
  for (auto& subject : found) EXPECT_EQ(subject.environment, s.path("venv")) << subject.name;
}

TEST(SearchPath, DebiansFoldersOfTheInterpreterAreRead) {
  Scratch s;
  write_config(s, "/usr/bin");
  s.write("usr/bin/python3", "");
  install(s, "usr/lib/python3/dist-packages",
          {.name = "a", .version = "1", .files = {{"a/a.so", gpu_library()}}});
  install(s, "usr/local/lib/python3.12/dist-packages",
          {.name = "b", .version = "1", .files = {{"b/b.so", gpu_library()}}});
  EXPECT_EQ(lines(read(s.path("venv"), {.system = s.path()})), (Names{"a: a.so", "b: b.so", "venv:"}));
}

TEST(SearchPath, AnInterpreterThatIsNotThereIsSaid) {
  Scratch s;
  write_config(s, s.path("base/bin"));
  EXPECT_EQ(lines(read(s.path("venv"))), Names{"venv: gap.system-packages"});
}

TEST(SearchPath, OfARootFileSystemStayInside) {
  Scratch s;
  make_venv(s, "opt/venv");
  s.write("opt/venv/lib/python3.12/site-packages/x.pth", "/src/one\n");
  s.write("src/one/one.so", gpu_library());
  EXPECT_EQ(lines(read(s.path("opt/venv"), {.system = s.path()})), (Names{"one: one.so", "venv:"}));
}

}  // namespace
}  // namespace cufit::collect
