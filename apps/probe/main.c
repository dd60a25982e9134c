/* cufit-probe MODE (nvml | cuda | version): asks a library of NVIDIA's driver what only its functions tell.
 * cufit carries this program and starts it (src/collect/probe_child.cpp), with answers and commands over
 * kAnswersFd and kCommandsFd; a driver that crashes, hangs or ends its process does that here. It is linked
 * to what glibc 2.17 has and to nothing of NVIDIA's. */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cuda.h"
#include "frames.h"
#include "mapped.h"
#include "nvml.h"

/* Descriptors that were inherited: a lock or a pipe of whoever started cufit is not the driver's to keep. */
static void close_others(void) {
  enum { kFirst = kCommandsFd + 1, kCloseRange = 436 };
  if (syscall(kCloseRange, kFirst, ~0u, 0) == 0) return;
  DIR* all = opendir("/proc/self/fd"); /* before Linux 5.9 */
  if (!all) return;
  for (struct dirent* one; (one = readdir(all));) {
    int fd = 0;
    for (const char* c = one->d_name; *c >= '0' && *c <= '9'; c++) fd = fd * 10 + (*c - '0');
    if (fd >= kFirst && fd != dirfd(all)) close(fd);
  }
  closedir(all);
}

/* What whoever started cufit ignores or blocks is not to be so in a driver. */
static void usual_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int i = 1; i < 32; i++) signal(i, SIG_DFL);
}

int main(int argc, char** argv) {
  const char* mode = argc == 2 ? argv[1] : "";
  int nvml = strcmp(mode, "nvml") == 0, cuda = strcmp(mode, "cuda") == 0;
  if (!nvml && !cuda && strcmp(mode, "version") != 0) return 2;
  prctl(PR_SET_NAME, "cufit-probe"); /* it was started from a file without a name */
  close_others();
  usual_signals();
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
