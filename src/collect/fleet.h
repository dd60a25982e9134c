// A fleet as it was written down: groups of machines, still in the words of the file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/image.h"
#include "model/machine.h"

namespace cufit::collect {

/// Machines that are alike. What the file did not say is empty.
struct FleetEntry {
  std::string name;
  std::string where;  ///< "fleet.toml:12", "nodes.json: node-3", "recordings/a.json"
  uint64_t count = 1;
  std::vector<std::string> gpus;  ///< names as given: "a800", "NVIDIA-A100-SXM4-80GB"
  std::string capability;         ///< "8.0", where the file has it beside the name
  std::string driver;             ///< "470.129.06" or a branch
  std::string os;                 ///< "linux", "windows"
  std::string arch;               ///< "x86_64", "arm64"
  std::string glibc, python, compat;
  bool wsl = false;
  std::map<std::string, std::string> env;
  std::optional<Machine> machine;  ///< a recording: all facts have their types already
  bool operator==(const FleetEntry&) const = default;
};

struct Fleet {
  std::vector<FleetEntry> entries;  ///< in the order of the file, machines with equal facts once
  uint64_t without_gpu = 0;         ///< machines that have none
  std::vector<Gap> unread;          ///< groups, nodes and recordings that could not be understood
};

/// Reads a TOML file of [[group]] tables, the output of `kubectl get nodes -o json`, one recording, or a
/// directory of recordings (*.json). A part that is wrong becomes a gap; it is an error if the whole cannot
/// be read or holds no machine at all.
Result<Fleet> read_fleet(const std::string& path);

// The formats, on text that was read; `path` is for messages.
Result<Fleet> read_fleet_toml(std::string_view text, const std::string& path);
Result<Fleet> read_fleet_json(std::string_view text, const std::string& path);
Result<Fleet> read_recordings(const std::string& directory);

/// Counts machines with equal facts as one entry: names and places are no facts. Entries that differ in
/// nothing else keep the name of the first, with the others' behind it ("lab, farm"; from the fourth on
/// "lab, farm, cloud +2").
class FleetFold {
 public:
  void add(FleetEntry entry);
  std::vector<FleetEntry> take();

 private:
  std::vector<FleetEntry> entries_;
  std::vector<std::vector<std::string>> names_;
  std::map<std::string, size_t> by_facts_;
};

/// The text of a regular file of at most `limit` bytes.
Result<std::string> read_text(const std::string& path, uint64_t limit);

}  // namespace cufit::collect
