/* cufit-probe MODE (nvml | cuda | version): asks a library of NVIDIA's driver what only its functions tell.
 * cufit carries this program and starts it (src/collect/probe_child.cpp), with answers and commands over
 * kAnswersFd and kCommandsFd and no other descriptor, and with signals as usual; a driver that crashes, hangs
 * or ends its process does that here. It is linked to what glibc 2.17 has and to nothing of NVIDIA's. */
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cuda.h"
#include "frames.h"
#include "mapped.h"
#include "nvml.h"

int main(int argc, char** argv) {
  const char* mode = argc == 2 ? argv[1] : "";
  int nvml = strcmp(mode, "nvml") == 0, cuda = strcmp(mode, "cuda") == 0;
  if (!nvml && !cuda && strcmp(mode, "version") != 0) return 2;
  prctl(PR_SET_NAME, "cufit-probe"); /* it was started from a file without a name */
  frame(kWireHello);
  tell();
  if (nvml)
    ask_nvml();
  else
    ask_cuda(cuda);
  tell_mapped();
  frame(kWireDone);
  tell();
  _exit(0); /* at once: what the driver would do at exit may hang, and nobody needs it */
}
