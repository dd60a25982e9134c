#include <vector>

#include "commands/run.h"

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + (argc > 0), argv + argc);
  return cufit::commands::run(args, cufit::commands::process_io());
}
