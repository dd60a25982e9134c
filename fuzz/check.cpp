// `cufit check` and `cufit inspect` as a whole, on whatever a user may name as a target: wheels, libraries,
// fatbins, cubins, PTX. The first byte chooses how they are called.
#include <array>
#include <string>
#include <vector>

#include "commands/run.h"
#include "fuzz/fuzz.h"
#include "fuzz/scratch_file.h"

using namespace cufit;

namespace {

using Args = std::vector<std::string>;

const std::array<Args, 8>& calls() {
  static const std::array<Args, 8> all{{
      {"check", "--gpu", "h100", "--driver", "535.183.01"},
      {"check", "--gpu", "v100", "--why"},
      {"check", "--gpu", "a100,rtx4090,sm_100", "--driver", "580.65.06", "--json"},
      {"check", "--gpu", "8.7", "--driver", "470.129.06", "--lang", "zh", "--why"},
      {"check", "--gpu", "rtx5090", "--driver", "525.60.13", "--env", "CUDA_FORCE_PTX_JIT=1", "--fix"},
      {"inspect"},
      {"inspect", "--json"},
      {"inspect", "--pass", "usual", "--why"},
  }};
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static fuzz::ScratchFile scratch;
  scratch.set({data + 1, size - 1});
  Args args = calls()[data[0] % calls().size()];
  args.push_back(scratch.path());

  std::string out, err;
  commands::Io io{.out =
                      [&](std::string_view s) {
                        out += s;
                        return commands::Io::Wrote::all;
                      },
                  .in = [](std::span<char>, int) { return commands::Io::Read{commands::Io::Read::State::end}; },
                  .err = [&](std::string_view s) { err += s; },
                  .env = [](const char*) { return std::string{}; },
                  .variables = [] { return Variables{}; }};
  int exit = commands::run(args, io);
  fuzz::require(exit >= 0 && exit <= 3, "an exit code that is not documented");
  fuzz::require(!out.empty() || !err.empty() || args[0] == "check", "nothing was said");
  return 0;
}
