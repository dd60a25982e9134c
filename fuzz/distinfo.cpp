// Texts that describe software: metadata and lists of files of distributions, *.pth, /proc/PID/maps, start-up
// files of shells, and libraries that say of which driver they are. The first byte chooses the reader.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/text.h"
#include "collect/assignments.h"
#include "collect/distribution.h"
#include "collect/driver_library.h"
#include "collect/metadata.h"
#include "collect/process.h"
#include "collect/target.h"
#include "collect/toolkit.h"
#include "fuzz/fuzz.h"
#include "fuzz/scratch_file.h"
#include "model/preload.h"

using namespace cufit;
using namespace cufit::collect;
namespace fs = std::filesystem;

namespace {

void record(std::string_view text) {
  size_t bytes = text.size();
  RecordLine line;
  for (std::string_view rest = text; take_record_line(rest, line); bytes = rest.size())
    fuzz::require(rest.size() < bytes, "a line of RECORD that takes nothing off");
}

void metadata(std::string_view text) {
  auto is_line = [](const std::string& s) { return s.find('\n') == s.npos; };
  auto name = field(text, "Name:"), version = field(text, "Version:");
  fuzz::require(is_line(name) && is_line(version), "a field of several lines");
  auto needs = dependencies(text, {"x86_64", "3.12"});
  fuzz::require(std::ranges::is_sorted(needs, {}, &Dependency::name), "dependencies are not sorted");
  requires_of_wheel_file(text);
  with_local_version(version.empty() ? "2.9.1" : version, text);
  if (auto wheel = parse_wheel_name(text)) requires_of(wheel->python, wheel->abi, wheel->platform);
}

void maps(std::string_view text) {
  std::set<std::tuple<std::string, bool, uint64_t>> seen;
  for (auto& f : mapped_files(text)) {
    fuzz::require(f.path.starts_with('/') && f.inode != 0, "a mapped file without a path");
    fuzz::require(seen.emplace(f.path, f.deleted, f.inode).second, "a mapped file twice");
  }
}

void shells(std::string_view text, SetForm form) {
  auto lines = uint32_t(std::ranges::count(text, '\n') + 1);
  for (auto& a : assignments(text, form)) {
    bool is_name = std::ranges::all_of(a.name, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    fuzz::require(is_name && !a.name.empty(), "an assignment to no name");
    fuzz::require(a.line <= lines, "an assignment behind the end");
  }
}

void names(std::string_view text) {
  for (auto name : split(text, '\n')) {
    name_and_version(name);
    driver_version_of_name(name);
  }
  version_of_json(text);
  version_of_txt(text);
  version_of_header(text);
  for (auto& entry : preload_entries(text)) fuzz::require(!entry.empty(), "an empty preload");
  preload_variable(text);
  variables_of(text);
}

void driver(Bytes bytes) {
  static fuzz::ScratchFile scratch;
  scratch.set(bytes);
  auto file = File::open(scratch.path());
  fuzz::require(file.has_value(), "the scratch file cannot be opened");
  auto seen = read_driver_library(*file, true);
  bool printable =
      std::ranges::all_of(seen.compat_note, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  fuzz::require(printable, "a note that is no text");
}

/// An environment in a root file system of its own, so that nothing that its files name lies on this machine.
class Disk {
 public:
  Disk() {
    std::string name = (fs::temp_directory_path() / "cufit-fuzz-XXXXXX").string();
    fuzz::require(mkdtemp(name.data()) != nullptr, "no scratch folder");
    root_ = name;
    site_ = root_ + "/venv/lib/python3.12/site-packages";
    fs::create_directories(site_ + "/a-1.dist-info");
    fs::create_directories(site_ + "/a");
    fs::create_directories(root_ + "/other/b-2.dist-info");
    write(root_ + "/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n");
    write(site_ + "/a/x.so", "no library");
    write(root_ + "/other/setup.py", "");
  }
  ~Disk() {
    std::error_code ec;
    fs::remove_all(root_, ec);
  }

  /// Parts of `text`, separated by bytes of 1, become the files.
  void read(std::string_view text) {
    const std::string files[] = {"/a-1.dist-info/RECORD",          "/x.pth",
                                 "/a-1.dist-info/METADATA",        "/a-1.dist-info/WHEEL",
                                 "/a-1.dist-info/direct_url.json", "/a-1.dist-info/top_level.txt"};
    auto parts = split(text, '\1');
    for (size_t i = 0; i < std::size(files); i++) {
      if (i < parts.size())
        write(site_ + files[i], parts[i]);
      else
        fs::remove(site_ + files[i]);
    }
    Options options;
    options.system = root_;
    auto subjects = read_target(root_ + "/venv", options);
    fuzz::require(subjects.has_value(), "an environment that cannot be read");
    for (auto& s : *subjects)
      for (auto& m : s.members) fuzz::require(m.bin.path.starts_with(root_), "a file outside of the root");
  }

 private:
  static void write(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary).write(content.data(), std::streamsize(content.size()));
  }
  std::string root_, site_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  Bytes bytes(data + 1, size - 1);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  static Disk disk;
  // One value only for what costs files.
  switch (data[0] == 9 ? 9 : data[0] % 9) {
    case 0:
      record(text);
      break;
    case 1:
      metadata(text);
      break;
    case 2:
      maps(text);
      break;
    case 3:
      shells(text, SetForm::sh);
      break;
    case 4:
      shells(text, SetForm::csh);
      break;
    case 5:
      shells(text, SetForm::fish);
      break;
    case 6:
      shells(text, SetForm::conda);
      break;
    case 7:
      names(text);
      break;
    case 8:
      driver(bytes);
      break;
    default:
      disk.read(text);
      break;
  }
  return 0;
}
