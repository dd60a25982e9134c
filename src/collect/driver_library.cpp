#include "collect/driver_library.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "formats/ld_so.h"
#include "model/library_path.h"

namespace cufit::collect {
namespace {

/// SONAMEs, what the names of the files begin with, and a function that all of them define, where one is
/// known.
struct Wanted {
  std::string_view soname, stem, function = {};
};
constexpr std::array<Wanted, 5> kWanted = {{
    {"libcuda.so.1", "libcuda.so", "cuDriverGetVersion"},
    {"libnvidia-ml.so.1", "libnvidia-ml.so", "nvmlInit"},
    {"libnvidia-ptxjitcompiler.so.1", "libnvidia-ptxjitcompiler.so"},
    {"libnvidia-nvvm.so.4", "libnvidia-nvvm.so"},
    {"libcudadebugger.so.1", "libcudadebugger.so"},
}};

/// Where the loader looks last. glibc's says it itself; where there is none (a root without it, musl), the
/// usual folders of Debian and of others.
std::vector<std::string> default_folders(const Root& root) {
  constexpr size_t kMaxLoader = 2 << 20;
  for (auto* loader : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"})
    if (auto file = root.head(loader, kMaxLoader))
      if (auto build = formats::read_ld_so(as_bytes(*file)); !build.folders.empty()) return build.folders;
  return {"/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib/aarch64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib"};
}

/// Where drivers are kept that only the cache or a variable makes known.
constexpr std::string_view kHiddenFolders[] = {
    "/usr/local/nvidia/lib64",  // nvidia-docker 1, GKE, operators
    "/usr/local/nvidia/lib",
    "/home/kubernetes/bin/nvidia/lib64",            // GKE, on the host
    "/run/nvidia/driver/usr/lib/x86_64-linux-gnu",  // driver container of the GPU operator
    "/run/nvidia/driver/usr/lib64",
    "/opt/nvidia/lib64",
    "/opt/bin/nvidia/lib64",
    "/opt/lib64",              // Container-Optimized OS, Flatcar
    "/usr/lib/wsl/lib",        // WSL 2
    "/run/opengl-driver/lib",  // NixOS
    "/usr/lib/nvidia",
    "/usr/lib/nvidia/current",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",  // Debian's alternatives
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/lib/x86_64-linux-gnu/nvidia",
    "/usr/lib/aarch64-linux-gnu/nvidia",
    "/usr/lib64/nvidia",                 // older packages for Fedora and RHEL
    "/usr/lib/aarch64-linux-gnu/tegra",  // Jetson
    "/usr/lib/aarch64-linux-gnu/tegra/nvidia",
    "/.singularity.d/libs",             // apptainer --nv
    "/usr/lib/x86_64-linux-gnu/stubs",  // Debian's nvidia-cuda-dev
};

/// Below each folder of a toolkit.
constexpr std::string_view kToolkitFolders[] = {"/compat", "/compat_orin", "/lib64/stubs", "/lib/stubs",
                                                "/targets/x86_64-linux/lib/stubs"};

/// "/usr/local/cuda-12.4/compat/libcuda.so.1" has the part "compat".
template <class F>
bool any_part(std::string_view path, F is) {
  return std::ranges::any_of(split(path, '/'), is);
}
bool is_stubs(std::string_view part) { return part == "stubs"; }
bool is_compat(std::string_view part) {
  return part == "compat" || part.starts_with("compat-") || part.starts_with("compat_") ||
         part.starts_with("cuda-compat");
}
bool is_wsl(std::string_view path) { return path.starts_with("/usr/lib/wsl/"); }

class Search {
 public:
  Search(const Root& root, const Variables& env, const std::vector<CachedLibrary>& cached)
      : root_(root), env_(env), cached_(cached) {}

  std::vector<DriverLibrary> run() {
    auto variables = library_path();
    auto hidden = hidden_folders();
    auto defaults = default_folders(root_);
    for (auto& w : kWanted) {
      for (auto& folder : variables) add(w, folder + '/' + std::string(w.soname), "LD_LIBRARY_PATH");
      for (auto& c : cached_)
        if (c.soname == w.soname) add(w, c.path, "cache");
      for (auto& folder : defaults) add(w, folder + '/' + std::string(w.soname), "default");
      for (auto& folder : hidden) add(w, folder + '/' + std::string(w.soname), "");
      for (auto& folder : variables) add_unlinked(w, folder);
      for (auto& folder : defaults) add_unlinked(w, folder);
      for (auto& folder : hidden) add_unlinked(w, folder);
    }
    return std::move(out_);
  }

 private:
  static constexpr size_t kMaxFolders = 200;

  /// The folders of LD_LIBRARY_PATH that are the same for every program.
  std::vector<std::string> library_path() const {
    auto at = env_.find("LD_LIBRARY_PATH");
    auto out = at == env_.end() ? std::vector<std::string>() : library_path_folders(at->second);
    out.resize(std::min(out.size(), kMaxFolders));
    return out;
  }

  std::vector<std::string> hidden_folders() const {
    std::vector<std::string> out(std::begin(kHiddenFolders), std::end(kHiddenFolders));
    auto add_toolkit = [&](const std::string& toolkit) {
      for (auto below : kToolkitFolders) out.push_back(toolkit + std::string(below));
    };
    if (auto names = root_.names("/usr/local"))
      for (auto& name : *names)
        if (name.starts_with("cuda") && out.size() < kMaxFolders) add_toolkit("/usr/local/" + name);
    add_toolkit("/opt/cuda");
    if (auto prefix = env_.find("CONDA_PREFIX"); prefix != env_.end() && prefix->second.starts_with('/'))
      out.push_back(prefix->second + "/cuda-compat");
    std::erase_if(out, [&](const std::string& folder) { return !root_.has(folder); });  // nearly all of them
    return out;
  }

  void add(const Wanted& w, const std::string& path, const char* on) {
    // The last name may be a link to nowhere, which is worth telling.
    if (!root_.link(path) && !root_.has(path)) return;
    auto real = root_.real(path);
    // One place under two names (/lib is a link to /usr/lib) counts once, by the name that comes first.
    auto slash = path.rfind('/');
    auto folder = root_.real(path.substr(0, std::max<size_t>(slash, 1))).value_or(path.substr(0, slash));
    auto [seen, is_new] = seen_.try_emplace(folder + path.substr(slash));
    if (!is_new) return note_other_way(seen->second, on);
    if (real) reached_.insert(*real);
    if (auto library = read(w, path, real)) {
      library->on = on;
      seen->second = out_.size();
      out_.push_back(std::move(*library));
    }
  }

  void note_other_way(std::optional<size_t> seen, const char* on) {
    if (seen && out_[*seen].on == "LD_LIBRARY_PATH" && on != out_[*seen].on && out_[*seen].else_on.empty())
      out_[*seen].else_on = on;
  }

  /// Files of a driver in a folder to which no link of their SONAME leads.
  void add_unlinked(const Wanted& w, const std::string& folder) {
    if (!listed_.contains(folder)) {
      auto& names = listed_[folder];
      if (auto all = root_.names(folder, 200'000))
        std::ranges::copy_if(*all, std::back_inserter(names), [](const std::string& name) {
          return std::ranges::any_of(kWanted, [&](auto& wanted) { return name.starts_with(wanted.stem); });
        });
    }
    for (auto& name : listed_[folder]) {
      bool stub = name == w.stem && any_part(folder, is_stubs);
      if (!stub && !(name.starts_with(w.stem) && driver_version_of_name(name))) continue;
      auto real = root_.real(folder + '/' + name);
      if (real && !reached_.contains(*real)) add(w, folder + '/' + name, "");
    }
  }

  /// Nothing for what no 64-bit program would load.
  std::optional<DriverLibrary> read(const Wanted& w, const std::string& path,
                                    const std::optional<std::string>& real) {
    DriverLibrary out;
    out.name = w.soname;
    out.path = path;
    out.kind = DriverLibrary::Kind::unknown;
    out.version.from = at_path(path);
    if (!real) return out;
    out.real = *real;
    out.version.from = at_path(*real);
    auto by_name = driver_version_of_name(base_name(*real));
    if (by_name) out.version.is = *by_name;
    auto head = root_.head(path, 1);  // says by the name of the error why it cannot be read
    auto at = head ? root_.open_path(path) : std::nullopt;
    auto file = at ? File::open(*at) : fail("gone");
    if (!file) {
      if (!by_name) out.version = no_value<Version>(head);
      // The loader opens it as it would open a file, and gives up.
      if (is_folder(path)) out.kind = DriverLibrary::Kind::foreign;
      return out;
    }
    bool may_say = w.soname == "libcuda.so.1" || w.soname == "libnvidia-ml.so.1";
    auto bytes = read_driver_library(*file, may_say && !by_name && !is_wsl(*real), w.function);
    if (bytes.is_32_bit) return std::nullopt;
    out.compat_note = bytes.compat_note;
    if (!bytes.is_elf)
      out.version.is = Unreadable{file->size() == 0 ? "the file is empty" : "no ELF file"};
    else if (bytes.version)
      out.version.is = *bytes.version;
    out.kind = kind_of(out, bytes, file->size());
    // What ends a program that loads libcuda the search of the loader tells; of the others nobody asks it.
    if (bytes.is_cut_off && w.soname != "libcuda.so.1") {
      out.version.is = Unreadable{"the file is cut off"};
      out.kind = DriverLibrary::Kind::foreign;
    }
    return out;
  }

  bool is_folder(const std::string& path) const {
    auto at = root_.look(path);
    return at && S_ISDIR(at->st_mode);
  }

  /// By the folder, which says what a file is meant for, then by what it holds.
  static DriverLibrary::Kind kind_of(const DriverLibrary& l, const DriverBytes& bytes, uint64_t size) {
    using Kind = DriverLibrary::Kind;
    // Stubs of CUDA 11.8 and 13.0 have 62 to 72 kB and need nothing; the smallest library of a driver, NVML,
    // has 1.9 MB (535.261.03).
    constexpr uint64_t kMaxStub = 512 << 10;
    if (!bytes.is_elf) return Kind::foreign;
    if (is_wsl(l.path) || is_wsl(l.real)) return Kind::wsl;
    if (any_part(l.path, is_stubs) || any_part(l.real, is_stubs)) return Kind::stub;
    if (bytes.lacks_function && !l.version) return Kind::foreign;
    bool small = size < kMaxStub;
    if (small && !bytes.needs_libraries && !l.version) return Kind::stub;
    if (any_part(l.path, is_compat) || any_part(l.real, is_compat)) return Kind::compat;
    return small && !l.version ? Kind::unknown : Kind::driver;
  }

  const Root& root_;
  const Variables& env_;
  const std::vector<CachedLibrary>& cached_;
  /// By folder behind all links, and name; what no program would load has no place in out_.
  std::map<std::string, std::optional<size_t>> seen_;
  std::set<std::string> reached_;  ///< files behind all links
  std::map<std::string, std::vector<std::string>> listed_;
  std::vector<DriverLibrary> out_;
};

}  // namespace

std::optional<Version> driver_version_of_name(std::string_view name) {
  auto at = name.find(".so.");
  if (at == name.npos) return std::nullopt;
  auto version = Version::parse(name.substr(at + 4));
  return version && version->size() >= 2 && version->major() >= 100 ? version : std::nullopt;
}

std::vector<DriverLibrary> find_driver_libraries(const Root& root, const Variables& env,
                                                 const std::vector<CachedLibrary>& cached) {
  return Search(root, env, cached).run();
}

}  // namespace cufit::collect
