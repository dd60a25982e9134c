#include "loader/lab.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include "base/bytes.h"

namespace cufit::test {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// In the child: false if the root could not be changed.
bool enter(const std::string& root) {
  if (geteuid() != 0) {
    uid_t uid = geteuid();
    if (unshare(CLONE_NEWUSER) != 0) return false;
    std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1\n";
  }
  return chroot(root.c_str()) == 0 && chdir("/") == 0;
}

const char* const kWitness = R"(
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
typedef void* (*Open)(const char*);
int main(int argc, char** argv) {
  if (getauxval(AT_SECURE)) puts("secure");
  for (int i = 1; i < argc; i++) {
    char by[4096];
    strcpy(by, argv[i]);
    char* bar = strchr(by, '|');
    const char* name = argv[i];
    Open open = 0;
    if (bar) {
      *bar = 0;
      name = bar + 1;
      void* library = dlopen(by, RTLD_NOW | RTLD_NOLOAD);
      if (library) open = (Open)dlsym(library, "open_it");
      if (!open) { printf("cannot call %s\n", by); continue; }
    }
    void* handle = open ? open(name) : dlopen(name, RTLD_NOW);
    struct link_map* map = 0;
    if (handle) dlinfo(handle, RTLD_DI_LINKMAP, &map);
    if (map) printf("opened %s => %s\n", argv[i], map->l_name); else printf("failed %s: %s\n", argv[i], dlerror());
  }
  for (struct link_map* m = _r_debug.r_map; m; m = m->l_next) printf("map %s\n", m->l_name);
}
)";

// Not a tail call: dlopen looks at the address that it returns to.
const char* const kOpener = R"(
#include <dlfcn.h>
extern "C" void* open_it(const char* name) { void* volatile handle = dlopen(name, RTLD_NOW); return handle; }
)";

std::string identifier(std::string s) {
  for (char& c : s)
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  return s;
}

/// The tag of DT_DEPAUDIT becomes that of DT_RPATH.
void depaudit_to_rpath(const Lab& lab, const std::string& file) {
  std::string bytes = content(file);
  auto raw = as_bytes(bytes);
  for (size_t i = 0; i + 16 <= raw.size(); i += 8)
    if (load_at<uint64_t>(raw.data() + i) == 0x6ffffefbu) {
      lab.poke(file, i, std::string("\x0f\0\0\0\0\0\0\0", 8));
      return;
    }
  std::abort();
}

}  // namespace

Ran run(const std::vector<std::string>& argv, const Env& env, const Place& place) {
  Scratch files;
  std::string out = files.write("out", ""), err = files.write("err", "");
  std::vector<std::string> variables;
  for (auto& [name, value] : env) variables.push_back(name + '=' + value);
  std::vector<char*> args, vars;
  for (auto& a : argv) args.push_back(const_cast<char*>(a.c_str()));
  for (auto& v : variables) vars.push_back(v.data());
  args.push_back(nullptr);
  vars.push_back(nullptr);
  pid_t child = fork();
  if (child == 0) {
    int o = open(out.c_str(), O_WRONLY), e = open(err.c_str(), O_WRONLY), in = open("/dev/null", O_RDONLY);
    if (!place.root.empty() && !enter(place.root)) _exit(125);
    if (!place.cwd.empty() && chdir(place.cwd.c_str()) != 0) _exit(125);
    dup2(in, 0), dup2(o, 1), dup2(e, 2);
    execve(args[0], args.data(), vars.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(out), content(err)};
}

bool may_chroot() {
  pid_t child = fork();
  if (child == 0) _exit(enter("/") ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Lab::Lab() = default;

std::string Lab::copy(const std::string& from, const std::string& to) const {
  fs::create_directories(fs::path(path(to)).parent_path());
  fs::copy_file(from, path(to), fs::copy_options::overwrite_existing);
  return path(to);
}

std::string Lab::link(const std::string& target, const std::string& name) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  fs::create_symlink(target, path(name));
  return path(name);
}

bool Lab::secure(const std::string& program) const {
  constexpr gid_t kNobody = 65534;
  gid_t other = kNobody, groups[64];
  if (geteuid() != 0) {
    int n = getgroups(64, groups);
    auto* end = groups + std::max(n, 0);
    auto* at = std::find_if(groups, end, [](gid_t g) { return g != getgid(); });
    if (at == end) return false;
    other = *at;
  }
  if (chown(program.c_str(), uid_t(-1), other) != 0 || chmod(program.c_str(), 02755) != 0) return false;
  return run({program}).out.starts_with("secure\n");
}

void Lab::poke(const std::string& file, size_t at, const std::string& bytes) const {
  std::fstream f(file, std::ios::binary | std::ios::in | std::ios::out);
  f.seekp(std::streamoff(at));
  f << bytes;
}

namespace {

void compiler(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{CUFIT_COMPILER};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto ran = run(argv, {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C"}});
  if (ran.status == 0) return;
  std::string line;
  for (auto& a : argv) line += a + ' ';
  ADD_FAILURE() << line << '\n' << ran.err;
}

}  // namespace

/// An object file; each source is compiled once.
std::string Lab::compiled(const std::string& source) const {
  static std::map<std::string, std::string> objects;
  static Scratch kept;
  auto [at, fresh] = objects.try_emplace(source);
  if (fresh) {
    std::string name = std::to_string(objects.size());
    auto text = kept.write(name + ".cpp", source);
    at->second = kept.path(name + ".o");
    compiler({"-O0", "-fPIC", "-c", text, "-o", at->second});
  }
  return at->second;
}

/// Symbols of a library that defines versions, and the script that gives them.
static std::string versioned_source(const std::vector<std::string>& versions) {
  std::string source = "extern \"C\" {\n";
  for (auto& v : versions) source += "int symbol_" + identifier(v) + " = 1;\n";
  return source + "}\n";
}

static std::string version_script(const std::vector<std::string>& versions) {
  std::string script;
  for (auto& v : versions) script += v + " { global: symbol_" + identifier(v) + "; };\n";
  return script;
}

std::string Lab::stub(const std::string& soname, const std::vector<std::string>& versions) const {
  std::string name = ".stubs/" + identifier(soname), key;
  for (auto& v : versions) key += "." + identifier(v);
  name += key + ".so";
  if (!fs::exists(path(name))) lib(name, {.soname = soname, .versions = versions});
  return path(name);
}

std::string Lab::linked(const std::string& name, const Build& b, bool program) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  std::vector<std::string> args = b.flags;
  if (!program) args.insert(args.end(), {"-shared"});
  std::string source = versioned_source(b.versions);
  for (auto& [library, versions] : b.wants)
    for (auto& v : versions)
      source += "extern \"C\" int symbol_" + identifier(v) + ";\nint* use_" + identifier(library + v) +
                " = &symbol_" + identifier(v) + ";\n";
  args.push_back(compiled(source));
  if (program) args.push_back(compiled(kWitness));
  if (b.opens) args.push_back(compiled(kOpener));
  if (!program && !b.opens) args.push_back("-nostdlib");
  // The C++ library would be one more that is loaded.
  else
    args.insert(args.end(), {"-nodefaultlibs"});
  args.push_back("-Wl,--no-as-needed");
  if (!b.soname.empty()) args.push_back("-Wl,-soname," + b.soname);
  if (b.nodeflib) args.push_back("-Wl,-z,nodefaultlib");
  auto dtags = [&](const std::string& list, const char* kind) {
    if (list.empty()) return;
    args.push_back(kind);
    args.push_back("-Wl,-rpath," + list);
  };
  dtags(b.rpath, "-Wl,--disable-new-dtags");
  dtags(b.runpath, "-Wl,--enable-new-dtags");
  if (!b.depaudit_as_rpath.empty()) args.push_back("-Wl,--depaudit=" + b.depaudit_as_rpath);
  if (!b.versions.empty())
    args.push_back("-Wl,--version-script=" +
                   write(".scripts/" + identifier(name), version_script(b.versions)));
  for (auto& needed : b.needed) {
    auto wants = b.wants.find(needed);
    args.push_back(stub(needed, wants == b.wants.end() ? std::vector<std::string>() : wants->second));
  }
  if (program || b.opens) args.insert(args.end(), {"-lc", "-ldl"});
  args.insert(args.end(), {"-Wl,--allow-shlib-undefined", "-o", path(name)});
  compiler(args);
  if (!b.depaudit_as_rpath.empty()) depaudit_to_rpath(*this, path(name));
  return path(name);
}

std::string Lab::lib(const std::string& name, const Build& build) const { return linked(name, build, false); }

std::string Lab::program(const std::string& name, const Build& build) const {
  return linked(name, build, true);
}

}  // namespace cufit::test
