// Builds small environments: packages with their metadata, and libraries with GPU code.
#pragma once

#include "base/sha256.h"
#include "collect/scratch.h"
#include "collect/target.h"
#include "formats/build.h"

namespace cufit::test {

inline std::string gpu_library(unsigned arch = 80) {
  return elf({.sections = {{".nv_fatbin", container({sass(arch)})}}}).bytes;
}
inline std::string host_library() { return elf({.needed = {"libc.so.6"}}).bytes; }

inline std::string base64url(std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (unsigned char c : bytes) {
    bits = bits << 8 | c;
    for (held += 8; held >= 6; held -= 6) out += digits[bits >> (held - 6) & 63];
  }
  if (held > 0) out += digits[bits << (6 - held) & 63];
  return out;
}

inline std::string digest(std::string_view content) {
  Sha256 sum;
  sum.add(as_bytes(content));
  return sum.digest();
}

struct PackageFile {
  std::string path, content;
  bool written = true;  ///< false: listed in RECORD, but not on disk
};

struct PackageSpec {
  std::string name, version;
  std::vector<PackageFile> files = {};
  std::string metadata = {};  ///< further lines of METADATA
  std::string tag = "cp312-cp312-manylinux_2_28_x86_64";
};

/// Writes a package into the folder `site` as pip does.
inline void install(const Scratch& s, const std::string& site, const PackageSpec& p) {
  std::string info = p.name + '-' + p.version + ".dist-info", record;
  for (auto& f : p.files) {
    if (f.written) s.write(site + '/' + f.path, f.content);
    record +=
        f.path + ",sha256=" + base64url(digest(f.content)) + ',' + std::to_string(f.content.size()) + '\n';
  }
  record += info + "/METADATA,,\n" + info + "/RECORD,,\n";
  s.write(site + '/' + info + "/METADATA", "Metadata-Version: 2.1\nName: " + p.name +
                                               "\nVersion: " + p.version + '\n' + p.metadata +
                                               "\nThe description.\nName: not this\n");
  s.write(site + '/' + info + "/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: " + p.tag + '\n');
  s.write(site + '/' + info + "/RECORD", record);
}

inline const std::string kSite = "venv/lib/python3.12/site-packages";

/// A virtual environment without packages.
inline void make_venv(const Scratch& s, const std::string& root = "venv") {
  s.write(root + "/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.3\n");
}

using Names = std::vector<std::string>;

inline std::vector<Subject> read(const std::string& path) {
  auto subjects = collect::read_target(path, {});
  EXPECT_TRUE(subjects);
  return subjects ? std::move(*subjects) : std::vector<Subject>();
}

inline Names names(const std::vector<Subject>& subjects) {
  Names out;
  for (auto& s : subjects) out.push_back(s.kind == Subject::Kind::directory ? "dir:" + s.name : s.name);
  return out;
}

inline Names members(const Subject& s, const std::string& below) {
  Names out;
  for (auto& m : s.members) {
    EXPECT_TRUE(m.bin.path.starts_with(below)) << m.bin.path;
    out.push_back(m.bin.path.substr(std::min(below.size() + 1, m.bin.path.size())));
  }
  return out;
}

inline Names gaps(const Subject& s) {
  Names out;
  for (auto& g : s.unread) out.push_back(g.what.id);
  return out;
}

}  // namespace cufit::test
