// Which members the types of probed.h have in JSON.
#pragma once

#include "model/json_fields.h"
#include "model/probed.h"

namespace cufit {

// clang-format off
#define CUFIT_FOR_PROBED_TYPES(USE)                                                                        \
  USE(DriverCall) USE(Asking) USE(GpuProcess) USE(NvmlGpu) USE(GpuPair) USE(NvmlAnswers) USE(Proof)        \
  USE(CudaGpu) USE(CudaAnswers) USE(PythonProof) USE(Probed) USE(Fact<std::vector<std::string>>)           \
  USE(Fact<std::vector<GpuProcess>>)
// clang-format on

template <class V>
void fields(V& v, Of<V, DriverCall>& c) {
  v("name", c.name);
  v.opt("on", c.on);
  v.opt("code", c.code);
  v.opt("micros", c.micros);
}

template <class V>
void fields(V& v, Of<V, Asking>& a) {
  v("end", a.end);
  v.opt("in", a.in);
  v.opt("how", a.how);
  v.opt("library", a.library);
  v.opt("micros", a.micros);
  v.opt("calls", a.calls);
  v.opt("mapped", a.mapped);
}

template <class V>
void fields(V& v, Of<V, GpuProcess>& p) {
  v("pid", p.pid);
  v.opt("memory", p.memory);
  v.opt("name", p.name);
}

template <class V>
void fields(V& v, Of<V, NvmlGpu>& g) {
  v("index", g.index);
  v.opt("name", g.name);
  v.opt("uuid", g.uuid);
  v.opt("address", g.address);
  v.opt("minor", g.minor);
  v.opt("sm", g.sm);
  v.opt("memory", g.memory);
  v.opt("memory_free", g.memory_free);
  v.opt("mig", g.mig);
  v.opt("persistence", g.persistence);
  v.opt("ecc", g.ecc);
  v.opt("compute_mode", g.compute_mode);
  v.opt("ecc_uncorrected", g.ecc_uncorrected);
  v.opt("remapped_rows", g.remapped_rows);
  v.opt("remap_pending", g.remap_pending);
  v.opt("remap_failed", g.remap_failed);
  v.opt("sm_clock", g.sm_clock);
  v.opt("sm_clock_max", g.sm_clock_max);
  v.opt("memory_clock", g.memory_clock);
  v.opt("memory_clock_max", g.memory_clock_max);
  v.opt("clock_reasons", g.clock_reasons);
  v.opt("pcie_generation", g.pcie_generation);
  v.opt("pcie_generation_max", g.pcie_generation_max);
  v.opt("pcie_width", g.pcie_width);
  v.opt("pcie_width_max", g.pcie_width_max);
  v.opt("power", g.power);
  v.opt("power_limit", g.power_limit);
  v.opt("temperature", g.temperature);
  v.opt("nvlinks", g.nvlinks);
  v.opt("nvlink_rate", g.nvlink_rate);
  v.opt("fabric", g.fabric);
  v.opt("recovery", g.recovery);
  v.opt("processes", g.processes);
}

template <class V>
void fields(V& v, Of<V, GpuPair>& p) {
  v("a", p.a);
  v("b", p.b);
  v.opt("p2p", p.p2p);
  v.opt("path", p.path);
}

template <class V>
void fields(V& v, Of<V, NvmlAnswers>& n) {
  v("asking", n.asking);
  v.opt("driver", n.driver);
  v.opt("cuda", n.cuda);
  v.opt("init", n.init);
  v.opt("count", n.count);
  v.opt("gpus", n.gpus);
  v.opt("pairs", n.pairs);
}

template <class V>
void fields(V& v, Of<V, Proof>& p) {
  v("what", p.what);
  v.opt("of", p.of);
  v.opt("file", p.file);
  v.opt("call", p.call);
  v.opt("code", p.code);
  v.opt("right", p.right);
  v.opt("micros", p.micros);
}

template <class V>
void fields(V& v, Of<V, CudaGpu>& g) {
  v("ordinal", g.ordinal);
  v.opt("name", g.name);
  v.opt("uuid", g.uuid);
  v.opt("address", g.address);
  v.opt("sm", g.sm);
  v.opt("memory", g.memory);
  v.opt("memory_free", g.memory_free);
  v.opt("compute_mode", g.compute_mode);
  v.opt("integrated", g.integrated);
  v.opt("proofs", g.proofs);
}

template <class V>
void fields(V& v, Of<V, CudaAnswers>& c) {
  v("asking", c.asking);
  v.opt("cuda", c.cuda);
  v.opt("init", c.init);
  v.opt("count", c.count);
  v.opt("gpus", c.gpus);
}

template <class V>
void fields(V& v, Of<V, PythonProof>& p) {
  v("environment", p.environment);
  v("framework", p.framework);
  v("end", p.end);
  v.opt("how", p.how);
  v.opt("imports", p.imports);
  v.opt("file", p.file);
  v.opt("version", p.version);
  v.opt("available", p.available);
  v.opt("devices", p.devices);
  v.opt("ran_on", p.ran_on);
  v.opt("right", p.right);
  v.opt("micros", p.micros);
  v.opt("output", p.output);
  v.opt("mapped", p.mapped);
}

template <class V>
void fields(V& v, Of<V, Probed>& p) {
  v("nvml", p.nvml);
  v("cuda", p.cuda);
  v.opt("python", p.python);
}

}  // namespace cufit
