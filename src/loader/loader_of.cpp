#include "loader/loader_of.h"

#include "base/number.h"
#include "base/text.h"
#include "loader/paths.h"

namespace cufit {
namespace {

/// What is usual for an architecture: the loader's path, the name of Debian's folder.
struct Usual {
  std::string_view arch, loader, triplet;
};
constexpr Usual kUsual[] = {
    {"x86_64", "/lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu"},
    {"aarch64", "/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu"},
    {"ppc64le", "/lib64/ld64.so.2", "powerpc64le-linux-gnu"},
};

const Usual* usual_of(std::string_view arch) {
  for (const auto& u : kUsual)
    if (u.arch == arch) return &u;
  return nullptr;
}

std::optional<std::vector<std::string>> folders_by_place(const std::string& real, const Usual* usual) {
  if (!usual) return std::nullopt;
  std::string folder = real.substr(0, real.rfind('/')), debian = "/lib/" + std::string(usual->triplet);
  if (folder == debian || folder == "/usr" + debian)
    return std::vector<std::string>{debian, "/usr" + debian, "/lib", "/usr/lib"};
  if (folder == "/lib64" || folder == "/usr/lib64") return std::vector<std::string>{"/lib64", "/usr/lib64"};
  if (folder == "/usr/lib") return std::vector<std::string>{"/usr/lib"};
  return std::nullopt;
}

/// $LIB is the last name of the first folder, as glibc is built; "lib/x86_64-linux-gnu" with Debian's patch.
std::string lib_of(const std::vector<std::string>& folders) {
  std::string_view first = folders.front();
  if (first.starts_with("/lib/") && first.ends_with("-linux-gnu")) return std::string(first.substr(1));
  return std::string(base_name(first));
}

std::optional<unsigned> minor_of(std::string_view version) {
  if (!version.starts_with("2.")) return std::nullopt;
  version.remove_prefix(2);
  return take_number<unsigned>(version);
}

Text refusal(const Loader& loader) {
  auto name = base_name(std::string_view(loader.path));
  if (name.starts_with("ld-musl")) return {"loader.musl", {{"interpreter", loader.path}}};
  if (!name.starts_with("ld-linux") && !name.starts_with("ld64.so") && !name.starts_with("ld-2."))
    return {"loader.other", {{"interpreter", loader.path}}};
  return {};
}

}  // namespace

Loader loader_of(const LoadedObject* program, const std::string& arch, const Files& files,
                 const LoaderSettings& settings) {
  Loader loader;
  loader.arch = arch;
  const Usual* usual = usual_of(arch);
  bool named = program && !program->interpreter.empty();
  if (named)
    loader.path = program->interpreter;
  else if (usual)
    loader.path = usual->loader;
  if (program && program->bits != 64)
    loader.refused = {"loader.bits", {}};
  else if (loader.path.empty())
    loader.refused = {"loader.arch", {{"arch", arch}}};
  else
    loader.refused = refusal(loader);
  loader.minor = minor_of(settings.glibc);
  if (!loader.refused.empty()) return loader;
  bool relative = !loader.path.starts_with('/');
  if (relative && settings.cwd.empty()) {
    loader.refused = {"loader.relative", {{"interpreter", loader.path}}};
    return loader;
  }
  loader.file = files.look(normal_path(relative ? settings.cwd + '/' + loader.path : loader.path));
  if (!loader.file) return loader;
  bool absent = loader.file->kind == IndexedFile::Kind::absent;
  if (absent && named && relative)
    loader.refused = {"loader.missing-here", {{"interpreter", loader.path}, {"cwd", settings.cwd}}};
  else if (absent && named)
    loader.refused = {"loader.missing", {{"interpreter", loader.path}}};
  // A library does not say which loader it is for. On Alpine there is none of glibc.
  std::string musl = "/lib/ld-musl-" + arch + ".so.1";
  if (absent && !named)
    if (auto other = files.look(musl); other && other->kind == IndexedFile::Kind::file)
      loader.refused = {"loader.musl", {{"interpreter", musl}}};
  if (loader.file->kind != IndexedFile::Kind::file) return loader;
  const auto* build =
      loader.file->object && loader.file->object->loader ? &*loader.file->object->loader : nullptr;
  if (build) {
    loader.folders = build->folders;
    loader.cache = build->cache == "/etc/ld.so.cache";
    if (!loader.minor) loader.minor = minor_of(build->version);
  } else {
    loader.folders = folders_by_place(loader.file->real, usual);
  }
  if (loader.folders && !loader.folders->empty()) loader.lib = lib_of(*loader.folders);
  return loader;
}

}  // namespace cufit
