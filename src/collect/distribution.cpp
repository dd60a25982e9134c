#include "collect/distribution.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/parallel.h"
#include "base/sha256.h"
#include "base/text.h"
#include "collect/cache.h"
#include "collect/editable.h"
#include "collect/file_names.h"
#include "collect/links.h"
#include "collect/metadata.h"
#include "collect/stale.h"
#include "collect/texts.h"
#include "model/package.h"

namespace cufit::collect {
namespace {

constexpr uint64_t kMaxRecord = uint64_t{64} << 20;  ///< 10^6 lines are about 150 MB with hashes, 60 without
constexpr uint64_t kMaxMetadata = 1 << 20;           ///< the description comes last
constexpr size_t kMaxClaims = 100'000;

Gap read_error(const std::string& path, std::string message) {
  return {path, {}, {"gap.read-error", {{"error", std::move(message)}}}};
}

/// Where a recorded path leads, without leaving the environment.
class Resolver {
 public:
  explicit Resolver(const Environment& e) : root_(e.root), system_(e.system) {
    real_root_ = follow(e.root, e.system).value_or(e.root) + '/';
  }

  /// `path` relative to `folder` (which lies in the root), or absolute. Nothing if it leads outside.
  std::optional<std::string> resolve(const std::string& folder, std::string_view path) const {
    if (path.starts_with('/')) {
      auto full = system_ + std::string(path);
      if (!full.starts_with(real_root_)) return std::nullopt;
      return resolve(root_, full.substr(real_root_.size()));
    }
    if (path.find("./") == path.npos && path.find("//") == path.npos) return folder + '/' + std::string(path);
    std::string out = folder;
    for (auto part : split(path, '/')) {
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        out += '/';
        out += part;
        continue;
      }
      if (out.size() <= root_.size()) return std::nullopt;
      out.resize(out.rfind('/'));
    }
    return out;
  }

 private:
  std::string root_, system_, real_root_;
};

/// Collects claims; paths that lead out of the environment are counted.
class Claims {
 public:
  Claims(Distribution& d, const Resolver& resolver) : d_(d), resolver_(resolver) {}
  ~Claims() {
    if (outside_ > 0)
      d_.unread.push_back(
          {d_.path, {}, {"gap.record-outside", {{"file", example_}, {"count", std::to_string(outside_)}}}});
    std::ranges::sort(d_.claims, {}, &Claim::path);
  }
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  /// What `said` gives of the file at `path`, relative to `folder`; most files hold no code, and of those
  /// nobody asks. False if there are too many.
  template <class Said>
  bool add(const std::string& folder, std::string_view path, Said said) {
    auto name = base_name(path);
    if (name.empty() || !may_hold_code(name) || in_description(path) || is_header(path, name)) return true;
    auto at = resolver_.resolve(folder, path);
    if (!at) {
      // Programs go to PREFIX/bin: outside if a folder for packages was named by itself.
      if (is_loaded_name(name) && outside_++ == 0) example_ = path;
      return true;
    }
    if (d_.claims.size() >= kMaxClaims) {
      d_.unread.push_back(read_error(d_.path, "lists more than 100000 files that may hold code"));
      return false;
    }
    d_.claims.push_back(said());
    d_.claims.back().path = std::move(*at);
    return true;
  }

 private:
  /// The C++ library and others name headers without an ending.
  static bool is_header(std::string_view path, std::string_view name) {
    return path.find("include/") != path.npos && !is_loaded_name(name) && !name.ends_with(".a");
  }
  static bool in_description(std::string_view path) {
    return path.find(".dist-info/") != path.npos || path.find(".egg-info/") != path.npos;
  }

  Distribution& d_;
  const Resolver& resolver_;
  uint64_t outside_ = 0;
  std::string example_;
};

void claim_by_record(Distribution& d, const Resolver& resolver, std::string_view record) {
  Claims claims(d, resolver);
  for (RecordLine line; take_record_line(record, line);)
    if (!claims.add(d.site, line.path, [&] { return Claim{{}, line.size, bytes_of_base64url(line.sha256)}; }))
      break;
}

/// setuptools' list: relative to the egg-info.
void claim_by_installed_files(Distribution& d, const Resolver& resolver, std::string_view list) {
  Claims claims(d, resolver);
  for (auto line : split(list, '\n'))
    if (!claims.add(d.path, line, [] { return Claim(); })) break;
}

/// Without a list of files (Debian leaves RECORD out): the folders that top_level.txt names, or that are
/// named as the distribution is, and single modules beside them.
void claim_by_folders(Distribution& d, const Texts& texts) {
  auto add = [&](std::string name) {
    if (!name.empty() && name.find("..") == name.npos) d.folders.push_back(d.site + '/' + name);
  };
  if (auto top = texts.read(d.path + "/top_level.txt", kMaxMetadata)) {
    for (auto line : split(*top, '\n')) add(std::string(line.substr(0, line.find_last_not_of(" \r") + 1)));
    return;
  }
  auto name = d.name;
  std::ranges::replace(name, '-', '_');
  add(name);
  add(lower(name));
}

Distribution read_python(const std::string& path, const Resolver& resolver, const Texts& texts) {
  Distribution d;
  d.path = path;
  d.site = path.substr(0, path.rfind('/'));
  if (path.ends_with("/EGG-INFO")) {
    d.folders.push_back(d.site);
    d.site = d.site.substr(0, d.site.rfind('/'));
    std::tie(d.name, d.version) = name_and_version(d.path);
    return d;
  }
  std::tie(d.name, d.version) = name_and_version(d.path);
  // An empty one lists nothing, not even itself: an installer was cut off.
  if (auto record = texts.read(path + "/RECORD", kMaxRecord); record && !record->empty()) {
    if (record->size() == kMaxRecord)
      d.unread.push_back(read_error(path + "/RECORD", "larger than 64 MiB; the rest was not read"));
    claim_by_record(d, resolver, *record);
  } else if (auto list = texts.read(path + "/installed-files.txt", kMaxRecord)) {
    claim_by_installed_files(d, resolver, *list);
  } else {
    claim_by_folders(d, texts);
  }
  return d;
}

/// What is imported from the sources is the package's own, wherever they lie.
void claim_sources(Distribution& d, const Environment& e, const Texts& texts, Cache& cache) {
  auto direct_url = texts.read(d.path + "/direct_url.json", kMaxMetadata);
  auto folder = direct_url ? editable_folder(*direct_url) : std::nullopt;
  if (!folder) return;
  for (auto& file : files_of_sources(*folder, e.system, cache)) {
    if (d.claims.size() >= kMaxClaims) break;
    d.claims.push_back({std::move(file), std::nullopt, {}});
  }
  std::ranges::sort(d.claims, {}, &Claim::path);
}

// --- conda ---

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

Json parse_record(const std::string& path, const Texts& texts) {
  auto text = texts.read(path, kMaxRecord);
  return text ? Json::parse(*text, nullptr, /*allow_exceptions=*/false) : Json();
}

/// Of a link rattler-build records the length of the link and the SHA-256 of what lies at its end,
/// conda-build both of the latter: neither says anything that the claim on that file does not say.
Claim conda_claim(const Json& p) {
  Claim claim;
  claim.link = text_at(p, "path_type") == "softlink";
  if (claim.link) return claim;
  auto size = p.find("size_in_bytes");
  if (size != p.end() && size->is_number_unsigned()) claim.size = size->get<uint64_t>();
  auto sum = text_at(p, "sha256_in_prefix");
  claim.sha256 = bytes_of_hex(sum.empty() ? text_at(p, "sha256") : sum);
  return claim;
}

/// conda's list: paths with size and SHA-256, in older records only names. The Python package that it brings
/// along is remembered.
void claim_by_conda(Distribution& d, const Resolver& resolver, const Json& record) {
  Claims claims(d, resolver);
  auto add = [&](const std::string& path, const Claim& said) {
    if (path.ends_with(".dist-info/METADATA") || path.ends_with(".egg-info/PKG-INFO"))
      d.brings.push_back(d.site + '/' + path.substr(0, path.rfind('/')));
    return claims.add(d.site, path, [&] { return said; });
  };
  if (auto it = record.find("paths_data"); it != record.end() && it->is_object() && it->contains("paths")) {
    for (auto& p : (*it)["paths"]) {
      if (!p.is_object()) continue;
      if (!add(text_at(p, "_path"), conda_claim(p))) break;
    }
  } else if (auto files = record.find("files"); files != record.end() && files->is_array()) {
    for (auto& f : *files)
      if (f.is_string() && !add(f.get_ref<const std::string&>(), {})) break;
  }
}

/// pytorch-2.5.1-py3.12_cuda12.4_cudnn9.1.0_0.json -> pytorch, 2.5.1.
std::pair<std::string, std::string> conda_name(std::string_view path) {
  auto file_name = base_name(path);
  auto parts = split(file_name.substr(0, file_name.size() - 5), '-');
  if (parts.size() < 3) return {std::string(file_name), {}};
  auto version = parts[parts.size() - 2];
  return {std::string(file_name.substr(0, size_t(version.data() - file_name.data()) - 1)),
          std::string(version)};
}

Distribution read_conda(const std::string& path, const Environment& e, const Resolver& resolver,
                        const Texts& texts) {
  Distribution d;
  d.path = d.conda_path = path;
  d.site = e.root;
  std::tie(d.name, d.version) = conda_name(path);
  auto record = parse_record(path, texts);
  if (!record.is_object()) {
    d.unread.push_back(read_error(path, "expected a conda record: a JSON object"));
    return d;
  }
  if (auto name = text_at(record, "name"); !name.empty()) d.name = name;
  if (auto version = text_at(record, "version"); !version.empty()) d.version = version;
  claim_by_conda(d, resolver, record);
  return d;
}

std::vector<std::string> conda_records(const Environment& e, Cache& cache) {
  cache.look(e.root + "/conda-meta");
  std::vector<std::string> out;
  std::error_code ec;
  for (std::filesystem::directory_iterator it(e.root + "/conda-meta", ec), end; !ec && it != end;
       it.increment(ec))
    if (it->path().extension() == ".json")
      out.push_back(e.root + "/conda-meta/" + it->path().filename().string());
  return out;
}

/// A conda package that brings along one Python package is the same distribution: the Python package takes
/// over its files. Of several, each owns its files by itself.
bool join(Distribution& conda, std::vector<Distribution>& python) {
  std::vector<Distribution*> brought;
  for (auto& d : python)
    if (std::ranges::find(conda.brings, d.path) != conda.brings.end()) brought.push_back(&d);
  if (brought.size() == 1) {
    auto& d = *brought.front();
    d.conda_path = conda.path;
    std::ranges::move(conda.claims, std::back_inserter(d.claims));
    std::ranges::stable_sort(d.claims, {}, &Claim::path);
    std::ranges::move(conda.unread, std::back_inserter(d.unread));
    return true;
  }
  std::unordered_set<std::string_view> owned;
  for (auto* d : brought)
    for (auto& claim : d->claims) owned.insert(claim.path);
  std::erase_if(conda.claims, [&](const Claim& c) { return owned.contains(c.path); });
  return false;
}

/// "cuda-version >=12.4,<12.5" -> name and specifier; the build behind a second space is left out.
std::vector<Dependency> conda_dependencies(const std::string& path, const Texts& texts) {
  std::vector<Dependency> out;
  auto record = parse_record(path, texts);
  auto depends = record.is_object() ? record.find("depends") : record.end();
  if (!record.is_object() || depends == record.end() || !depends->is_array()) return out;
  for (auto& d : *depends) {
    if (!d.is_string()) continue;
    auto parts = split(d.get_ref<const std::string&>(), ' ');
    out.push_back({normalized_name(parts[0]), parts.size() > 1 ? std::string(parts[1]) : std::string()});
  }
  std::ranges::sort(out, {}, &Dependency::name);
  return out;
}

}  // namespace

std::pair<std::string, std::string> name_and_version(std::string_view path) {
  if (path.ends_with("/EGG-INFO")) path.remove_suffix(9);
  auto name = base_name(path);
  name = name.substr(0, name.rfind('.'));
  // A name in an egg-info has no '-'; one in a dist-info should have none.
  auto dash = path.ends_with(".dist-info") ? name.rfind('-') : name.find('-');
  if (dash == name.npos) return {std::string(name), {}};
  auto version = name.substr(dash + 1);
  return {std::string(name.substr(0, dash)), std::string(version.substr(0, version.find('-')))};
}

std::vector<Distribution> read_distributions(const Environment& e, Cache& cache, const WantedNames& wanted) {
  const Resolver resolver(e);
  const Texts texts(e.system, cache);
  auto records = e.conda ? conda_records(e, cache) : std::vector<std::string>();
  auto described = e.distributions;
  if (wanted) {
    auto unwanted = [&](const std::string& path) {
      return !wanted(normalized_name(name_and_version(path).first));
    };
    std::erase_if(described, unwanted);
    std::erase_if(records,
                  [&](const std::string& path) { return !wanted(normalized_name(conda_name(path).first)); });
  }
  std::vector<Distribution> python(described.size()), conda(records.size());
  parallel_for(python.size() + conda.size(), [&](size_t i) {
    if (i < python.size()) {
      python[i] = read_python(described[i], resolver, texts);
      claim_sources(python[i], e, texts, cache);
    } else
      conda[i - python.size()] = read_conda(records[i - python.size()], e, resolver, texts);
  });
  auto all = std::move(python);
  for (auto& c : conda)
    if (!join(c, all)) all.push_back(std::move(c));
  std::ranges::sort(all, {},
                    [](const Distribution& d) { return std::pair(normalized_name(d.name), d.path); });
  leave_out_stale(all, e, cache);
  return all;
}

int64_t installed_at(const Distribution& distribution, Cache& cache) {
  struct stat st;
  auto& path = distribution.path;
  cache.look(path);
  if (stat((path + "/RECORD").c_str(), &st) != 0 && stat(path.c_str(), &st) != 0) return 0;
  return int64_t{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec;
}

bool may_differ_from_record(const Distribution& d, const Environment& e, Cache& cache) {
  if (d.path == d.conda_path) return false;
  const Texts texts(e.system, cache);
  auto direct_url = texts.read(d.path + "/direct_url.json", kMaxMetadata);
  if (direct_url && editable_folder(*direct_url)) return true;
  auto installer = texts.read(d.path + "/INSTALLER", kMaxMetadata);
  if (!installer) return false;
  constexpr std::string_view of_python[] = {"pip", "uv",   "conda",      "poetry",
                                            "pdm", "pixi", "micromamba", "mamba"};
  auto name = normalized_name(trimmed(*installer));
  return std::ranges::none_of(of_python, [&](auto known) { return name.starts_with(known); });
}

Subject describe(const Distribution& d, const Environment& e, const std::string& machine, Cache& cache) {
  Subject s;
  s.kind = Subject::Kind::distribution;
  s.path = d.path;
  s.environment = e.part_of.empty() ? e.root : e.part_of;
  s.name = d.name;
  s.version = d.version;
  const Texts texts(e.system, cache);
  if (d.path == d.conda_path) {
    s.dependencies = conda_dependencies(d.path, texts);
    return s;
  }
  auto read = [&](const char* name) { return texts.read(d.path + name, kMaxMetadata); };
  auto metadata = read("/METADATA");
  if (!metadata) metadata = read("/PKG-INFO");
  if (!metadata) metadata = read("");  // distutils: the egg-info is a file
  if (auto wheel = read("/WHEEL")) s.needs = requires_of_wheel_file(*wheel);
  MarkerPlace place{machine, e.python};
  for (auto& p : s.needs.platforms) place.machine = machine_of(p);
  if (metadata) {
    if (auto name = field(*metadata, "Name:"); !name.empty()) s.name = name;
    if (auto version = field(*metadata, "Version:"); !version.empty()) s.version = version;
    s.dependencies = dependencies(*metadata, place);
  }
  if (auto module = texts.read(d.site + '/' + s.name + "/version.py", kMaxMetadata))
    s.version = with_local_version(s.version, *module);
  return s;
}

}  // namespace cufit::collect
