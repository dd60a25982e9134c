#include "model/recording.h"

#include <gtest/gtest.h>

#include "model/random_model.h"

namespace cufit {
namespace {

std::string error_of(const std::string& text) {
  auto recording = world_from_recording(text);
  return recording ? "none" : recording.error().id.empty() ? recording.error().message : recording.error().id;
}

TEST(Recording, ComesBackEqualAndIsWrittenTheSameAgain) {
  RandomModel random(5);
  for (int i = 0; i < 50; i++) {
    auto recording = random.some<Recording>();
    auto text = recording_of(recording);
    auto back = world_from_recording(text);
    ASSERT_TRUE(back) << back.error().message << '\n' << text;
    ASSERT_EQ(*back, recording) << text;
    EXPECT_EQ(recording_of(*back), text);
  }
}

TEST(Recording, SaysWhatATextIsInstead) {
  auto good = recording_of({});
  EXPECT_EQ(error_of(good), "none");
  EXPECT_EQ(error_of(R"({"schema": "cufit.machine/1", "machine": {"origin": "observed", "platform": "linux",
                        "gpus": [], "driver": {}, "assumed": []}, "from_the_future": [1]})"),
            "none");
  EXPECT_EQ(error_of(R"({"schema": "cufit.machine/2"})"), "record.newer");
  EXPECT_EQ(error_of(R"({"schema": "cufit.machine/12"})"), "record.newer");
  EXPECT_EQ(error_of(R"({"schema": "cufit.machine/x"})"), "record.no-recording");
  EXPECT_EQ(error_of(R"({"schema": "cufit.machine/"})"), "record.no-recording");
  EXPECT_EQ(error_of(write_json(Report()).dump()), "record.report");
  Report fleet;
  fleet.groups.resize(1);
  EXPECT_EQ(error_of(write_json(fleet).dump()), "record.fleet");
  EXPECT_EQ(error_of(R"({"kind": "List", "items": []})"), "record.fleet");
  EXPECT_EQ(error_of("[]"), "record.no-recording");
  EXPECT_EQ(error_of("{}"), "record.no-recording");
  EXPECT_EQ(error_of(R"({"schema": 1})"), "record.no-recording");
  EXPECT_EQ(error_of(""), "record.not-json");
  EXPECT_EQ(error_of("\x7f"
                     "ELF"),
            "record.not-json");
  EXPECT_EQ(error_of("[[group]]\nname = \"lab\"\n"), "record.not-json");
  EXPECT_EQ(error_of("{\"schema\" \"cufit.machine/1\"}"), "record.not-json");
}

TEST(Recording, ThatIsCutOffAnywhereSaysSo) {
  RandomModel random(6);
  auto recording = random.some<Recording>();
  recording.cufit = "0.1.0";
  auto text = recording_of(recording);
  text.pop_back();  // the end of the last line
  for (size_t end = 1; end < text.size(); end += 1 + text.size() / 200)
    EXPECT_EQ(error_of(text.substr(0, end)), "record.cut-off") << text.substr(0, end);
}

TEST(Recording, NamesThePlaceOfWhatIsWrong) {
  Recording recording;
  recording.world.observed.emplace().pci.resize(1);
  recording.world.observed->nodes.resize(1);
  recording.world.files.files["/lib/a.so"] = {.kind = IndexedFile::Kind::file, .real = "/lib/a.so"};
  recording.world.files.files["/lib/a.so.1"] = recording.world.files.files["/lib/a.so"];
  recording.world.files.cache = {std::vector<CachedLibrary>(1), {}};
  auto with = [&](const char* pointer, Json value) {
    auto json = write_json(recording);
    json[Json::json_pointer(pointer)] = std::move(value);
    return error_of(json.dump());
  };
  EXPECT_EQ(with("/cufit", "0.1"), "none");
  EXPECT_EQ(with("/observed/pci/0/address", 7), "$.observed.pci[0].address: expected a string, found 7");
  EXPECT_EQ(with("/observed/pci/0/device", "20b5"),
            "$.observed.pci[0].device: expected a number as in \"0x20b5\", found \"20b5\"");
  EXPECT_EQ(with("/observed/pci/0/device", "0x120b5"),
            "$.observed.pci[0].device: expected a number as in \"0x20b5\", found \"0x120b5\"");
  EXPECT_EQ(with("/observed/nodes/0/mode", "0999"),
            "$.observed.nodes[0].mode: expected octal digits as in \"0666\", found \"0999\"");
  EXPECT_EQ(with("/observed/kernel/node_mode", Json{{"value", "666"}, {"from", "path:/x"}}),
            "$.observed.kernel.node_mode: expected octal digits as in \"0666\", found "
            "{\"value\":\"666\",\"from\":\"path:/x\"}");
  EXPECT_EQ(with("/files/cache/value/0", Json::array({"libc.so.6", "/lib/libc.so.6"})),
            "$.files.cache.value[0]: expected an entry of ld.so.cache as in [\"libc.so.6\", "
            "\"/lib/libc.so.6\", \"0x0303\"], found [\"libc.so.6\",\"/lib/libc.so.6\"]");
  EXPECT_TRUE(
      with("/files/same/0/1", "/lib/b.so")
          .starts_with("$.files: expected \"/lib/b.so\" in \"paths\", since \"/lib/a.so.1\" is the same"));
  EXPECT_TRUE(with("/files/absent", Json::array({"/lib/a.so"}))
                  .starts_with("$.files: expected every path once, \"/lib/a.so\" stands there twice"));
}

TEST(Recording, WithAMemberTwiceIsRefused) {
  auto read = [](const std::string& text) { return world_from_recording(text); };
  std::string once =
      R"({"schema": "cufit.machine/1", "zzz": {"a": 1, "b": {"a": 1}}, "yyy": [{"a": 1}, {"a": 1}], )";
  auto rest = std::string(R"("machine": {"origin": "observed", "platform": "linux"}, "a": 1})");
  auto sound = read(once + rest);
  EXPECT_TRUE(sound || sound.error().message.find("twice") == std::string::npos) << "one in each object";
  auto twice = read(once + R"("zzz": {}, )" + rest);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "expected every member of an object once, \"zzz\" stands there twice");
  auto inside = read(once + R"("observed": {"os": {"arch": {}, "arch": {}}}, )" + rest);
  ASSERT_FALSE(inside);
  EXPECT_EQ(inside.error().message, "expected every member of an object once, \"arch\" stands there twice");
}

TEST(Recording, HostileTextsAreRefusedInBoundedTime) {
  // Members of an object are found one after the other: a million of them would take for ever.
  std::string many = R"({"schema":"cufit.machine/1","machine":{"env":{)";
  for (int i = 0; i < 1'000'000; i++) many += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
  EXPECT_EQ(error_of(many + "}}}"), "record.too-many");
  EXPECT_EQ(error_of(R"({"schema":"cufit.machine/1","machine":)" + std::string(1'000'000, '[')),
            "record.too-many");
  std::string values = R"({"schema":"cufit.machine/1","machine":[0)";
  for (int i = 0; i < 5'000'000; i++) values += ",0";
  EXPECT_EQ(error_of(values + "]}"), "record.too-many");
  EXPECT_EQ(error_of(std::string(largest_recording + 1, ' ')), "record.too-large");
  // The error of a reader shows the beginning of what it found, however large or deep that is.
  auto deep = report_from_json(std::string(1'000'000, '[') + std::string(1'000'000, ']'));
  ASSERT_FALSE(deep);
  EXPECT_LT(deep.error().message.size(), 200u);
}

/// A library as many lie in an environment.
IndexedFile library(int i) {
  IndexedFile f{.kind = IndexedFile::Kind::file};
  f.size = 100'000 + uint64_t(i);
  auto& o = f.object.emplace();
  o.arch = "x86_64";
  o.dyn.soname = "libexample" + std::to_string(i) + ".so.1";
  o.dyn.runpath = "$ORIGIN:$ORIGIN/../../nvidia/cublas/lib";
  o.dyn.needed = {"libcudart.so.12", "libstdc++.so.6",  "libm.so.6",
                  "libgcc_s.so.1",   "libpthread.so.0", "libc.so.6"};
  o.needs = {{"libc.so.6", {"GLIBC_2.14", "GLIBC_2.2.5", "GLIBC_2.3.4"}},
             {"libgcc_s.so.1", {"GCC_3.0"}},
             {"libstdc++.so.6", {"CXXABI_1.3", "GLIBCXX_3.4", "GLIBCXX_3.4.21"}}};
  return f;
}

TEST(Recording, OfTwoThousandFilesIsSmall) {
  Recording recording;
  auto& index = recording.world.files;
  std::string folder = "/opt/venv/lib/python3.12/site-packages/";
  for (int i = 0; i < 1000; i++) {
    auto path = folder + "package" + std::to_string(i / 20) + "/lib/libexample" + std::to_string(i) + ".so";
    auto& file = index.files[path] = library(i);
    file.real = path;
    index.files[path + ".1"] = file;  // its SONAME is a link
  }
  auto& cache = index.cache.is.emplace<std::vector<CachedLibrary>>();
  for (int i = 0; i < 1000; i++) {
    auto name = "libexample" + std::to_string(i) + ".so.1";
    cache.push_back({name, "/usr/lib/x86_64-linux-gnu/" + name, 0x0303});
  }
  auto text = recording_of(recording);
  EXPECT_LT(text.size(), 800'000u);
  // What is known of a file stands once.
  size_t times = 0;
  for (auto at = text.find("\"libexample7.so.1\",\"runpath\""); at != text.npos;
       at = text.find("\"libexample7.so.1\",\"runpath\"", at + 1))
    times++;
  EXPECT_LE(times, 1u);
  EXPECT_EQ(world_from_recording(text)->world.files, index);
}

TEST(Recording, IsReadableLineByLine) {
  Recording recording;
  recording.cufit = "0.1.0";
  auto& o = recording.world.observed.emplace();
  o.nodes.push_back({"/dev/nvidia0", 0666, 0, 0, 195, 0, {true, {Source::Kind::call, "open"}}});
  o.pci.push_back(
      {"0000:3b:00.0", 0x20b5, 0x10de, 0x1533, 0x030200, {"nvidia", {Source::Kind::path, "/sys/x"}}, {}, {}});
  recording.world.files.cache = {
      std::vector<CachedLibrary>{{"libcuda.so.1", "/lib/libcuda.so.1", 0x303, 1ull << 62 | 2, "x86-64-v3"}},
      {}};
  auto text = recording_of(recording);
  for (auto line :
       {"\n  \"nodes\": [{\"path\":\"/dev/nvidia0\",\"mode\":\"0666\",\"major\":195,",
        "\"device\":\"0x20b5\"", "\"class\":\"0x030200\"",
        "[\"libcuda.so.1\",\"/lib/libcuda.so.1\",\"0x0303\",\"0x4000000000000002\",\"x86-64-v3\"]"})
    EXPECT_TRUE(text.contains(line)) << line << '\n' << text;
  // What nobody looked for is left out.
  EXPECT_FALSE(text.contains("secure_boot")) << text;
}

}  // namespace
}  // namespace cufit
