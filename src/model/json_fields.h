// Which members every type of the model has in JSON. One list serves both directions: V is JsonWriter or
// JsonReader.
#pragma once

#include <type_traits>

#include "model/json.h"
#include "model/json_names.h"

namespace cufit {

template <class V, class T>
using Of = std::conditional_t<V::writes, const T, T>;

// The types that write_json and read_json are built for.
// clang-format off
#define CUFIT_FOR_MODEL_TYPES(USE)                                                                         \
  USE(Text) USE(Sm) USE(Isa) USE(Image) USE(ModuleShape) USE(Gap) USE(Dynamic) USE(Binary) USE(Member)     \
  USE(Requires) USE(Dependency) USE(Subject) USE(Gpu) USE(Driver) USE(Machine) USE(World) USE(Evidence) USE(Failure)       \
  USE(Coverage) USE(Limit) USE(Note) USE(Use) USE(Condition) USE(Judgement) USE(Remedy) USE(Rejected) USE(Finding)  \
  USE(Group) USE(Cell) USE(Difference) USE(DoctorStep) USE(Sighting) USE(Log) USE(ExplainedLog) USE(MachineOutcome) USE(Compared) USE(Report) USE(Fact<std::string>) USE(Fact<Sm>) USE(Fact<Version>)
// clang-format on

// v(key, x): always there; v.opt(key, x): left out if x has its usual value (of its type, or the one that
// stands behind); v.text(t): id, text and args of the object itself; v.at_least(key, version): ">=525.60.13";
// v.hex(key, x, digits), v.octal(key, x): "0x20b5", "0666", left out if zero; v.object(key, f): members that
// lie one level deeper; v.check(right, what): what a reader expects beyond the types.

/// `full` only if it is true of every member.
inline Pass weakest_pass(const Subject& s) {
  for (auto& m : s.members)
    if (m.bin.pass == Pass::usual) return Pass::usual;
  return Pass::full;
}

template <class V>
void fields(V& v, Of<V, Image>& i) {
  v("kind", i.kind);
  v("target", i.target);
  v.opt("isa", i.isa);
  v.opt("isa_at_most", i.isa_at_most);
  v.opt("packing", i.packing);
  v.opt("debug", i.debug);
  v.opt("empty", i.empty);
  v.opt("relocatable", i.relocatable);
  v.opt("unresolved", i.unresolved);
}

template <class V>
void fields(V& v, Of<V, ModuleShape>& s) {
  v("count", s.count);
  v("link", s.link);
  v.opt("section", s.section);
  v("example", s.example);
  v("images", s.images);
}

template <class V>
void fields(V& v, Of<V, Gap>& g) {
  v("path", g.path);
  v.opt("offset", g.offset);
  v.text(g.what);
}

template <class V>
void fields(V& v, Of<V, Dynamic>& d) {
  v.opt("soname", d.soname);
  v.opt("rpath", d.rpath);
  v.opt("runpath", d.runpath);
  v.opt("needed", d.needed);
}

template <class V>
void fields(V& v, Of<V, Binary>& b) {
  v("path", b.path);
  v("size", b.size);
  v("format", b.format);
  v.opt("arch", b.arch);
  v.opt("build_id", b.build_id);
  v.opt("dynamic", b.dyn);
  v("toolkits", b.toolkits);
  v("pass", b.pass);
  v("shapes", b.shapes);
  v.opt("unread", b.unread);
}

template <class V>
void fields(V& v, Of<V, Member>& m) {
  v("role", m.role);
  fields(v, m.bin);
}

template <class V>
void fields(V& v, Of<V, Requires>& r) {
  v.opt("python", r.python);
  v.opt("glibc", r.glibc);
  v.opt("platforms", r.platforms);
}

template <class V>
void fields(V& v, Of<V, Dependency>& d) {
  v("name", d.name);
  v.opt("specifier", d.specifier);
}

template <class V>
void fields(V& v, Of<V, Subject>& s) {
  v("id", s.id);
  v("kind", s.kind);
  v("name", s.name);
  v("path", s.path);
  v.opt("version", s.version);
  v.opt("environment", s.environment);
  v.opt("build", s.build);
  if constexpr (V::writes) v.opt("toolkit", newest_toolkit(s));
  v.object("read", [&] {
    if constexpr (V::writes) v("pass", weakest_pass(s));
    v("files", s.files_read);
    v("unread", s.unread);
  });
  v("needs", s.needs);
  v.opt("dependencies", s.dependencies);
  v("members", s.members);
}

template <class V>
void fields(V& v, Of<V, Gpu>& g) {
  v("id", g.id);
  v.opt("name", g.name);
  v.opt("sm", g.sm);
  v.opt("chip", g.chip);
  v.opt("board", g.board);
}

template <class V>
void fields(V& v, Of<V, Driver>& d) {
  v.opt("kernel", d.version);
  v.opt("cuda", d.cuda);
  v.opt("compat", d.compat);
}

template <class V>
void fields(V& v, Of<V, Machine>& m) {
  v("origin", m.origin);
  v("platform", m.platform);
  v("gpus", m.gpus);
  v("driver", m.driver);
  v.opt("arch", m.arch);
  v.opt("glibc", m.glibc);
  v.opt("python", m.python);
  v.opt("wsl", m.wsl);
  v.opt("env", m.env);
  v("assumed", m.assumed);
}

template <class V>
void fields(V& v, Of<V, Evidence>& e) {
  v("rule", e.rule);
  v("says", e.says);
  v.text(e.text);
  v.opt("facts", e.facts);
  v.opt("rows", e.rows);
  v.opt("parts", e.parts);
}

template <class V>
void fields(V& v, Of<V, Failure>& f) {
  v("code", f.code);
  v("name", f.name);
  v("when", f.when);
  v("call", f.call);
  v("seen_as", f.seen_as);
}

template <class V>
void fields(V& v, Of<V, Coverage>& c) {
  v("modules", c.modules);
  v("native", c.native);
  v("compatible", c.compatible);
  v("ptx", c.ptx);
  v("none", c.none);
}

template <class V>
void fields(V& v, Of<V, Limit>& l) {
  v("rule", l.rule);
  v.opt("code", l.code);
  v.text(l.text);
}

template <class V>
void fields(V& v, Of<V, Note>& n) {
  v("rule", n.rule);
  v.text(n.text);
}

template <class V>
void fields(V& v, Of<V, Use>& u) {
  v("use", u.id);
  v("verdict", u.verdict);
  v.opt("code", u.code);
  v("rule", u.rule);
  v.text(u.text);
}

template <class V>
void fields(V& v, Of<V, Condition>& c) {
  v.at_least("driver", c.driver);
  v.opt("before", c.before);
}

template <class V>
void fields(V& v, Of<V, Judgement>& j) {
  v("subject", j.subject);
  v("gpu", j.gpu);
  v("verdict", j.verdict);
  v.opt("fails", j.fails);
  v.object("axes", [&] {
    v("driver", j.driver_axis);
    v("image", j.image_axis);
  });
  v("coverage", j.coverage);
  v("limits", j.limits);
  v("notes", j.notes);
  v.opt("uses", j.uses);
  v("needs", j.needs);
  v("why", j.why);
}

template <class V>
void fields(V& v, Of<V, Remedy>& r) {
  v("id", r.id);
  v.object("change", [&] {
    v("kind", r.kind);
    v.opt("minimum", r.minimum);
    v.opt("suggest", r.suggest);
    v.text(r.text);
  });
  v("commands", r.commands);
  v.object("pre", [&] {
    v("root", r.root);
    v("reboot", r.reboot);
  });
  v.opt("besides", r.besides);
  v("checked", r.checked);
  v.object("after", [&] { v.opt("verdict", r.after); });
}

template <class V>
void fields(V& v, Of<V, Rejected>& r) {
  v("change", r.change);
  v("rule", r.rule);
  v.text(r.why);
}

template <class V>
void fields(V& v, Of<V, std::pair<SubjectId, GpuId>>& on) {
  v("subject", on.first);
  v("gpu", on.second);
}

template <class V>
void fields(V& v, Of<V, Finding>& f) {
  v("cause", f.cause);
  v("severity", f.severity);
  v("on", f.on);
  v("remedies", f.remedies);
  v("rejected", f.rejected);
  v.opt("folds", f.folds);
  v.opt("confidence", f.confidence);
  v.opt("why", f.why);
}

/// Derived from the judgements: only written.
template <class V>
void fields(V& v, const Summary& s) {
  v.opt("verdict", s.verdict);
  v.object("counts", [&] {
    for (auto verdict : {Verdict::fits, Verdict::limited, Verdict::unfit, Verdict::unknown})
      v(name_of(verdict), s.count(verdict));
  });
  v("exit", s.exit);
}

template <class V>
void fields(V& v, Of<V, Group>& g) {
  v("name", g.name);
  v("count", g.count);
  v("machine", g.machine);
}

template <class V>
void fields(V& v, Of<V, Cell>& c) {
  v("subject", c.subject);
  v("group", c.group);
  v("gpu", c.gpu);
  v("judgement", c.judgement);
}

template <class V>
void fields(V& v, Of<V, Difference>& d) {
  v("fact", d.fact);
  v("kind", d.kind);
  v.opt("a", d.a);
  v.opt("b", d.b);
  v.opt("also", d.also);
  v("effect", d.effect);
  v.opt("with", d.with);
}

template <class V>
void fields(V& v, Of<V, MachineOutcome>& o) {
  v("name", o.name);
  v.opt("verdict", o.verdict);
  v.opt("subject", o.subject);
  v.opt("gpu", o.gpu);
  v.opt("why", o.why);
  v.opt("fails", o.fails);
  v.opt("findings", o.findings);
  v("exit", o.exit);
}

template <class V>
void fields(V& v, Of<V, Compared>& c) {
  v("a", c.a);
  v("b", c.b);
  v("differ", c.differ);
  v.opt("tried_on_first", c.tried_on_first);
  v.opt("other_sets", c.other_sets);
  v.opt("unattributed", c.unattributed);
}

template <class V>
void fields(V& v, Of<V, DoctorStep>& s) {
  v("step", s.step);
  v("state", s.state);
  v.opt("says", s.says);
}

template <class V>
void fields(V& v, Of<V, Sighting>& s) {
  v.opt("message", s.message);
  v("line", s.line);
  v("text", s.text);
  v.opt("stream", s.stream);
  v.opt("captures", s.captures);
}

template <class V>
void fields(V& v, Of<V, Log>& l) {
  v.opt("name", l.name);
  v("bytes", l.bytes);
  v("lines", l.lines);
  v.opt("sightings", l.sightings);
  v.opt("ends_with", l.ends_with);
}

template <class V>
void fields(V& v, Of<V, ExplainedLog>& e) {
  v("outcome", e.outcome);
  v.opt("facts", e.facts);
  v.opt("machine", e.machine);
  fields(v, e.log);
}

template <class V>
void fields(V& v, Of<V, Report>& r) {
  v.schema("cufit.report/1");
  v("command", r.command);
  if constexpr (V::writes) v("cufit", v.context().cufit);
  v("knowledge", r.knowledge);
  if constexpr (V::writes) v("summary", summarize(r, v.context().fail_on));
  v("machine", r.machine);
  v.opt("observed", r.observed);
  v.opt("probed", r.probed);
  v.opt("loads", r.loads);
  v("subjects", r.subjects);
  v("judgements", r.judgements);
  v("findings", r.findings);
  v.opt("groups", r.groups);
  v.opt("cells", r.cells);
  v.opt("differences", r.differences);
  v.opt("compared", r.compared);
  v.opt("steps", r.steps);
  v.opt("log", r.log);
  v.opt("normal", r.normal);
  v("unread", r.unread);
}

template <class V>
void fields(V& v, Of<V, World>& w) {
  v("machine", w.machine);
  v.opt("observed", w.observed);
  v.opt("files", w.files);
  v("subjects", w.subjects);
  v.opt("loads", w.loads);
  v.opt("probed", w.probed);
}

}  // namespace cufit
