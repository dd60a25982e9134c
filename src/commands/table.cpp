#include "commands/table.h"

#include <algorithm>
#include <array>

namespace cufit::commands {

namespace {

using Words = std::string_view;

constexpr std::array<Words, 2> passes = {"usual", "full"};
constexpr std::array<Words, 2> formats = {"text", "json"};
constexpr std::array<Words, 2> languages = {"en", "zh"};
constexpr std::array<Words, 2> platforms = {"linux", "windows"};
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

constexpr std::array check_options = {
    Option{"gpu", 0, "LIST", {}, true},
    Option{"driver", 0, "VERSION"},
    Option{"fleet", 0, "FILE"},
    Option{"env", 0, "NAME=VALUE", {}, true},
    Option{"platform", 0, "OS", platforms},
    pass,
    format,
    json,
    why,
    Option{"fix"},
    Option{"fail-on", 0, "VERDICT", severities},
    quiet,
    data,
};
constexpr std::array<Words, 4> check_examples = {
    "cufit check torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl --gpu a800 --driver 470.129.06",
    "cufit check kernel.cubin app libfoo.so wheels/ --gpu rtx4090,h100 --driver 535.183.01 --json",
    "cufit check big.whl --gpu v100",
    "cufit check app --gpu sm_120 --driver R580 --env CUDA_FORCE_PTX_JIT=1 --why",
};

constexpr std::array inspect_options = {pass, format, json, why, quiet, data};
constexpr std::array<Words, 3> inspect_examples = {
    "cufit inspect libtorch_cuda.so",
    "cufit inspect torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl --why",
    "cufit inspect --pass usual --json libcublasLt.so.13",
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

constexpr size_t any = SIZE_MAX;

constexpr std::array commands = {
    Command{"check", "TARGET...", Operands::files, 1, any, check, check_options, check_examples},
    Command{"inspect", "FILE...", Operands::files, 1, any, inspect, inspect_options, inspect_examples},
    Command{"show", "ID...", Operands::ids, 1, any, show, show_options, show_examples},
    Command{"completion", "SHELL", Operands::shells, 1, 1, completion, {}, completion_examples},
    Command{"help", "[COMMAND]", Operands::commands, 0, 1, help, {}, help_examples},
};

}  // namespace

std::span<const Command> table() { return commands; }

std::span<const Option> global_options() { return global; }

const Command* find_command(std::string_view name) {
  auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace cufit::commands
