// Expected outputs in tests/render/golden/. CUFIT_UPDATE_GOLDENS=1 writes them anew; read the diff.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace cufit {

inline void expect_golden(const std::string& name, const std::string& found) {
  auto path = CUFIT_SOURCE_DIR "/tests/render/golden/" + name;
  if (std::getenv("CUFIT_UPDATE_GOLDENS")) {
    std::ofstream(path, std::ios::binary) << found;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in) << path << " is missing; run with CUFIT_UPDATE_GOLDENS=1 to write it";
  std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(found, expected) << "run with CUFIT_UPDATE_GOLDENS=1 if this is meant";
}

}  // namespace cufit
