#include "judge/change.h"

#include "judge/build_subject.h"

namespace cufit {

namespace {

Subject changed(const Change& change, const Subject& subject, const Place& place) {
  Subject other = subject;
  if (!change.build.empty()) {
    auto release = change.release.value_or(newest_release(*change.build.front()));
    other = subject_of_build(place.knowledge, change.build, release, platform_of(place));
    other.id = subject.id;
    other.environment = subject.environment;
  }
  if (change.ptxas) {
    // A compiler of its own comes before every other.
    std::erase_if(other.members, [](auto& m) { return m.role == Role::jit_compiler; });
    Member ptxas;
    ptxas.role = Role::jit_compiler;
    ptxas.bin.path = "ptxas";
    ptxas.bin.toolkits = {*Version::parse(change.ptxas->dotted())};
    other.members.push_back(std::move(ptxas));
  }
  return other;
}

}  // namespace

Outcome decide_after(const Change& change, const Subject& subject, const Place& place) {
  Machine machine = place.machine;
  for (auto& variable : change.unset) machine.env.erase(variable);
  auto there = place.on(machine);
  if (change.driver) there.driver = there.with_driver(*change.driver).driver;
  if (change.compat) {
    auto with = there.with_compat(*change.compat);
    there.driver = with.driver;
    there.compat = with.compat;
  }
  if (change.build.empty() && !change.ptxas) return decide_here(subject, there);
  return decide_here(changed(change, subject, there), there);
}

Verdict verdict_after(const Change& change, const Case& c) {
  return decide_after(change, c.subject, c.place).judgement.verdict;
}

}  // namespace cufit
