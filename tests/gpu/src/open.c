// Runs the units of a shared library: open LIBRARY
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
  void* library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
  int (*run)(void) = library ? (int (*)(void))dlsym(library, "run_units") : NULL;
  if (!run) {
    fprintf(stderr, "%s\n", dlerror());
    return 3;
  }
  return run();
}
