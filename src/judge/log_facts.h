// What a log says of the machine and the packages it was written with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "knowledge/knowledge.h"
#include "model/log.h"

namespace cufit {

/// A fact and the line that tells it.
struct LogFact {
  std::string name;  ///< "torch", "driver", "gpu", "python", ...: a parameter of texts "explain.fact.NAME"
  std::string value;
  uint64_t line = 0;
};

struct LogFacts {
  std::vector<LogFact> all;  ///< each once, in the order of the log

  std::optional<Version> driver;
  std::optional<Cuda> driver_cuda;  ///< said by the log, or that of the driver
  std::string torch;                ///< "2.1.0+cu121"; empty: not told
  std::optional<Cuda> toolkit;      ///< with which the program was built
  std::vector<std::string> gpus;    ///< as boards are named
  std::optional<Sm> sm;             ///< of the GPU; of several the one that a message complains about
  std::vector<Sm> archs;            ///< which the build has code for, as the log or the catalogue says
};

LogFacts facts_of(const Log&, const Knowledge&);

/// The relation of the GPU to what the build has code for.
enum class ArchRelation : uint8_t { unknown, below, within, above };
ArchRelation relation_of(const LogFacts&);

}  // namespace cufit
