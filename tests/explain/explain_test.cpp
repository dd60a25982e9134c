// What `explain` says of logs whose cause is known.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "commands/log_messages.h"
#include "judge/explain.h"
#include "judge/log_memory.h"
#include "render/render.h"

namespace cufit {
namespace {

const Knowledge& k() { return Knowledge::builtin(); }

Report explained(std::string_view text, const World* machine = nullptr, bool named = false) {
  static auto messages = *commands::log_messages(k());
  collect::LogReader reader(messages);
  reader.take(text);
  auto report = explain(reader.finish(), machine, named, k());
  report.command = "explain";
  return report;
}

std::string first_cause(const Report& report) {
  return report.findings.empty() ? "" : report.findings.front().cause;
}

/// The cause is named as one that is likely.
bool names(const Report& report, std::string_view cause) {
  for (auto& f : report.findings)
    if (f.cause == cause && f.confidence != "low") return true;
  return false;
}

struct Sample {
  std::string cause, log, near_miss;
};
struct Samples {
  std::vector<Sample> all;
  std::set<std::string> unlogged;
};

const Samples& samples() {
  static const Samples read = [] {
    Samples s;
    auto file = toml::parse_file(CUFIT_SOURCE_DIR "/tests/explain/samples.toml").table();
    for (auto& row : *file["sample"].as_array()) {
      auto& r = *row.as_array();
      s.all.push_back({*r[0].value<std::string>(), *r[1].value<std::string>(), *r[2].value<std::string>()});
    }
    for (auto& [cause, why] : *file["unlogged"].as_table())
      if (why.value_or(std::string()).size() > 20) s.unlogged.insert(std::string(cause.str()));
    return s;
  }();
  return read;
}

TEST(Explain, EveryCauseHasASampleAndANearMissOrAReasonForNone) {
  std::set<std::string> sampled;
  for (auto& s : samples().all) sampled.insert(s.cause);
  for (auto& row : k().tables().causes) {
    auto id = std::string(row.id);
    EXPECT_NE(sampled.contains(id), samples().unlogged.contains(id)) << id;
    EXPECT_FALSE(row.provenance.sources.empty()) << id;
    EXPECT_TRUE(!row.remedies.empty() || samples().unlogged.contains(id)) << id;
    for (auto part : {"title", "why", "confirm"})
      EXPECT_TRUE(render::has_words("cause." + id + '.' + part)) << id << ' ' << part;
  }
  for (auto& id : sampled) EXPECT_TRUE(k().cause(id)) << id;
  for (auto& id : samples().unlogged) EXPECT_TRUE(k().cause(id)) << id;
}

TEST(Explain, EverySampleIsNamedFirst) {
  for (auto& s : samples().all) EXPECT_EQ(first_cause(explained(s.log)), s.cause) << s.log;
}

TEST(Explain, NoNearMissIsNamed) {
  for (auto& s : samples().all)
    EXPECT_FALSE(names(explained(s.near_miss), s.cause)) << s.cause << '\n' << s.near_miss;
}

/// Real logs, also those of which nothing may be blamed. `missed`: what is known to be answered wrongly, with
/// the reason in the README of this folder.
void check_logs(const std::string& name, const std::set<std::string>& missed) {
  std::ifstream in(CUFIT_SOURCE_DIR "/tests/explain/" + name);
  size_t n = 0;
  for (std::string line; std::getline(in, line); n++) {
    auto row = nlohmann::json::parse(line);
    auto id = row["id"].get<std::string>(), cause = row["class"].get<std::string>();
    auto text = row["text"].get<std::string>();
    if (row.value("encoding", "") == "utf-16") {
      std::string wide;
      for (char c : text) wide += c, wide += '\0';
      text = "\xff\xfe" + wide;
    }
    std::set<std::string> right = row["also"].get<std::set<std::string>>();
    right.insert(cause == "ok" || cause == "python-bug" ? "" : cause);
    EXPECT_NE(right.contains(first_cause(explained(text))), missed.contains(id))
        << name << ' ' << id << ": " << first_cause(explained(text));
  }
  EXPECT_GT(n, 0u) << name;
}

TEST(Explain, LogsOfAMachineWithAGpu) { check_logs("gpu.jsonl", {}); }

TEST(Explain, EveryCudaErrorIsExplainedByNumberAndName) {
  for (auto& e : k().tables().errors) {
    bool is_error = e.category != "not-an-error";
    auto by_number = explained("CUDA error " + std::string(e.id) + "\n");
    EXPECT_EQ(!by_number.findings.empty(), is_error) << e.id;
    auto name = std::string(e.runtime_name.empty() ? e.driver_name : e.runtime_name);
    auto by_name = explained("call failed: " + name + "\n");
    EXPECT_EQ(first_cause(by_name), first_cause(by_number)) << name;
  }
}

TEST(Explain, EveryXidIsExplained) {
  for (auto& row : k().tables().xids) {
    auto report =
        explained("NVRM: Xid (PCI:0000:01:00): " + std::string(row.id) + ", pid=7, name=x, words of it\n");
    EXPECT_EQ(first_cause(report), row.cause) << row.id;
  }
}

TEST(Explain, TheFirstXidOfABurstComesFirst) {
  EXPECT_EQ(first_cause(explained("NVRM: Xid (PCI:0000:01:00): 45, pid=7, name=x, Ch 1\nNVRM: Xid "
                                  "(PCI:0000:01:00): 48, pid=7, DBE\n")),
            "ecc-uncorrectable");
  EXPECT_EQ(first_cause(explained(
                "NVRM: Xid (PCI:0000:01:00): 74, NVLink\nNVRM: Xid (PCI:0000:01:00): 45, pid=7, Ch 1\n")),
            "xid-other");
}

TEST(Explain, TheFirstCauseCountsNotTheLastLine) {
  auto report = explained(
      "[rank1]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 4.00 GiB. GPU 1 has a total "
      "capacity of 23.64 GiB of which 1.20 GiB is free. Including non-PyTorch memory, this process has 22.40 "
      "GiB memory in use. Of the allocated memory 21.80 GiB is allocated by PyTorch, and 10.00 MiB is "
      "reserved by PyTorch but unallocated.\n"
      "[rank0]:[E] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=4, "
      "OpType=ALLREDUCE)\n"
      "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n");
  EXPECT_EQ(first_cause(report), "oom-real");
  EXPECT_EQ(report.findings.front().confidence, "high");
}

TEST(Explain, ProgramErrorsBlameNothing) {
  auto report = explained(
      "Traceback (most recent call last):\n  File \"x.py\", line 3, in f\n    y = d['k']\nKeyError: 'k'\n");
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.log->outcome, ExplainedLog::Outcome::program_error);
  EXPECT_EQ(report.log->log.ends_with.text, "KeyError: 'k'");
  EXPECT_EQ(explained("epoch 1 done\n").log->outcome, ExplainedLog::Outcome::nothing);
}

TEST(Explain, AProgramThatTheLogTellsIsJudged) {
  auto report = explained(
      "pytorch version: 2.5.1+cu124\nNVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible "
      "with the current PyTorch installation.\n");
  ASSERT_EQ(first_cause(report), "wheel-lacks-arch-too-new-gpu");
  ASSERT_FALSE(report.findings.front().remedies.empty());
  auto& remedy = report.findings.front().remedies.front();
  EXPECT_TRUE(remedy.checked);
  EXPECT_EQ(remedy.after, Verdict::fits);
}

TEST(Explain, NothingThatATerminalObeysIsShown) {
  auto report =
      explained("\x1b[2J\x1b]0;t\x07RuntimeError: CUDA error: out of memory \x9b\x31\xe2\x80\xae\n");
  ASSERT_FALSE(report.findings.empty());
  render::Options options;
  for (char c : render::to_text(report, options)) EXPECT_TRUE(c == '\n' || uint8_t(c) >= 0x20);
}

TEST(LogMemory, KindsOfFigures) {
  auto kind = [](std::optional<double> q, std::optional<double> t, std::optional<double> f,
                 std::optional<double> p, std::optional<double> a,
                 std::optional<double> u) { return memory_kind({q, t, f, p, a, u, {}}); };
  EXPECT_EQ(kind(10, 8, 4, 1, 1, 0), MemoryKind::impossible);
  EXPECT_EQ(kind(2, 80, 1, 9, 7, 0), MemoryKind::other_process);
  EXPECT_EQ(kind(2, 80, 1, 79, 60, 18), MemoryKind::fragmentation);
  EXPECT_EQ(kind(2, 80, 1, 79, 77, 0), MemoryKind::real);
  EXPECT_EQ(kind(2, 80, 1, 17179869184.0, 77, 0), MemoryKind::odd);
  EXPECT_EQ(kind({}, 80, 1, 79, 77, 0), MemoryKind::unknown);
  EXPECT_EQ(kind(2, {}, 1, 79, 77, 0), MemoryKind::unknown);
}

TEST(LogMemory, Sizes) {
  EXPECT_EQ(bytes_of("1.00 GiB"), 1073741824.0);
  EXPECT_EQ(bytes_of("0 bytes"), 0.0);
  EXPECT_EQ(bytes_of("17,179,869,184"), 17179869184.0);
  EXPECT_EQ(bytes_of("12 apples"), std::nullopt);
}

}  // namespace
}  // namespace cufit
