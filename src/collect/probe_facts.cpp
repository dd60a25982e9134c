#include "collect/probe_facts.h"

#include <array>
#include <limits>
#include <optional>

#include "base/text.h"

namespace cufit::collect {
namespace {

// Readers: a field to the value of a fact; nothing if no driver that works says so.

std::optional<std::string> text(const ProbeField& f) {
  return f.type == kWireText && !f.text.empty() ? std::optional(f.text) : std::nullopt;
}

template <class T>
std::optional<T> number(const ProbeField& f) {
  if (f.type != kWireNumber || f.number > std::numeric_limits<T>::max()) return std::nullopt;
  return T(f.number);
}

std::optional<bool> truth(const ProbeField& f) {
  if (f.type != kWireNumber || f.number > 1) return std::nullopt;
  return f.number == 1;
}

std::optional<Version> driver_version(const ProbeField& f) { return Version::parse(f.text); }

/// 12040 is 12.4.
std::optional<Version> cuda_version(const ProbeField& f) {
  if (f.type != kWireNumber || f.number < 1000 || f.number > 99'999) return std::nullopt;
  return Version::parse(std::to_string(f.number / 1000) + "." + std::to_string(f.number % 1000 / 10));
}

/// The major above the 32 bits of the minor.
std::optional<Sm> capability(const ProbeField& f) {
  uint64_t major = f.number >> 32, minor = f.number & 0xffff'ffff;
  if (f.type != kWireNumber || major < 1 || major > 25 || minor > 9) return std::nullopt;
  return Sm{uint8_t(major), uint8_t(minor), Sm::Suffix::none};
}

/// nvidia-smi and sysfs write the domain in four digits, CUDA in capitals or with eight.
std::optional<std::string> address(const ProbeField& f) {
  if (f.type != kWireText || f.text.find(':') == f.text.npos) return std::nullopt;
  std::string out = lower(f.text);
  while (out.find(':') > 4 && out.front() == '0') out.erase(0, 1);
  return out;
}

struct NumberName {
  uint64_t number;
  std::string_view name;
};

template <auto& Names>
std::optional<std::string> named(const ProbeField& f) {
  if (f.type != kWireNumber) return std::nullopt;
  for (auto& n : Names)
    if (n.number == f.number) return std::string(n.name);
  return std::nullopt;
}

// nvmlComputeMode_t and CUcomputemode are the same.
constexpr NumberName kComputeModes[] = {
    {0, "default"}, {1, "exclusive-thread"}, {2, "prohibited"}, {3, "exclusive-process"}};
// nvmlGpuFabricState_t; that there is none is not among them.
constexpr NumberName kFabricStates[] = {{1, "not-started"}, {2, "in-progress"}, {3, "completed"}};
// nvmlDeviceGpuRecoveryAction_t
constexpr NumberName kRecoveries[] = {{0, "none"},      {1, "reset"},           {2, "reboot"},
                                      {3, "drain-p2p"}, {4, "drain-and-reset"}, {5, "recover-imex-domain"},
                                      {6, "bus-reset"}, {7, "system-reboot"}};
// nvmlGpuP2PStatus_t
constexpr NumberName kP2p[] = {{0, "ok"},
                               {1, "chipset-not-supported"},
                               {2, "gpu-not-supported"},
                               {3, "topology-not-supported"},
                               {4, "disabled"},
                               {5, "not-supported"},
                               {6, "unknown"}};
// nvmlGpuTopologyLevel_t
constexpr NumberName kPaths[] = {{0, "internal"}, {10, "pix"},  {20, "pxb"},
                                 {30, "phb"},     {40, "node"}, {50, "sys"}};
// nvmlClocksEventReason*, bits
constexpr NumberName kClockReasons[] = {
    {0x1, "gpu-idle"},    {0x2, "applications-clocks"}, {0x4, "sw-power-cap"},
    {0x8, "hw-slowdown"}, {0x10, "sync-boost"},         {0x20, "sw-thermal"},
    {0x40, "hw-thermal"}, {0x80, "hw-power-brake"},     {0x100, "display-clocks"}};

std::optional<std::vector<std::string>> clock_reasons(const ProbeField& f) {
  if (f.type != kWireNumber) return std::nullopt;
  std::vector<std::string> out;
  for (auto& n : kClockReasons)
    if (f.number & n.number) out.emplace_back(n.name);
  return out;
}

/// They come one by one, in frames of their own.
std::optional<std::vector<GpuProcess>> no_processes_yet(const ProbeField&) {
  return std::vector<GpuProcess>();
}

std::string strange(const ProbeField& f) {
  return f.type == kWireNumber ? "value " + std::to_string(f.number) : "garbage";
}

template <auto Member, auto Read>
void set(auto& owner, const ToldFact& told) {
  auto& fact = owner.*Member;
  fact = {};
  fact.from = told.from;
  if (!told.why.empty()) fact.is = Unreadable{told.why};
  if (!told.field || told.field->type == kWireAbsent) return;
  if (auto value = Read(*told.field))
    fact.is = std::move(*value);
  else
    fact.is = Unreadable{strange(*told.field)};
}

template <class Owner>
struct FactRow {
  std::string_view name;
  void (*set)(Owner&, const ToldFact&);
};

constexpr FactRow<NvmlAnswers> kNvml[] = {{"driver", set<&NvmlAnswers::driver, driver_version>},
                                          {"cuda", set<&NvmlAnswers::cuda, cuda_version>},
                                          {"count", set<&NvmlAnswers::count, number<uint32_t>>}};

constexpr FactRow<NvmlGpu> kNvmlGpu[] = {
    {"name", set<&NvmlGpu::name, text>},
    {"uuid", set<&NvmlGpu::uuid, text>},
    {"address", set<&NvmlGpu::address, address>},
    {"minor", set<&NvmlGpu::minor, number<uint32_t>>},
    {"sm", set<&NvmlGpu::sm, capability>},
    {"memory", set<&NvmlGpu::memory, number<uint64_t>>},
    {"memory_free", set<&NvmlGpu::memory_free, number<uint64_t>>},
    {"mig", set<&NvmlGpu::mig, truth>},
    {"persistence", set<&NvmlGpu::persistence, truth>},
    {"ecc", set<&NvmlGpu::ecc, truth>},
    {"compute_mode", set<&NvmlGpu::compute_mode, named<kComputeModes>>},
    {"ecc_uncorrected", set<&NvmlGpu::ecc_uncorrected, number<uint64_t>>},
    {"remapped_rows", set<&NvmlGpu::remapped_rows, number<uint64_t>>},
    {"remap_pending", set<&NvmlGpu::remap_pending, truth>},
    {"remap_failed", set<&NvmlGpu::remap_failed, truth>},
    {"sm_clock", set<&NvmlGpu::sm_clock, number<uint32_t>>},
    {"sm_clock_max", set<&NvmlGpu::sm_clock_max, number<uint32_t>>},
    {"memory_clock", set<&NvmlGpu::memory_clock, number<uint32_t>>},
    {"memory_clock_max", set<&NvmlGpu::memory_clock_max, number<uint32_t>>},
    {"clock_reasons", set<&NvmlGpu::clock_reasons, clock_reasons>},
    {"pcie_generation", set<&NvmlGpu::pcie_generation, number<uint32_t>>},
    {"pcie_generation_max", set<&NvmlGpu::pcie_generation_max, number<uint32_t>>},
    {"pcie_width", set<&NvmlGpu::pcie_width, number<uint32_t>>},
    {"pcie_width_max", set<&NvmlGpu::pcie_width_max, number<uint32_t>>},
    {"power", set<&NvmlGpu::power, number<uint32_t>>},
    {"power_limit", set<&NvmlGpu::power_limit, number<uint32_t>>},
    {"temperature", set<&NvmlGpu::temperature, number<uint32_t>>},
    {"nvlinks", set<&NvmlGpu::nvlinks, number<uint32_t>>},
    {"nvlink_rate", set<&NvmlGpu::nvlink_rate, number<uint32_t>>},
    {"fabric", set<&NvmlGpu::fabric, named<kFabricStates>>},
    {"recovery", set<&NvmlGpu::recovery, named<kRecoveries>>},
    {"processes", set<&NvmlGpu::processes, no_processes_yet>}};

constexpr FactRow<GpuPair> kPair[] = {{"p2p", set<&GpuPair::p2p, named<kP2p>>},
                                      {"path", set<&GpuPair::path, named<kPaths>>}};

constexpr FactRow<CudaAnswers> kCuda[] = {{"cuda", set<&CudaAnswers::cuda, cuda_version>},
                                          {"count", set<&CudaAnswers::count, number<uint32_t>>}};

constexpr FactRow<CudaGpu> kCudaGpu[] = {{"name", set<&CudaGpu::name, text>},
                                         {"uuid", set<&CudaGpu::uuid, text>},
                                         {"address", set<&CudaGpu::address, address>},
                                         {"sm", set<&CudaGpu::sm, capability>},
                                         {"memory", set<&CudaGpu::memory, number<uint64_t>>},
                                         {"memory_free", set<&CudaGpu::memory_free, number<uint64_t>>},
                                         {"compute_mode", set<&CudaGpu::compute_mode, named<kComputeModes>>},
                                         {"integrated", set<&CudaGpu::integrated, truth>}};

void set_in(const auto& rows, auto& owner, std::string_view name, const ToldFact& told) {
  for (auto& row : rows)
    if (row.name == name) row.set(owner, told);
}

}  // namespace

void set_fact(NvmlAnswers& a, std::string_view name, const ToldFact& told) { set_in(kNvml, a, name, told); }
void set_fact(NvmlGpu& g, std::string_view name, const ToldFact& told) { set_in(kNvmlGpu, g, name, told); }
void set_fact(GpuPair& p, std::string_view name, const ToldFact& told) { set_in(kPair, p, name, told); }
void set_fact(CudaAnswers& a, std::string_view name, const ToldFact& told) { set_in(kCuda, a, name, told); }
void set_fact(CudaGpu& g, std::string_view name, const ToldFact& told) { set_in(kCudaGpu, g, name, told); }

void set_all_facts(NvmlGpu& gpu, const ToldFact& told) {
  for (auto& row : kNvmlGpu) row.set(gpu, told);
}

void set_all_facts(CudaGpu& gpu, const ToldFact& told) {
  for (auto& row : kCudaGpu) row.set(gpu, told);
}

}  // namespace cufit::collect
