// What all processes that this program starts have in common: how one begins, how its end is heard of, and
// how it is left.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/variables.h"

namespace cufit::collect {

/// Closes what it holds.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept;
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  explicit operator bool() const { return fd_ >= 0; }
  int operator*() const { return fd_; }

 private:
  int fd_;
};

/// The same file under a number that no child is given (they get 0 to 9); execve closes it. `fd` is closed.
Fd lifted(int fd);

struct Pipe {
  Fd reads, writes;
};
/// Both ends lifted. Nothing, and errno: there is none to be had.
std::optional<Pipe> lifted_pipe();
void never_block(const Fd&);

/// Arguments or an environment as execve takes them.
class ExecWords {
 public:
  explicit ExecWords(std::vector<std::string> words);
  explicit ExecWords(const Variables&);
  ExecWords(const ExecWords&) = delete;
  char* const* list() { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

/// fork(2), and what every child begins with: a session and a group of its own, signals that act as usual, no
/// core dump; it dies with the thread that calls this. In the child, 0: where the program has threads, only
/// what is safe in a signal handler may follow, because others may have held locks.
pid_t fork_child();

/// In a child: these become its descriptors 0, 1, 2 and so on. All are lifted. All others are closed, but for
/// `spare`, which stays until execve.
void take_descriptors(std::span<const int> descriptors, int spare);

/// How a process came to its end.
struct ChildStatus {
  enum class How : uint8_t { exited, killed, unknown };
  How how = How::unknown;  ///< unknown: this process is set to ignore its children
  int number = 0;          ///< its status, or the signal

  /// "exit 3", "SIGSEGV"; empty if it is unknown.
  std::string text() const;
};

/// A child that fork_child has made.
class ChildProcess {
 public:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess() { end({}); }

  /// Nothing: it runs. It stays a zombie, so that its number, and that of its group, are nobody else's.
  std::optional<ChildStatus> ended();

  /// Kills it and all of its group. It is waited for no longer than this: a driver may need a while to take
  /// its contexts down, or for ever. What is left then is buried later.
  void end(std::chrono::milliseconds limit);

  /// Waits until those that were left are gone, and with them what they held of a GPU; no longer than this.
  static void bury(std::chrono::milliseconds limit);

 private:
  pid_t pid_;  ///< -1: it is taken leave of, and its number may be somebody else's
};

/// "SIGSEGV"; "signal 40".
std::string signal_name(int number);

}  // namespace cufit::collect
