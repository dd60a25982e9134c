// [[group]] tables: name, gpu or gpus, driver, count, os, arch, glibc, python, env, compat, wsl.
#include <algorithm>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "collect/fleet.h"

namespace cufit::collect {

namespace {

/// Reads one table; the first thing that is wrong makes it a gap.
class GroupReader {
 public:
  GroupReader(const toml::table& table, const std::string& path) : table_(table), path_(path) {}

  std::expected<FleetEntry, Gap> read() {
    FleetEntry e;
    e.where = path_ + ':' + std::to_string(table_.source().begin.line);
    for (auto& [key, node] : table_) {
      read_key(key.str(), node, e);
      if (gap_) return std::unexpected(*gap_);
    }
    if (e.gpus.empty()) refuse(table_, {"fleet.no-gpu-named"});
    if (gap_) return std::unexpected(*gap_);
    if (e.name.empty()) e.name = e.gpus[0] + (e.driver.empty() ? "" : ' ' + e.driver);
    return e;
  }

 private:
  void read_key(std::string_view key, const toml::node& node, FleetEntry& e) {
    struct Words {
      std::string_view key;
      std::string FleetEntry::* member;
    };
    constexpr Words words[] = {{"name", &FleetEntry::name},    {"driver", &FleetEntry::driver},
                               {"os", &FleetEntry::os},        {"arch", &FleetEntry::arch},
                               {"glibc", &FleetEntry::glibc},  {"python", &FleetEntry::python},
                               {"compat", &FleetEntry::compat}};
    auto word = std::ranges::find(words, key, &Words::key);
    if (word != std::end(words)) return read_string(key, node, e.*(word->member));
    if (key == "gpu" || key == "gpus") return read_gpus(key, node, e);
    if (key == "count") return read_count(node, e);
    if (key == "wsl") return read_switch(node, e);
    if (key == "env") return read_env(node, e);
    refuse(node, {"fleet.unknown-key", {{"key", std::string(key)}}});
  }

  void read_string(std::string_view key, const toml::node& node, std::string& out) {
    auto text = node.value_exact<std::string>();
    if (!text) return refuse(node, {"fleet.not-a-string", {{"key", std::string(key)}}});
    if (text->empty() && key != "env")
      return refuse(node, {"fleet.empty-string", {{"key", std::string(key)}}});
    out = std::move(*text);
  }

  void read_gpus(std::string_view key, const toml::node& node, FleetEntry& e) {
    if (key == "gpu" && !node.is_array()) {
      std::string name;
      read_string(key, node, name);
      e.gpus.push_back(std::move(name));
      return;
    }
    auto* list = node.as_array();
    if (!list) return refuse(node, {"fleet.not-strings", {{"key", std::string(key)}}});
    for (auto& item : *list) {
      std::string name;
      read_string(key, item, name);
      e.gpus.push_back(std::move(name));
    }
  }

  void read_count(const toml::node& node, FleetEntry& e) {
    auto n = node.value_exact<int64_t>();
    // Sums over all groups of a file, which is bounded, must be numbers still.
    constexpr int64_t kMost = 1'000'000'000;
    if (!n || *n < 1 || *n > kMost) return refuse(node, {"fleet.bad-count"});
    e.count = uint64_t(*n);
  }

  void read_switch(const toml::node& node, FleetEntry& e) {
    auto on = node.value_exact<bool>();
    if (!on) return refuse(node, {"fleet.not-a-switch", {{"key", "wsl"}}});
    e.wsl = *on;
  }

  void read_env(const toml::node& node, FleetEntry& e) {
    auto* table = node.as_table();
    if (!table) return refuse(node, {"fleet.bad-env"});
    for (auto& [name, value] : *table) read_string("env", value, e.env[std::string(name.str())]);
  }

  void refuse(const toml::node& node, Text what) {
    if (!gap_) gap_ = Gap{path_ + ':' + std::to_string(node.source().begin.line), {}, std::move(what)};
  }

  const toml::table& table_;
  const std::string& path_;
  std::optional<Gap> gap_;
};

}  // namespace

Result<Fleet> read_fleet_toml(std::string_view text, const std::string& path) {
  auto parsed = toml::parse(text, std::string_view(path));
  if (!parsed)
    return fail(std::string(parsed.error().description()),
                path + ':' + std::to_string(parsed.error().source().begin.line));
  Fleet fleet;
  FleetFold fold;
  for (auto& [key, node] : parsed.table()) {
    auto line = path + ':' + std::to_string(node.source().begin.line);
    auto* groups = node.as_array();
    if (key.str() != "group" || !groups) {
      fleet.unread.push_back({line, {}, {"fleet.not-a-group", {{"key", std::string(key.str())}}}});
      continue;
    }
    for (auto& group : *groups) {
      auto* table = group.as_table();
      if (!table) {
        fleet.unread.push_back({line, {}, {"fleet.not-a-group", {{"key", "group"}}}});
        continue;
      }
      if (auto entry = GroupReader(*table, path).read())
        fold.add(std::move(*entry));
      else
        fleet.unread.push_back(std::move(entry.error()));
    }
  }
  fleet.entries = fold.take();
  if (fleet.entries.empty() && fleet.unread.empty())
    return fail_as("fleet.no-groups", "expected [[group]] tables, found none", path);
  return fleet;
}

}  // namespace cufit::collect
