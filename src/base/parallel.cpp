#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace cufit {
namespace {
thread_local bool inside = false;
}

void parallel_for(size_t n, const std::function<void(size_t)>& f, unsigned threads) {
  if (threads == 0) threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  threads = unsigned(std::min<size_t>(threads, n));
  if (threads <= 1 || inside) {
    for (size_t i = 0; i < n; i++) f(i);
    return;
  }
  std::atomic<size_t> next{0};
  auto work = [&] {
    inside = true;
    for (size_t i; (i = next++) < n;) f(i);
    inside = false;
  };
  std::vector<std::jthread> pool;
  for (unsigned t = 1; t < threads; t++) pool.emplace_back(work);
  work();
}

}  // namespace cufit
