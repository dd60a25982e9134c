// What comes over the pipe of a probe, in which a driver may have written anything. The first byte chooses
// the library; the second how it comes in pieces.
#include <string>

#include "collect/probe_hearing.h"
#include "fuzz/fuzz.h"
#include "model/json.h"

using namespace cufit;
using namespace cufit::collect;
using fuzz::require;

namespace {

/// Hears all of it, as the dialogue does; what was in doubt at the end is hung.
void hear(Bytes bytes, size_t piece, ProbeHearing& hearing, auto&& ready) {
  ProbeFrames frames;
  for (size_t at = 0; at < bytes.size() && !hearing.ended(); at += piece) {
    frames.add(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    while (!hearing.ended()) {
      auto frame = frames.next();
      if (!frame) break;
      hearing.hear(*frame);
      if (hearing.waits()) ready();
    }
    if (!frames.trouble().empty()) hearing.end(Asking::End::garbled, frames.trouble());
  }
  hearing.end(Asking::End::hung, "fuzz");
}

NvmlAnswers nvml(Bytes bytes, size_t piece) {
  NvmlAnswers answers;
  NvmlHearing hearing(answers);
  hear(bytes, piece, hearing, [&] { hearing.obeys(); });
  return answers;
}

CudaAnswers cuda(Bytes bytes, size_t piece) {
  CudaAnswers answers;
  CudaHearing hearing(answers);
  hear(bytes, piece, hearing, [&] {
    hearing.obeys();
    if (!answers.gpus.empty()) hearing.prove(answers.gpus.size() - 1, {});
  });
  return answers;
}

void check(auto ask, Bytes bytes, size_t piece) {
  auto whole = ask(bytes, std::max<size_t>(bytes.size(), 1));
  require(whole == ask(bytes, piece), "in pieces it says something else");
  require(whole.asking.end != Asking::End::not_asked, "no end");
  require(whole.gpus.size() <= kMaxGpus, "too many GPUs");
  write_json(whole).dump();  // throws where a text is no UTF-8
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  Bytes bytes(data + 2, size - 2);
  size_t piece = data[1] + 1u;
  data[0] % 2 == 0 ? check(nvml, bytes, piece) : check(cuda, bytes, piece);
  return 0;
}
