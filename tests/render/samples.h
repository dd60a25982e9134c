// Reports to render, made by hand.
#pragma once

#include <string>
#include <vector>

#include "model/report.h"

namespace cufit::samples {

inline Version version(const char* text) { return *Version::parse(text); }
inline Source arg(const char* name) { return {Source::Kind::arg, name}; }
inline Source row(const char* id) { return {Source::Kind::knowledge, id}; }

/// Words as they are, so that these reports do not depend on the texts of other parts.
inline Text said(const char* words) { return {"text.literal", {{"value", words}}}; }

inline Gpu gpu(const char* id, const char* name, Sm sm, const char* chip) {
  return {id, {name, arg("--gpu")}, {sm, row(chip)}, {chip, row("gpu")}, {}};
}

inline Image image(Image::Kind kind, Sm target, Isa isa = {}, Packing packing = Packing::none) {
  Image i;
  i.kind = kind, i.target = target, i.isa = isa, i.packing = packing;
  return i;
}

inline Binary torch_library() {
  Binary b;
  b.path = "torch-2.2.0-cp311.whl!torch/lib/libtorch_cuda.so";
  b.size = 1541203456;
  b.arch = "x86_64";
  b.build_id = "0f3ac1";
  b.dyn.soname = "libtorch_cuda.so";
  b.dyn.needed = {"libc10_cuda.so", "libcudart.so.12", "libcublas.so.12", "libm.so.6", "libc.so.6"};
  b.toolkits = {version("12.1")};
  using enum Image::Kind;
  ModuleShape main, hopper, stub, loose;
  for (unsigned n : {50, 60, 70, 75, 80, 86, 90})
    main.images.push_back(image(sass, Sm::from_number(n), {1, 7}));
  main.images.push_back(image(ptx, {9, 0, {}}, {8, 1}, Packing::lz4));
  main.count = 436, main.section = ".nv_fatbin", main.example = 0x4a2c8;
  hopper = main;
  hopper.images.insert(hopper.images.begin() + 7, image(sass, {9, 0, Sm::Suffix::a}, {1, 7}, Packing::zstd));
  hopper.count = 3, hopper.example = 0x91a00;
  stub.images = {image(sass, {8, 0, {}}, {1, 7})};
  stub.images[0].empty = true;
  stub.count = 1, stub.link = ModuleShape::Link::device_link, stub.section = "__nv_relfatbin",
  stub.example = 0xa0000;
  loose.images = {image(sass, {8, 9, {}}, {1, 7}, Packing::zstd)};
  loose.images[0].debug = true;
  loose.count = 12, loose.link = ModuleShape::Link::loose, loose.section = ".rodata", loose.example = 0xb1000;
  b.shapes = {main, hopper, stub, loose};
  return b;
}

inline Subject torch_wheel() {
  Subject s;
  s.id = "s0", s.kind = Subject::Kind::wheel, s.name = "torch", s.path = "torch-2.2.0-cp311.whl";
  s.version = "2.2.0+cu121";
  s.needs = {"cp311", ">=2.17", {}};
  s.members = {{torch_library(), Role::core}};
  s.files_read = 11203;
  return s;
}

/// A PyTorch wheel of CUDA 12.1 on an A800 with a driver of CUDA 11.4.
inline Report driver_too_old() {
  Report r;
  r.command = "check", r.knowledge = "2026-11-25";
  r.machine.gpus = {gpu("gpu0", "A800", {8, 0, {}}, "GA100")};
  r.machine.driver = {{version("470.129.06"), arg("--driver")}, {version("11.4"), row("driver/R470")}, {}};
  r.machine.assumed = {"device-nodes-ok", "no-compat-libcuda", "jit-present", "kernel-module-fits"};
  r.subjects = {torch_wheel()};
  Judgement j;
  j.subject = "s0", j.gpu = "gpu0", j.verdict = Verdict::unfit;
  j.fails = {35, "cudaErrorInsufficientDriver", When::first_cuda_call, "cudaGetDeviceCount",
             said("torch.cuda.is_available() is False")};
  j.driver_axis = Axis::unfit, j.image_axis = Axis::fits;
  j.coverage = {436, 436, 0, 0, 0};
  j.needs.driver = version("525.60.13");
  j.why = {"DRV-2",
           Verdict::unfit,
           said("CUDA 12.x needs driver 525.60.13 or later; this is 470.129.06"),
           {"machine.driver.kernel", "subjects.s0.toolkit"},
           {"toolkit/12.1"},
           {{"SASS-1",
             Verdict::fits,
             said("native code in 436 of 436 modules"),
             {"machine.gpus.gpu0.sm"},
             {},
             {}}}};
  r.judgements = {j};
  Remedy driver;
  driver.id = "r1", driver.text = said("Install driver 525.60.13 or later, for example R580");
  driver.minimum = version("525.60.13"), driver.suggest = "R580";
  driver.root = driver.reboot = driver.checked = true, driver.after = Verdict::fits;
  Remedy rebuild;
  rebuild.id = "r2", rebuild.kind = Remedy::Kind::rebuild,
  rebuild.text = said("Rebuild with a toolkit of CUDA 11");
  rebuild.commands = {"nvcc -gencode arch=compute_80,code=sm_80 kernel.cu"};
  r.findings = {{"driver-too-old-for-runtime",
                 "error",
                 {{"s0", "gpu0"}},
                 {driver, rebuild},
                 {{said("LD_LIBRARY_PATH=/usr/local/cuda-11.8/lib64"), "LIB-2",
                   said("this wheel needs libcudart.so.12")}}}};
  return r;
}

/// The same wheel on a V100 and nothing said about the driver.
inline Report no_driver() {
  auto r = driver_too_old();
  r.machine.gpus = {gpu("gpu0", "V100", {7, 0, {}}, "GV100")};
  r.machine.driver = {};
  r.findings.clear();
  auto& j = r.judgements[0];
  j.verdict = Verdict::fits, j.fails.reset(), j.driver_axis = Axis::unknown;
  j.needs = {version("525.60.13"), "R590"};
  j.why = {"SASS-1", Verdict::fits, said("native code in 436 of 436 modules"), {"machine.gpus.gpu0.sm"}, {},
           {}};
  j.limits = {{"COV-1", said("torch.compile will fail"), 209}};
  j.coverage = {439, 430, 6, 2, 1};
  j.notes = {{"DRV-4", said("minor-version compatibility")}};
  r.subjects[0].unread = {
      {"torch-2.2.0-cp311.whl!torch/lib/libbad.so", 0x40, said("expected an ELF header, found 4 bytes")}};
  return r;
}

/// Three targets, three GPUs: one row each.
inline Report fleet() {
  auto r = driver_too_old();
  r.machine.gpus = {gpu("gpu0", "A800", {8, 0, {}}, "GA100"),
                    gpu("gpu1", "GeForce RTX 4090", {8, 9, {}}, "AD102"),
                    gpu("gpu2", "B200", {10, 0, {}}, "GB100")};
  for (const char* name : {"./内核/kernel.cubin", "libfoo.so"}) {
    Subject s;
    s.id = "s" + std::to_string(r.subjects.size()), s.name = s.path = name;
    r.subjects.push_back(s);
  }
  auto judged = r.judgements[0];
  r.judgements.clear();
  for (auto& s : r.subjects)
    for (auto& g : r.machine.gpus) {
      auto j = judged;
      j.subject = s.id, j.gpu = g.id;
      if (s.id != "s0") {
        j.verdict = g.id == "gpu0" ? Verdict::fits : s.id == "s1" ? Verdict::limited : Verdict::unknown;
        j.fails.reset();
        j.why = {"SASS-1", j.verdict, said("code in 1 of 1 module"), {}, {}, {}};
      }
      r.judgements.push_back(j);
    }
  r.findings[0].on = {{"s0", "gpu0"}, {"s0", "gpu1"}, {"s0", "gpu2"}};
  r.unread = {{"gone.whl", {}, said("expected an ELF header, found 4 bytes")}};
  return r;
}

/// Two subjects on three groups, one of two GPUs: eight cells that share five judgements. A third group has
/// no GPU. Names are hostile.
inline Report fleet_of_groups() {
  auto r = driver_too_old();
  auto old = r.machine;
  r.machine = {};
  Subject file;
  file.id = "s1", file.name = file.path = "<b>\"x\" & 'y'\x1b.so";
  r.subjects.push_back(file);
  auto modern = old;
  modern.gpus = {gpu("gpu1", "GeForce RTX 4090", {8, 9, {}}, "AD102"),
                 gpu("gpu2", "B200", {10, 0, {}}, "GB100")};
  modern.driver = {{version("580.95.05"), arg("--driver")}, {version("13.0"), row("driver/R580")}, {}};
  modern.arch = {"aarch64", arg("fleet.toml:9")};
  auto mixed = old;
  mixed.gpus = {gpu("gpu3", "A800", {8, 0, {}}, "GA100")};
  mixed.assumed.push_back("first-driver-of-branch");
  r.groups = {{"lab", 12, old}, {"<script>alert(1)</script>", 400, modern}, {"", 5, {}}, {"R470", 1, mixed}};
  for (auto& g : r.groups)
    r.machine.gpus.insert(r.machine.gpus.end(), g.machine.gpus.begin(), g.machine.gpus.end());
  auto judged = r.judgements[0];
  auto add = [&](const char* subject, const char* gpu_id, Verdict verdict, const char* words) {
    Judgement j;
    j.subject = subject, j.gpu = gpu_id, j.verdict = verdict;
    j.why = {"SASS-1", verdict, said(words), {}, {}, {}};
    if (verdict == Verdict::limited) j.limits = {{"COV-1", said("torch.compile will fail"), 209}};
    r.judgements.push_back(j);
  };
  add("s0", "gpu1", Verdict::fits, "code in 436 of 436 modules");
  add("s0", "gpu2", Verdict::unknown, "whether sm_100 <runs> this is not known");
  add("s1", "gpu0", Verdict::fits, "code in 1 of 1 module");
  add("s1", "gpu2", Verdict::limited, "only PTX");
  r.cells = {{0, 0, 0, 0}, {0, 1, 1, 1}, {0, 1, 2, 2}, {0, 3, 3, 0},
             {1, 0, 0, 3}, {1, 1, 1, 3}, {1, 1, 2, 4}, {1, 3, 3, 3}};
  r.unread = {{"fleet.toml:20", {}, said("no GPU is called \"a8000\"")}};
  return r;
}

inline Report inspection() {
  auto r = no_driver();
  r.command = "inspect";
  r.machine = {};
  r.judgements.clear();
  Subject cubin;
  cubin.id = "s1", cubin.name = cubin.path = "kernel.sm_90a.cubin";
  Binary b;
  b.path = "kernel.sm_90a.cubin", b.size = 912, b.format = Binary::Format::cubin;
  ModuleShape shape;
  shape.images = {image(Image::Kind::sass, {9, 0, Sm::Suffix::a}, {1, 8})};
  shape.count = 1, shape.link = ModuleShape::Link::loose;
  b.shapes = {shape};
  cubin.members = {{b, Role::core}};
  Subject text;
  text.id = "s2", text.name = text.path = "README.md";
  r.subjects.push_back(cubin);
  r.subjects.push_back(text);
  return r;
}

}  // namespace cufit::samples
