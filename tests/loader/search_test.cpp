// The search over an index made by hand: what no machine of a test has.
#include "loader/search.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cufit {
namespace {

using Kind = IndexedFile::Kind;
using Names = std::vector<std::string>;

/// A root file system. What is not put into it is not there.
class Root {
 public:
  explicit Root(std::string arch = "x86_64") : arch_(std::move(arch)) {
    index.listed = {"/"};
    index.files["/"] = {.kind = Kind::directory, .real = "/"};
  }

  IndexedFile& lib(const std::string& path, LoadedObject object = {}) {
    folders_to(path);
    object.arch = object.arch.empty() ? arch_ : object.arch;
    if (!object.dyn.soname) object.dyn.soname = path.substr(path.rfind('/') + 1);
    return index.files[path] = {.kind = Kind::file, .real = path, .size = 1, .object = std::move(object)};
  }
  IndexedFile& needing(const std::string& path, Names needed) {
    LoadedObject o;
    o.dyn.needed = std::move(needed);
    return lib(path, o);
  }
  LoadedObject& program(const std::string& path, Names needed, const std::string& interpreter) {
    LoadedObject o;
    o.dyn.needed = std::move(needed);
    o.interpreter = interpreter;
    o.pie = true;
    return *lib(path, o).object;
  }
  void link(const std::string& path, const std::string& real) {
    folders_to(path);
    index.files[path] = index.files[real];
  }
  /// The loader at its place, and PT_INTERP.
  void loader(const std::string& real, const std::string& interpreter) {
    LoadedObject o;
    o.dyn.soname = interpreter.substr(interpreter.rfind('/') + 1);
    lib(real, o);
    if (real != interpreter) link(interpreter, real);
  }
  void folders_to(const std::string& path) {
    for (size_t at = path.find('/', 1); at != path.npos; at = path.find('/', at + 1)) {
      auto folder = path.substr(0, at);
      index.files[folder] = {.kind = Kind::directory, .real = folder};
      index.listed.push_back(folder);
    }
    std::ranges::sort(index.listed);
  }
  FileIndex index;

 private:
  std::string arch_;
};

/// Debian on x86-64 with glibc 2.36; a program /p that needs liba.so.
struct Debian : Root {
  Debian() {
    loader("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2");
    index.files["/lib64/ld-linux-x86-64.so.2"].object->loader =
        LoaderBuild{{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"},
                    "/etc/ld.so.cache",
                    "2.36"};
    p = &program("/p", {"liba.so"}, "/lib64/ld-linux-x86-64.so.2");
  }
  LoadedObject* p;
};

LoaderSettings settings() {
  LoaderSettings s;
  s.cpu = Cpu{{"x86-64-v3", "x86-64-v2"}, "x86_64", false};
  return s;
}

const char* name_of(Found found) {
  static const char* const kNames[] = {"preload", "already", "path",    "rpath",   "variable", "runpath",
                                       "cache",   "default", "in_maps", "missing", "unknown"};
  return kNames[size_t(found)];
}

/// "liba.so rpath /x/liba.so", "libb.so unknown loader.musl"; the program and its loader left out.
std::string words(const std::vector<Load>& loads) {
  std::string s;
  for (auto& l : loads) {
    if (l.found == Found::as_path && !l.dlopened && l.place.empty()) continue;
    s += l.name + ' ' + name_of(l.found) + ' ' + (l.path.empty() ? l.why.id : l.path);
    for (auto& other : l.shadows) s += std::string(" [") + name_of(other.found) + ' ' + other.path + ']';
    for (auto& v : l.missing_versions) s += " -" + v;
    s += '\n';
  }
  return s;
}

std::string run(const Root& root, const LoaderSettings& s = settings(), std::vector<Opened> opened = {},
                const std::string& program = "/p") {
  return words(loads_of(program, opened, root.index, s));
}

TEST(Search, DefaultFoldersByWhereTheLoaderLies) {
  struct Layout {
    const char *arch, *loader, *interpreter, *library;
  } layouts[] = {
      {"x86_64", "/usr/lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2", "/usr/lib64/liba.so"},
      {"aarch64", "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "/lib/ld-linux-aarch64.so.1",
       "/usr/lib/aarch64-linux-gnu/liba.so"},
      {"aarch64", "/usr/lib64/ld-linux-aarch64.so.1", "/lib/ld-linux-aarch64.so.1", "/lib64/liba.so"},
      {"x86_64", "/usr/lib/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2", "/usr/lib/liba.so"},
      {"ppc64le", "/usr/lib/powerpc64le-linux-gnu/ld64.so.2", "/lib64/ld64.so.2",
       "/lib/powerpc64le-linux-gnu/liba.so"},
  };
  for (auto& l : layouts) {
    Root root(l.arch);
    root.loader(l.loader, l.interpreter);
    root.program("/p", {"liba.so"}, l.interpreter);
    root.lib(l.library);
    auto s = settings();
    s.glibc = "2.39";
    EXPECT_EQ(run(root, s), "liba.so default " + std::string(l.library) + '\n');
  }
}

TEST(Search, FoldersOfAPrivateLoaderAreNotKnown) {
  Root root;
  root.loader("/nix/store/abc-glibc-2.38/lib/ld-linux-x86-64.so.2",
              "/nix/store/abc-glibc-2.38/lib/ld-linux-x86-64.so.2");
  auto& p = root.program("/p", {"liba.so", "libb.so"}, "/nix/store/abc-glibc-2.38/lib/ld-linux-x86-64.so.2");
  p.dyn.runpath = "/nix/store/x/lib";
  root.lib("/nix/store/x/lib/liba.so");
  EXPECT_EQ(run(root), "liba.so runpath /nix/store/x/lib/liba.so\nlibb.so unknown loader.folders\n");
  root.index.files["/nix/store/abc-glibc-2.38/lib/ld-linux-x86-64.so.2"].object->loader =
      LoaderBuild{{"/nix/store/abc-glibc-2.38/lib"}, "/nix/store/abc-glibc-2.38/etc/ld.so.cache", "2.38"};
  root.lib("/nix/store/abc-glibc-2.38/lib/libb.so");
  root.index.cache = {{{"libb.so", "/usr/lib/libb.so", 0x303}}, {}};
  EXPECT_EQ(run(root),
            "liba.so runpath /nix/store/x/lib/liba.so\n"
            "libb.so default /nix/store/abc-glibc-2.38/lib/libb.so\n")
      << "its own cache is another file";
}

TEST(Search, MuslIsRefused) {
  Root root;
  root.loader("/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1");
  root.program("/p", {"libc.musl-x86_64.so.1", "liba.so"}, "/lib/ld-musl-x86_64.so.1");
  root.lib("/usr/lib/liba.so");
  EXPECT_EQ(run(root, settings(), {{"/usr/lib/liba.so"}}),
            "libc.musl-x86_64.so.1 unknown loader.musl\n"
            "liba.so unknown loader.musl\n"
            "/usr/lib/liba.so unknown loader.musl\n");
  root.index.files.erase("/p");
  EXPECT_EQ(run(root, settings(), {{"/usr/lib/liba.so"}}, ""), "/usr/lib/liba.so unknown loader.musl\n")
      << "also where only the root tells it";
}

TEST(Search, OtherStartsThatAreNotFollowed) {
  Debian root;
  root.program("/i386", {"libc.so.6"}, "/lib/ld-linux.so.2").bits = 32;
  auto& fixed = root.program("/static", {}, "");
  fixed.type = 2;
  root.program("/gone", {"libc.so.6"}, "/opt/gone/ld-linux-x86-64.so.2");
  root.index.files["/text"] = {.kind = Kind::file, .real = "/text", .unreadable = "invalid ELF header"};
  std::vector<Opened> opened{{"libx.so"}};
  EXPECT_EQ(run(root, settings(), opened, "/i386"),
            "/i386 unknown loader.bits\nlibx.so unknown loader.bits\n");
  EXPECT_EQ(run(root, settings(), opened, "/static"), "libx.so unknown loader.static\n");
  EXPECT_EQ(run(root, settings(), {}, "/gone"), "/opt/gone/ld-linux-x86-64.so.2 missing loader.missing\n");
  EXPECT_EQ(run(root, settings(), {}, "/text"), "/text missing loader.bad-file\n");
  EXPECT_EQ(run(root, settings(), {}, "/nothing"), "/nothing missing loader.not-found\n");
  EXPECT_EQ(run(root, settings(), {}, "p"), "p unknown loader.no-cwd\n");
}

TEST(Search, WhatWasNotRecordedIsUnknown) {
  Debian root;
  root.p->dyn.rpath = "/opt/seen:/opt/unseen";
  root.folders_to("/opt/seen/x");
  std::erase(root.index.listed, "/opt");
  EXPECT_EQ(run(root), "liba.so unknown loader.not-recorded\n");
  root.lib("/opt/seen/liba.so");
  EXPECT_EQ(run(root), "liba.so rpath /opt/seen/liba.so\n");
}

TEST(Search, TheWorkingDirectory) {
  Debian root;
  root.lib("/w/liba.so");
  auto s = settings();
  s.env["LD_LIBRARY_PATH"] = "/no::/w";
  EXPECT_EQ(run(root, s), "liba.so unknown loader.no-cwd\n");
  s.cwd = "/w";
  EXPECT_EQ(run(root, s), "liba.so variable liba.so\n") << "as the loader writes it";
  s.env.clear();
  EXPECT_EQ(run(root, s, {{"./liba.so"}, {".//././liba.so"}, {"../w/liba.so"}}),
            "liba.so missing loader.not-found\n"
            "./liba.so path ./liba.so\n"
            ".//././liba.so already ./liba.so\n"
            "../w/liba.so unknown loader.not-recorded\n");
}

TEST(Search, WhatLaterPlacesHoldIsShadowed) {
  Debian root;
  root.p->dyn.runpath = "/run";
  for (auto folder : {"/var1", "/run", "/cached", "/usr/lib"}) root.lib(std::string(folder) + "/liba.so");
  root.index.cache = {{{"liba.so", "/cached/liba.so", 0x303}}, {}};
  auto s = settings();
  s.env["LD_LIBRARY_PATH"] = "/var1:/run";
  EXPECT_EQ(run(root, s),
            "liba.so variable /var1/liba.so [variable /run/liba.so] [cache /cached/liba.so] [default "
            "/usr/lib/liba.so]\n");
}

TEST(Search, WhatAnotherAskerWouldGetIsShadowed) {
  Debian root;
  root.p->dyn.needed = {"liba.so", "libb.so"};
  root.p->dyn.runpath = "/1";
  root.lib("/1/liba.so");
  root.needing("/1/libb.so", {"liba.so"}).object->dyn.runpath = "/2";
  root.lib("/2/liba.so");
  EXPECT_EQ(run(root), "liba.so runpath /1/liba.so [runpath /2/liba.so]\nlibb.so runpath /1/libb.so\n");
}

TEST(Search, ProcessorsThatAreNotKnown) {
  Debian root;
  root.p->dyn.rpath = "/x";
  root.lib("/x/liba.so");
  LoaderSettings unknown;
  EXPECT_EQ(run(root, unknown), "liba.so rpath /x/liba.so\n") << "no folder for processors, no question";
  root.lib("/x/glibc-hwcaps/x86-64-v3/libother.so");
  EXPECT_EQ(run(root, unknown), "liba.so rpath /x/liba.so\n");
  root.lib("/x/glibc-hwcaps/x86-64-v3/liba.so");
  EXPECT_EQ(run(root, unknown), "liba.so unknown loader.cpu\n");
  EXPECT_EQ(run(root), "liba.so rpath /x/glibc-hwcaps/x86-64-v3/liba.so [rpath /x/liba.so]\n");
  auto old = settings();
  old.glibc = "2.31";
  EXPECT_EQ(run(root, old), "liba.so rpath /x/liba.so\n") << "glibc-hwcaps came with 2.33";
}

TEST(Search, FoldersThatOnlyOlderVersionsKnow) {
  Debian root;
  root.p->dyn.rpath = "/x";
  root.lib("/x/liba.so");
  root.lib("/x/tls/liba.so");
  EXPECT_EQ(run(root), "liba.so rpath /x/tls/liba.so [rpath /x/liba.so]\n");
  auto s = settings();
  s.glibc = "2.37";
  EXPECT_EQ(run(root, s), "liba.so rpath /x/liba.so\n");
  root.index.files["/lib64/ld-linux-x86-64.so.2"].object->loader->version.clear();
  EXPECT_EQ(run(root), "liba.so unknown loader.cpu\n");
}

TEST(Search, ADamagedCacheDecidesOnlyWhereItIsReached) {
  Debian root;
  root.p->dyn = {.soname = {}, .rpath = "/x", .runpath = {}, .needed = {"liba.so", "libb.so"}};
  root.lib("/x/liba.so");
  root.lib("/usr/lib/libb.so");
  root.index.cache.is = Unreadable{"at 0x0: expected"};
  EXPECT_EQ(run(root), "liba.so rpath /x/liba.so\nlibb.so unknown loader.cache\n");
}

TEST(Search, RightsOfOthers) {
  Debian root;
  root.p->dyn.rpath = "/closed:/x";
  root.lib("/x/liba.so");
  root.index.files["/closed"] = {.kind = Kind::other, .unreadable = "EACCES"};
  EXPECT_EQ(run(root), "liba.so rpath /x/liba.so\n") << "the process cannot look there either";
  auto s = settings();
  s.same_rights = false;
  EXPECT_EQ(run(root, s), "liba.so unknown loader.unreadable\n");
  root.index.files["/closed"].unreadable = "EIO";
  EXPECT_EQ(run(root), "liba.so unknown loader.unreadable\n");
}

TEST(Search, SecureMode) {
  Debian root;
  root.p->dyn.rpath = "$ORIGIN/lib:/x";
  root.lib("/lib/liba.so");
  root.lib("/y/liba.so");
  root.lib("/x/liba.so");
  auto s = settings();
  s.secure = true;
  s.env = {{"LD_LIBRARY_PATH", "/y"}, {"LD_PRELOAD", "/y/liba.so libp.so"}, {"GLIBC_TUNABLES", ""}};
  auto and_liba = "liba.so rpath //lib/liba.so [rpath /x/liba.so]\n";
  EXPECT_EQ(
      run(root, s),
      std::string("/y/liba.so missing loader.secure-preload\nlibp.so missing loader.not-found\n") + and_liba);
  root.p->dyn.rpath = "$ORIGIN/opt:/x";
  root.lib("/opt/liba.so");
  s.env.clear();
  EXPECT_EQ(run(root, s), "liba.so rpath /x/liba.so [default /lib/liba.so]\n") << "/opt is no default folder";
  s.secure = false;
  EXPECT_EQ(run(root, s).substr(0, 29), "liba.so rpath //opt/liba.so [");
}

TEST(Search, AProgramThatIsNotKnown) {
  Debian root;
  root.needing("/v/libtorch.so", {"libcudart.so.12"}).object->dyn.rpath = "$ORIGIN/cu";
  root.lib("/v/cu/libcudart.so.12");
  root.lib("/usr/lib/libcudart.so.12");
  EXPECT_EQ(run(root, settings(), {{"/v/libtorch.so"}, {"libcudart.so.12", "/v/libtorch.so"}}, ""),
            "/v/libtorch.so path /v/libtorch.so\n"
            "libcudart.so.12 rpath /v/cu/libcudart.so.12 [default /usr/lib/libcudart.so.12]\n"
            "libcudart.so.12 already /v/cu/libcudart.so.12\n");
  EXPECT_EQ(run(root, settings(), {{"libcudart.so.12", "/v/libother.so"}}, ""),
            "libcudart.so.12 unknown loader.caller\n");
  EXPECT_EQ(run(root, settings(), {{"$ORIGIN/x.so"}}, ""), "$ORIGIN/x.so unknown loader.token\n");
}

TEST(Search, WhichEntryOfWhomLedThere) {
  Debian root;
  root.p->dyn.rpath = "$ORIGIN/nothing:${ORIGIN}/x/";
  root.lib("/x/liba.so");
  auto loads = loads_of("/p", {}, root.index, settings());
  ASSERT_EQ(loads.size(), 3u);
  EXPECT_EQ(loads[2].place, "${ORIGIN}/x/");
  EXPECT_EQ(loads[2].place_of, "/p");
  EXPECT_EQ(loads[2].path, "//x/liba.so") << "the folder of /p is \"/\"";
  EXPECT_EQ(loads[2].real, "/x/liba.so");
  EXPECT_EQ(loads[2].by, "/p");
  EXPECT_EQ(loads[2].soname, "liba.so");
}

TEST(Search, MissingVersionsOfALibraryThatOthersLoaded) {
  Debian root;
  root.p->dyn = {.soname = {}, .rpath = "/x", .runpath = {}, .needed = {"libcublas.so.12", "libuser.so"}};
  root.lib("/x/libcublas.so.12").object->defines = {"libcublas.so.12"};
  auto& user = *root.needing("/x/libuser.so", {"libcublas.so.12"}).object;
  user.needs = {{"libcublas.so.12", {"libcublas.so.12", "libcublas.so.12.9"}}};
  EXPECT_EQ(run(root),
            "libcublas.so.12 rpath /x/libcublas.so.12\n"
            "libuser.so rpath /x/libuser.so\n"
            "libcublas.so.12 already /x/libcublas.so.12 -libcublas.so.12.9\n");
  root.index.files["/x/libcublas.so.12"].object->defines.clear();
  EXPECT_EQ(run(root), "libcublas.so.12 rpath /x/libcublas.so.12\nlibuser.so rpath /x/libuser.so\n")
      << "a file without versions is taken for any";
}

TEST(Search, EndlessPathsEnd) {
  Debian root;
  std::string many;
  for (int i = 0; i < 1000; i++) many += "/x/" + std::to_string(i) + ':';
  root.folders_to("/x/");
  root.p->dyn.rpath = many + "/x";
  Names names;
  for (int i = 0; i < 1000; i++) names.push_back("lib" + std::to_string(i) + ".so");
  root.p->dyn.needed = names;
  auto loads = loads_of("/p", {}, root.index, settings());
  ASSERT_EQ(loads.size(), 1002u);
  EXPECT_EQ(loads[2].found, Found::not_found);
  EXPECT_EQ(loads.back().why.id, "loader.too-many");
}

TEST(Search, NotFoundSaysWhere) {
  Debian root;
  root.p->dyn.runpath = "/x";
  root.index.cache = {{std::vector<CachedLibrary>()}, {}};
  auto loads = loads_of("/p", {}, root.index, settings());
  EXPECT_EQ(loads.back().why.args[1].second,
            "/x, /etc/ld.so.cache, /lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu, /lib, /usr/lib");
}

}  // namespace
}  // namespace cufit
