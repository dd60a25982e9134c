// A line on the terminal that says how far reading is.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "collect/options.h"
#include "commands/io.h"
#include "render/phrase.h"

namespace cufit::commands {

/// Shows the counters from one second after its making until its end, on stderr and only if that is a
/// terminal. Leaves no trace: the line is erased at the end and on Ctrl-C.
class ProgressLine {
 public:
  ProgressLine(const collect::Progress& progress, const Io& io, render::Lang lang);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void show();
  std::string words() const;

  const collect::Progress& progress_;
  const Io& io_;
  render::Lang lang_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace cufit::commands
