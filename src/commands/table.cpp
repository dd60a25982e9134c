#include "commands/table.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cufit::commands {

namespace {

using Words = std::string_view;

constexpr std::array<Words, 2> passes = {"usual", "full"};
constexpr std::array<Words, 2> formats = {"text", "json"};
constexpr std::array<Words, 5> check_formats = {"text", "json", "sarif", "junit", "html"};
constexpr std::array<Words, 2> languages = {"en", "zh"};
constexpr std::array<Words, 3> platforms = {"linux", "windows", "wsl"};
constexpr std::array<Words, 2> severities = {"limited", "unfit"};

constexpr Option pass{"pass", 0, "PASS", passes};
constexpr Option format{"format", 0, "FORMAT", formats};
constexpr Option json{"json"};
constexpr Option why{"why"};
constexpr Option quiet{"quiet", 'q'};
constexpr Option data{"data", 0, "DIR", {}, true};

constexpr std::array global = {
    Option{"lang", 0, "LANG", languages},
    Option{"help", 'h'},
    Option{"version"},
};

// The machine that is judged for.
constexpr Option gpu{.name = "gpu", .value = "LIST", .repeats = true, .of_machine = true};
constexpr Option driver{.name = "driver", .value = "VERSION", .of_machine = true};
constexpr Option driver_cuda{.name = "driver-cuda", .value = "VERSION", .of_machine = true};
constexpr Option compat{.name = "compat", .value = "PACKAGE", .of_machine = true};
constexpr Option platform{.name = "platform", .value = "OS", .choices = platforms, .of_machine = true};
constexpr Option arch{.name = "arch", .value = "ARCH", .of_machine = true};
constexpr Option glibc{.name = "glibc", .value = "VERSION", .of_machine = true};
constexpr Option python{.name = "python", .value = "VERSION", .of_machine = true};
constexpr Option env{"env", 0, "NAME=VALUE", {}, true};  // beside a fleet: on all its machines
constexpr Option index_map{"index-map", 0, "FROM=TO", {}, true};

constexpr Option machine{.name = "machine", .value = "FILE", .of_machine = true};
constexpr Option root{"root", 0, "DIR"};
constexpr Option no_cache{"no-cache"};

constexpr std::array check_options = {
    gpu,
    driver,
    machine,
    Option{"fleet", 0, "FILE"},
    Option{"pid", 0, "PID"},
    Option{"requirement", 'r', "FILE", {}, true},
    driver_cuda,
    compat,
    env,
    platform,
    arch,
    glibc,
    python,
    index_map,
    root,
    no_cache,
    pass,
    Option{"format", 0, "FORMAT", check_formats},
    json,
    why,
    Option{"fix"},
    Option{"fail-on", 0, "VERDICT", severities},
    quiet,
    data,
};
constexpr std::array<Words, 10> check_examples = {
    "cufit check /opt/venv",
    "cufit check --pid 4711",
    "cufit check --machine me.json",
    "cufit check torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl --gpu a800 --driver 470.129.06",
    "cufit check kernel.cubin app libfoo.so wheels/ --gpu rtx4090,h100 --driver 535.183.01 --json",
    "cufit check big.whl --gpu v100",
    "cufit check /opt/venv --gpu a800 --driver 470.129.06 --fix",
    "cufit check 'torch==2.9.1+cu130' vllm==0.11.0 --gpu v100 --driver 580.95.05",
    "cufit check -r requirements.txt --fleet fleet.toml",
    "cufit check app --gpu sm_120 --driver R580 --env CUDA_FORCE_PTX_JIT=1 --why",
};

constexpr std::array pick_options = {
    gpu,    driver, machine,       driver_cuda,
    compat, env,    platform,      arch,
    glibc,  python, index_map,     format,
    json,   why,    Option{"fix"}, Option{"fail-on", 0, "VERDICT", severities},
    quiet,  data,
};
constexpr std::array<Words, 3> pick_examples = {
    "cufit pick torch --gpu v100 --driver 580.95.05 --python 3.12",
    "cufit pick 'torch>=2.6,<2.10' --gpu a800,rtx4090 --driver R535",
    "cufit pick vllm --gpu rtx5090 --driver 570.133.07 --json",
};

constexpr std::array inspect_options = {Option{"libs"}, machine, env, root,  no_cache, pass,
                                        format,         json,    why, quiet, data};
constexpr std::array<Words, 5> inspect_examples = {
    "cufit inspect --libs /opt/venv",
    "cufit inspect --libs --machine me.json",
    "cufit inspect libtorch_cuda.so",
    "cufit inspect torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl --why",
    "cufit inspect --pass usual --json libcublasLt.so.13",
};

constexpr std::array screen_options = {
    machine,  root,          env,
    no_cache, format,        json,
    why,      Option{"fix"}, Option{"fail-on", 0, "VERDICT", severities},
    quiet,    data,
};
constexpr std::array<Words, 3> screen_examples = {"cufit", "cufit --machine me.json",
                                                  "cufit --root /mnt/image --json"};

constexpr std::array<Words, 3> proofs = {"none", "kernel", "python"};
constexpr Option proof{"proof", 0, "HOW", proofs}, deadline{"deadline", 0, "SECONDS"};
constexpr std::array doctor_options = {
    proof,
    deadline,
    Option{"log", 0, "FILE"},
    Option{"watch"},
    Option{"normal"},
    machine,
    root,
    env,
    no_cache,
    pass,
    format,
    json,
    why,
    Option{"fix"},
    Option{"fail-on", 0, "VERDICT", severities},
    quiet,
    data,
};
constexpr std::array<Words, 6> doctor_examples = {
    "cufit doctor",
    "cufit doctor --log train.log",
    "cufit doctor /opt/venv --proof=python --json",
    "cufit doctor --machine a800-470.json",
    "cufit doctor --watch && python train.py",
    "cufit doctor --env CUDA_VISIBLE_DEVICES=0 --proof=none",
};

constexpr std::array explain_options = {
    Option{"message", 'm', "TEXT", {}, true},
    Option{"tee"},
    Option{"follow"},
    machine,
    format,
    json,
    why,
    Option{"fix"},
    quiet,
    data,
};
constexpr std::array<Words, 5> explain_examples = {
    "cufit explain train.log",
    "cufit explain -m cudaErrorNoKernelImageForDevice",
    "cufit explain --machine theirs.json issue.txt --json",
    "cufit explain --follow train.log",
    "cufit explain --tee -",
};

constexpr std::array record_options = {
    Option{"output", 'o', "FILE"}, Option{"no-redact"}, proof, deadline, root, no_cache, pass, quiet, data,
};
constexpr std::array<Words, 3> record_examples = {
    "cufit record -o me.json",
    "cufit record /opt/venv -o me.json",
    "cufit record --proof=kernel -o me.json",
};

constexpr std::array diff_options = {format, json, why, quiet, data};
constexpr std::array<Words, 2> diff_examples = {
    "cufit diff good.json bad.json",
    "cufit diff --json before.json after.json",
};

constexpr std::array show_options = {format, json, data};
constexpr std::array<Words, 4> show_examples = {
    "cufit show SASS-1",
    "cufit show a800 sm_120 AD102",
    "cufit show R470 470.129.06 cuda-12.4 ptx-8.4",
    "cufit show 209 cudaErrorInsufficientDriver",
};

constexpr std::array<Words, 3> completion_examples = {
    "cufit completion bash > ~/.local/share/bash-completion/completions/cufit",
    "cufit completion zsh > ~/.zfunc/_cufit",
    "cufit completion fish > ~/.config/fish/completions/cufit.fish",
};
constexpr std::array<Words, 1> help_examples = {"cufit help check"};

constexpr std::array judged_exits = {ExitCode{"0", "exit.fits"}, ExitCode{"1", "exit.unfit"},
                                     ExitCode{"2", "exit.failed"}, ExitCode{"3", "exit.undecided"}};
constexpr std::array screen_exits = {ExitCode{"0", "exit.machine-works"}, ExitCode{"1", "exit.machine-fails"},
                                     ExitCode{"2", "exit.failed"}};
constexpr std::array doctor_exits = {ExitCode{"0", "exit.machine-works"}, ExitCode{"1", "exit.machine-fails"},
                                     ExitCode{"2", "exit.failed"}, ExitCode{"3", "exit.undecided"}};
constexpr std::array explain_exits = {ExitCode{"0", "exit.cause-found"}, ExitCode{"2", "exit.failed"},
                                      ExitCode{"3", "exit.none-sure"}};
constexpr std::array diff_exits = {ExitCode{"0", "exit.equal"}, ExitCode{"1", "exit.differs"},
                                   ExitCode{"2", "exit.failed"}};
constexpr std::array other_exits = {ExitCode{"0", "exit.done"}, ExitCode{"2", "exit.failed"}};

constexpr size_t any = SIZE_MAX;

constexpr std::array commands = {
    Command{"check", "[TARGET...]", Operands::files, 0, any, check, check_options, check_examples,
            judged_exits, true},
    Command{"inspect", "FILE...", Operands::files, 1, any, inspect, inspect_options, inspect_examples,
            other_exits},
    Command{"pick", "PACKAGE...", Operands::packages, 1, any, pick, pick_options, pick_examples, judged_exits,
            true},
    Command{"doctor", "[ENV...]", Operands::files, 0, any, doctor, doctor_options, doctor_examples,
            doctor_exits},
    Command{"explain", "[FILE|-]", Operands::files, 0, 1, explain, explain_options, explain_examples,
            explain_exits},
    Command{"record", "[TARGET...]", Operands::files, 0, any, record, record_options, record_examples,
            other_exits},
    Command{"diff", "GOOD BAD", Operands::files, 2, 2, diff, diff_options, diff_examples, diff_exits},
    Command{"show", "ID...", Operands::ids, 1, any, show, show_options, show_examples, other_exits},
    Command{"completion", "SHELL", Operands::shells, 1, 1, completion, {}, completion_examples, other_exits},
    Command{"help", "[COMMAND]", Operands::commands, 0, 1, help, {}, help_examples, other_exits},
};

// What `cufit` does without the name of a command.
constexpr Command screen_command{
    "", "", Operands::files, 0, 0, screen, screen_options, screen_examples, screen_exits};

}  // namespace

const Command& unnamed_command() { return screen_command; }

std::span<const Command> table() { return commands; }

std::span<const Option> global_options() { return global; }

const Command* find_command(std::string_view name) {
  auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace cufit::commands
