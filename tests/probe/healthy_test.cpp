// A driver that works: every answer becomes the fact that it is.
#include <gtest/gtest.h>

#include "probe/fakes.h"

namespace cufit {
namespace {

using test::fake_options;
using test::probe;

template <class T>
Fact<T> called(T value, const char* name) {
  return {std::move(value), {Source::Kind::call, name}};
}

TEST(HealthyDriver, CudaAnswers) {
  auto cuda = probe(fake_options()).cuda;
  EXPECT_EQ(cuda.asking.end, Asking::End::done) << cuda.asking.how << " in " << cuda.asking.in;
  ASSERT_EQ(cuda.gpus.size(), 2u);
  EXPECT_EQ(cuda.gpus[0].name, called<std::string>("NVIDIA A800-SXM4-80GB", "cuDeviceGetName"));
}

}  // namespace
}  // namespace cufit
