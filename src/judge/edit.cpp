#include "judge/edit.h"

#include <algorithm>

#include "base/text.h"
#include "judge/load_again.h"
#include "loader/seen_with.h"
#include "model/library_path.h"

namespace cufit {

namespace {

constexpr const char* library_path = "LD_LIBRARY_PATH";

bool same_folder(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a.ends_with('/')) a.remove_suffix(1);
  while (b.size() > 1 && b.ends_with('/')) b.remove_suffix(1);
  return a == b;
}

void load_again(MachineState& w, const Files& files) {
  KnownFiles known;
  known.add(w.loads);
  auto settings = settings_of(w.observed, w.machine.env);
  for (auto& process : w.loads) {
    auto again = loaded_again(process, files, settings, known);
    w.loads_are_sure &= again.has_value();
    if (again) process.loads = std::move(*again);
  }
}

/// Sets the variable and what programs get by it. An empty entry stays, it is the working directory; where it
/// is the only one the value is ":", since an empty value counts as unset.
void set_entries(MachineState& w, const std::vector<std::string>& entries, const Files& files) {
  auto before = w.machine.env;
  std::string value;
  for (size_t i = 0; i < entries.size(); i++) value += (i ? ":" : "") + entries[i];
  if (entries.empty())
    w.machine.env.erase(library_path);
  else
    w.machine.env[library_path] = value.empty() ? ":" : value;
  see_with(w.observed, before, w.machine.env);
  load_again(w, files);
}

/// Several causes of a kind that were found together name several folders.
std::vector<std::string> folders_of(const CauseArgs& args) {
  std::vector<std::string> folders;
  for (auto& [name, value] : args)
    if (name == "folder" && !value.empty()) folders.push_back(value);
  return folders;
}

bool edit_library_path(MachineState& w, Edit edit, const CauseArgs& args, const Files& files) {
  auto at = w.machine.env.find(library_path);
  auto entries = at == w.machine.env.end() ? std::vector<std::string>() : library_path_entries(at->second);
  auto before = entries.size();
  auto named = [](const std::vector<std::string>& folders, const std::string& folder) {
    return std::ranges::any_of(folders, [&](auto& f) { return same_folder(f, folder); });
  };
  auto folders = folders_of(args);
  if (edit == Edit::add_folder) {
    for (auto& f : folders)
      if (!named(entries, f)) entries.push_back(f);
  } else if (edit == Edit::unset_library_path) {
    entries.clear();
  } else {
    std::erase_if(entries, [&](auto& entry) { return named(folders, entry); });
  }
  if (entries.size() == before) return false;
  set_entries(w, entries, files);
  return true;
}

bool link_libraries(MachineState& w, const CauseArgs& args) {
  auto folders = folders_of(args);
  for (auto& l : w.observed.libraries) {
    auto folder = folder_of(l.path);
    if (l.kind != DriverLibrary::Kind::driver || std::ranges::find(folders, folder) == folders.end())
      continue;
    l.path = folder + '/' + l.name;
    if (l.on.empty()) l.on = "cache";
  }
  return !folders.empty();
}

DeviceNode& node_of(MachineState& w, const std::string& path) {
  auto& nodes = w.observed.nodes;
  auto at = std::ranges::find(nodes, path, &DeviceNode::path);
  if (at == nodes.end()) {
    nodes.push_back({.path = path, .mode = 0666, .opens = {}});
    at = std::prev(nodes.end());
  }
  return *at;
}

void open_node(DeviceNode& node) { node.opens = {true, {Source::Kind::assumed, "remedy"}}; }

void make_nodes(MachineState& w) {
  open_node(node_of(w, "/dev/nvidiactl"));
  open_node(node_of(w, "/dev/nvidia-uvm"));
  auto count = std::max<size_t>(w.machine.gpus.size(), 1);
  for (size_t i = 0; i < count; i++) open_node(node_of(w, "/dev/nvidia" + std::to_string(i)));
}

void set_driver(MachineState& w, const Version& version) {
  Source source = {Source::Kind::assumed, "remedy"};
  w.observed.kernel.loaded = {version, source};
  w.machine.driver.version = {version, source};
  w.machine.driver.cuda = {};
}

void add_module(MachineState& w, const std::string& name) {
  auto& modules = w.observed.kernel.modules;
  std::erase(modules, "nouveau");
  if (std::ranges::find(modules, name) == modules.end()) modules.push_back(name);
}

void add_library(MachineState& w, const std::string& name, const Version& version) {
  DriverLibrary l;
  l.name = name;
  l.path = l.real = "/usr/lib/" + name;
  l.version = {version, {Source::Kind::assumed, "remedy"}};
  l.on = "default";
  w.observed.libraries.push_back(std::move(l));
}

bool load_module(MachineState& w) {
  auto& kernel = w.observed.kernel;
  if (!kernel.on_disk) return false;
  auto version = *kernel.on_disk;
  set_driver(w, version);
  for (auto* name : {"nvidia", "nvidia_uvm"}) add_module(w, name);
  for (auto& device : w.observed.pci)
    if (device.is_gpu()) device.driver = {"nvidia", {Source::Kind::assumed, "remedy"}};
  make_nodes(w);
  return true;
}

/// What is loaded anew is the module on disk; where nobody saw that one, it is taken to belong to the
/// libraries. The module of a container is that of its host.
bool reload_module(MachineState& w) {
  if (w.observed.limits.container) return false;
  std::optional<Version> version;
  if (auto& on_disk = w.observed.kernel.on_disk) {
    set_driver(w, Version(*on_disk));
    return true;
  }
  for (auto& l : w.observed.libraries)
    if (l.kind == DriverLibrary::Kind::driver && !l.on.empty() && l.version &&
        (!version || *version < *l.version))
      version = *l.version;
  if (!version) return false;
  set_driver(w, *version);
  return true;
}

/// NVIDIA's container toolkit gives the libraries of the host's driver for the capabilities that are asked
/// for.
bool give_compute(MachineState& w) {
  auto& loaded = w.observed.kernel.loaded;
  if (!loaded) return false;
  w.machine.env.erase("NVIDIA_DRIVER_CAPABILITIES");
  for (auto* name : {"libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1"})
    if (std::ranges::none_of(w.observed.libraries, [&](auto& l) { return l.name == name && !l.on.empty(); }))
      add_library(w, name, *loaded);
  return true;
}

/// And the nodes.
bool give_gpu(MachineState& w) {
  if (!give_compute(w)) return false;
  make_nodes(w);
  w.machine.env.erase("NVIDIA_VISIBLE_DEVICES");
  return true;
}

bool add_driver_library(MachineState& w, const CauseArgs& args) {
  auto* libcuda = loaded_library(w.observed, "libcuda.so.1");
  auto* library = argument(args, "library");
  if (!libcuda || !libcuda->version || !library) return false;
  add_library(w, *library, Version(*libcuda->version));
  return true;
}

bool edit_state(MachineState& w, Edit edit, const CauseArgs& args, const Files& files) {
  auto& kernel = w.observed.kernel;
  Source source = {Source::Kind::assumed, "remedy"};
  switch (edit) {
    case Edit::none:
      return false;
    case Edit::unset_library_path:
    case Edit::drop_folder:
    case Edit::add_folder:
      return edit_library_path(w, edit, args, files);
    case Edit::link_libraries:
      return link_libraries(w, args);
    case Edit::unset_devices:
      return w.machine.env.erase("CUDA_VISIBLE_DEVICES") > 0;
    case Edit::unset_preloads: {
      bool any = w.machine.env.erase("LD_PRELOAD") > 0 || !w.observed.preloads.empty();
      w.observed.preloads.clear();
      return any;
    }
    case Edit::load_module:
      return load_module(w);
    case Edit::reload_module:
      return reload_module(w);
    case Edit::other_flavour:
      if (!kernel.flavour) return false;
      kernel.flavour = {*kernel.flavour == "open" ? "proprietary" : "open", source};
      return true;
    case Edit::load_uvm:
      add_module(w, "nvidia_uvm");
      open_node(node_of(w, "/dev/nvidia-uvm"));
      return true;
    case Edit::open_nodes:
      for (auto& node : w.observed.nodes) open_node(node);
      return !w.observed.nodes.empty();
    case Edit::give_gpu:
      return give_gpu(w);
    case Edit::give_compute:
      return give_compute(w);
    case Edit::start_fabric_manager:
      w.observed.fabric_manager = {true, source};
      return true;
    case Edit::add_driver_library:
      return add_driver_library(w, args);
  }
  return false;
}

/// In single quotes, which keep everything but themselves.
std::string quoted(const std::string& value) {
  std::string out = "'";
  for (char c : value) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + '\'';
}

}  // namespace

std::optional<MachineState> apply(Edit edit, const CauseArgs& args, const World& world) {
  if (!world.observed) return std::nullopt;
  MachineState changed = {world.machine, *world.observed, world.loads};
  if (!edit_state(changed, edit, args, world.files)) return std::nullopt;
  return changed;
}

std::vector<std::string> shell_commands(const Machine& before, const Machine& after) {
  std::vector<std::string> commands;
  for (auto& [name, value] : before.env)
    if (!after.env.contains(name)) commands.push_back("unset " + name);
  for (auto& [name, value] : after.env)
    if (auto then = before.env.find(name); then == before.env.end() || then->second != value)
      commands.push_back("export " + name + '=' + quoted(value));
  return commands;
}

}  // namespace cufit
