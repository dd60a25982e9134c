// A folder of its own for a test, and words for what was read.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "model/image.h"

namespace cufit::test {

namespace fs = std::filesystem;

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "cufit-test-XXXXXX").string();
    if (!mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  ~Scratch() {
    std::error_code ec;
    fs::remove_all(path_, ec);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + '/' + name; }
  std::string write(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

 private:
  std::string path_;
};

inline std::string describe(const Image& i) {
  static const char* const kKinds[] = {"", "ptx", "lto", "other"};
  std::string s = kKinds[size_t(i.kind)] + i.target.bare();
  if (i.kind == Image::Kind::ptx) s += '@' + std::to_string(i.isa.major) + '.' + std::to_string(i.isa.minor);
  if (i.packing == Packing::lz4) s += "+lz4";
  if (i.packing == Packing::zstd) s += "+zstd";
  if (i.debug) s += "+debug";
  if (i.empty) s += "+empty";
  if (i.relocatable) s += "+rdc";
  return s;
}

/// One line for everything that a binary says, and one for each shape and gap; paths aside.
inline std::string describe(const Binary& b) {
  static const char* const kFormats[] = {"elf", "cubin", "fatbin", "ptx", "archive"};
  static const char* const kLinks[] = {"whole", "rdc_object", "device_link", "loose"};
  std::string s = std::string(kFormats[size_t(b.format)]) + ' ' + b.arch + " size=" + std::to_string(b.size) +
                  " id=" + b.build_id + " soname=" + b.dyn.soname.value_or("-") +
                  " rpath=" + b.dyn.rpath.value_or("-") + " runpath=" + b.dyn.runpath.value_or("-") +
                  " needed=";
  for (auto& n : b.dyn.needed) s += n + ',';
  s += " toolkits=";
  for (auto& t : b.toolkits) s += t.text() + ',';
  s += b.pass == Pass::full ? " full\n" : " usual\n";
  for (auto& m : b.shapes) {
    s += std::string(kLinks[size_t(m.link)]) + ' ' + m.section + " x" + std::to_string(m.count) + " @" +
         std::to_string(m.example) + ':';
    for (auto& i : m.images) s += ' ' + describe(i);
    s += '\n';
  }
  for (auto& g : b.unread) {
    s += "unread " + g.what.id + " @" + (g.offset ? std::to_string(*g.offset) : "?");
    for (auto& [name, value] : g.what.args) s += ' ' + name + '=' + value;
    s += '\n';
  }
  return s;
}

}  // namespace cufit::test
