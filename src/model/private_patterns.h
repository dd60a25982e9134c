// The tables of redaction: what betrays people, machines and secrets, and what looks like it and does not.
#pragma once

#include <cstddef>
#include <string_view>

namespace cufit {

/// Beginnings of tokens that services give out.
struct TokenForm {
  std::string_view begins;
  size_t least;    ///< characters that follow at least
  bool dashes;     ///< '-' and '_' may follow
  bool has_digit;  ///< only with a digit in it: the beginning is also one of ordinary words ("sk-learn-...")
};
inline constexpr TokenForm token_forms[] = {
    // GitHub: personal, OAuth, user-to-server, server-to-server, refresh, fine-grained
    {"ghp_", 20, false, false},
    {"gho_", 20, false, false},
    {"ghu_", 20, false, false},
    {"ghs_", 20, false, false},
    {"ghr_", 20, false, false},
    {"github_pat_", 20, true, false},
    {"hf_", 20, false, false},  // Hugging Face
    {"npm_", 20, false, true},
    // AWS: long-term, temporary, bearer and context-specific key ids
    {"AKIA", 16, false, false},
    {"ASIA", 16, false, false},
    {"ABIA", 16, false, false},
    {"ACCA", 16, false, false},
    {"AIza", 30, true, true},  // Google
    {"ya29.", 20, true, true},
    {"glpat-", 16, true, true},  // GitLab
    {"dckr_pat_", 16, true, true},
    {"nvapi-", 20, true, true},  // NVIDIA NGC
    {"pypi-", 40, true, true},
    {"xai-", 20, true, true},
    {"gsk_", 20, false, false},  // Groq
    {"r8_", 20, false, false},   // Replicate
    {"tgp_v1_", 20, true, false},
    {"wandb_v1_", 16, true, false},
    {"sk_live_", 16, false, false},  // Stripe
    {"sk_test_", 16, false, false},
    {"sk-", 20, true, true},    // OpenAI, Anthropic and those who copy them
    {"xoxb-", 10, true, true},  // Slack
    {"xoxp-", 10, true, true},
    {"xoxa-", 10, true, true},
    {"xoxr-", 10, true, true},
};

/// Words in the name of a flag, of a member of a query or of an assignment whose value is a secret:
/// --password=, --hf-token X, ?sig=.
inline constexpr std::string_view secret_words[] = {
    "token",  "password",   "passwd", "pass", "pwd",       "passphrase",  "secret",    "apikey",
    "bearer", "credential", "cookie", "sig",  "signature", "credentials", "accesskey", "authkey"};
/// Two words one after the other, in which each alone is none: --api-key.
struct SecretPair {
  std::string_view first, second;
};
inline constexpr SecretPair secret_pairs[] = {{"api", "key"},     {"access", "key"},    {"secret", "key"},
                                              {"private", "key"}, {"account", "key"},   {"auth", "key"},
                                              {"license", "key"}, {"encryption", "key"}};

/// Vendors of EFI variables, the same on every machine: the global one of the UEFI specification, shim's.
inline constexpr std::string_view public_uuids[] = {"8be4df61-93ca-11d2-aa0d-00e098032b8c",
                                                    "605dab50-e046-4300-abb6-3dd810dd8b23"};

/// Where the folders of users lie. `*` is one folder of any name, `#` a number.
struct HomeForm {
  std::string_view folder;
  bool anywhere;  ///< also within a path (/mnt/home/NAME, /export/home/NAME), else only at its beginning
  bool sure;      ///< whatever stands there is a user; else only what looks like an account: the same places
                  ///< hold software (/work/cuda-12.4)
};
inline constexpr HomeForm home_forms[] = {
    {"/home/", true, true},        {"/Users/", true, true},
    {"/homes/", true, true},       {"/home#/", true, true},
    {"\\Users\\", true, true},     {"/users/", true, false},  // /data/users/NAME, /scratch/users/NAME
    {"/user/", true, false},       {"/u/", false, false},
    {"/scratch/", false, false},   {"/work/", false, false},
    {"/gpfs/*/", false, false},    {"/lustre/*/", false, false},
    {"/nfs/*/", false, false},     {"/beegfs/*/", false, false},
    {"/project/*/", false, false}, {"/projects/*/", false, false},
    {"/mnt/data/", false, false},  {"/people/", true, false},
};

/// Parts of variables' names that say that the value names machines: NCCL_COMM_ID, MASTER_ADDR,
/// PET_RDZV_ENDPOINT, SLURM_NODELIST.
inline constexpr std::string_view host_variable_words[] = {"COMM_ID",     "ADDR",     "ENDPOINT",  "HOSTNAME",
                                                           "MASTER_HOST", "NODELIST", "SERVER_URI"};
/// ... and those that look so and do not: NCCL_IB_ADDR_FAMILY=AF_INET6.
inline constexpr std::string_view no_host_words[] = {"ADDR_FAMILY"};

/// Words that paths have anyway, and accounts that are nobody's name. They are replaced only where a home
/// folder stands.
inline constexpr std::string_view usual_words[] = {
    "aarch64",    "admin",       "app",        "bin",        "boot",     "centos",     "compat",
    "conda",      "cublas",      "cuda",       "cudnn",      "data",     "debian",     "dev",
    "dist",       "docker",      "driver",     "env",        "envs",     "etc",        "fedora",
    "gcc",        "glibc",       "gnu",        "home",       "homes",    "hwcaps",     "include",
    "jax",        "lib",         "lib32",      "lib64",      "linux",    "local",      "media",
    "mnt",        "models",      "modules",    "nccl",       "nvidia",   "opt",        "origin",
    "packages",   "proc",        "project",    "projects",   "python",   "rocky",      "root",
    "run",        "scratch",     "shared",     "share",      "site",     "src",        "srv",
    "stubs",      "sys",         "targets",    "tensorflow", "tensorrt", "test",       "tls",
    "tmp",        "torch",       "triton",     "ubuntu",     "usr",      "venv",       "work",
    "workspace",  "x86",         "anaconda",   "anaconda3",  "apps",     "build",      "builds",
    "cache",      "checkpoints", "code",       "containers", "datasets", "easybuild",  "group",
    "groups",     "images",      "install",    "jobs",       "logs",     "mambaforge", "miniconda",
    "miniconda3", "miniforge",   "miniforge3", "ml",         "nvhpc",    "public",     "pytorch",
    "repos",      "sandbox",     "software",   "spack",      "sw",       "temp",       "tools",
    "user",       "users",       "vllm",       "apex",       "attn",     "cupy",       "deepspeed",
    "flash",      "generic",     "kernel",     "kernels",    "nim",      "numba",      "onnxruntime",
    "runtime",    "sglang",      "toolkit",    "wsl",        "xformers", "current",    "dkms",
    "updates",    "pci",         "bus",        "devices",    "tegra",    "libcuda",    "firmware",
    "kmod",       "weak",        "extra",      "nv",         "modprobe", "caps"};

/// Folders where users have theirs that are no user's; linuxbrew is the account that its packages are built
/// for.
inline constexpr std::string_view nobodys_folders[] = {"",    "root",    "linuxbrew", "lib", "lib64",
                                                       "bin", "include", "share",     "..",  "."};

/// Variables whose value is the name of an account, of a machine.
inline constexpr std::string_view user_variables[] = {"USER", "LOGNAME", "USERNAME", "SUDO_USER",
                                                      "CONDA_PROMPT_USER"};
inline constexpr std::string_view host_variables[] = {"HOSTNAME", "HOST", "SLURMD_NODENAME", "NODE_NAME",
                                                      "COMPUTERNAME"};

/// Words in the name of a variable whose value is a secret.
inline constexpr std::string_view secret_variable_words[] = {
    "TOKEN",      "SECRET", "_PASS",   "PASSWORD", "PASSWD", "PASSPHRASE",
    "CREDENTIAL", "COOKIE", "PRIVATE", "_KEY_",    "AUTH"};

/// Hosts that everybody uses name nobody.
inline constexpr std::string_view public_hosts[] = {"localhost",
                                                    "github.com",
                                                    "gitlab.com",
                                                    "pypi.org",
                                                    "files.pythonhosted.org",
                                                    "huggingface.co",
                                                    "hf-mirror.com",
                                                    "download.pytorch.org",
                                                    "pypi.nvidia.com",
                                                    "nvcr.io",
                                                    "conda.anaconda.org",
                                                    "repo.anaconda.com",
                                                    "docker.io",
                                                    "ghcr.io",
                                                    "quay.io",
                                                    "developer.download.nvidia.com",
                                                    "pypi.tuna.tsinghua.edu.cn",
                                                    "mirrors.aliyun.com"};

/// By its name, the variable holds a secret.
bool is_secret_name(std::string_view variable);
bool is_secret_flag(std::string_view name);
bool names_hosts(std::string_view variable);
bool is_public_host(std::string_view host);
bool is_public_uuid(std::string_view uuid);
/// A usual word, or a mark of versions ("cu121", "py39"), whoever else is called so.
bool is_usual_word(std::string_view name);
bool is_nobodys_folder(std::string_view name);
bool names_user(std::string_view variable);
bool names_host(std::string_view variable);

}  // namespace cufit
