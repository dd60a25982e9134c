// parallel_for: the same work for many items on the cores that there are.
#pragma once

#include <cstddef>
#include <functional>

namespace cufit {

/// Calls f(0) ... f(n - 1), each once, in any order, on up to `threads` threads (0: one per core, at most
/// 16). Returns when all are done. A call from inside f runs in place, so that nesting neither multiplies
/// threads nor locks. f must not throw.
void parallel_for(size_t n, const std::function<void(size_t)>& f, unsigned threads = 0);

}  // namespace cufit
