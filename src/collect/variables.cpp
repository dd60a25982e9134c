#include "collect/variables.h"

#include <algorithm>

#include "collect/assignments.h"
#include "model/variables.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxText = 256 << 10;   ///< bytes of one file
constexpr size_t kMaxFiles = 500;        ///< of folders such as /etc/profile.d
constexpr size_t kMaxVariables = 2'000;  ///< entries of the answer

struct SettingFile {
  std::string path;
  SetForm form = SetForm::sh;
};

class Files {
 public:
  explicit Files(const Root& root) : root_(root) {}

  void add(std::string path, SetForm form = SetForm::sh) {
    if (out.size() < kMaxFiles) out.push_back({std::move(path), form});
  }
  void add_folder(const std::string& folder, std::string_view ending, SetForm form = SetForm::sh) {
    auto names = root_.names(folder);
    if (!names) return;
    for (auto& name : *names)
      if (name.ends_with(ending)) add(folder + '/' + name, form);
  }

  void add_system() {
    add("/etc/environment");
    add_folder("/etc/environment.d", ".conf");
    add("/etc/profile");
    add_folder("/etc/profile.d", ".sh");
    add("/etc/bash.bashrc");  // Debian
    add("/etc/bashrc");       // Fedora
    add("/etc/zsh/zshenv");
    add("/etc/zsh/zshrc");
    add("/etc/zshenv");
    add("/etc/zshrc");
    add("/etc/csh.cshrc", SetForm::csh);
    add_folder("/etc/profile.d", ".csh", SetForm::csh);
    add("/etc/fish/config.fish", SetForm::fish);
  }
  void add_home(const std::string& home) {
    for (auto name : {".pam_environment", ".profile", ".bash_profile", ".bash_login", ".bashrc",
                      ".bash_aliases", ".zshenv", ".zprofile", ".zshrc"})
      add(home + '/' + name);
    add(home + "/.cshrc", SetForm::csh);
    add(home + "/.tcshrc", SetForm::csh);
    add(home + "/.config/fish/config.fish", SetForm::fish);
    add_folder(home + "/.config/fish/conf.d", ".fish", SetForm::fish);
    add_folder(home + "/.config/environment.d", ".conf");
  }
  void add_environment(const std::string& prefix) {
    add(prefix + "/bin/activate");
    add(prefix + "/conda-meta/state", SetForm::conda);
    add_folder(prefix + "/etc/conda/env_vars.d", ".json", SetForm::conda);
    add_folder(prefix + "/etc/conda/activate.d", ".sh");
    add_folder(prefix + "/etc/conda/activate.d", ".csh", SetForm::csh);
    add_folder(prefix + "/etc/conda/activate.d", ".fish", SetForm::fish);
  }

  std::vector<SettingFile> out;

 private:
  const Root& root_;
};

bool is_found(std::string_view variable) { return use_of_variable(variable) >= VariableUse::found; }

std::vector<SettingFile> files_that_set(const Root& root, const Variables& env) {
  Files files(root);
  files.add_system();
  for (auto& home : home_folders(root, env)) files.add_home(home);
  for (auto* active : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (auto at = env.find(active); at != env.end() && at->second.starts_with('/'))
      files.add_environment(at->second);
  return std::move(files.out);
}

}  // namespace

std::vector<std::string> home_folders(const Root& root, const Variables& env) {
  constexpr size_t kMaxHomes = 50;
  std::vector<std::string> out;
  if (root.this_machine()) {
    auto home = env.find("HOME");
    if (home != env.end() && home->second.starts_with('/')) out.push_back(home->second);
    return out;
  }
  out.push_back("/root");
  if (auto names = root.names("/home"))
    for (auto& name : *names)
      if (out.size() < kMaxHomes) out.push_back("/home/" + name);
  return out;
}

std::vector<SetVariable> find_variables(const Root& root, const Variables& env) {
  std::vector<SetVariable> out;
  std::map<std::string, bool> seen_in_file;
  for (auto& file : files_that_set(root, env)) {
    auto text = root.head(file.path, kMaxText);
    if (!text) continue;
    for (auto& set : assignments(*text, file.form)) {
      if (!is_found(set.name) || out.size() >= kMaxVariables) continue;
      auto now = env.find(set.name);
      seen_in_file[set.name] = true;
      out.push_back({set.name, now != env.end() ? now->second : set.value, file.path, set.line});
    }
  }
  for (auto& [name, value] : env)
    if (is_found(name) && !seen_in_file.contains(name) && out.size() < 2 * kMaxVariables)
      out.push_back({name, value, {}, 0});
  std::ranges::stable_sort(out, {}, &SetVariable::name);
  return out;
}

}  // namespace cufit::collect
