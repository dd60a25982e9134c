// Asks the driver of this machine, or a fake one that LD_LIBRARY_PATH leads to, and writes what it heard as JSON:
// ask_driver [MILLISECONDS for one call [MILLISECONDS in all]]. On stderr: how long that took, in milliseconds.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string_view>

#include "base/number.h"
#include "collect/probe.h"
#include "model/json.h"

using namespace cufit;

int main(int argc, char** argv) {
  collect::ProbeOptions options;
  for (char** e = environ; *e; e++) {
    std::string_view one = *e;
    auto at = one.find('=');
    if (at != one.npos) options.env[std::string(one.substr(0, at))] = one.substr(at + 1);
  }
  auto limit = [&](int i, std::chrono::milliseconds& out) {
    if (auto ms = argc > i ? whole_number<uint32_t>(argv[i]) : std::nullopt)
      out = std::chrono::milliseconds(*ms);
  };
  limit(1, options.call);
  limit(2, options.all);
  auto start = std::chrono::steady_clock::now();
  auto probed = collect::Probe(std::move(options)).finish();
  auto time = std::chrono::steady_clock::now() - start;
  std::cout << write_json(probed).dump(1) << '\n';
  std::fprintf(stderr, "%.1f\n", std::chrono::duration<double, std::milli>(time).count());
}
