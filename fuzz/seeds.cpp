// Writes the seeds of all fuzz targets: `seeds DIRECTORY`. They come from the builders of the tests, so they
// reach what a mutation of nothing would never reach.
#include <filesystem>
#include <fstream>
#include <string>

#include "formats/build.h"
#include "formats/ld_cache_writer.h"
#include "formats/random_elf.h"
#include "model/recording.h"
#include "wire.h"

namespace {

using namespace cufit::test;
namespace fs = std::filesystem;

fs::path root;

void seed(const std::string& target, const std::string& name, const std::string& content) {
  fs::create_directories(root / target);
  std::ofstream(root / target / name, std::ios::binary) << content;
}

/// `check` takes its command line from the first byte.
void check_seed(const std::string& name, const std::string& content) {
  static char call = 0;
  seed("check", name, call++ + content);
  seed("check", name + "_2", call + content);
}

std::string mixed_container() {
  EntrySpec lto{.kind = 8, .arch = 90, .suffix = 'a', .minor = 65, .payload = "ir", .header = 120};
  EntrySpec unknown{.kind = 16, .payload = "?"};
  EntrySpec debug{.kind = 1,
                  .arch = 75,
                  .major = 8,
                  .minor = 0,
                  .payload = ptx("8.0", "sm_75"),
                  .debug = true,
                  .header = 72};
  return container({sass(80), sass(90, 'a', Packing::lz4), sass(100, 'f', Packing::zstd), ptx_entry(90, 8, 4),
                    entry(lto), entry(unknown), entry(debug)});
}

std::string damaged_container() {
  std::string c = container({sass(80), sass(90)});
  patch<uint32_t>(c, 16 + 64 + 4, 1);
  return c + std::string("\x50\xed\x55\xba\1\0\x10\0", 8) + std::string(16, '\xff');
}

std::string large_zstd_cubin() {
  return packed_as(Packing::zstd,
                   cubin({.abi = 8, .arch = 100, .toolkit = 129, .bit3 = true, .code = 9'000}));
}

std::string plain_library() {
  ElfSpec spec{.sections = {{".rodata", "x" + cubin({}) + ptx("8.3", "sm_80, debug") + large_zstd_cubin()},
                            {".nv_fatbin", mixed_container() + container({sass(75)})},
                            {"__nv_relfatbin", container({sass(86)})},
                            {".bss", "", 8, 3}},
               .wrappers = {{1, ".nv_fatbin", 0}, {2, ".nv_fatbin", mixed_container().size()}},
               .needed = {"libcudart.so.12", "libc.so.6"},
               .soname = "libk.so",
               .rpath = "/opt/lib",
               .runpath = "$ORIGIN",
               .build_id = "\x01\x02\x03\x04"};
  return elf(spec).bytes;
}

std::string relocated_library(uint16_t machine) {
  ElfSpec spec{.machine = machine,
               .sections = {{".nv_fatbin", container({sass(75)}) + "hole hole hole" + container({sass(80)})}},
               .wrappers = {{2, ".nv_fatbin", 0, true}},
               .needed = {"libcuda.so.1"},
               .dynamic_last = true,
               .table = ElfSpec::Table::front,
               .count_in_section0 = true,
               .relocations = 20};
  return elf(spec).bytes;
}

std::string without_table() {
  ElfSpec spec{.sections = {{".data", "abc" + container({sass(80)})}}, .table = ElfSpec::Table::none};
  return elf(spec).bytes;
}

void elf_seeds() {
  auto both = [](const std::string& name, const std::string& bytes) {
    seed("elf", name, '\xee' + bytes);           // much is kept
    seed("elf", name + "_few", '\x2c' + bytes);  // little is kept: several passes
    seed("elf", name + "_usual", '\x4d' + bytes);
    check_seed(name, bytes);
  };
  both("plain", plain_library());
  both("relocated", relocated_library(62));
  both("relocated_arm", relocated_library(183));
  both("no_table", without_table());
  both("offloading", elf({.sections = {{".llvm.offloading", "\x10\xff\x10\xad", 0x6fff4c0b}}}).bytes);
  std::string narrow = plain_library(), big = narrow, table = narrow;
  narrow[4] = 1;
  big[5] = 2;
  patch<uint64_t>(table, 40, 1u << 30);
  both("class32", narrow.substr(0, 60));
  both("big_endian", big.substr(0, 200));
  both("table_outside", table);
  both("cubin", cubin({.abi = 8, .arch = 90, .toolkit = 130, .compat9 = true}));
  both("zstd_cubin", large_zstd_cubin());
  both("fatbin", mixed_container());
  both("ptx", ptx("8.4", "sm_90a"));
  both("other", "text");
  for (uint32_t i = 0; i < 12; i++) {
    seed("elf", "random" + std::to_string(i), char(i * 37) + RandomElf(i).sound().bytes);
    seed("elf", "damaged" + std::to_string(i), char(i * 53) + RandomElf(i).damaged());
  }
}

void fatbin_seeds() {
  auto both = [](const std::string& name, const std::string& bytes) {
    for (char options : {0, 1, 2, 5}) seed("fatbin", name + char('0' + options), options + bytes);
  };
  both("mixed", mixed_container());
  both("damaged", damaged_container());
  both("holes", container({sass(80)}) + std::string(8, '\0') + "bytes of nothing" + container({}));
  both("loose", cubin({}) + large_zstd_cubin() + ptx("7.0", "sm_52") +
                    std::string("\x7f"
                                "ELF\2\1\1\0",
                                8));
  both("truncated", mixed_container().substr(0, 700));
  std::string wrapper;
  append<uint32_t>(wrapper, 0x466243B1);
  append<uint32_t>(wrapper, 2);
  append<uint64_t>(wrapper, 0x1000);
  append<uint64_t>(wrapper, 0);
  both("wrapper", wrapper + wrapper.substr(0, 12));
  std::string large = cubin({.arch = 80});
  patch<uint64_t>(large, 40, uint64_t{1} << 40);
  both("too_large", large);
  EntrySpec big{.arch = 90, .payload = cubin({.arch = 90, .code = 20'000}), .packing = Packing::zstd};
  both("big_packed", container({entry(big)}));
}

void cubin_seeds() {
  seed("cubin", "abi7", cubin({}));
  seed("cubin", "abi7a", cubin({.arch = 90, .suffix = 'a', .relocatable = true}));
  seed("cubin", "abi8", cubin({.abi = 8, .arch = 100, .toolkit = 130}));
  seed("cubin", "abi8a", cubin({.abi = 8, .arch = 100, .toolkit = 130, .compat9 = true}));
  seed("cubin", "abi8f", cubin({.abi = 8, .arch = 100, .toolkit = 130, .tkinfo_arch = "sm_100f"}));
  seed("cubin", "bit3", cubin({.abi = 8, .arch = 120, .toolkit = 129, .bit3 = true}));
  seed("cubin", "empty", cubin({.kernels = false}));
  seed("cubin", "lz4", "\x10\xff" + packed_as(Packing::lz4, cubin({})));
  seed("cubin", "zstd", "\x11\xff" + packed_as(Packing::zstd, cubin({})));
  seed("cubin", "zstd_large", "\x11\xff" + large_zstd_cubin());
}

void ptx_seeds() {
  seed("ptx", "plain", ptx("8.4", "sm_90a"));
  seed("ptx", "debug", ptx("7.0", "sm_80, debug"));
  seed("ptx", "family", "\xEF\xBB\xBF/* c */ // d\n\t.version\t9.0 .target sm_100f");
  seed("ptx", "texmode", ".version 3.2\n.target sm_20, texmode_independent\n");
  seed("ptx", "open_comment", "/* .version 1.0");
}

void ar_seeds() {
  seed("ar", "objects", archive({{"/", "symbols"}, {"a.o", plain_library().substr(0, 300)}, {"b.o", "odd"}}));
  seed("ar", "gnu",
       "!<arch>\n//                                              28        `\n"
       "a_rather_long_name_indeed.o/\n/0              0           0     0     644     2         `\nxy");
  seed("ar", "bsd", "!<arch>\n#1/12           0           0     0     644     14        `\nlong_name.o\0xy");
  seed("ar", "thin", "!<thin>\na.o/            0           0     0     644     99        `\n");
}

void zip_seeds() {
  ZipWriter wheel;
  wheel.add({"pkg/lib.so", plain_library()});
  wheel.add({"pkg/stored.so", relocated_library(62), false});
  wheel.add({"pkg/k.cubin", cubin({})});
  wheel.add({"pkg/k.ptx", ptx("8.1", "sm_70")});
  wheel.add({"pkg/lib.a", archive({{"k.o", relocated_library(62)}})});
  wheel.add({"pkg/version.py", "__version__ = '1.2.3+cu121'\n"});
  wheel.add({"pkg-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: pkg\nVersion: 1.2.3\n\nText\n"});
  std::string all = wheel.finish("comment");
  seed("zip", "wheel", all);
  check_seed("wheel", all);
  ZipWriter odd;
  odd.add({"../climb", prose(3000), true, true});
  odd.add({"big", prose(100), true, false, true});
  odd.add({"twice", "1", false});
  odd.add({"twice", "2", false});
  odd.add({"dir/", "", false});
  seed("zip", "zip64", odd.finish("", true));
  ZipWriter empty;
  seed("zip", "empty", empty.finish());
  ZipWriter secret;
  secret.add({"secret", "text"});
  std::string s = secret.finish();
  patch<uint16_t>(s, secret.central_at[0] + 8, 1);
  seed("zip", "encrypted", s);
  patch<uint16_t>(s, secret.central_at[0] + 8, 0);
  patch<uint16_t>(s, secret.central_at[0] + 10, 14);
  seed("zip", "lzma", s);
  check_seed("archive", archive({{"a.o", relocated_library(62)}, {"k.cubin", cubin({})}}));
}

/// The first byte of an input of `distinfo` chooses the reader; they stand in the order of its switch.
void distinfo_seeds() {
  auto text = [](char reader, const std::string& name, const std::string& content) {
    seed("distinfo", name, reader + content);
  };
  const std::string record =
      "a/x.so,sha256=LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564,10\n\"b,\"\"c.so\",,\n../../../bin/a,,\n"
      "a-1.dist-info/RECORD,,\n";
  const std::string metadata =
      "Metadata-Version: 2.1\nName: a\nVersion: 2.9.1\nRequires-Dist: nvidia-nccl-cu12 (==2.27)\n"
      "Requires-Dist: b>=1; extra == 'x' and python_version < \"3.9\"\nTag: "
      "cp312-cp312-manylinux_2_28_x86_64\n\n";
  text(0, "record", record);
  text(1, "metadata", metadata);
  text(1, "wheel_name", "a-1+cu121-1-cp38-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl");
  text(2, "maps",
       "1000-2000 r-xp 00000000 fe:00 5 /opt/my libs/a\\012.so (deleted)\n2000-3000 rw-p 00000000 00:00 0 "
       "[heap]\n"
       "3000-4000 rw-s 00000000 00:01 7 /memfd:x (deleted)\n4000-5000 r--p 00000000 fe:00 6 "
       "/usr/lib/libc.so.6\n");
  text(3, "sh", "if [ x ]; then export A=\"$B:/x\" C='d'; fi # e\nf() { F+=`g`; }\nH=$(i; j) \\\nK=1 l\n");
  text(4, "csh", "setenv A /x:/y\n");
  text(5, "fish", "set -gx A /x /y; set --export B 'c d'\n");
  text(6, "conda", R"({"env_vars": {"A": "1", "B": 2}})");
  text(7, "names",
       "torch-2.9.1+cu130.dist-info\npycuda-2022.1-py3.8.egg-info\nlibcuda.so.535.129.03\nCUDA Version "
       "10.2.89\n"
       "#define CUDA_VERSION 12040\nA=1\n");
  auto library = elf({.sections = {{".note.cuda.fwd_compatibility",
                                    note("NVIDIA Corporation", 0, R"({"format":1,"driver":[535]})"), 7, 2, 4},
                                   {".rodata", std::string("\0"
                                                           "12.535.261.03\0nvidia-application-profiles-"
                                                           "535.261.03-rc",
                                                           56)}},
                      .needed = {"libc.so.6"},
                      .soname = "libcuda.so.1"});
  text(8, "driver", library.bytes);
  const std::string end(1, '\1');
  text(9, "environment",
       record + end + "/other\n./a\nimport sys; sys.path.append('x')\n" + end + metadata + end +
           "Tag: py3-none-any\n" + end + R"({"url": "file:///other", "dir_info": {"editable": true}})" + end +
           "a\n");
}

/// `proc` takes the parser from the first byte.
void proc_seeds() {
  enum : char { cgroups, limits, pci, driver, modules, system, module_info };
  auto one = [](char parser, const std::string& name, const std::string& text) {
    seed("proc", name, parser + text);
  };
  one(cgroups, "v2",
      "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n0::/docker/a/b\n"
      "9 8 0:4 / /dev/shm rw - tmpfs shm rw,size=65536k\n");
  one(cgroups, "v1",
      "32 31 0:29 /docker/a\\040b /sys/fs/cgroup/cpu ro - cgroup cgroup "
      "rw,cpu,cpuacct\n2:cpu,cpuacct:/docker/a b/c\n");
  one(limits, "cpu", "250000 100000\n");
  one(limits, "none", "max 100000\n");
  one(limits, "memory", "9223372036854771712\n");
  one(limits, "events", "oom 1\noom_kill 3\nMemTotal:   16000000 kB\n");
  one(limits, "size", "65536k");
  one(pci, "resource",
      "0x0000104002000000 0x0000104002ffffff 0x000000000014220c\n"
      "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
      "0x0000100000000000 0x0000103fffffffff 0x000000000014220c\n");
  one(driver, "open",
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (x@)  Sun\nGCC "
      "version:\n");
  one(driver, "proprietary", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n");
  one(driver, "gpu",
      "Model: \t\t NVIDIA H200\nGPU UUID: \t GPU-0\nVideo BIOS: \t 96.0\nDevice Minor: \t 0\nGPU Excluded:\t "
      "No\n");
  one(driver, "params", "ModifyDeviceFiles: 1\nDeviceFileMode: 438\nFabric Manager version is : 535.1\n");
  one(driver, "modules", "nvidia 14299136 1 nvidia_uvm, Live 0x0 (O)\n");
  one(modules, "modprobe", "blacklist nouveau\ninstall nvidia /bin/false\nalias nvidia off\n");
  one(modules, "command_line", "quiet modprobe.blacklist=nvidia,nouveau rd.driver.blacklist=nouveau\n");
  one(modules, "dependencies",
      "updates/dkms/nvidia-uvm.ko: updates/dkms/nvidia.ko\nupdates/dkms/nvidia.ko.zst: a.ko\n");
  one(system, "release", "ID='debian'\nPRETTY_NAME=\"Debian \\\"12\\\"\"\n");
  one(system, "tegra", "# R36 (release), REVISION: 4.0, GCID: 1\n");
  one(system, "glibc", "GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n");
  one(system, "efi", std::string("\6\0\0\0\1", 5));
  one(system, "wsl", "5.15.153.1-microsoft-standard-WSL2");
  using namespace std::string_literals;
  auto info = "alias=char-major-195-*\0version=535.129.03\0license=NVIDIA\0name=nvidia\0"s;
  auto module = elf({.sections = {{".text", "code"}, {".modinfo", info}}}).bytes;
  one(module_info, "plain", module);
  one(module_info, "zstd", packed_as(Packing::zstd, module));
  one(module_info, "gzip", "\x1f\x8b\x08\0\0\0\0\0\0\3\x03\0\0\0\0\0\0\0\0\0"s);
  one(module_info, "xz",
      "\xfd"
      "7zXZ\0"s);
}

void ld_cache_seeds() {
  CacheSpec spec{.lines = {{"libb.so.2", "/usr/lib/libb.so.2", 0x303, 0, "x86-64-v3"},
                           {"libb.so.2", "/usr/lib/libb.so.2"},
                           {"liba.so.1", "/lib/liba.so.1", 0xa03, uint64_t{1} << 63}},
                 .levels = {"x86-64-v2", "x86-64-v3"}};
  seed("ld_cache", "new", new_cache(spec));
  seed("ld_cache", "compat", old_cache(spec, 8));
  seed("ld_cache", "compat32", old_cache(spec, 4));
  seed("ld_cache", "old", old_cache(spec));
  seed("ld_cache", "empty", new_cache({}));
  spec.order = 3;
  seed("ld_cache", "big_endian", new_cache(spec));
}

/// `probe` takes the library from the first byte, the size of pieces from the second.
void probe_seeds() {
  using namespace cufit;
  struct Frames {
    std::string bytes;
    Frames& frame(WireKind kind, const std::vector<std::pair<std::string, std::string>>& texts = {},
                  const std::vector<std::pair<std::string, uint64_t>>& numbers = {}) {
      std::string fields;
      auto field = [&](WireType type, const std::string& name, const std::string& value) {
        fields += {char(type), char(name.size()), char(value.size() & 0xff), char(value.size() >> 8)};
        fields += name + value;
      };
      for (auto& [name, value] : texts) field(kWireText, name, value);
      for (auto& [name, value] : numbers) {
        std::string number;
        append<uint64_t>(number, value);
        field(kWireNumber, name, number);
      }
      append<uint32_t>(bytes, kWireMagic);
      append<uint16_t>(bytes, kWireVersion);
      append<uint16_t>(bytes, uint16_t(kind));
      append<uint32_t>(bytes, uint32_t(fields.size()));
      bytes += fields;
      return *this;
    }
    Frames& call(const std::string& name, const std::string& on, const std::string& asks,
                 const std::vector<std::pair<std::string, std::string>>& texts,
                 std::vector<std::pair<std::string, uint64_t>> numbers = {}, uint64_t code = 0) {
      frame(kWireCalling, {{"call", name}, {"on", on}, {"asks", asks}});
      numbers.insert(numbers.begin(), {{"code", code}, {"micros", 7}});
      return frame(kWireCalled, texts, numbers);
    }
  };
  auto begin = [] {
    return Frames().frame(kWireHello).frame(kWireOpening).frame(kWireOpened, {{"library", "/lib/a.so"}});
  };
  auto nvml = begin();
  nvml.call("nvmlInit_v2", "", "driver cuda count", {})
      .call("nvmlSystemGetDriverVersion", "", "driver", {{"driver", "580.95.05"}})
      .call("nvmlDeviceGetCount_v2", "", "count", {}, {{"count", 2}})
      .call("nvmlDeviceGetHandleByIndex_v2", "0", "*", {}, {}, 15)
      .call("nvmlDeviceGetName", "1", "name", {{"name", "NVIDIA \xff"}})
      .call("nvmlDeviceGetCurrentClocksEventReasons", "1", "clock_reasons", {}, {{"clock_reasons", 5}})
      .call("nvmlDeviceGetComputeRunningProcesses_v3", "1", "processes", {}, {{"processes", 1}})
      .frame(kWireProcess, {{"on", "1"}, {"name", "python"}}, {{"pid", 7}, {"memory", 1 << 20}})
      .call("nvmlDeviceGetGpuFabricInfoV", "1", "fabric", {}, {{"fabric", 3}})
      .call("nvmlDeviceGetP2PStatus", "0,1", "p2p", {}, {{"p2p", 4}})
      .frame(kWireMapped, {{"line", "1000-2000 r-xp 0 fe:00 5 /lib/a.so"}})
      .frame(kWireDone);
  auto cuda = begin();
  cuda.call("cuDriverGetVersion", "", "cuda", {}, {{"cuda", 13000}})
      .call("cuInit", "", "init count", {})
      .call("cuDeviceGetCount", "", "count", {}, {{"count", 1}})
      .call("cuDeviceGet", "0", "*", {})
      .call("cuDeviceGetPCIBusId", "0", "address", {{"address", "00000000:3B:00.0"}})
      .call("cuDeviceGetAttribute", "0", "sm", {}, {{"sm", uint64_t{9} << 32}})
      .frame(kWireReady)
      .call("cuDevicePrimaryCtxRetain", "0", "", {})
      .frame(kWireProved)
      .frame(kWireReady)
      .call("cuModuleLoadData", "0", "", {})
      .frame(kWireProved, {}, {{"right", 1}})
      .frame(kWireReady)
      .call("cuModuleLoadData", "0", "", {}, {}, 209)
      .frame(kWireReady)
      .frame(kWireCalling, {{"call", "cuModuleLoadData"}});
  auto refused = Frames().frame(kWireRefused, {}, {{"error", 13}});
  auto none = Frames().frame(kWireHello).frame(kWireOpening).frame(kWireOpened, {{"error", "no such file"}});
  for (auto& [name, frames] :
       {std::pair{"nvml", nvml}, {"cuda", cuda}, {"refused", refused}, {"none", none}}) {
    std::string library(1, name == std::string("nvml") ? '\0' : '\1');
    seed("probe", name, library + '\xff' + frames.bytes);
    seed("probe", std::string(name) + "_in_pieces", library + '\4' + frames.bytes);
    seed("probe", std::string(name) + "_then_garbage",
         library + '\x20' + frames.bytes + "garbage, not a frame");
  }
}

/// Small recordings, each with what another has not.
void recording_seeds() {
  using namespace cufit;
  const Source seen = {Source::Kind::path, "/proc"};
  Recording r;
  r.cufit = "0.1.0";
  seed("recording", "empty", recording_of(r));
  auto& m = r.world.machine;
  m.origin = "observed";
  m.gpus.push_back({"gpu0", {"A800", seen}, {Sm{8, 0, {}}, seen}, {"GA100", seen}, {}});
  m.driver.version = {*Version::parse("470.129.06"), seen};
  m.env = {{"CUDA_VISIBLE_DEVICES", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6,GPU-8932,0"},
           {"LD_LIBRARY_PATH", "/home/alice/lib:/scratch/alice/lib"},
           {"CONDA_CHANNEL", "https://alice:hunter2@node17.example/x"},
           {"NCCL_COMM_ID", "10.20.30.40:1"},
           {"HOME", "/home/alice"}};
  auto& s = r.world.subjects.emplace_back();
  s.id = "s0", s.kind = Subject::Kind::distribution, s.name = "torch", s.version = "2.2.0+cu121";
  auto& bin = s.members.emplace_back().bin;
  bin.path = "torch/lib/libtorch_cuda.so";
  bin.shapes.push_back({{{.kind = Image::Kind::sass, .target = {8, 0, {}}, .isa = {1, 7}}}, 3});
  bin.unread.push_back({"x", 7, {"gap.truncated"}});
  seed("recording", "subject", recording_of(r));
  s.kind = Subject::Kind::file, s.version.clear();
  auto& o = r.world.observed.emplace();
  o.pci.resize(1);
  o.pci[0] = {"0000:3b:00.0",      0x20b5,      0x10de, 0x1533, 0x030200, {"nouveau", seen},
              {uint64_t{0}, seen}, {true, seen}};
  o.kernel.gpus.emplace_back().uuid = {"GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", seen};
  o.kernel.node_mode = {uint32_t{0660}, seen};
  o.kernel.loaded.is = Unreadable{"EACCES"};
  o.limits.cpus = {2.5, seen};
  o.nodes.emplace_back().path = "/dev/nvidia0";
  o.mig.push_back({0, 1, {0, 1}});
  o.variables = {{"LD_PRELOAD", "/home/alice/x.so", "/home/alice/.bashrc", 3}};
  seed("recording", "observed", recording_of(r));
  r.world.observed.reset();
  auto& file = r.world.files.files["/lib/a.so.1"];
  file = {.kind = IndexedFile::Kind::file, .real = "/lib/a.so.1", .size = 7, .object = LoadedObject()};
  file.object->needs = {{"libc.so.6", {"GLIBC_2.34"}}};
  r.world.files.files["/lib/a.so"] = file;
  r.world.files.files["/lib/b.so"] = {};
  r.world.files.listed = {"/lib"};
  r.world.files.cache = {std::vector<CachedLibrary>{{"a.so", "/lib/a.so", 0x303, 1ull << 62, "x86-64-v3"}},
                         seen};
  seed("recording", "files", recording_of(r));
  seed("recording", "newer", R"({"schema": "cufit.machine/2"})");
  seed("recording", "report", R"({"schema": "cufit.report/1", "groups": []})");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  root = argv[1];
  elf_seeds();
  fatbin_seeds();
  cubin_seeds();
  ptx_seeds();
  ar_seeds();
  zip_seeds();
  distinfo_seeds();
  proc_seeds();
  ld_cache_seeds();
  recording_seeds();
  probe_seeds();
}
