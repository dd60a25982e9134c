#include "collect/python_proof.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/text.h"
#include "collect/child_process.h"
#include "collect/process_maps.h"
#include "collect/root.h"
#include "model/cuda_library.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

using Json = nlohmann::json;
using End = Asking::End;

constexpr const char* kScript =
#include "python_proof_script.inc"
    ;
constexpr size_t kMaxText = 4096;
/// TensorFlow maps some hundred libraries, each with some lines.
constexpr size_t kMaxAnswers = 1 << 20;

std::optional<std::string> short_text(const Json& json) {
  auto* text = json.get_ptr<const std::string*>();
  return text && text->size() <= kMaxText ? std::optional(readable(*text)) : std::nullopt;
}

/// A value of an answer; nothing if it is of another type.
template <class T>
std::optional<T> value_of(const Json& json) {
  if constexpr (std::is_same_v<T, bool>)
    return json.is_boolean() ? std::optional(json.get<bool>()) : std::nullopt;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return json.is_number_unsigned() && json.get<uint64_t>() <= UINT32_MAX
               ? std::optional(json.get<uint32_t>())
               : std::nullopt;
  else
    return short_text(json);
}

/// Reads the lines of python_proof.py.
class Answers {
 public:
  explicit Answers(PythonProof& proof) : proof_(proof) {}

  /// False at the first line that is none of its.
  bool read(std::string_view answers) {
    while (!answers.empty()) {
      auto line = answers.substr(0, answers.find('\n'));
      if (line.size() == answers.size()) return false;
      if (!read_line(Json::parse(line, nullptr, /*allow_exceptions=*/false))) return false;
      answers.remove_prefix(line.size() + 1);
    }
    return true;
  }

  bool complete() const { return steps_.contains("end"); }

  /// The first fact that was asked for and has no answer says why; of those behind it nobody asked.
  void leave_open(std::string_view why) {
    if (failed_) return;
    auto open = [&](const char* step, auto& fact) {
      if (steps_.contains(step)) return false;
      fact.is = Unreadable{std::string(why)};
      fact.from = {Source::Kind::call, ""};
      return true;
    };
    open("imports", proof_.imports) || open("available", proof_.available) ||
        open("devices", proof_.devices) || open("right", proof_.right);
  }

 private:
  bool read_line(const Json& json) {
    if (!json.is_object() || !json.contains("step") || !json.contains("call")) return false;
    auto step = short_text(json["step"]), call = short_text(json["call"]);
    if (!step || !call || steps_.contains(*step) || !read_step(*step, {Source::Kind::call, *call}, json))
      return false;
    steps_.insert(*step);
    return true;
  }

  bool read_step(const std::string& step, const Source& from, const Json& json) {
    if (step == "imports") return take(json, from, proof_.imports);
    if (step == "file") return take(json, from, proof_.file);
    if (step == "version") return take(json, from, proof_.version);
    if (step == "available") return take(json, from, proof_.available);
    if (step == "devices") return take(json, from, proof_.devices);
    if (step == "ran_on") return take(json, from, proof_.ran_on);
    if (step == "right") return take(json, from, proof_.right);
    if (step == "mapped") return take_mapped(json);
    return step == "end";
  }

  template <class T>
  bool take(const Json& json, const Source& from, Fact<T>& fact) {
    fact.from = from;
    if (auto error = json.find("error"); error != json.end()) {
      auto why = short_text(*error);
      if (why) fact.is = Unreadable{*why};
      return failed_ = why.has_value();
    }
    auto found = json.find("value");
    if (found == json.end()) return false;
    if (found->is_null()) return true;  // it has no such call
    auto value = value_of<T>(*found);
    if (value) fact.is = *value;
    return value.has_value();
  }

  bool take_mapped(const Json& json) {
    auto lines = json.find("value");
    if (lines == json.end()) return json.contains("error");
    if (!lines->is_array()) return false;
    std::string maps;
    for (auto& line : *lines) {
      auto text = short_text(line);
      if (!text) return false;
      maps += *text + '\n';
    }
    for (auto& file : mapped_files(maps)) {
      // One that was replaced since is mapped under its old name.
      constexpr std::string_view gone = " (deleted)";
      if (file.path.ends_with(gone)) file.path.resize(file.path.size() - gone.size());
      auto& all = proof_.mapped;
      bool is_new = std::ranges::find(all, file.path) == all.end();
      if (is_new && is_cuda_library(base_name(std::string_view(file.path))))
        all.push_back(std::move(file.path));
    }
    return true;
  }

  PythonProof& proof_;
  std::set<std::string> steps_;
  bool failed_ = false;
};

/// Why what has the name of an interpreter cannot be run, after access(2); empty: there is no such name.
std::string why_not_run(const std::string& path, int error) {
  std::error_code ec;
  if (error != ENOENT && error != ENOTDIR) return path + ": " + error_name(error);
  return std::filesystem::is_symlink(path, ec) ? path + " leads to nothing" : "";
}

/// The file as it lies in the environment, by the name that this has in all else; links below it (uv, conda)
/// are files of it, wherever they lead.
std::string inside(const std::string& environment, const std::string& file) {
  std::error_code ec;
  auto real = std::filesystem::canonical(environment, ec).string() + '/';
  for (auto& path : {file, std::filesystem::canonical(std::filesystem::path(file), ec).string()})
    if (!ec && path.starts_with(real)) return path_in(environment, path.substr(real.size()));
  return file;
}

bool is_folder(const std::string& path) {
  std::error_code ec;
  return std::filesystem::is_directory(path, ec);
}

/// What cannot be run has imported nothing.
PythonProof not_started(std::string why) {
  PythonProof proof;
  proof.end = End::not_started;
  proof.how = std::move(why);
  proof.imports.is = Unreadable{std::string(reason_of(proof.end))};
  proof.imports.from = {Source::Kind::call, ""};
  return proof;
}

void set_end(PythonProof& proof, const ChildEnd& end, bool understood, bool complete,
             std::chrono::milliseconds limit) {
  using How = ChildEnd::How;
  auto is = [&](End what, std::string how = {}) { proof.end = what, proof.how = std::move(how); };
  if (end.how == How::not_started) return is(End::not_started, error_name(end.number));
  if (end.how == How::flooded)
    return is(End::flooded, "more than " + std::to_string(kMaxAnswers >> 20) + " MiB");
  if (!understood) return is(End::garbled);
  if (end.how == How::late) return is(End::hung, deadline_words(limit) + " in all");
  if (end.how == How::killed) return is(End::crashed, signal_name(end.number));
  if (end.number != 0 || !complete) return is(End::crashed, "exit " + std::to_string(end.number));
  is(End::done);
}

}  // namespace

std::optional<std::string_view> framework_module(std::string_view distribution) {
  static constexpr std::pair<const char*, const char*> rows[] = {{"torch", "torch"},
                                                                 {"tensorflow", "tensorflow"},
                                                                 {"tensorflow-gpu", "tensorflow"},
                                                                 {"tf-nightly", "tensorflow"},
                                                                 {"jax", "jax"},
                                                                 {"onnxruntime-gpu", "onnxruntime"},
                                                                 {"onnxruntime", "onnxruntime"},
                                                                 {"cupy", "cupy"}};
  auto normalized = normalized_name(distribution);
  for (auto& [name, module] : rows)
    if (normalized == name) return module;
  // What holds the GPU code of JAX: jax-cuda12-plugin, jax-cuda13-pjrt.
  if (normalized.starts_with("jax-cuda")) return "jax";
  return normalized.starts_with("cupy-cuda") ? std::optional("cupy") : std::nullopt;
}

std::string python_version_of(const Subject& package) {
  auto folder = folder_of(folder_of(package.path));
  auto name = base_name(std::string_view(folder));
  return name.starts_with("python") && name.find('.') != name.npos ? std::string(name.substr(6)) : "";
}

std::expected<std::string, std::string> interpreter_of(const std::string& root, const std::string& version) {
  std::vector<std::string> names = {"bin/python3", "bin/python"}, places = {root};
  if (!version.empty()) names.insert(names.begin(), "bin/python" + version);
  if (root == "/usr/local")
    places.push_back("/usr");  // Debian's Python looks in /usr/local, but lies in /usr
  std::string why;
  for (auto& place : places)
    for (auto& name : names) {
      auto path = path_in(place, name);
      if (is_folder(path)) {
        if (why.empty()) why = path + " is a folder";
        continue;
      }
      if (access(path.c_str(), X_OK) == 0) return path;
      if (why.empty()) why = why_not_run(path, errno);
    }
  return std::unexpected(why.empty() ? "no interpreter" : why);
}

PythonProof python_proof_of(const ChildEnd& end, std::chrono::milliseconds limit) {
  PythonProof proof;
  Answers answers(proof);
  // A line that was cut off by its end is none; the program writes lines whole.
  bool ended_by_itself = end.how == ChildEnd::How::exited;
  auto whole = std::string_view(end.answers).substr(0, end.answers.rfind('\n') + 1);
  bool understood = answers.read(ended_by_itself ? std::string_view(end.answers) : whole);
  set_end(proof, end, understood, answers.complete(), limit);
  if (proof.end != End::done) answers.leave_open(reason_of(proof.end));
  proof.output = readable(trimmed(end.output), "\n\t");
  proof.micros = uint32_t(std::clamp<int64_t>(end.time.count(), 0, UINT32_MAX));
  return proof;
}

PythonProof prove_by_python(const PythonQuestion& question) {
  auto run = [&](const std::string& interpreter) {
    // -u: what it printed before a crash is seen. -B: nothing is written beside what is imported.
    ChildProgram program{interpreter, {"-B", "-u", "-c", kScript, question.module}, question.env};
    auto end = run_child(program, {.time = question.limit, .answers = kMaxAnswers});
    return python_proof_of(end, question.limit);
  };
  auto& interpreter = question.interpreter;
  auto proof = interpreter ? run(*interpreter) : not_started(interpreter.error());
  proof.environment = question.environment;
  if (auto* file = std::get_if<std::string>(&proof.file.is)) *file = inside(question.environment, *file);
  proof.framework = question.framework;
  return proof;
}

}  // namespace cufit::collect
