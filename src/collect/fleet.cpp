#include "collect/fleet.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "model/json.h"

namespace cufit::collect {

namespace {

/// Nodes of the largest clusters come to a few hundred megabytes.
constexpr uint64_t largest_file = uint64_t{1} << 30;

/// All facts of an entry in one line; parts are set off by a byte that texts do not have.
std::string facts_of(const FleetEntry& e) {
  std::string key;
  auto add = [&](std::string_view part) { key.append(part).push_back('\0'); };
  for (auto& gpu : e.gpus) add(gpu);
  add("");
  for (auto* part : {&e.capability, &e.driver, &e.os, &e.arch, &e.glibc, &e.python, &e.compat}) add(*part);
  add(e.wsl ? "wsl" : "");
  for (auto& [name, value] : e.env) add(name), add(value);
  if (!e.machine) return key;
  auto machine = *e.machine;
  for (auto& gpu : machine.gpus) gpu.id.clear();
  return key + write_json(machine).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string joined_names(const std::vector<std::string>& names) {
  constexpr size_t shown = 3;
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), shown); i++) out += (i ? ", " : "") + names[i];
  if (names.size() > shown) out += " +" + std::to_string(names.size() - shown);
  return out;
}

}  // namespace

void FleetFold::add(FleetEntry entry) {
  auto [at, is_new] = by_facts_.emplace(facts_of(entry), entries_.size());
  if (is_new) {
    names_.push_back({entry.name});
    entries_.push_back(std::move(entry));
    return;
  }
  entries_[at->second].count += entry.count;
  auto& names = names_[at->second];
  if (std::ranges::find(names, entry.name) == names.end()) names.push_back(entry.name);
}

std::vector<FleetEntry> FleetFold::take() {
  for (size_t i = 0; i < entries_.size(); i++) entries_[i].name = joined_names(names_[i]);
  return std::move(entries_);
}

Result<std::string> read_text(const std::string& path, uint64_t limit) {
  auto file = File::open(path);
  if (!file) return std::unexpected(file.error());
  if (file->size() > limit)
    return fail("expected at most " + std::to_string(limit) + " bytes, found " + std::to_string(file->size()),
                path);
  std::string text(file->size(), '\0');
  auto* bytes = reinterpret_cast<uint8_t*>(text.data());
  if (auto read = file->read_at(0, {bytes, text.size()}); !read) return std::unexpected(read.error());
  return text;
}

Result<Fleet> read_fleet(const std::string& path) {
  struct stat st;
  if (stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return read_recordings(path);
  auto text = read_text(path, largest_file);
  if (!text) return std::unexpected(text.error());
  auto first = text->find_first_not_of(" \t\r\n");
  bool is_json = first != text->npos && (*text)[first] == '{';
  return is_json ? read_fleet_json(*text, path) : read_fleet_toml(*text, path);
}

}  // namespace cufit::collect
