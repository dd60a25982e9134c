#include "collect/guarded.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/write.h"
#include "collect/child_process.h"

namespace cufit::collect {
namespace {

using Clock = std::chrono::steady_clock;
using Size = uint32_t;  ///< stands before each message in the pipe

constexpr size_t kMaxHeard = 4 << 20;

[[noreturn]] void be_child(int pipe, const std::function<void(const Tell&)>& work) {
  work([&](std::string_view message) {
    std::string framed(sizeof(Size), '\0');
    auto size = Size(message.size());
    std::memcpy(framed.data(), &size, sizeof size);
    if (!write_all(pipe, framed.append(message))) _exit(1);
  });
  _exit(0);
}

/// Reads until the other end is closed; false if it was not in time, or too much came.
bool read_until_closed(int pipe, Clock::time_point end, std::string& out) {
  std::array<char, 4096> part;
  while (out.size() < kMaxHeard) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{pipe, POLLIN, 0};
    int ready = left > 0 ? poll(&waiting, 1, int(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    auto n = read(pipe, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) return true;
    out.append(part.data(), size_t(n));
  }
  return false;
}

std::vector<std::string> messages_in(std::string_view bytes) {
  std::vector<std::string> messages;
  for (Size size; bytes.size() >= sizeof size; bytes.remove_prefix(size)) {
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (size > bytes.size()) break;  // it was ended while it spoke
    messages.emplace_back(bytes.substr(0, size));
  }
  return messages;
}

}  // namespace

Heard in_child(const std::function<void(const Tell&)>& work, std::chrono::milliseconds limit) {
  auto end = Clock::now() + limit;
  auto pipe = lifted_pipe();
  pid_t pid = pipe ? fork_child() : -1;
  if (pid == 0) be_child(*pipe->writes, work);
  if (pid < 0) return {};
  ChildProcess child(pid);
  pipe->writes = Fd();
  std::string bytes;
  bool closed = read_until_closed(*pipe->reads, end, bytes);
  // Once it has closed all that it had open, nothing is left that it could wait for.
  std::optional<ChildStatus> status;
  while (closed && !(status = child.ended())) poll(nullptr, 0, 1);
  // Where the program is set to ignore its children there is no status to be had.
  bool well = status && status->how != ChildStatus::How::killed && status->number == 0;
  return {messages_in(bytes), true, well};
}

std::string why_unheard(const Heard& heard, size_t i) {
  return heard.started && i == heard.messages.size() ? "hangs" : "not asked";
}

}  // namespace cufit::collect
