#include "collect/installed.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <set>
#include <span>

#include "base/parallel.h"
#include "base/text.h"
#include "collect/archive_name.h"
#include "collect/convert.h"
#include "collect/distribution.h"
#include "collect/entry.h"
#include "collect/file_names.h"
#include "collect/metadata.h"
#include "collect/ownership.h"
#include "collect/target.h"
#include "collect/unread.h"
#include "model/hidden_code.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxMissing = 20;  ///< listed for one distribution; the others are counted

/// A library of which something is missing, also where what is left holds no code.
bool may_be_cut(const Gap& g) { return hides_code(g) || g.what.id == "gap.sections-damaged"; }

/// In an environment: what says something of GPUs. Windows programs that installers bring along do not.
bool counts(const Binary& b) {
  return is_member(b) && (!b.shapes.empty() || needs_cuda(b.dyn) || is_compiler_name(base_name(b.path)) ||
                          std::ranges::any_of(b.unread, may_be_cut));
}

/// One environment, or what lies in none.
struct Part {
  const Environment* environment = nullptr;
  std::vector<FoundFile> files;
  std::vector<FileLink> broken;  ///< where packages lie
  std::vector<Gap> gaps;
  std::vector<Distribution> distributions;
  Ownership ownership;
};

std::vector<FoundFile> look_at(const std::vector<std::string>& paths, std::vector<Gap>& gaps, Cache& cache) {
  constexpr size_t kShare = 64;
  std::vector<FoundFile> files(paths.size());
  std::vector<int> errors(paths.size());
  parallel_for((paths.size() + kShare - 1) / kShare, [&](size_t share) {
    for (size_t i = share * kShare; i < std::min(paths.size(), (share + 1) * kShare); i++) {
      struct stat st;
      errors[i] = lstat(paths[i].c_str(), &st) == 0 ? 0 : errno;
      if (errors[i] == 0) files[i] = {paths[i], uint64_t(st.st_size), stamp_of(st)};
      cache.look(paths[i], files[i].stamp);
    }
  });
  for (size_t i = 0; i < paths.size(); i++)
    if (errors[i] != 0 && errors[i] != ENOENT)  // else gone since it was listed
      gaps.push_back(unread_gap(paths[i], errors[i]));
  std::erase_if(files, [](const FoundFile& f) { return f.path.empty(); });
  return files;
}

/// Linkers take texts in place of libraries ("INPUT(-lncursesw)"); the loader comes to none of them.
bool is_linker_script(const std::string& path) {
  auto file = File::open(path);
  std::array<uint8_t, 256> head;
  auto bytes = std::span(head).first(file ? std::min<uint64_t>(head.size(), file->size()) : 0);
  if (!file || !file->read_at(0, bytes)) return false;
  auto text = as_text(bytes);
  return text.find("GNU ld script") != text.npos ||
         std::ranges::any_of(std::array{"INPUT", "GROUP", "OUTPUT_FORMAT"},
                             [&](auto* word) { return text.starts_with(word); });
}

/// ld.so reads the header of an ELF file, 64 bytes, and tells what it is only by that.
Gap no_library(const std::string& path, uint64_t size) {
  return {path, {}, {gap_no_library, {{"why", size < 64 ? "file too short" : "invalid ELF header"}}}};
}

Gap no_file(const std::string& path) {
  std::error_code ec;
  bool folder = std::filesystem::is_directory(path, ec);
  return {path, {}, {gap_no_library, {{"why", folder ? "cannot read file data" : "not a regular file"}}}};
}

/// A library by its name, and nothing that can be one: empty, the pointer that Git LFS leaves, a text.
bool is_no_library(const FoundFile& file, const Entry& entry) {
  return !entry.binary && !entry.gap && !entry.wheel && !entry.kept && is_loaded_name(base_name(file.path)) &&
         !is_linker_script(file.path);
}

/// Takes an entry into its subject.
void add(Subject& subject, const FoundFile& file, Entry&& entry) {
  subject.files_read++;
  // Wheels in an environment are cargo: ensurepip, virtualenv.
  if (entry.wheel) entry.gap = Gap{file.path, {}, text_of({formats::GapKind::archive_inside})};
  if (entry.gap) subject.unread.push_back(std::move(*entry.gap));
  if (entry.binary && counts(*entry.binary)) subject.members.push_back({std::move(*entry.binary)});
}

bool says_anything(const Subject& s) {
  auto decides = [](const Gap& g) {
    return hides_code(g) || g.what.id == "gap.file-overwritten" || g.what.id == "gap.file-replaced";
  };
  return !s.members.empty() || std::ranges::any_of(s.unread, decides);
}

/// That a build of PyTorch holds nothing for a GPU is what its user wants to know: its version says so, or it
/// was read.
bool is_told_without_code(const Distribution& d, const Subject& found) {
  return normalized_name(d.name) == "torch" && (d.version.ends_with("+cpu") || found.files_read > 0);
}

/// Programs and static libraries of a package that are not there are said, but not the scripts that
/// installers write into PREFIX/bin: they hold no GPU code, and are put elsewhere or left out by some.
bool is_missed(const std::string& path, const std::string& site) {
  auto name = base_name(path);
  return name.ends_with(".a") || is_compiler_name(name) ||
         (path.starts_with(site + '/') && path.find("/bin/", site.size() + 1) != path.npos);
}

void add_missing(Subject& subject, const std::vector<std::string>& missing, const std::string& site) {
  size_t libraries = 0;
  for (auto& path : missing) {
    auto name = base_name(path);
    if (is_loaded_name(name)) {
      if (libraries++ < kMaxMissing) subject.unread.push_back({path, {}, {"gap.file-missing"}});
    } else if (is_missed(path, site)) {
      subject.unread.push_back({path, {}, {"gap.program-missing"}});
    }
  }
  if (libraries > kMaxMissing)
    subject.unread.push_back(
        {subject.path, {}, {"gap.files-missing", {{"count", std::to_string(libraries - kMaxMissing)}}}});
}

/// Host architecture of the files, for markers of distributions whose tags do not say it.
std::string machine_of_entries(const std::vector<Entry>& entries) {
  for (auto& e : entries)
    if (e.binary && !e.binary->arch.empty() && counts(*e.binary)) return e.binary->arch;
  return {};
}

void sort_lists(Subject& s) {
  std::ranges::sort(s.members, {}, [](const Member& m) { return m.bin.path; });
  std::ranges::stable_sort(s.unread, {}, &Gap::path);
}

class Subjects {
 public:
  Subjects(Part& part, const std::string& root, std::vector<Entry> entries, Cache& cache)
      : part_(part), cache_(cache), entries_(std::move(entries)), of_(part.distributions.size()) {
    rest_.kind = Subject::Kind::directory;
    rest_.name = rest_.path = part.environment ? part.environment->root : root;
    if (auto* e = part.environment) rest_.environment = e->part_of.empty() ? e->root : e->part_of;
    rest_.unread = std::move(part.gaps);
  }

  std::vector<Subject> build() {
    auto machine = machine_of_entries(entries_);
    for (size_t i = 0; i < entries_.size(); i++) {
      int owner = part_.ownership.owner.empty() ? -1 : part_.ownership.owner[i];
      if (owner >= 0 && is_no_library(part_.files[i], entries_[i]))
        entries_[i].gap = no_library(part_.files[i].path, part_.files[i].size);
      add(owner < 0 ? rest_ : of_[size_t(owner)], part_.files[i], std::move(entries_[i]));
    }
    for (auto& o : part_.ownership.overwritten) {
      auto winner = describe(part_.distributions[o.winner], *part_.environment, machine, cache_);
      of_[o.distribution].unread.push_back(
          {o.path, {}, {"gap.file-overwritten", {{"name", winner.name}, {"version", winner.version}}}});
    }
    for (auto& r : part_.ownership.replaced)
      of_[r.distribution].unread.push_back({r.path, {}, {"gap.file-replaced"}});
    std::vector<Subject> out;
    for (size_t d = 0; d < of_.size(); d++) add_distribution(d, machine, out);
    if (out.empty() || says_anything(rest_)) out.push_back(std::move(rest_));
    std::ranges::for_each(out, sort_lists);
    return out;
  }

 private:
  void add_distribution(size_t d, const std::string& machine, std::vector<Subject>& out) {
    auto& found = of_[d];
    auto& distribution = part_.distributions[d];
    found.path = distribution.path;
    std::ranges::copy(distribution.unread, std::back_inserter(found.unread));
    add_missing(found, part_.ownership.missing[d], distribution.site);
    for (auto& path : part_.ownership.no_files[d])
      if (is_loaded_name(base_name(path))) found.unread.push_back(no_file(path));
    for (auto& path : part_.ownership.denied[d])
      if (is_loaded_name(base_name(path))) found.unread.push_back({path, {}, {gap_denied}});
    if (!says_anything(found) && !is_told_without_code(distribution, found)) return;
    auto subject = describe(distribution, *part_.environment, machine, cache_);
    subject.members = std::move(found.members);
    subject.unread = std::move(found.unread);
    subject.files_read = found.files_read;
    out.push_back(std::move(subject));
  }

  Part& part_;
  Cache& cache_;
  std::vector<Entry> entries_;
  std::vector<Subject> of_;
  Subject rest_;
};

/// bin/python, bin/python3.12, bin/pypy3: a virtual environment links to the interpreter that it was made
/// with.
bool is_interpreter(std::string_view path) {
  auto name = base_name(path), folder = path.substr(0, path.size() - name.size());
  if (!folder.ends_with("/bin/")) return false;
  for (std::string_view stem : {"python", "pypy"})
    if (name.starts_with(stem)) return name.substr(stem.size()).find_first_not_of("0123456789.") == name.npos;
  return false;
}

/// What a link of an environment names outside is loaded as if it lay there. Each file once.
void add_files_behind_links(const std::vector<FileLink>& links, const std::vector<Environment>& environments,
                            std::vector<Part>& parts, Cache& cache) {
  if (links.empty()) return;
  const std::string& system = environments.front().system;
  std::vector<std::string> paths;
  for (auto& link : links) paths.push_back(link.path);
  auto of_links = environments_of(paths, environments);
  std::set<std::pair<int, std::string_view>> seen;
  for (size_t i = 0; i < links.size(); i++) {
    bool own_interpreter = of_links[i] >= 0 && is_interpreter(links[i].path);
    if (own_interpreter || !seen.insert({of_links[i], links[i].target}).second) continue;
    auto file = file_behind(links[i], system);
    if (!file) continue;
    cache.look(file->path, file->stamp);
    (of_links[i] < 0 ? parts.back() : parts[size_t(of_links[i])]).files.push_back(std::move(*file));
  }
}

/// Links to nothing count where packages lie: bin/python of an environment in an image leads to the
/// interpreter of its base.
bool is_where_packages_lie(const std::string& path, const Environment& e) {
  auto name = base_name(std::string_view(path));
  return e.conda || name == "site-packages" || name == "dist-packages" ||
         std::ranges::any_of(e.sites, [&](auto& site) { return path.starts_with(site + '/'); });
}

void add_broken_links(std::vector<FileLink> broken, const std::vector<Environment>& environments,
                      std::vector<Part>& parts) {
  std::vector<std::string> paths;
  for (auto& link : broken) paths.push_back(link.path);
  auto of = environments_of(paths, environments);
  for (size_t i = 0; i < broken.size(); i++)
    if (of[i] >= 0 && is_where_packages_lie(broken[i].path, environments[size_t(of[i])]))
      parts[size_t(of[i])].broken.push_back(std::move(broken[i]));
}

/// Splits what was walked into environments; the last part is what lies in none.
std::vector<Part> split_tree(Tree tree, const std::vector<Environment>& environments, Cache& cache) {
  std::vector<Part> parts(environments.size() + 1);
  for (size_t i = 0; i < environments.size(); i++) parts[i].environment = &environments[i];
  auto part_of = [&](int index) -> Part& { return index < 0 ? parts.back() : parts[size_t(index)]; };

  std::erase_if(tree.files, [](const std::string& f) {
    return !may_hold_code(base_name(f)) || f.ends_with(".egg-info") || f.ends_with(".egg-link");
  });
  std::vector<std::string> gap_paths;
  for (auto& g : tree.gaps) gap_paths.push_back(g.path);
  auto of_gaps = environments_of(gap_paths, environments);
  for (size_t i = 0; i < of_gaps.size(); i++) part_of(of_gaps[i]).gaps.push_back(std::move(tree.gaps[i]));
  auto of_files = environments_of(tree.files, environments);
  std::vector<std::vector<std::string>> paths(parts.size());
  for (size_t i = 0; i < of_files.size(); i++)
    paths[of_files[i] < 0 ? parts.size() - 1 : size_t(of_files[i])].push_back(std::move(tree.files[i]));
  for (size_t i = 0; i < parts.size(); i++) parts[i].files = look_at(paths[i], parts[i].gaps, cache);
  add_files_behind_links(tree.links, environments, parts, cache);
  add_broken_links(std::move(tree.broken), environments, parts);
  return parts;
}

/// Headers are half of all folders, and no library lies among them that a package does not list (for packages
/// without a list see add_unlisted). Metadata are read where they are known to lie; Python looks for no
/// module in a name with '~', which pip leaves of a broken uninstallation; and conda keeps in "pkgs" what it
/// has installed elsewhere.
bool is_entered(std::string_view path) {
  auto name = base_name(path), folder = path.substr(0, path.size() - name.size());
  if (name == "pkgs") return !is_conda_prefix(std::string(folder));
  if (name == "conda-meta") return !is_conda_prefix(std::string(folder));
  return !name.ends_with(".dist-info") && !name.ends_with(".egg-info") && name != "__pycache__" &&
         name != "include" && !name.starts_with('~');
}

/// Of each environment the folders of headers.
std::vector<std::vector<std::string>> header_folders(const Tree& tree,
                                                     const std::vector<Environment>& environments) {
  std::vector<std::string> folders;
  for (auto& folder : tree.folders)
    if (base_name(folder) == "include") folders.push_back(folder);
  std::vector<std::vector<std::string>> out(environments.size());
  auto of = environments_of(folders, environments);
  for (size_t i = 0; i < folders.size(); i++)
    if (of[i] >= 0) out[size_t(of[i])].push_back(std::move(folders[i]));
  return out;
}

/// What a package lists is missing from it; the links that nobody lists are one gap.
void tell_broken_links(Part& part) {
  std::erase_if(part.broken, [&](const FileLink& link) {
    return std::ranges::any_of(part.distributions, [&](const Distribution& d) {
      auto at = std::ranges::lower_bound(d.claims, link.path, {}, &Claim::path);
      return at != d.claims.end() && at->path == link.path;
    });
  });
  if (auto gap = gap_of_broken(part.broken)) part.gaps.push_back(std::move(*gap));
}

/// True if a package lists a file that lies beside `folder`.
bool is_of_listed_package(std::string_view folder, const std::vector<Distribution>& distributions) {
  auto beside = folder.substr(0, folder.rfind('/') + 1);
  return std::ranges::any_of(distributions, [&](const Distribution& d) {
    auto first = std::ranges::lower_bound(d.claims, beside, {},
                                          [](const Claim& c) { return std::string_view(c.path); });
    return first != d.claims.end() && first->path.starts_with(beside);
  });
}

/// Folders of headers that were not entered, of packages that list no files: what lies there may be loaded.
void add_unlisted(Part& part, const std::vector<std::string>& header_folders, Cache& cache) {
  auto& sites = part.environment->sites;
  for (auto& folder : header_folders) {
    bool in_site = std::ranges::any_of(sites, [&](auto& site) { return folder.starts_with(site + '/'); });
    if (!in_site || is_of_listed_package(folder, part.distributions)) continue;
    auto tree = walk(folder, {may_hold_code}, cache.on() ? &cache : nullptr, part.environment->system);
    std::erase_if(tree.files, [](const std::string& f) { return !is_loaded_name(base_name(f)); });
    std::ranges::move(look_at(tree.files, part.gaps, cache), std::back_inserter(part.files));
    std::ranges::move(tree.gaps, std::back_inserter(part.gaps));
  }
}

}  // namespace

Wanted wanted_in_environments() {
  return {[](std::string_view name) {
            return may_hold_code(name) || name == "pyvenv.cfg" || name.ends_with(".pth");
          },
          [](std::string_view path) { return is_entered(path); }};
}

std::vector<Subject> read_environments(const std::string& root, Tree tree,
                                       const std::vector<Environment>& environments, const Options& options,
                                       Cache& cache) {
  std::vector<Subject> out;
  std::set<std::pair<std::string, std::string>> own;  ///< environment and name of what is installed in it
  auto headers = header_folders(tree, environments);
  auto parts = split_tree(std::move(tree), environments, cache);
  for (size_t i = 0; i < parts.size(); i++) {
    auto& part = parts[i];
    if (part.environment) {
      part.distributions = read_distributions(*part.environment, cache);
      add_unlisted(part, headers[i], cache);
      part.ownership = settle(part.files, part.distributions, *part.environment, cache);
      tell_broken_links(part);
    } else if (part.files.empty() && part.gaps.empty()) {
      continue;
    }
    auto entries = read_entries(part.files, options, &cache);
    auto subjects = Subjects(part, root, std::move(entries), cache).build();
    if (part.environment && part.environment->part_of.empty()) {
      for (auto& d : part.distributions) own.emplace(part.environment->root, normalized_name(d.name));
    } else if (subjects.size() == 1 && !says_anything(subjects.front())) {
      continue;
    }
    // What a virtual environment has itself is found before the package of its interpreter.
    if (part.environment && !part.environment->part_of.empty() && part.environment->sites_are_searched)
      std::erase_if(subjects, [&](const Subject& s) {
        return s.kind == Subject::Kind::distribution &&
               own.contains({s.environment, normalized_name(s.name)});
      });
    std::ranges::move(subjects, std::back_inserter(out));
  }
  return out;
}

}  // namespace cufit::collect
