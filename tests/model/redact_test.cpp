#include "model/redact.h"

#include <gtest/gtest.h>

#include "model/each_string.h"
#include "model/random_model.h"
#include "model/recording.h"

namespace cufit {
namespace {

constexpr const char* uuid = "8932f937-d72c-4106-c12f-20bd9faed9f6";
constexpr const char* other_uuid = "5c3cf4a1-08b1-91e7-7d7b-4e5a0f3f7c11";
const Source seen = {Source::Kind::path, "/proc/driver/nvidia"};

/// What people would not like to see in a file that they attach to a bug report.
const std::vector<std::string> planted = {
    "alice",
    "bwong",
    "node17",
    "cluster.example",
    uuid,
    other_uuid,
    "8932F937",
    "aa:bb:cc:dd:ee:01",
    "10.20.30.40",
    "fd00:1234::17",
    "hunter2",
    "ghp_0123456789abcdefABCDEF0123456789abcd",
    "hf_AbCdEfGhIjKlMnOpQrStUv0123456789ab",
    "sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1",
    "d41d8cd98f00b204e9800998ecf8427e0000",
};

ProcGpu proc_gpu(const std::string& digits) {
  ProcGpu gpu;
  gpu.uuid = {"GPU-" + digits, seen};
  return gpu;
}

World with_secrets() {
  World w;
  w.machine.origin = "observed";
  w.machine.env = {
      {"HOME", "/home/alice"},
      {"USER", "alice"},
      {"HOSTNAME", "node17.cluster.example"},
      {"HF_TOKEN", "hf_AbCdEfGhIjKlMnOpQrStUv0123456789ab"},
      {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1"},
      {"LD_LIBRARY_PATH", "/home/alice/lib:/usr/local/cuda-12.4/lib64:/scratch/alice/x:~bwong/y"},
      {"PYTHONPATH", "/home/alice/bin:/mnt/home/bwong/bin:/usr/bin"},
      {"CUDA_VISIBLE_DEVICES", std::string("GPU-") + uuid + ",GPU-8932F937,1"},
      {"CUDA_CACHE_PATH", "/data/alice-cache/node17/nv"},
      {"CONDA_CHANNEL", "https://alice:hunter2@repo.cluster.example/conda"},
      {"CONDA_TOKEN", "hunter2"},
      {"TORCH_HOME", "https://ghp_0123456789abcdefABCDEF0123456789abcd@github.com/x"},
      {"TRITON_KEY", "sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2"},
      {"NCCL_COMM_ID", "10.20.30.40:12345"},
      {"NCCL_ROOT", "fd00:1234::17"},
      {"NCCL_HCA", "aa:bb:cc:dd:ee:01"},
      {"TORCH_RDZV", "id=d41d8cd98f00b204e9800998ecf8427e0000,wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1"},
      {"XLA_AUTH",
       "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"},
      {"TF_S3", "AKIAIOSFODNN7EXAMPLE"},
  };
  auto& o = w.observed.emplace();
  o.kernel.gpus = {proc_gpu(other_uuid), proc_gpu(uuid)};
  o.kernel.blacklisted = {"/home/alice/modprobe.conf", {Source::Kind::path, "/home/alice/modprobe.conf"}};
  o.preloads = {"/home/bwong/libhook.so"};
  o.os.kernel = {"6.1.0-18-amd64", seen};
  o.variables = {{"LD_LIBRARY_PATH", "/home/alice/lib", "/home/alice/.bashrc", 3},
                 {"HISTFILE", "/home/alice/.h", "", 0}};
  o.environments = {{"/home/alice/venv", "venv", true, "3.12", {"torch 2.9.1+cu130"}}};
  o.compiler.is = Unreadable{"/home/bwong/bin/cc: EACCES"};
  auto& s = w.subjects.emplace_back();
  s.id = "s0", s.kind = Subject::Kind::distribution, s.name = "torch", s.version = "2.9.1+cu130";
  s.path = s.environment = "/home/alice/venv";
  s.members.emplace_back().bin.path =
      "/home/alice/venv/lib/python3.12/site-packages/torch/lib/libtorch_cuda.so";
  s.unread = {{"/home/alice/venv/x", {}, {"gap.link-outside", {{"target", "/home/bwong/x"}}}}};
  auto path = s.members[0].bin.path;
  auto& file = w.files.files[path];
  file = {.kind = IndexedFile::Kind::file, .real = path};
  file.object.emplace().dyn.runpath = "$ORIGIN:/home/alice/lib";
  w.files.listed = {"/home/alice/lib", "/home/bwong"};
  w.files.cache = {std::vector<CachedLibrary>{{"libx.so", "/home/alice/lib/libx.so", 0x303}}, {}};
  return w;
}

std::string text_of(const World& w) { return recording_of({.world = w, .redacted = true}); }

TEST(Redact, NothingPlantedSurvives) {
  auto before = text_of(with_secrets());
  for (auto& secret : planted) EXPECT_TRUE(before.contains(secret)) << secret << ": is not in the test";
  auto text = text_of(redact(with_secrets()));
  for (auto& secret : planted) EXPECT_FALSE(text.contains(secret)) << secret << '\n' << text;
}

/// Puts secrets into every text of a value.
struct Plant {
  void text(std::string_view, std::string& s) {
    s = "/home/alice/" + s + " /data/node17/alice GPU-" + uuid + " ghp_0123456789abcdefABCDEF0123456789abcd";
  }
  void variables(std::map<std::string, std::string>& all) {
    for (auto& [name, value] : all) text(name, value);
    all["LD_LIBRARY_PATH"] = "/home/alice/lib";
  }
  void variables(std::vector<SetVariable>& all) {
    for (auto& v : all) {
      v.name = "CUDA_HOME";
      text("", v.value);
      text("", v.file);
    }
  }
  void files(FileIndex& index) {
    std::map<std::string, IndexedFile> files;
    for (auto& [path, file] : index.files) {
      if (file.object) each_string(*file.object, *this);
      text("", file.real);
      text("", file.unreadable);
      files["/home/alice" + path] = file;
    }
    index.files = std::move(files);
    for (auto& folder : index.listed) text("", folder);
  }
};

TEST(Redact, NoTextOfTheModelIsLeftOut) {
  RandomModel random(11);
  Plant plant;
  for (int i = 0; i < 30; i++) {
    auto world = random.some<World>();
    auto report = random.some<Report>();
    each_string(world, plant);
    each_string(report, plant);
    Redactor redactor({.users = {}, .hosts = {"node17"}});
    auto text =
        recording_of({.world = redactor.redacted(world)}) + write_json(redactor.redacted(report)).dump();
    for (auto secret : {"alice", "node17", uuid, "ghp_"}) {
      auto at = text.find(secret);
      ASSERT_EQ(at, text.npos) << text.substr(at < 200 ? 0 : at - 200, 400);
    }
  }
}

TEST(Redact, APackageNamedAfterItsAuthorHidesNobody) {
  World w;
  w.machine.env = {{"LD_LIBRARY_PATH", "/data/zaphod/lib:/usr/lib/wsl/lib:/opt/torch/lib"}};
  w.subjects.resize(2);
  w.subjects[0].name = "zaphod_ext";
  w.subjects[1].name = "torch";
  auto env = redact(w, {.users = {"zaphod", "wsl", "torch"}}).machine.env;
  EXPECT_EQ(env["LD_LIBRARY_PATH"], "/data/user1/lib:/usr/lib/wsl/lib:/opt/torch/lib");
}

TEST(Redact, TwiceIsOnce) {
  World addresses;
  addresses.machine.env = {{"NCCL_COMM_ID", "10.20.30.40:1"},
                           {"CONDA_CHANNEL", "https://a:b@node17.example/x"}};
  for (auto id : {"10.20.30.40:1", ")10.20.30.40:1", "10.20.30.40(:1", "10.20.30.46-c12f-20bd9faed9f6,x,0"}) {
    addresses.machine.env["NCCL_COMM_ID"] = id;
    auto redacted = redact(addresses);
    EXPECT_EQ(redact(redacted), redacted) << id;
  }
  for (auto device :
       {"GPU-8932f937-@d72c-4106-c12f-.0bd9faed9f6", "GPU-39f83937-d72c-4106-@12f-20bd9faed9f6"}) {
    World slip;
    slip.machine.env = {{"CUDA_DEVICE_ORDER", device}};
    EXPECT_EQ(redact(redact(slip)), redact(slip)) << device;
  }
  for (size_t length : {60, 70, 250, 300}) {
    World host;
    host.machine.env = {{"CONDA_CHANNEL", "https://a:b@node" + std::string(length, 'j') + ".example/x"}};
    EXPECT_EQ(redact(redact(host)), redact(host)) << length;
    EXPECT_EQ(redact(host).machine.env["CONDA_CHANNEL"].find("jjjj"), std::string::npos) << length;
  }
  World both;  // by its name a secret, and a machine
  both.machine.env = {{"NCCL_COOKIE_COMM_ID", "10.20.30.40:1"},
                      {"CONDA_CHANNEL", "https://node17.example/x"}};
  EXPECT_EQ(redact(redact(both)), redact(both));
  auto once = redact(with_secrets());
  EXPECT_EQ(text_of(redact(once)), text_of(once));
  RandomModel random(12);
  Plant plant;
  for (int i = 0; i < 30; i++) {
    auto world = random.some<World>();
    if (i % 2) each_string(world, plant);
    once = redact(world);
    ASSERT_EQ(text_of(redact(once)), text_of(once));
  }
}

TEST(Redact, WhatDecidesStays) {
  auto w = redact(with_secrets());
  auto& env = w.machine.env;
  EXPECT_EQ(env["LD_LIBRARY_PATH"], "/home/user1/lib:/usr/local/cuda-12.4/lib64:/scratch/user1/x:~user2/y");
  EXPECT_EQ(env["PYTHONPATH"], "/home/user1/bin:/mnt/home/user2/bin:/usr/bin");
  // The GPUs are numbered as the driver lists them. A shortened UUID stays a shortened one of the same GPU.
  EXPECT_EQ(*w.observed->kernel.gpus[0].uuid, "GPU-00000001-0000-0000-0000-000000000000");
  EXPECT_EQ(*w.observed->kernel.gpus[1].uuid, "GPU-00000002-0000-0000-0000-000000000000");
  EXPECT_EQ(env["CUDA_VISIBLE_DEVICES"], "GPU-00000002-0000-0000-0000-000000000000,GPU-00000002,1");
  EXPECT_EQ(env["CUDA_CACHE_PATH"], "/data/user1-cache/host1/nv");
  EXPECT_EQ(w.subjects[0].name, "torch");
  EXPECT_EQ(w.subjects[0].version, "2.9.1+cu130");
  EXPECT_EQ(*w.observed->os.kernel, "6.1.0-18-amd64");
  auto path = "/home/user1/venv/lib/python3.12/site-packages/torch/lib/libtorch_cuda.so";
  EXPECT_EQ(w.subjects[0].members[0].bin.path, path);
  EXPECT_EQ(w.files.look(path)->real, path);
  EXPECT_EQ(w.files.look(path)->object->dyn.runpath, "$ORIGIN:/home/user1/lib");
  EXPECT_EQ(w.files.look("/home/user1/lib/none")->kind, IndexedFile::Kind::absent);
}

TEST(Redact, OnlyVariablesThatMatterAreKept) {
  for (auto name : {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "LD_PRELOAD", "PYTHONPATH",
                    "VIRTUAL_ENV", "CONDA_PREFIX", "GLIBC_TUNABLES", "OMP_NUM_THREADS",
                    "TORCH_CUDA_ARCH_LIST", "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS"})
    EXPECT_NE(use_of_variable(name), VariableUse::none) << name;
  for (auto name : {"HOME", "USER", "HOSTNAME", "HF_TOKEN", "AWS_PROFILE", "SSH_AUTH_SOCK", "PS1", "PATH", "",
                    "TF_CLI_CONFIG_FILE", "TF_VAR_password", "TF_TOKEN_example_com"})
    EXPECT_EQ(use_of_variable(name), VariableUse::none) << name;
  auto w = redact(with_secrets());
  EXPECT_FALSE(w.machine.env.contains("HOME"));
  EXPECT_FALSE(w.machine.env.contains("HF_TOKEN"));
  ASSERT_EQ(w.observed->variables.size(), 1u);
  EXPECT_EQ(w.observed->variables[0].file, "/home/user1/.bashrc");
}

std::string variable(const std::string& name, const std::string& value, Private known = {}) {
  World w;
  w.machine.env[name] = value;
  return redact(w, known).machine.env[name];
}

TEST(Redact, LooksLikeASecretAndIsNone) {
  for (auto [name, value] : {
           std::pair{"NVIDIA_REQUIRE_CUDA", "cuda>=12.4 brand=tesla,driver>=470,driver<471"},
           {"NV_CUDA_LIB_VERSION", "12.4.1-1"},
           {"NV_CUDNN_VERSION", "9.10.2.21"},
           {"LD_LIBRARY_PATH",
            "/opt/cudnn-8.9.7.29/lib:/opt/1.2.3.4/lib:/nix/store/"
            "0c5a5w1pn4nxbwzmwmpb2ilvsl6ixrhv-cuda_nvcc-12.4.99/lib"},
           {"CUDA_HOME", "/usr/local/cuda"},
           {"TORCH_CUDA_ARCH_LIST", "7.5 8.0 8.6+PTX"},
           {"GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=2000"},
           {"LD_PRELOAD", "libsk-learn-contrib-of-something.so"},
           {"NCCL_SOCKET_IFNAME", "eth0"},
           {"CUDA_CACHE_PATH", "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"},
           {"PYTHONPATH", "/home/linuxbrew/.linuxbrew/bin:/root/bin:/usr/bin"},
           {"OMP_NUM_THREADS", "8"},
           {"NCCL_HOST", "127.0.0.1:29500"},
       })
    EXPECT_EQ(variable(name, value), value) << name;
}

TEST(Redact, ListsOfDevicesKeepTheirMeaning) {
  auto list = [](const std::string& value) {
    World w;
    auto& o = w.observed.emplace();
    for (auto u : {"8932f937-d72c-4106-c12f-20bd9faed9f6", "8932aaaa-d72c-4106-c12f-20bd9faed9f6"})
      o.kernel.gpus.push_back(proc_gpu(u));
    w.machine.env["CUDA_VISIBLE_DEVICES"] = value;
    return redact(w).machine.env["CUDA_VISIBLE_DEVICES"];
  };
  for (auto same : {"", "0", "0,1", "-1", "all", "none", "GPU-", "NoDevFiles", "0,,1", ",", "GPU-xyz"})
    EXPECT_EQ(list(same), same);
  EXPECT_EQ(list("GPU-8932f"), "GPU-00000001");
  EXPECT_EQ(list("GPU-8932"), "GPU-0000");    // could be both, before and after
  EXPECT_EQ(list("GPU-77"), "GPU-00000003");  // of no GPU, before and after
  EXPECT_EQ(list("MIG-GPU-8932f937-d72c-4106-c12f-20bd9faed9f6/1/0"),
            "MIG-GPU-00000001-0000-0000-0000-000000000000/1/0");
  EXPECT_EQ(list("MIG-5c3cf4a1-08b1-91e7-7d7b-4e5a0f3f7c11,0"), "MIG-00000001-0000-0000-0000-000000000000,0");
}

TEST(Redact, UsersWhoAreCalledLikeSomethingElse) {
  // A user called "torch" or "cu121" must not rename packages and folders of libraries.
  for (auto user : {"torch", "cu121", "lib", "nvidia", "12"}) {
    auto name = std::string(user);
    auto path = "/opt/" + name + "/lib:/home/" + name + "/lib";
    EXPECT_EQ(variable("LD_LIBRARY_PATH", path, {.users = {name}}), "/opt/" + name + "/lib:/home/user1/lib");
  }
  World w;
  w.machine.env = {{"USER", "ada"}, {"LD_LIBRARY_PATH", "/data/ada/lib:/data/adapter/lib"}};
  w.machine.gpus.resize(1);
  w.machine.gpus[0].name = {"rtx-6000-ada", {Source::Kind::knowledge, "gpu/rtx-6000-ada"}};
  w = redact(w);
  EXPECT_EQ(w.machine.env["LD_LIBRARY_PATH"], "/data/user1/lib:/data/adapter/lib");
  EXPECT_EQ(*w.machine.gpus[0].name, "rtx-6000-ada");
  EXPECT_EQ(w.machine.gpus[0].name.from.where, "gpu/rtx-6000-ada");
  // Two letters are a user only where a whole component is.
  EXPECT_EQ(variable("PYTHONPATH", "/data/li/bin:/data/li-b/bin:/lib/li.so", {.users = {"li"}}),
            "/data/user1/bin:/data/li-b/bin:/lib/li.so");
}

TEST(Redact, CgroupsAreCalledLikeUsersAndJobs) {
  World w;
  w.observed.emplace();
  auto& limits = w.observed->limits;
  auto from = [](const char* path) { return Source{Source::Kind::path, path}; };
  limits.memory = {1, from("/sys/fs/cgroup/slurm/uid_1000/job_4711/memory.max")};
  limits.cpus.from = from("/sys/fs/cgroup/cpu.max");
  limits.shm = {1, from("/dev/shm/of/alice")};
  limits = redact(w).observed->limits;
  EXPECT_EQ(limits.memory.from.where, "/sys/fs/cgroup/.../memory.max");
  EXPECT_EQ(limits.cpus.from.where, "/sys/fs/cgroup/cpu.max");
  EXPECT_EQ(limits.shm.from.where, "/dev/shm/of/alice");
}

TEST(Redact, NumbersComeInTheOrderOfTheMachine) {
  EXPECT_EQ(variable("PYTHONPATH", "/home/zoe/bin:/home/bob/bin:/home/zoe/x"),
            "/home/user1/bin:/home/user2/bin:/home/user1/x");
  EXPECT_EQ(variable("PYTHONPATH", "/home/zoe/bin:/home/bob/bin", {.users = {"bob"}}),
            "/home/user2/bin:/home/user1/bin");
  // Somebody may really be called user1.
  EXPECT_EQ(variable("PYTHONPATH", "/home/user1/bin:/home/bob/bin"), "/home/user1/bin:/home/user2/bin");
}

TEST(Redact, HostsInVariables) {
  for (auto& [name, value, after] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"NCCL_COMM_ID", "10.1.2.3:29500", "ip1:29500"},
           {"NCCL_COMM_ID", "gpu-login7:29500", "host1:29500"},
           {"NCCL_COMM_ID", "n1:29500", "host1:29500"},
           {"NCCL_COMM_ID", "[fd00:12::7]:29500", "[ip1]:29500"},
           {"NCCL_COMM_ID", "localhost:29500", "localhost:29500"},
           {"NCCL_IB_ADDR_FAMILY", "AF_INET6", "AF_INET6"},
           {"CUDA_MPS_ADDR", "tcp://node9.corp.example:1234", "tcp://host1:1234"},
           {"NCCL_PEERS_ENDPOINT", "login7.corp.example,login8:400", "host1,host2:400"},
           {"TORCH_SETTINGS", "--rdzv=gpu7.corp.example:29400 --x", "--rdzv=host1:29400 --x"},
           {"TORCH_SETTINGS", "bob@login7.corp.example", "user1@host1"},
           {"PYTHONPATH", "/x:http://wheels.corp.example/simple", "/x:http://host1/simple"},
           {"UCX_TLS_NET", "fd00:1234::/64", "ip1/64"},
           {"UCX_SOCKET", "::ffff:10.0.0.9", "::ffff:ip1"}})
    EXPECT_EQ(variable(name, value), after) << name << '=' << value;
  // Settings that are written like hosts with ports.
  for (auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:5120,garbage_collection_threshold:0.6"},
           {"CUBLAS_WORKSPACE_CONFIG", ":4096:8:16384:2"},
           {"NCCL_IB_HCA", "mlx5_0:1,mlx5_1:1"},
           {"TORCH_HOME", "https://huggingface.co/models"},
           {"LD_PRELOAD", "libfoo.so:libbar.so.2024"}})
    EXPECT_EQ(variable(name, value), value) << name;
}

/// What is said of a machine in one variable is replaced in the others.
TEST(Redact, AHostIsOneEverywhere) {
  World w;
  w.machine.env = {{"MASTER_ADDR", "login7.corp.example"},
                   {"NCCL_COMM_ID", "login7:29500"},
                   {"LD_LIBRARY_PATH", "/opt/login7/lib"}};
  w = redact(w);
  EXPECT_FALSE(w.machine.env.contains("MASTER_ADDR"));
  EXPECT_EQ(w.machine.env["NCCL_COMM_ID"], "host1:29500");
  EXPECT_EQ(w.machine.env["LD_LIBRARY_PATH"], "/opt/host1/lib");
}

TEST(Redact, SecretsInFlagsAndQueries) {
  for (auto& [value, after] : std::vector<std::pair<std::string, std::string>>{
           {"--password=hunter2 --x=1", "--password=secret1 --x=1"},
           {"--token hunter2 --x", "--token secret1 --x"},
           {"--api-key=hunter2", "--api-key=secret1"},
           {"--apiKey hunter2", "--apiKey secret1"},
           {"--hf-token='hunter2' y", "--hf-token='secret1' y"},
           {"a --secret_key=hunter2,b", "a --secret_key=secret1,b"},
           {"Authorization: Bearer hunter2", "Authorization: Bearer secret1"},
           {"/x:/y?token=hunter2:/z", "/x:/y?token=secret1:/z"},
           {"/mnt/share?sig=hunter2&x=1", "/mnt/share?sig=secret1&x=1"}})
    for (auto name : {"PYTHONPATH", "NVCC_APPEND_FLAGS", "XLA_FLAGS"})
      EXPECT_EQ(variable(name, value), after) << name << '=' << value;
  for (auto value : {"--xla_gpu_autotune_level=2", "--max-tokens=4096", "--tokenizer=abc", "--token --x",
                     "--keys=1", "--author=x", "-O3"})
    EXPECT_EQ(variable("XLA_FLAGS", value), value);
}

TEST(Redact, SecretsInUrls) {
  EXPECT_EQ(variable("CONDA_CHANNELS", "https://repo.corp.example/t/tk-abcdef0123456789/get/main"),
            "https://host1/t/secret1/get/main");
  EXPECT_EQ(variable("CONDA_CHANNELS", "https://repo.corp.example/t/linux-64/x"),
            "https://host1/t/linux-64/x");
  EXPECT_EQ(variable("XLA_FLAGS", "--foo=s3://AKIAIOSFODNN7EXAMPLE:wJalrXUt/K7MDENG/bPx@bucket/x"),
            "--foo=s3://secret1:secret2@bucket/x");
  EXPECT_EQ(variable("VLLM_PASS", "hunter2"), "secret1");
}

TEST(Redact, TokensInPathsAndWithoutDigits) {
  for (std::string token :
       {"AKIAIOSFODNNABEXAMPL", "ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2", "ASIAIOSFODNN7EXAMPLE",
        "xai-abcdefghijklmnopqrstuvwxyz012345678", "r8_abcdefghijklmnopqrstuvwxyz01234567890",
        "sk_live_abcdefgh12345678", "tgp_v1_abcdefghijklmnopqrstuvwxyz0123456789",
        "wandb_v1_abcdefghijklmnopqrstuvwx"}) {
    EXPECT_EQ(variable("PYTHONPATH", "/srv/" + token + "/x"), "/srv/secret1/x") << token;
    World w;
    w.observed.emplace().preloads = {"/srv/" + token + "/libx.so"};
    EXPECT_EQ(redact(w).observed->preloads[0], "/srv/secret1/libx.so") << token;
  }
}

TEST(Redact, UsersInOtherLayouts) {
  for (std::string folder :
       {"/data/users/", "/users/", "/u/", "/gpfs/fs1/", "/lustre/scratch/", "/scratch/", "/work/",
        "/mnt/home/", "/export/home/", "/scratch/users/", "/home2/", "/n/home01/", "/global/homes/j/",
        "/afs/cern.example/user/j/", "/project/grp/", "/mnt/data/", "/vol/people/"})
    EXPECT_EQ(variable("LD_LIBRARY_PATH", folder + "jdoe/lib:/opt/jdoe/lib:/usr/lib"),
              folder + "user1/lib:/opt/user1/lib:/usr/lib")
        << folder;
  // The same places hold software.
  for (std::string path : {"/work/cuda-12.4/lib64", "/scratch/miniconda3/lib", "/gpfs/apps/cuda/lib",
                           "/u/lib/x", "/work/torch-env/lib", "/opt/work/jdoe/lib", "/projects/ml/torch/lib",
                           "/lib/modules/6.1/updates/dkms", "/etc/nv_tegra_release", "/scratch/venv/lib"})
    EXPECT_EQ(variable("LD_LIBRARY_PATH", path), path);
  EXPECT_EQ(variable("NCCL_TOPO_FILE", "C:\\Users\\jdoe\\x.json"), "C:\\Users\\user1\\x.json");
  // Nor are folders of drivers, whoever is called so.
  EXPECT_EQ(
      variable("LD_LIBRARY_PATH", "/lib/modules/6.1/updates/dkms", {.users = {"updates"}, .hosts = {"dkms"}}),
      "/lib/modules/6.1/updates/dkms");
  // Such a name is replaced as a whole folder only.
  EXPECT_EQ(variable("LD_LIBRARY_PATH", "/work/chroma/lib:/opt/chroma-db/lib"),
            "/work/user1/lib:/opt/chroma-db/lib");
}

TEST(Redact, AUserOfOneLetter) {
  EXPECT_EQ(variable("PYTHONPATH", "/home/u/bin:/u/u/x:/opt/u/bin:/lib/u", {.users = {"u"}}),
            "/home/user1/bin:/u/user1/x:/opt/u/bin:/lib/u");
  EXPECT_EQ(variable("TORCH_HOME", "https://u@repo.corp.example/x", {.users = {"u"}}),
            "https://user1@host1/x");
}

TEST(Redact, DamagedIdentitiesOfDevices) {
  for (std::string id :
       {"GPU-8932f937-d72c-4106-c12f-20bd9faed9", "GPU-8932f937", "GPU-8932f937d72c4106c12f20bd9faed9f6",
        "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6a", "GPU-8932f937_d72c_4106_c12f_20bd9faedxyz"}) {
    EXPECT_EQ(variable("CUDA_VISIBLE_DEVICES", id).find("8932"), std::string::npos) << id;
    World w;
    w.observed.emplace().compiler.is = Unreadable{"of " + id + ": no"};
    EXPECT_EQ(std::get<Unreadable>(redact(w).observed->compiler.is).why, "of GPU-00000001: no") << id;
  }
  World w;
  w.observed.emplace().kernel.gpus = {proc_gpu(other_uuid), proc_gpu(uuid)};
  w.machine.env["CUDA_VISIBLE_DEVICES"] = "GPU-8932f937-d72c-4106-c12f-20bd";
  EXPECT_EQ(redact(w).machine.env["CUDA_VISIBLE_DEVICES"], "GPU-00000002");
}

}  // namespace
}  // namespace cufit
