// Says as JSON which libraries a Python environment loads: what loads.py compares with the real loader.
//
//   loads_of PACKAGE VERSION CUDA PYTHON CTYPES [NAME=VALUE...] [FOLDER...]     folders of sys.path
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "collect/live_files.h"
#include "judge/loading.h"
#include "loader/environment.h"
#include "model/duplicates.h"
#include "nlohmann/json.hpp"

using namespace cufit;

namespace {

std::string cpuinfo() {
  std::string all;
  if (FILE* file = std::fopen("/proc/cpuinfo", "r")) {
    char buffer[1 << 16];
    all.assign(buffer, std::fread(buffer, 1, sizeof buffer, file));
    std::fclose(file);
  }
  return all;
}

const char* word(Found found) {
  constexpr const char* words[] = {"preload",         "already-loaded", "as-path", "rpath",
                                   "ld-library-path", "runpath",        "cache",   "default-folder",
                                   "in-maps",         "not-found",      "unknown"};
  return words[size_t(found)];
}

/// The distribution in the nearest folder above whose RECORD lists the file.
FileOwner owner_of(const std::string& real) {
  namespace fs = std::filesystem;
  for (auto folder = fs::path(real).parent_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    std::error_code error;
    for (auto& entry : fs::directory_iterator(folder, error)) {
      auto name = entry.path().filename().string();
      if (!name.ends_with(".dist-info")) continue;
      std::ifstream record(entry.path() / "RECORD");
      auto line = fs::path(real).lexically_relative(folder).string() + ',';
      for (std::string read; std::getline(record, read);)
        if (read.starts_with(line)) {
          auto parts = name.substr(0, name.size() - 10);
          auto dash = parts.rfind('-');
          return {normalized_name(parts.substr(0, dash)), parts.substr(dash + 1)};
        }
    }
  }
  return {};
}

std::vector<std::string> files_of(const DuplicateLibrary& duplicate) {
  std::vector<std::string> files;
  for (auto* load : duplicate.files) files.push_back(load->file());
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 6) return 2;
  auto version = PackageVersion::parse(arguments[2]);
  if (!version) return 2;
  auto framework = framework_of(Knowledge::builtin(), arguments[1], *version, arguments[3]);
  if (!framework) return 3;
  PythonProcess python{arguments[4], {}, arguments[5]};
  LoaderSettings settings;
  settings.cpu = cpu_of(cpuinfo());
  for (int i = 6; i < count; i++) {
    std::string_view argument = arguments[i];
    auto equals = argument.find('=');
    if (argument.starts_with('/') || equals == argument.npos)
      python.sys_path.emplace_back(argument);
    else
      settings.env[std::string(argument.substr(0, equals))] = argument.substr(equals + 1);
  }
  collect::LiveFiles files;
  auto answer = loads_of_environment(*framework, python, files, settings, owner_of);
  nlohmann::json out = {
      {"framework", answer.loads.framework}, {"ends", answer.ends}, {"loads", nlohmann::json::array()}};
  for (auto& load : answer.loads.loads) {
    nlohmann::json shadows = nlohmann::json::array();
    for (auto& shadowed : load.shadows) shadows.push_back(shadowed.path);
    out["loads"].push_back({{"name", load.name},
                            {"by", load.by},
                            {"dlopened", load.dlopened},
                            {"found", word(load.found)},
                            {"real", load.real},
                            {"soname", load.soname},
                            {"why", load.why.id},
                            {"missing_versions", load.missing_versions},
                            {"shadows", shadows}});
  }
  // Of an import that ends no process is left.
  if (!answer.ends)
    for (auto& d : duplicates_of(answer.loads.loads))
      out["duplicates"].push_back({{"library", d.library}, {"files", files_of(d)}});
  std::puts(out.dump(1).c_str());
  return 0;
}
