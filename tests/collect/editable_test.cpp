#include "collect/editable.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "collect/environment_scratch.h"

namespace cufit::collect {
namespace {

using namespace test;

/// An editable install in kSite of the sources at s.path(at), of which RECORD lists no library.
void install_editable(const Scratch& s, const std::string& at, const std::string& direct_url) {
  install(s, kSite, {.name = "ext", .version = "0.1", .files = {{"__editable__.ext-0.1.pth", at}}});
  s.write(kSite + "/ext-0.1.dist-info/direct_url.json", direct_url);
}

TEST(Editable, AnEditableInstallOwnsWhatLiesInItsSources) {
  Scratch s;
  make_venv(s);
  s.write("my src/pyproject.toml", "[project]");
  s.write("my src/ext/_C.so", gpu_library());
  s.write("my src/build/lib.linux-x86_64-cpython-312/ext/_C.so", gpu_library(90));
  s.write("my src/.venv/pyvenv.cfg", "");
  s.write("my src/.venv/lib/libother.so", gpu_library(90));
  s.write("my src/env/pyvenv.cfg", "");
  s.write("my src/env/lib/libother.so", gpu_library(90));
  install_editable(s, s.path("my src"),
                   R"({"dir_info": {"editable": true}, "url": "file://)" + s.path("my%20src") + "\"}");
  auto found = read(s.path("venv"));
  ASSERT_EQ(names(found), (Names{"ext"}));
  EXPECT_EQ(members(found[0], s.path("my src")), (Names{"ext/_C.so"}));
  EXPECT_EQ(gaps(found[0]), Names{});
}

TEST(Editable, SourcesThatAreNoneAreNotLookedAt) {
  for (std::string direct_url :
       {R"({"dir_info": {"editable": true}, "url": "file:///"})", R"({"dir_info": {}, "url": "file://SRC"})",
        R"({"dir_info": {"editable": true}, "url": "https://example.org/SRC"})", R"({"url": 3})", "[", ""}) {
    Scratch s;
    make_venv(s);
    s.write("src/setup.py", "");
    s.write("src/ext/_C.so", gpu_library());
    if (auto at = direct_url.find("SRC"); at != direct_url.npos) direct_url.replace(at, 3, s.path("src"));
    install_editable(s, s.path("src"), direct_url);
    fs::remove(s.path(kSite + "/__editable__.ext-0.1.pth"));  // which would be followed by itself
    auto found = read(s.path("venv"));
    ASSERT_EQ(found.size(), 1u) << direct_url;
    EXPECT_TRUE(found[0].members.empty()) << direct_url;
  }
}

}  // namespace
}  // namespace cufit::collect
