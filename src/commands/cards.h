// Cards of `cufit show`: rows of knowledge and rules, in full, with their sources.
#pragma once

#include <vector>

#include "base/version.h"
#include "judge/rule.h"
#include "knowledge/knowledge.h"
#include "render/card.h"

namespace cufit::commands {

render::Card rule_card(const Rule& rule);
render::Card gpu_card(const GpuRow& row, const Knowledge& knowledge);
render::Card chip_card(const ChipRow& row);
render::Card driver_card(const DriverRow& row);
/// A driver version and the branch that it belongs to.
render::Card driver_version_card(const Version& version, const Knowledge& knowledge);
render::Card toolkit_card(const ToolkitRow& row);
render::Card build_card(const BuildRow& row);
render::Card triton_card(const TritonRow& row);
render::Card compat_card(const ForwardCompatRow& row);
render::Card error_card(const ErrorRow& row);
/// A root cause with what confirms it, what helps and what does not.
render::Card cause_card(const CauseRow& row);
/// A compute capability, with or without chips in the tables: what compiles for it, what runs on it.
render::Card capability_card(Sm sm, const Knowledge& knowledge);
/// A PTX ISA: who writes it, which drivers read it, which targets came with it.
render::Card ptx_isa_card(Isa isa, const Knowledge& knowledge);

}  // namespace cufit::commands
