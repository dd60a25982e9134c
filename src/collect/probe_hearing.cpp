#include "collect/probe_hearing.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "collect/probe_facts.h"
#include "collect/process_maps.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxCalls = 16'384, kMaxMapped = 1024, kMaxPairs = kMaxGpus * (kMaxGpus - 1) / 2;

uint32_t narrow(std::optional<uint64_t> n) {
  return uint32_t(std::min<uint64_t>(n.value_or(0), std::numeric_limits<uint32_t>::max()));
}

/// The device of a number; the one behind the last is made. Null: such a one cannot be.
template <class Gpu>
Gpu* device(std::vector<Gpu>& gpus, std::string_view on, uint32_t Gpu::* index) {
  auto n = whole_number<uint32_t>(on);
  if (!n || *n >= kMaxGpus || *n > gpus.size()) return nullptr;
  if (*n == gpus.size()) gpus.emplace_back().*index = *n;
  return &gpus[*n];
}

GpuPair* pair_of(std::vector<GpuPair>& pairs, std::string_view on) {
  auto a = take_number<uint32_t>(on);
  if (!a || !on.starts_with(',')) return nullptr;
  auto b = whole_number<uint32_t>(on.substr(1));
  if (!b || *a >= kMaxGpus || *b >= kMaxGpus) return nullptr;
  // The last one is asked about twice in a row.
  if (!pairs.empty() && pairs.back().a == *a && pairs.back().b == *b) return &pairs.back();
  if (pairs.size() == kMaxPairs) return nullptr;
  return &pairs.emplace_back(GpuPair{*a, *b, {}, {}});
}

}  // namespace

void ProbeHearing::hear(const ProbeFrame& frame) {
  runs_ = runs_ || frame.kind != kWireRefused;
  switch (frame.kind) {
    case kWireHello:
      break;
    case kWireRefused:
      refused_ = std::max(1, int(frame.number("error").value_or(1) & 0xffff));
      break;
    case kWireOpening:
      asking_.in = "dlopen";
      break;
    case kWireOpened:
      opened(frame);
      break;
    case kWireCalling:
      calling(frame);
      break;
    case kWireCalled:
      called(frame);
      break;
    case kWireProcess:
      process(frame.text("on"), frame);
      break;
    case kWireMapped:
      mapped(frame);
      break;
    case kWireProved:
      proved(frame);
      break;
    case kWireReady:
      waits_ = true;
      command_ended();
      break;
    case kWireDone:
      ended_ = true;
      if (asking_.end == Asking::End::not_asked) asking_.end = Asking::End::done;
      break;
  }
}

void ProbeHearing::opened(const ProbeFrame& frame) {
  if (frame.field("error")) {
    asking_.end = Asking::End::no_library;
    asking_.how = frame.text("error");
  } else {
    asking_.in.clear();
    asking_.library = frame.text("library");
  }
}

void ProbeHearing::mapped(const ProbeFrame& frame) {
  auto& all = asking_.mapped;
  for (auto& file : mapped_files(frame.text("line"))) {
    bool is_library = base_name(std::string_view(file.path)).find(".so") != std::string_view::npos;
    if (is_library && all.size() < kMaxMapped && std::ranges::find(all, file.path) == all.end())
      all.push_back(std::move(file.path));
  }
}

void ProbeHearing::calling(const ProbeFrame& frame) {
  in_call_ = asking_.calls.size() < kMaxCalls;
  if (!in_call_) return;
  asking_.calls.push_back({frame.text("call"), frame.text("on"), {}, 0});
  asking_.in = asking_.calls.back().name;
  asks_.clear();
  auto asks = frame.text("asks");
  for (auto fact : split(std::string_view(asks), ' '))
    if (!fact.empty()) asks_.emplace_back(fact);
}

void ProbeHearing::failed(const std::string& why, bool absent) {
  const DriverCall& call = asking_.calls.back();
  ToldFact told{{Source::Kind::call, call.name}, nullptr, absent ? "" : why};
  for (auto& fact : asks_) fact == "*" ? take_all(call.on, told) : take(call.on, fact, told);
}

void ProbeHearing::called(const ProbeFrame& frame) {
  if (!std::exchange(in_call_, false)) return;
  DriverCall& call = asking_.calls.back();
  call.code.from = {Source::Kind::call, call.name};
  call.micros = narrow(frame.number("micros"));
  asking_.in.clear();
  auto code = frame.number("code");
  if (code)
    call.code.is = narrow(code);
  else
    call.code.is = Unreadable{"no symbol"};
  if (!code)
    failed("no symbol", false);
  else if (*code != 0)
    failed("error " + std::to_string(*code), is_absent_code(narrow(code)));
  for (auto& field : frame.fields)
    if (field.name != "code" && field.name != "micros")
      take(call.on, field.name, {{Source::Kind::call, call.name}, &field, {}});
  call_ended(asking_.calls.back());
}

void ProbeHearing::end(Asking::End how_it_ended, std::string how) {
  if (std::exchange(ended_, true)) return;
  asking_.end = how_it_ended;
  asking_.how = std::move(how);
  if (!std::exchange(in_call_, false)) return;
  auto word = std::string(reason_of(how_it_ended));
  DriverCall& call = asking_.calls.back();
  call.code = {};
  call.code.from = {Source::Kind::call, call.name};
  call.code.is = Unreadable{word};
  failed(word, false);
  call_ended(call);
}

void ProbeHearing::took(std::chrono::microseconds time) { asking_.micros = narrow(uint64_t(time.count())); }

void NvmlHearing::take(std::string_view on, std::string_view fact, const ToldFact& told) {
  if (on.empty())
    set_fact(answers_, fact, told);
  else if (on.find(',') != on.npos) {
    if (auto* pair = pair_of(answers_.pairs, on)) set_fact(*pair, fact, told);
  } else if (auto* gpu = device(answers_.gpus, on, &NvmlGpu::index)) {
    set_fact(*gpu, fact, told);
  }
}

void NvmlHearing::take_all(std::string_view on, const ToldFact& told) {
  if (auto* gpu = device(answers_.gpus, on, &NvmlGpu::index)) set_all_facts(*gpu, told);
}

void NvmlHearing::process(std::string_view on, const ProbeFrame& frame) {
  auto* gpu = device(answers_.gpus, on, &NvmlGpu::index);
  auto* all = gpu ? std::get_if<std::vector<GpuProcess>>(&gpu->processes.is) : nullptr;
  GpuProcess one{narrow(frame.number("pid")), {}, frame.text("name")};
  // We are no news, and a program that computes and draws is one.
  if (!all || all->size() == kMaxProcesses || one.name == "cufit-probe" ||
      std::ranges::find(*all, one.pid, &GpuProcess::pid) != all->end())
    return;
  one.memory.from = {Source::Kind::call, frame.text("call")};
  if (auto bytes = frame.number("memory")) one.memory.is = *bytes;
  all->push_back(std::move(one));
}

void NvmlHearing::call_ended(const DriverCall& call) {
  if (call.name.starts_with("nvmlInit")) answers_.init = call.code;
}

void CudaHearing::take(std::string_view on, std::string_view fact, const ToldFact& told) {
  if (on.empty())
    set_fact(answers_, fact, told);
  else if (auto* gpu = device(answers_.gpus, on, &CudaGpu::ordinal))
    set_fact(*gpu, fact, told);
}

void CudaHearing::take_all(std::string_view on, const ToldFact& told) {
  if (auto* gpu = device(answers_.gpus, on, &CudaGpu::ordinal)) set_all_facts(*gpu, told);
}

void CudaHearing::prove(size_t device, Proof what) {
  answers_.gpus.at(device).proofs.push_back(std::move(what));
  device_ = device;
  worked_ = false;
}

Proof* CudaHearing::proving() { return device_ ? &answers_.gpus[*device_].proofs.back() : nullptr; }

void CudaHearing::call_ended(const DriverCall& call) {
  if (call.name == "cuInit") answers_.init = call.code;
  auto* proof = proving();
  if (!proof) return;
  proof->call = call.name;
  proof->code = call.code;
  proof->micros += call.micros;
  if (!call.code || *call.code != 0) device_.reset();  // what follows is clearing up
}

void CudaHearing::proved(const ProbeFrame& frame) {
  auto* proof = proving();
  if (!proof) return;
  worked_ = true;
  if (auto right = frame.number("right")) {
    proof->right = {*right == 1, {Source::Kind::call, proof->call}};
    worked_ = *right == 1;
  }
  device_.reset();
}

}  // namespace cufit::collect
