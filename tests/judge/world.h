// Worlds from a few words: GPUs by the names users give, modules as "3x s80 s86 p86@8.1", builds of the
// catalogue as "torch==2.2.0+cu118".
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "judge/build_subject.h"
#include "judge/judge.h"
#include "knowledge/gpu_lookup.h"
#include "model/json_names.h"

namespace cufit::testing {

using Json = nlohmann::json;

/// One image: `s90a` SASS, `p80@8.4` PTX with its ISA, `l90` LTO-IR, `o90` unknown kind; then any of :lz4
/// :zstd :debug :empty :rel :unresolved :abi7 :abi8.
inline Image image(const std::string& word) {
  Image i;
  auto colon = word.find(':');
  auto head = word.substr(0, colon);
  auto at = head.find('@');
  i.kind = word[0] == 's'   ? Image::Kind::sass
           : word[0] == 'p' ? Image::Kind::ptx
           : word[0] == 'l' ? Image::Kind::lto
                            : Image::Kind::other;
  auto target = Sm::parse(head.substr(1, at == head.npos ? at : at - 1));
  if (!target) throw std::runtime_error("no target: " + word);
  i.target = *target;
  if (i.kind == Image::Kind::sass) i.isa = {1, 7};
  if (at != head.npos) {
    auto isa = Version::parse(head.substr(at + 1));
    i.isa = {uint8_t(isa->major()), uint8_t(isa->minor())};
  }
  std::istringstream flags(colon == word.npos ? "" : word.substr(colon + 1));
  for (std::string flag; std::getline(flags, flag, ':');) {
    if (flag == "lz4") i.packing = Packing::lz4;
    if (flag == "zstd") i.packing = Packing::zstd;
    if (flag == "debug") i.debug = true;
    if (flag == "empty") i.empty = true;
    if (flag == "rel") i.relocatable = true;
    if (flag == "unresolved") i.relocatable = i.unresolved = true;
    if (flag == "abi8") i.isa = {1, 8};
  }
  return i;
}

/// "rdc 3x s90 p90@8.4": link (whole, rdc, link or loose; whole if left out), count, images.
inline ModuleShape shape(const std::string& text) {
  ModuleShape m;
  m.count = 1;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word == "rdc")
      m.link = ModuleShape::Link::rdc_object;
    else if (word == "link")
      m.link = ModuleShape::Link::device_link;
    else if (word == "loose")
      m.link = ModuleShape::Link::loose;
    else if (word.back() == 'x')
      m.count = uint32_t(std::stoul(word));
    else
      m.images.push_back(image(word));
  }
  std::ranges::stable_sort(m.images, {}, [](auto& i) { return std::tuple(i.kind, i.target); });
  return m;
}

inline Version version(const std::string& text) {
  auto v = Version::parse(text);
  if (!v) throw std::runtime_error("no version: " + text);
  return *v;
}

/// {"path", "format", "role", "arch", "soname", "rpath", "runpath", "needed", "toolkits", "modules", "gaps"},
/// all but modules optional.
inline Member member(const Json& j) {
  Member m;
  auto format = j.value("format", "elf");
  m.bin.path = j.value("path", "lib/file.so");
  m.bin.format = format == "cubin"     ? Binary::Format::cubin
                 : format == "fatbin"  ? Binary::Format::fatbin
                 : format == "ptx"     ? Binary::Format::ptx
                 : format == "archive" ? Binary::Format::archive
                                       : Binary::Format::elf;
  auto& roles = Names<Role>::list;
  auto role = std::ranges::find(roles, j.value("role", "core"));
  if (role == roles.end()) throw std::runtime_error("no such role: " + j["role"].dump());
  m.role = Role(role - roles.begin());
  m.bin.arch = j.value("arch", "");
  if (j.contains("soname")) m.bin.dyn.soname = j["soname"].get<std::string>();
  if (j.contains("rpath")) m.bin.dyn.rpath = j["rpath"].get<std::string>();
  if (j.contains("runpath")) m.bin.dyn.runpath = j["runpath"].get<std::string>();
  m.bin.dyn.needed = j.value("needed", std::vector<std::string>{});
  for (auto& t : j.value("toolkits", std::vector<std::string>{})) m.bin.toolkits.push_back(version(t));
  for (auto& s : j.value("modules", std::vector<std::string>{})) m.bin.shapes.push_back(shape(s));
  for (auto& g : j.value("gaps", std::vector<std::string>{})) m.bin.unread.push_back({m.bin.path, {}, {g}});
  return m;
}

inline Subject::Kind kind_of(const std::string& name) {
  if (name == "file") return Subject::Kind::file;
  if (name == "wheel") return Subject::Kind::wheel;
  if (name == "distribution") return Subject::Kind::distribution;
  if (name == "process") return Subject::Kind::process;
  throw std::runtime_error("no such kind: " + name);
}

inline Subject subject(const std::string& kind, const Json& files) {
  Subject s;
  s.id = "s0", s.name = s.path = "target";
  s.files_read = std::max<uint64_t>(1, files.size());
  s.kind = kind_of(kind);
  for (auto& f : files) {
    if (f.contains("unread"))  // not a file: a place of the subject that could not be read
      s.unread.push_back({"target!hidden", {}, {f["unread"].get<std::string>()}});
    else
      s.members.push_back(member(f));
  }
  return s;
}

/// A published build: "torch==2.2.0+cu118". Of several files the first; libraries of one file are one build.
inline Subject build(const std::string& requirement) {
  auto at = requirement.find("==");
  auto name = requirement.substr(0, at);
  auto version = at == requirement.npos ? std::nullopt : PackageVersion::parse(requirement.substr(at + 2));
  if (!version) throw std::runtime_error("no release: " + requirement);
  auto match = find_build(Knowledge::builtin(), name, *version);
  if (match.rows.empty())
    return unknown_build(name, version->text(), {"gap.release-not-in-catalogue", {{"name", name}}});
  if (!match.rows[0]->is_variant) match.rows.resize(1);
  return subject_of_build(Knowledge::builtin(), match.rows, *version, {}, match.beyond);
}

/// {"build"} or {"kind", "files"}, then {"name", "version", "needs", "dependencies"}, all optional.
inline Subject subject(const Json& j) {
  auto s = j.contains("build") ? build(j["build"])
                               : subject(j.value("kind", "file"), j.value("files", Json::array()));
  if (j.contains("name")) s.name = s.path = j["name"].get<std::string>();
  if (j.contains("version")) s.version = j["version"].get<std::string>();
  auto needs = j.value("needs", Json::object());
  if (needs.contains("python")) s.needs.python = needs["python"].get<std::string>();
  if (needs.contains("glibc")) s.needs.glibc = needs["glibc"].get<std::string>();
  if (needs.contains("platforms")) s.needs.platforms = needs["platforms"].get<std::vector<std::string>>();
  auto dependencies = j.value("dependencies", std::map<std::string, std::string>{});
  for (auto& [name, specifier] : dependencies) s.dependencies.push_back({name, specifier});
  return s;
}

/// The subject of a case, and behind it what is installed in the same environment.
inline std::vector<Subject> subjects(const Json& j) {
  std::vector<Subject> all = {subject(j)};
  if (j.contains("beside"))
    for (auto& other : j["beside"]) all.push_back(subject(other));
  for (size_t i = 0; i < all.size(); i++) {
    all[i].id = "s" + std::to_string(i);
    if (all.size() > 1) all[i].environment = "/venv";
  }
  return all;
}

/// The GPU as `--gpu NAME` gives it.
inline Gpu gpu(const std::string& name, const std::string& id = "gpu0") {
  auto found = find_gpu(Knowledge::builtin(), name);
  if (found.candidates.empty()) throw std::runtime_error("no such GPU: " + name);
  auto& c = found.candidates[0];
  Source arg = {Source::Kind::arg, "--gpu"};
  Gpu g = {id, {name, arg}, {c.sm, arg}, {}, {}};
  if (c.chip) g.chip = {std::string(c.chip->id), arg};
  if (c.board()) g.board = {std::string(c.board()->id), arg};
  return g;
}

inline Machine machine(const std::string& gpu_name, const std::string& driver,
                       const std::map<std::string, std::string>& env = {}) {
  Machine m;
  m.gpus = {gpu(gpu_name)};
  if (!driver.empty() && driver != "none")
    m.driver.version = {version(driver), {Source::Kind::arg, "--driver"}};
  m.env = env;
  return m;
}

/// {"gpu", "driver", "env", "machine": {"arch", "glibc", "python", "compat", "platform", "wsl"}}.
inline Machine machine(const Json& j) {
  auto m = machine(j["gpu"].get<std::string>(), j["driver"].get<std::string>(),
                   j.value("env", std::map<std::string, std::string>{}));
  auto more = j.value("machine", Json::object());
  Source arg = {Source::Kind::arg, "given"};
  auto text = [&](const char* key) { return more[key].get<std::string>(); };
  if (more.contains("arch")) m.arch = {text("arch"), arg};
  if (more.contains("glibc")) m.glibc = {version(text("glibc")), arg};
  if (more.contains("python")) m.python = {text("python"), arg};
  if (more.contains("compat")) m.driver.compat = {text("compat"), arg};
  if (more.value("platform", "linux") == "windows") m.platform = Machine::Platform::windows;
  m.wsl = more.value("wsl", false);
  return m;
}

inline void collect_rules(const Evidence& e, std::set<std::string>& rules) {
  rules.insert(e.rule);
  for (auto& part : e.parts) collect_rules(part, rules);
}

/// Every rule that the report names.
inline std::set<std::string> rules_of(const Report& r) {
  std::set<std::string> rules;
  for (auto& j : r.judgements) {
    collect_rules(j.why, rules);
    for (auto& l : j.limits) rules.insert(l.rule);
    for (auto& n : j.notes) rules.insert(n.rule);
    for (auto& u : j.uses)
      if (!u.rule.empty()) rules.insert(u.rule);
  }
  for (auto& f : r.findings)
    for (auto& x : f.rejected) rules.insert(x.rule);
  return rules;
}

inline std::string name(Verdict v) {
  constexpr const char* names[] = {"fits", "limited", "unknown", "unfit"};
  return names[size_t(v)];
}

/// All error codes that a judgement names.
inline std::set<int> codes_of(const Judgement& j) {
  std::set<int> codes;
  if (j.fails) codes.insert(j.fails->code);
  for (auto& l : j.limits)
    if (l.code) codes.insert(l.code);
  return codes;
}

}  // namespace cufit::testing
