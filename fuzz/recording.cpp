// Recordings as somebody may send them: read, judged, redacted, written and read again.
#include "model/recording.h"

#include <string_view>

#include "fuzz/fuzz.h"
#include "judge/difference.h"
#include "judge/judge.h"
#include "model/redact.h"

using namespace cufit;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto recording = world_from_recording({reinterpret_cast<const char*>(data), size});
  if (!recording) {
    fuzz::require(!recording.error().message.empty(), "nothing was said");
    return 0;
  }
  auto text = recording_of(*recording);
  auto again = world_from_recording(text);
  fuzz::require(again && recording_of(*again) == text, "a recording that does not come back");

  auto& knowledge = Knowledge::builtin();
  judge(recording->world, knowledge);
  auto redacted = redact(recording->world);
  fuzz::require(redact(redacted) == redacted, "redacting twice changes something");
  if (size % 8 == 0)
    differences(recording->world, redacted, knowledge);  // judges again and again: now and then
  return 0;
}
