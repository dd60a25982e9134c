#include "collect/probe_dialogue.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "collect/root.h"

namespace cufit::collect {
namespace {

using namespace std::chrono_literals;

constexpr size_t kMaxBytes = 4 << 20;  ///< 64 GPUs and all their pairs say less than 2 MiB
/// How long a pipe is silent before we look whether its process lives. Another process may hold it open.
constexpr auto kTick = 20ms;
constexpr auto kLastBreath = 200ms;  ///< between the end of a pipe and that of its process

}  // namespace

ProbeDialogue::ProbeDialogue(std::string_view mode, const Variables& env, const ProbeOptions& options,
                             Clock::time_point since, int stop, ProbeHearing& hearing)
    : mode_(mode),
      env_(env),
      options_(options),
      stop_(stop),
      hearing_(hearing),
      start_(since),
      heard_(Clock::now()) {
  begin();
}

void ProbeDialogue::rest() {
  if (!resting_) resting_ = Clock::now();
}

void ProbeDialogue::begin() {
  child_.reset();
  for (; place_ < probe_places(); place_++) {
    Fd program = probe_program(place_);
    if (program) {
      if (auto child = ProbeChild::start(program, mode_, env_)) {
        child_.emplace(std::move(*child));
        return;
      }
    }
    if (refused_.empty()) refused_ = error_name(errno);
    if (program) break;  // no process can be had, wherever the program lies
  }
  end(Asking::End::not_started, refused_);
}

void ProbeDialogue::end(Asking::End how_it_ended, std::string how) {
  hearing_.end(how_it_ended, std::move(how));
}

bool ProbeDialogue::listen() {
  while (!hearing_.ended() && !hearing_.waits()) {
    if (wait(false) == Event::bytes) hear();
  }
  hearing_.took(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_));
  return !hearing_.ended();
}

ProbeDialogue::Event ProbeDialogue::wait(bool for_room) {
  auto now = Clock::now(), in_all = start_ + options_.all, for_call = heard_ + options_.call;
  auto left = std::clamp<Clock::duration>(std::min(in_all, for_call) - now, 0ms, kTick);
  std::array<pollfd, 3> all = {
      {{child_->answers(), POLLIN, 0}, {stop_, POLLIN, 0}, {for_room ? child_->commands() : -1, POLLOUT, 0}}};
  int ready = poll(all.data(), all.size(), int(std::chrono::ceil<std::chrono::milliseconds>(left) / 1ms));
  if (ready > 0 && all[1].revents)
    end(Asking::End::hung, "nobody listens");
  else if (now >= in_all)
    end(Asking::End::hung, deadline_words(options_.all) + " in all");
  else if (ready > 0)
    return all[0].revents ? Event::bytes : Event::room;
  else if (now >= for_call)
    end(Asking::End::hung, call_deadline_words(options_.call));
  else if (ready == 0 && child_->ended()) {
    while (take() == Taken::some) {
    }
    if (!hearing_.ended()) gone();
  } else
    return Event::nothing;
  return Event::ended;
}

ProbeDialogue::Taken ProbeDialogue::take() {
  std::array<uint8_t, 16'384> part;
  auto n = read(child_->answers(), part.data(), part.size());
  if (n <= 0) return n == 0 ? Taken::end : Taken::nothing;
  taken_ += size_t(n);
  frames_.add({part.data(), size_t(n)});
  while (!hearing_.ended()) {
    auto frame = frames_.next();
    if (!frame) break;
    hearing_.hear(*frame);
    heard_ = Clock::now();
  }
  if (!frames_.trouble().empty())
    end(Asking::End::garbled, frames_.trouble());
  else if (taken_ > kMaxBytes)
    end(Asking::End::flooded, std::to_string(kMaxBytes >> 20) + " MiB");
  return hearing_.ended() ? Taken::nothing : Taken::some;
}

void ProbeDialogue::hear() {
  if (take() == Taken::end) gone();
}

void ProbeDialogue::gone() {
  auto until = Clock::now() + kLastBreath;
  std::optional<ChildStatus> status;
  while (!(status = child_->ended()) && Clock::now() < until) std::this_thread::sleep_for(5ms);
  auto exited = [&] { return status->how == ChildStatus::How::exited; };
  if (int error = hearing_.refused()) {
    // Memory or a folder whose files may not be executed; what else there is will do.
    if (refused_.empty()) refused_ = error == ENOENT ? "no glibc" : error_name(error);
    if (error == ENOENT) place_ = probe_places();  // its interpreter is not there
    place_++;
    hearing_.again();
    begin();
  } else if (!status || (exited() && status->number == kExitUnheard)) {
    end(Asking::End::garbled, "its pipe was closed");
  } else if (!hearing_.runs() && exited()) {
    end(Asking::End::not_started, status->text());  // of the dynamic loader
  } else {
    end(Asking::End::crashed, status->text());
  }
}

bool ProbeDialogue::send(Bytes bytes) {
  while (!bytes.empty() && !hearing_.ended()) {
    auto n = write(child_->commands(), bytes.data(), bytes.size());
    if (n > 0) {
      bytes = bytes.subspan(size_t(n));
      heard_ = Clock::now();
    } else if (n < 0 && errno == EPIPE) {
      return false;
    } else if (wait(true) == Event::bytes) {
      hear();
    }
  }
  return bytes.empty();
}

bool ProbeDialogue::command(WireOp op, size_t device, Bytes code) {
  heard_ = Clock::now();
  if (auto since = std::exchange(resting_, {})) start_ += heard_ - *since;
  hearing_.obeys();
  WireCommand head{op, uint32_t(device), code.size()};
  if (send({reinterpret_cast<const uint8_t*>(&head), sizeof head})) send(code);
  return listen();
}

}  // namespace cufit::collect
