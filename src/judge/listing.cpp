#include "judge/listing.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "judge/driver_axis.h"
#include "judge/machine_view.h"
#include "judge/place.h"

namespace cufit {

namespace {

constexpr int no_device = 100;

/// What is known of one GPU of the machine.
struct Listed {
  Answer is = Answer::yes;             ///< does CUDA list it?
  bool has_instance = false;           ///< a MIG compute instance
  std::string uuid = {};               ///< empty: not known
  std::optional<uint32_t> minor = {};  ///< N of /dev/nvidiaN
};

bool is_no_device(const FoundCause& fault) {
  return fault.code == no_device && (fault.stage == Stage::module || fault.stage == Stage::devices);
}

/// Of a GPU that fell off the bus nobody knows what CUDA makes.
bool may_be_no_device(const FoundCause& fault) {
  return fault.stage == Stage::module || (is_no_device(fault) && fault.answer == Answer::unknown);
}

Answer is_listed(const Gpu& gpu, const Machine& machine, const Observed& seen,
                 std::span<const FoundCause> faults, const Knowledge& k) {
  auto here = [&](auto holds) {
    return std::ranges::any_of(faults, [&](auto& f) { return f.stops(gpu.id) && holds(f); });
  };
  if (here([](auto& f) { return is_no_device(f) && f.answer == Answer::yes; })) return Answer::no;
  auto place = place_of(k, machine, gpu, &seen);
  if (place && place->driver && judge_chip(*place, {}).axis == Axis::unfit) return Answer::no;
  return here(may_be_no_device) ? Answer::unknown : Answer::yes;
}

/// What the driver tells of the GPUs of the machine, which are listed in the order of the bus.
void add_told(const Observed& seen, std::vector<Listed>& gpus) {
  auto given = given_gpus(seen);
  auto& told = seen.kernel.gpus;
  auto take = [&](Listed& gpu, const ProcGpu& from) {
    if (from.uuid) gpu.uuid = *from.uuid;
    if (from.minor) gpu.minor = *from.minor;
  };
  if (given.size() == gpus.size()) {
    for (size_t i = 0; i < gpus.size(); i++)
      if (auto at = std::ranges::find(told, given[i]->address, &ProcGpu::address); at != told.end())
        take(gpus[i], *at);
  } else if (told.size() == gpus.size()) {  // no bus is to be seen
    for (size_t i = 0; i < gpus.size(); i++) take(gpus[i], told[i]);
  }
}

/// Where nobody can tell whose the instances are, all GPUs may have one if as many have.
void add_instances(const Observed& seen, std::vector<Listed>& gpus) {
  std::set<uint32_t> with;
  for (auto& i : seen.mig)
    if (!i.ci.empty()) with.insert(i.gpu);
  for (auto& gpu : gpus)
    gpu.has_instance = gpu.minor ? with.contains(*gpu.minor) : with.size() == gpus.size();
}

bool names_instances(std::string_view value) {
  return std::ranges::all_of(split(value, ','),
                             [](std::string_view token) { return token.starts_with("MIG-"); });
}

/// CUDA's list of the GPUs, before and after the variable.
class Lister {
 public:
  Lister(const Machine& m, const Observed& seen, std::vector<Listed> gpus)
      : machine_(m), gpus_(std::move(gpus)), given_(gpus_.size()) {
    if (given_gpus(seen).size() == gpus_.size()) ordered_ = true, given_ = most_given(seen);
    raise(Answer::unknown);
    raise(Answer::no);
    instances_ = std::ranges::any_of(gpus_, [](auto& g) { return g.has_instance && g.is != Answer::no; });
    for (uint32_t i = 0; i < gpus_.size(); i++)
      if (gpus_[i].is != Answer::no && (!instances_ || gpus_[i].has_instance)) members_.push_back(i);
  }

  Listing listing() const {
    Listing out;
    out.visible.assign(gpus_.size(), Answer::yes);
    out.hidden_by.resize(gpus_.size());
    out.number.resize(gpus_.size());
    if (ordered_ && all_are_known())
      for (uint32_t n = 0; n < members_.size(); n++) out.number[members_[n]] = n;
    if (some_are_given()) out.some_given = given_;
    auto variable = machine_.env.find("CUDA_VISIBLE_DEVICES");
    if (variable == machine_.env.end())
      leave_all(out);
    else
      leave(variable->second, out);
    return out;
  }

 private:
  const Machine& machine_;
  std::vector<Listed> gpus_;
  size_t given_;          ///< the process can have no more than so many
  bool ordered_ = false;  ///< the GPUs of the machine are those on the bus
  bool instances_ = false;
  std::vector<uint32_t> members_;  ///< GPUs that are listed, or may be

  /// Where no GPU is surely listed, those of which `from` is said are.
  void raise(Answer from) {
    if (std::ranges::any_of(gpus_, [](auto& g) { return g.is == Answer::yes; })) return;
    for (auto& g : gpus_)
      if (g.is == from) g.is = Answer::yes;
  }

  /// A process sees one instance: of several GPUs with instances nobody knows whose.
  bool one_of_several() const { return instances_ && members_.size() > 1; }
  bool some_are_given() const { return given_ < members_.size(); }
  bool all_are_known() const { return least() == members_.size() && !one_of_several(); }

  uint32_t least() const {
    if (instances_) return 1;
    auto sure = size_t(std::ranges::count_if(members_, [&](auto i) { return gpus_[i].is == Answer::yes; }));
    auto of_others = gpus_.size() - given_;
    return uint32_t(sure - std::min(sure, of_others));
  }
  uint32_t most() const { return uint32_t(std::min(given_, members_.size())); }

  void set_open(Listing& out) const {
    for (auto i : members_) out.visible[i] = Answer::unknown;
    if (some_are_given())
      out.open = open({"visible.some-given", {{"n", std::to_string(given_)}}},
                      {"observed.nodes", "observed.kernel.gpus"});
    else if (one_of_several())
      out.open = open({"visible.one-instance"}, {"observed.mig"});
    else
      out.open = open_by_variable(all_are_known() ? "visible.order" : "visible.listed");
  }

  static Evidence open(Text text, std::vector<FactRef> facts) {
    return evidence(vis_1, Verdict::unknown, std::move(text), std::move(facts));
  }

  Evidence open_by_variable(const char* id) const {
    return open({id, {{"value", machine_.env.at("CUDA_VISIBLE_DEVICES")}}},
                {"machine.env.CUDA_VISIBLE_DEVICES", "machine.env.CUDA_DEVICE_ORDER"});
  }

  static void hide(Listing& out, uint32_t gpu, std::string_view note) {
    out.visible[gpu] = Answer::no;
    out.hidden_by[gpu] = note;
  }

  void hide_whole_gpus(Listing& out) const {
    for (uint32_t i = 0; i < gpus_.size(); i++)
      if (instances_ && !gpus_[i].has_instance && gpus_[i].is != Answer::no) hide(out, i, "note.whole-gpu");
  }

  void leave_all(Listing& out) const {
    hide_whole_gpus(out);
    if (some_are_given() || one_of_several()) set_open(out);
  }

  void leave(std::string_view value, Listing& out) const {
    constexpr auto note = "note.hidden-gpu";
    DeviceList list = {least(), most()};
    for (auto i : members_) list.uuids.push_back(gpus_[i].uuid);
    auto seen = visible_devices(value, list);
    out.first = seen.first;
    if (seen.first == Visibility::unknown) {
      out.open = open_by_variable(seen.open ? "visible.listed" : "visible.uuid");
      if (!instances_ || !names_instances(value)) return;
      out.by_instance = true;
      out.first = Visibility::visible;
    }
    if (out.first != Visibility::visible) return;
    // Of a list that is cut short an entry may mean a GPU that is not listed; else it wants none of those.
    for (uint32_t i = 0; i < gpus_.size() && !seen.cut; i++)
      if (std::ranges::find(members_, i) == members_.end()) hide(out, i, note);
    hide_whole_gpus(out);
    if (out.by_instance) return leave_all(out);
    if (all_are_known() && std::max(seen.numbers.size(), seen.by_uuid.size()) == members_.size()) return;
    for (auto i : members_) hide(out, i, note);
    if (!seen.numbers.empty() && (!all_are_known() || !ordered_ || !numbered_by_bus(machine_))) set_open(out);
    for (auto n : seen.numbers)
      if (out.visible[members_[n]] == Answer::no) out.visible[members_[n]] = Answer::yes;
    for (auto n : seen.by_uuid) out.visible[members_[n]] = Answer::yes;
  }
};

}  // namespace

void take_answer(Listing& listing, const MachineView& v) {
  if (!v.facts.probed || !cuda_works(*v.facts.probed) || !lists_all(v.facts.probed->cuda)) return;
  std::vector<Answer> visible(v.facts.machine.gpus.size(), Answer::no);
  for (auto& gpu : v.facts.probed->cuda.gpus) {
    auto id = v.gpu_of(gpu);
    if (!id) return;  // whose it is nobody can tell
    visible[size_t(std::ranges::find(v.facts.machine.gpus, *id, &Gpu::id) - v.facts.machine.gpus.begin())] =
        Answer::yes;
  }
  listing.first = Visibility::visible;
  listing.open = {};
  listing.hidden_by.resize(visible.size());
  for (size_t i = 0; i < visible.size(); i++)
    if (visible[i] == Answer::no && (i >= listing.visible.size() || listing.visible[i] != Answer::no))
      listing.hidden_by[i] = "visible.not-listed-by-cuda";
  listing.visible = std::move(visible);
}

bool numbered_by_bus(const Machine& machine) {
  auto order = machine.env.find("CUDA_DEVICE_ORDER");
  return order != machine.env.end() && order->second == "PCI_BUS_ID";
}

Listing list_devices(const Machine& machine, const Observed& seen, std::span<const FoundCause> faults,
                     const Knowledge& k) {
  std::vector<Listed> gpus;
  for (auto& gpu : machine.gpus) gpus.push_back({is_listed(gpu, machine, seen, faults, k)});
  add_told(seen, gpus);
  add_instances(seen, gpus);
  return Lister(machine, seen, std::move(gpus)).listing();
}

}  // namespace cufit
