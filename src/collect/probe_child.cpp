#include "collect/probe_child.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/write.h"
#include "carried.h"
#include "wire.h"

namespace cufit::collect {
namespace {

std::string_view carried_program() {
  return {reinterpret_cast<const char*>(cufit_probe_begin), size_t(cufit_probe_end - cufit_probe_begin)};
}

/// MFD_EXEC is since Linux 6.3; without it a machine may be set to make files that cannot be executed.
Fd in_memory() {
  constexpr unsigned kCloseOnExec = 1, kExec = 0x10;
  Fd fd(int(syscall(SYS_memfd_create, "cufit-probe", kCloseOnExec | kExec)));
  if (!fd && errno == EINVAL) fd = Fd(int(syscall(SYS_memfd_create, "cufit-probe", kCloseOnExec)));
  if (fd && !write_all(*fd, carried_program())) return Fd();
  return fd;
}

/// What is open for writing cannot be executed, so it is opened twice.
Fd in_folder(std::string_view folder) {
  std::string path = std::string(folder) + "/cufit-probe-XXXXXX";
  Fd writes(mkostemp(path.data(), O_CLOEXEC));
  if (!writes) return writes;
  bool written = write_all(*writes, carried_program()) && fchmod(*writes, 0500) == 0;
  Fd reads(written ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1);
  int error = errno;
  unlink(path.c_str());
  errno = error;
  return reads;
}

constexpr std::array<std::string_view, 4> kFolders = {"/tmp", "/dev/shm", "/var/tmp", "/run"};

/// A kWireRefused, without allocating: it is made between fork and exec.
auto refusal(int error) {
  std::array<char, sizeof(WireHeader) + sizeof(WireField) + 5 + 8> out;
  WireField field{kWireNumber, 5, 8};
  WireHeader header{kWireMagic, kWireVersion, kWireRefused, uint32_t(out.size() - sizeof header)};
  uint64_t number = uint64_t(error);
  char* at = out.data();
  auto put = [&](const void* from, size_t size) {
    std::memcpy(at, from, size);
    at += size;
  };
  put(&header, sizeof header);
  put(&field, sizeof field);
  put("error", 5);
  put(&number, sizeof number);
  return out;
}

/// In the child. `path` leads to the program as well.
[[noreturn]] void execute(int program, const char* path, char* const* args, char* const* env) {
  syscall(SYS_execveat, program, "", args, env, AT_EMPTY_PATH);
  if (errno == ENOSYS) execve(path, args, env);  // before Linux 3.19
  auto told = refusal(errno);
  if (write(kAnswersFd, told.data(), told.size()) < 0) _exit(1);
  _exit(0);
}

}  // namespace

Fd probe_program(size_t place) { return place == 0 ? in_memory() : in_folder(kFolders.at(place - 1)); }
size_t probe_places() { return 1 + kFolders.size(); }

ProbeChild::ProbeChild(pid_t pid, Fd answers, Fd commands)
    : process_(pid), answers_(std::move(answers)), commands_(std::move(commands)) {}

std::optional<ProbeChild> ProbeChild::start(const Fd& program, std::string_view mode, const Variables& env) {
  ExecWords args({"cufit-probe", std::string(mode)}), environment(env);
  Fd spare = lifted(fcntl(*program, F_DUPFD_CLOEXEC, 0));
  Fd nothing = lifted(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) nothing = lifted(open("/", O_RDONLY | O_CLOEXEC));  // a container without /dev
  auto answers = lifted_pipe(), commands = lifted_pipe();
  if (!spare || !nothing || !answers || !commands) return std::nullopt;
  never_block(answers->reads);
  never_block(commands->writes);
  auto path = "/proc/self/fd/" + std::to_string(*spare);
  const int descriptors[] = {*nothing, *nothing, *nothing, *answers->writes, *commands->reads};
  static_assert(std::size(descriptors) == kCommandsFd + 1 && kAnswersFd == kCommandsFd - 1);
  pid_t pid = fork_child();
  if (pid == 0) {
    take_descriptors(descriptors, *spare);
    execute(*spare, path.c_str(), args.list(), environment.list());
  }
  if (pid < 0) return std::nullopt;
  return ProbeChild(pid, std::move(answers->reads), std::move(commands->writes));
}

}  // namespace cufit::collect
