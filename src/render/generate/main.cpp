// cufit_texts OUT FILE.toml...: compiles data/texts to a constant table.
#include <fstream>
#include <iostream>
#include <iterator>

#include "render/generate/text_rows.h"

namespace {

using cufit::Result;
using cufit::render::TextRow;

Result<std::vector<TextRow>> read_all(int count, char** files) {
  std::vector<TextRow> all;
  for (int i = 0; i < count; i++) {
    std::ifstream in(files[i], std::ios::binary);
    if (!in) return cufit::fail("could not be opened", files[i]);
    std::string toml{std::istreambuf_iterator<char>(in), {}};
    auto rows = cufit::render::read_text_rows(toml, files[i]);
    if (!rows) return rows;
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return cufit::render::join_text_rows(std::move(all));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: cufit_texts OUT FILE.toml...\n";
    return 2;
  }
  auto rows = read_all(argc - 2, argv + 2);
  if (!rows) {
    std::cerr << rows.error().to_string() << '\n';
    return 1;
  }
  std::ofstream out(argv[1], std::ios::binary);
  out << cufit::render::to_cpp(*rows);
  return out.flush() ? 0 : 1;
}
