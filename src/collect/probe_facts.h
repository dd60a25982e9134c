// The names that the probe gives to facts, and the members of the model that they are.
#pragma once

#include <string_view>

#include "collect/probe_hearing.h"

namespace cufit::collect {

/// Sets the member of this name, if there is one.
void set_fact(NvmlAnswers&, std::string_view name, const ToldFact&);
void set_fact(NvmlGpu&, std::string_view name, const ToldFact&);
void set_fact(GpuPair&, std::string_view name, const ToldFact&);
void set_fact(CudaAnswers&, std::string_view name, const ToldFact&);
void set_fact(CudaGpu&, std::string_view name, const ToldFact&);

/// Sets every member.
void set_all_facts(NvmlGpu&, const ToldFact&);
void set_all_facts(CudaGpu&, const ToldFact&);

}  // namespace cufit::collect
