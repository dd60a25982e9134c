#include "collect/probe_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/write.h"
#include "carried.h"
#include "wire.h"

namespace cufit::collect {
namespace {

std::string_view carried_program() {
  return {reinterpret_cast<const char*>(cufit_probe_begin), size_t(cufit_probe_end - cufit_probe_begin)};
}

// ------------------------------------------------------------------------------------------------ the
// program

/// MFD_EXEC is since Linux 6.3; without it a machine may be set to make files that cannot be executed.
ProbeFd in_memory() {
  constexpr unsigned kCloseOnExec = 1, kExec = 0x10;
  ProbeFd fd(int(syscall(SYS_memfd_create, "cufit-probe", kCloseOnExec | kExec)));
  if (!fd && errno == EINVAL) fd = ProbeFd(int(syscall(SYS_memfd_create, "cufit-probe", kCloseOnExec)));
  if (fd && !write_all(*fd, carried_program())) return ProbeFd();
  return fd;
}

/// What is open for writing cannot be executed, so it is opened twice.
ProbeFd in_folder(std::string_view folder) {
  std::string path = std::string(folder) + "/cufit-probe-XXXXXX";
  ProbeFd writes(mkostemp(path.data(), O_CLOEXEC));
  if (!writes) return writes;
  bool written = write_all(*writes, carried_program()) && fchmod(*writes, 0500) == 0;
  ProbeFd reads(written ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1);
  int error = errno;
  unlink(path.c_str());
  errno = error;
  return reads;
}

constexpr std::array<std::string_view, 4> kFolders = {"/tmp", "/dev/shm", "/var/tmp", "/run"};

// ------------------------------------------------------------------------------------------------ the
// process

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

/// All that the child needs, made before the fork.
struct Start {
  int program, answers, commands, nothing;  ///< descriptors above those that the child will use
  const char* program_path;                 ///< by the descriptor
  pid_t parent;
  char* const* arguments;
  char* const* environment;
};

/// Only what may be called in a child of a program with threads.
[[noreturn]] void become(const Start& s) {
  setpgid(0, 0);
  // Whoever waits may be killed; then nobody wants to know. It may have happened before the call.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != s.parent) _exit(1);
  // No core dumps. 0 would keep the kernel from writing a file, but not from running the program that
  // core_pattern may name; 1 does both (do_coredump in fs/coredump.c: "RLIMIT_CORE set to 1, Aborting core").
  rlimit core{1, 1};
  setrlimit(RLIMIT_CORE, &core);
  for (int fd = 0; fd < 3; fd++) dup2(s.nothing, fd);
  dup2(s.answers, kAnswersFd);
  dup2(s.commands, kCommandsFd);
  syscall(SYS_execveat, s.program, "", s.arguments, s.environment, AT_EMPTY_PATH);
  if (errno == ENOSYS) execve(s.program_path, s.arguments, s.environment);  // before Linux 3.19
  auto told = refusal(errno);
  if (write(kAnswersFd, told.data(), told.size()) < 0) _exit(1);
  _exit(0);
}

/// A descriptor above those that the child is given.
ProbeFd lifted(int fd) {
  ProbeFd low(fd);
  return ProbeFd(fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, kCommandsFd + 1));
}

struct Ends {
  ProbeFd reads = ProbeFd(), writes = ProbeFd();
};

Ends lifted_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  ProbeFd reads = lifted(ends[0]), writes = lifted(ends[1]);
  return {std::move(reads), std::move(writes)};
}

void never_block(const ProbeFd& fd) { fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& t : texts) out.push_back(t.data());
  out.push_back(nullptr);
  return out;
}

/// The short name of a signal; sigabbrev_np is younger than the oldest glibc that builds us.
std::string signal_name(int number) {
  static constexpr std::array<std::pair<int, const char*>, 10> names = {{{SIGSEGV, "SIGSEGV"},
                                                                         {SIGBUS, "SIGBUS"},
                                                                         {SIGABRT, "SIGABRT"},
                                                                         {SIGILL, "SIGILL"},
                                                                         {SIGFPE, "SIGFPE"},
                                                                         {SIGKILL, "SIGKILL"},
                                                                         {SIGTERM, "SIGTERM"},
                                                                         {SIGPIPE, "SIGPIPE"},
                                                                         {SIGTRAP, "SIGTRAP"},
                                                                         {SIGSYS, "SIGSYS"}}};
  for (auto& [n, name] : names)
    if (n == number) return name;
  return "signal " + std::to_string(number);
}

}  // namespace

ProbeFd::ProbeFd(ProbeFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ProbeFd& ProbeFd::operator=(ProbeFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ProbeFd::~ProbeFd() {
  if (fd_ >= 0) close(fd_);
}

ProbeFd probe_program(size_t place) { return place == 0 ? in_memory() : in_folder(kFolders.at(place - 1)); }
size_t probe_places() { return 1 + kFolders.size(); }

ProbeChild::ProbeChild(pid_t pid, ProbeFd answers, ProbeFd commands)
    : pid_(pid), answers_(std::move(answers)), commands_(std::move(commands)) {}

ProbeChild::ProbeChild(ProbeChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      answers_(std::move(other.answers_)),
      commands_(std::move(other.commands_)) {}

std::optional<ProbeChild> ProbeChild::start(const ProbeFd& program, std::string_view mode,
                                            const Variables& env) {
  std::vector<std::string> arguments = {"cufit-probe", std::string(mode)}, environment;
  for (auto& [name, value] : env) environment.push_back(name + "=" + value);
  auto argv = pointers(arguments), envp = pointers(environment);
  ProbeFd lifted_program = lifted(fcntl(*program, F_DUPFD_CLOEXEC, 0));
  ProbeFd nothing = lifted(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) nothing = lifted(open("/", O_RDONLY | O_CLOEXEC));  // a container without /dev
  bury({});
  auto answers = lifted_pipe(), commands = lifted_pipe();
  if (!lifted_program || !nothing || !answers.writes || !commands.writes) return std::nullopt;
  never_block(answers.reads);
  never_block(commands.writes);
  auto path = "/proc/self/fd/" + std::to_string(*lifted_program);
  Start s{*lifted_program, *answers.writes, *commands.reads, *nothing,
          path.c_str(),    getpid(),        argv.data(),     envp.data()};
  pid_t pid = fork();
  if (pid == 0) become(s);
  if (pid < 0) return std::nullopt;
  setpgid(pid, pid);  // whichever of the two comes first
  return ProbeChild(pid, std::move(answers.reads), std::move(commands.writes));
}

std::optional<std::string> ProbeChild::ended() const {
  // It stays a zombie, so that its number, and that of its group, are nobody else's until it is buried.
  siginfo_t info = {};
  if (waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return std::string();
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) return "exit " + std::to_string(info.si_status);
  return signal_name(info.si_status);
}

namespace {

/// Children that were killed and may not be dead yet.
struct Left {
  std::mutex mutex;
  std::vector<pid_t> pids;

  bool all_buried() {
    std::lock_guard lock(mutex);
    std::erase_if(pids, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
    return pids.empty();
  }
};
Left left;

}  // namespace

ProbeChild::~ProbeChild() {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // if it did not come so far as to have a group
  if (waitpid(pid_, nullptr, WNOHANG) != 0) return;
  std::lock_guard lock(left.mutex);
  left.pids.push_back(pid_);
}

void ProbeChild::bury(std::chrono::milliseconds limit) {
  auto until = std::chrono::steady_clock::now() + limit;
  while (!left.all_buried() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace cufit::collect
