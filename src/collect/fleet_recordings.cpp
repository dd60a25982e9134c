// JSON: Kubernetes nodes, or recorded machines ("cufit.machine/1", a report with its machine, a bare
// machine).
#include <filesystem>

#include "collect/directory.h"
#include "collect/fleet_nodes.h"
#include "model/recording.h"

namespace cufit::collect {

namespace {

Error syntax_error(const Json::parse_error& e, const std::string& path) {
  return {"expected JSON: " + std::string(e.what()), path, e.byte};
}

/// The machine of a recording, wherever it lies.
Result<Machine> machine_of(const Json& json, const std::string& path) {
  if (json.is_object() && json.contains("groups"))
    return fail_as("fleet.of-fleet", "expected one machine, found the report of a fleet", path);
  // What says of itself that it is a recording must be one that can be read here.
  if (auto schema = json.is_object() ? json.value("schema", Json()) : Json();
      schema.is_string() && schema.get<std::string>().starts_with("cufit.machine/"))
    if (auto error = not_a_recording(json)) return fail_as(error->id, error->message, path);
  auto* machine = &json;
  if (auto inner = json.is_object() ? json.find("machine") : json.end(); inner != json.end())
    machine = &*inner;
  auto read = read_json<Machine>(*machine);
  if (!read) return fail(read.error().message, path);
  return read;
}

FleetEntry entry_of(Machine machine, const std::string& path) {
  FleetEntry e;
  e.where = path;
  for (auto& gpu : machine.gpus)
    if (gpu.name) e.gpus.push_back(*gpu.name);
  auto name = e.gpus.empty() ? std::filesystem::path(path).stem().string() : e.gpus[0];
  e.name = name + (machine.driver.version ? ' ' + machine.driver.version->text() : "");
  e.machine = std::move(machine);
  return e;
}

Gap unread(const std::string& path, const Error& error) {
  return {path, {}, error.id.empty() ? Text{"target.unread", {{"error", error.message}}} : Text{error.id}};
}

/// What --machine refuses is refused here: bounds, and members that stand there twice.
void add_recording(std::string_view text, const std::string& path, Fleet& fleet, FleetFold& fold) {
  if (auto error = unreadable_text(text)) return fleet.unread.push_back(unread(path, *error));
  auto machine = machine_of(Json::parse(text), path);
  if (!machine)
    fleet.unread.push_back(unread(path, machine.error()));
  else if (machine->gpus.empty())
    fleet.without_gpu++;
  else
    fold.add(entry_of(std::move(*machine), path));
}

/// Keeps of a list of nodes one node at a time. Depth 1: members of the list, 2: the nodes in "items".
class NodeFilter {
 public:
  explicit NodeFilter(NodeReader& reader) : reader_(reader) {}

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    using enum Json::parse_event_t;
    if (depth == 1 && event == key) in_items_ = parsed == "items";
    if (!in_items_ || depth != 2 || event != object_end) return true;
    reader_.add(parsed);
    return false;
  }

 private:
  NodeReader& reader_;
  bool in_items_ = false;
};

Error no_machine(const std::string& path) {
  return {"expected Kubernetes nodes (kubectl get nodes -o json) or a recorded machine, found neither", path};
}

}  // namespace

Result<Fleet> read_fleet_json(std::string_view text, const std::string& path) {
  NodeReader nodes(path);
  Json json;
  try {
    json = Json::parse(text, NodeFilter(nodes));
  } catch (const Json::parse_error& e) {
    return std::unexpected(syntax_error(e, path));
  }
  if (!json.is_object()) return std::unexpected(no_machine(path));
  if (json.contains("items")) return nodes.take();
  if (json.value("kind", Json()) == "Node") {
    nodes.add(json);
    return nodes.take();
  }
  if (!json.contains("machine") && !json.contains("gpus")) return std::unexpected(no_machine(path));
  Fleet fleet;
  FleetFold fold;
  add_recording(text, path, fleet, fold);
  fleet.entries = fold.take();
  return fleet;
}

Result<Fleet> read_recordings(const std::string& directory) {
  auto listing = list_files(directory);
  Fleet fleet;
  FleetFold fold;
  fleet.unread = std::move(listing.gaps);
  for (auto& file : listing.files) {
    if (!file.path.ends_with(".json")) continue;
    auto text = read_text(file.path, largest_recording);
    if (text)
      add_recording(*text, file.path, fleet, fold);
    else
      fleet.unread.push_back(unread(file.path, text.error()));
  }
  fleet.entries = fold.take();
  if (fleet.entries.empty() && fleet.unread.empty() && fleet.without_gpu == 0)
    return fail_as("fleet.no-recordings", "expected recordings (*.json), found none", directory);
  return fleet;
}

}  // namespace cufit::collect
