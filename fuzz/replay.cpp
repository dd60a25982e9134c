// Replays inputs of a fuzz target without libFuzzer: `replay_TARGET FILE|DIRECTORY...`. Each input stands in
// a buffer of exactly its size, so that a read beyond it is seen by the address sanitizer.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  cufit::fuzz::require(in.good() || in.eof(), "an input cannot be read");
  auto exact = std::make_unique<uint8_t[]>(content.size());
  std::memcpy(exact.get(), content.data(), content.size());
  LLVMFuzzerTestOneInput(exact.get(), content.size());
}

std::vector<fs::path> inputs(int argc, char** argv) {
  std::vector<fs::path> paths;
  for (int i = 1; i < argc; i++) {
    if (!fs::is_directory(argv[i])) {
      paths.emplace_back(argv[i]);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(argv[i])) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  auto paths = inputs(argc, argv);
  for (const auto& path : paths) replay(path);
  std::printf("%zu inputs\n", paths.size());
  return paths.empty() ? 1 : 0;  // a corpus that is not found must not pass for a clean one
}
