// Reading logs: forms of messages, the search for their anchors, encodings, lines.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "collect/log_anchors.h"
#include "collect/log_form.h"
#include "collect/log_line.h"
#include "collect/log_reader.h"
#include "collect/log_text.h"

namespace cufit::collect {
namespace {

/// "name=value, ..." of the first place where the form fits; "-" where it does not.
std::string matched(std::string_view form, std::string_view text) {
  auto parsed = LogForm::parse(form);
  if (!parsed) return "error: " + parsed.error();
  for (auto at = text.find(parsed->anchor()); at != text.npos; at = text.find(parsed->anchor(), at + 1))
    if (auto match = parsed->match(text, at)) {
      std::string out;
      for (auto& [name, value] : match->captures)
        out += (out.empty() ? "" : ", ") + std::string(name) + '=' + std::string(value);
      return out;
    }
  return "-";
}

TEST(LogForm, CapturesTakeWhatTheirTypeAllows) {
  EXPECT_EQ(matched("too old (found version {v:number})", "is too old (found version 11040). Please"),
            "v=11040");
  EXPECT_EQ(matched("too old (found version {v:number})", "is too old (found version ?)."), "-");
  EXPECT_EQ(matched("Tried to allocate {q:size}. GPU", "Tried to allocate 22.78 GiB. GPU 0"), "q=22.78 GiB");
  EXPECT_EQ(matched("library '{lib:name}'; dlerror", "library 'libcudnn.so.8'; dlerror"),
            "lib=libcudnn.so.8");
  EXPECT_EQ(matched("CUDA error: {what:line}", "x\nRuntimeError: CUDA error: a b c \r\nnext"), "what=a b c");
  EXPECT_EQ(matched("{gpu:text} with CUDA capability {sm:word} is",
                    "NVIDIA RTX 5090 with CUDA capability sm_120 is not"),
            "gpu=NVIDIA RTX 5090, sm=sm_120");
}

TEST(LogForm, ABlankStandsForRunsAndForTheEndOfALine) {
  constexpr auto form = "mismatches what compiled PyTorch ({v:version})";
  EXPECT_EQ(matched(form, "mismatches what compiled\nPyTorch (12.1). Please"), "v=12.1");
  EXPECT_EQ(matched(form, "mismatches  what\tcompiled\r\n  PyTorch (12.1)."), "v=12.1");
  EXPECT_EQ(matched(form, "[rank0]: mismatches what compiled\n[rank1]: PyTorch (12.1)."), "v=12.1")
      << "prefixes that differ in digits alone";
  EXPECT_EQ(matched(form, "mismatches what compiled\n\nPyTorch (12.1)."), "-") << "two ends of lines";
}

TEST(LogForm, BracesAndErrors) {
  EXPECT_EQ(matched("Unable to load any of {{libcudnn{:name}", "Unable to load any of {libcudnn_ops.so.9}"),
            "");
  EXPECT_TRUE(matched("short {a:word}", "").starts_with("error: no literal of eight bytes"));
  EXPECT_TRUE(matched("long enough {a:words}", "").starts_with("error: 'a:words'"));
  EXPECT_TRUE(matched("long enough {a:word}{b:word}", "").starts_with("error: two captures"));
  EXPECT_TRUE(matched("long enough {a:word", "").starts_with("error: a capture without"));
}

TEST(LogAnchors, FindsEachWhereverItLies) {
  std::vector<std::string_view> anchors = {"CUDA_ERR", "no kerne", "Xid (PCI", "CUDA_ERR"};
  LogAnchors search(anchors);
  std::mt19937 random(7);
  for (int round = 0; round < 300; round++) {
    std::string text(random() % 400 + 8, ' ');
    for (auto& c : text) c = char(' ' + random() % 90);
    std::vector<std::pair<size_t, uint32_t>> put, found;
    size_t at = random() % 20;
    while (at + 8 <= text.size()) {
      auto which = uint32_t(random() % 3);
      text.replace(at, 8, anchors[which]);
      put.emplace_back(at, which);
      if (which == 0) put.emplace_back(at, 3);
      at += 8 + random() % 40;
    }
    // In two pieces, as a reader asks.
    size_t cut = random() % text.size();
    auto add = [&](size_t begin, uint32_t anchor) { found.emplace_back(begin, anchor); };
    search.search(text, 0, cut, add);
    search.search(text, cut, text.size(), add);
    std::ranges::sort(put);
    std::ranges::sort(found);
    EXPECT_EQ(found, put) << text;
  }
}

TEST(LogAnchors, CountsLines) {
  std::string text;
  for (size_t n = 0; n < 20000; n++) text += n % 7 == 0 ? '\n' : 'x';
  for (size_t size : {0, 1, 7, 8, 31, 32, 33, 8160, 8193, 20000})
    EXPECT_EQ(count_lines(std::string_view(text).substr(0, size)), uint64_t((size + 6) / 7)) << size;
}

std::string decoded(std::string_view bytes, size_t piece) {
  LogText text;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += piece) text.take(bytes.substr(at, piece), out);
  return out;
}

TEST(LogText, LeavesOutOrdersToATerminalWhereverTheyAreCut) {
  constexpr std::string_view text =
      "\x1b[1m\x1b[31mCUDA\x1b[0m error\x1b]0;title\x07: \x1b]8;;http://x\x1b\\link\x1b(Bend";
  for (size_t piece = 1; piece < text.size(); piece++)
    EXPECT_EQ(decoded(text, piece), "CUDA error: linkBend") << piece;
}

TEST(LogText, AnUnfinishedOrderEndsWithItsLine) {
  EXPECT_EQ(decoded("a\x1b]0;never ends\nCUDA", 3), "a\nCUDA");
}

TEST(LogText, ReadsUtf16WithAndWithoutMark) {
  std::string little, big;
  for (char16_t c : std::u16string_view(u"CUDA error: 显卡 \U0001F600 out of memory")) {
    little += char(c & 0xff), little += char(c >> 8);
    big += char(c >> 8), big += char(c & 0xff);
  }
  constexpr auto expected = "CUDA error: 显卡 \xF0\x9F\x98\x80 out of memory";
  for (size_t piece : {64, 17, 128}) {
    EXPECT_EQ(decoded("\xff\xfe" + little, piece), expected);
    EXPECT_EQ(decoded("\xfe\xff" + big, piece), expected);
    EXPECT_EQ(decoded(little, piece), expected);
    EXPECT_EQ(decoded(big, piece), expected);
  }
}

TEST(LogLine, SaysWhoWroteIt) {
  EXPECT_EQ(stream_of("[rank3]: RuntimeError: x"), "rank 3");
  EXPECT_EQ(stream_of("[rank12]:[W1124 05:45] x"), "rank 12");
  EXPECT_EQ(stream_of("(VllmWorkerProcess pid=13359) ERROR x"), "pid 13359");
  EXPECT_EQ(stream_of("node1:1234:1260 [5] NCCL WARN x"), "GPU 5");
  EXPECT_EQ(stream_of("web-1  | RuntimeError: x"), "web-1");
  EXPECT_EQ(stream_of("[1,2]<stderr>:RuntimeError: x"), "rank 2");
  EXPECT_EQ(stream_of("|   0  NVIDIA H100 | x"), "");
  EXPECT_EQ(stream_of("RuntimeError: x (GPU 0; 3 GiB)"), "");
}

LogMessages messages_of(std::vector<LogMessage> messages) { return std::move(*LogMessages::from(messages)); }

const LogMessages& two_messages() {
  static auto messages = messages_of({{"oom", {"CUDA out of memory. Tried to allocate {request:size}"}},
                                      {"fork", {"Cannot re-initialize CUDA in forked subprocess"}}});
  return messages;
}

Log read(std::string_view text, size_t piece = SIZE_MAX) {
  LogReader reader(two_messages());
  for (size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at))
    reader.take(text.substr(at, piece));
  return reader.finish();
}

TEST(LogReader, GivesLineTextAndCaptures) {
  auto log = read("one\ntwo\n[rank1]: x CUDA out of memory. Tried to allocate 20.00 MiB. GPU\nthree");
  ASSERT_EQ(log.sightings.size(), 1u);
  EXPECT_EQ(log.sightings[0].message, "oom");
  EXPECT_EQ(log.sightings[0].line, 3u);
  EXPECT_EQ(log.sightings[0].text, "[rank1]: x CUDA out of memory. Tried to allocate 20.00 MiB. GPU");
  EXPECT_EQ(log.sightings[0].stream, "rank 1");
  EXPECT_EQ(*log.sightings[0].captured("request"), "20.00 MiB");
  EXPECT_EQ(log.lines, 4u);
}

TEST(LogReader, PiecesMakeNoDifference) {
  std::string text;
  for (int i = 0; i < 3000; i++) text += "step " + std::to_string(i) + " loss 0.5, a line like any other\n";
  text.insert(text.size() / 3, "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use\n");
  text += "CUDA out of memory. Tried to allocate 1.00 GiB.\nRuntimeError: end\n";
  auto whole = read(text);
  ASSERT_EQ(whole.sightings.size(), 2u);
  EXPECT_EQ(whole.ends_with.text, "RuntimeError: end");
  EXPECT_EQ(whole.ends_with.line, 3003u);
  for (size_t piece : {1u, 7u, 1000u, 4096u, 70000u}) EXPECT_EQ(read(text, piece), whole) << piece;
}

TEST(LogReader, CodeThatATracebackQuotesWasNotPrinted) {
  auto log = read(
      "  File \"/x/train.py\", line 3, in f\n    raise RuntimeError(\"Cannot re-initialize CUDA in forked "
      "subprocess\")\n");
  EXPECT_TRUE(log.sightings.empty());
}

TEST(LogReader, CarriageReturnsDivideWhatIsShown) {
  auto log = read("10%|#   |\r20%|##  | CUDA out of memory. Tried to allocate 20.00 MiB. GPU\r30%\nnext");
  ASSERT_EQ(log.sightings.size(), 1u);
  EXPECT_EQ(log.sightings[0].text, "20%|##  | CUDA out of memory. Tried to allocate 20.00 MiB. GPU");
  EXPECT_EQ(log.sightings[0].line, 1u);
}

TEST(LogReader, OfWhatIsRepeatedTheFirstAreKept) {
  std::string text;
  for (int i = 0; i < 5000; i++)
    text += "[rank" + std::to_string(i % 100) + "]: CUDA out of memory. Tried to allocate 1.00 GiB.\n";
  EXPECT_LE(read(text).sightings.size(), 32u);
}

}  // namespace
}  // namespace cufit::collect
