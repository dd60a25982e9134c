// The C compiler of the machine: Triton, and through it torch.compile, builds a small module with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/container.h"
#include "collect/root.h"

namespace cufit::collect {

/// "gcc 12" by the name of a program behind all links: x86_64-linux-gnu-gcc-12, clang-19. Nothing if the name
/// says no version.
std::optional<std::string> compiler_of_name(std::string_view name);

/// As Observed::compiler: the program that $CC names, else the first gcc, cc or clang on PATH, in the order
/// in which Triton looks for them. "gcc 12", by names of files alone; "gcc" where they say no version.
Fact<std::string> find_compiler(const Root& root, const Variables& env);

}  // namespace cufit::collect
