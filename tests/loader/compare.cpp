#include "loader/compare.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "collect/live_files.h"

namespace cufit::test {
namespace {

bool came_in(const Load& l) {
  return l.found != Found::already_loaded && l.found != Found::not_found && l.found != Found::unknown;
}

std::string place_words(const Load& l) {
  switch (l.found) {
    case Found::rpath:
      return "RPATH from file " + l.place_of;
    case Found::runpath:
      return "RUNPATH from file " + l.place_of;
    case Found::ld_library_path:
      return "LD_LIBRARY_PATH";
    case Found::cache:
      return "cache";
    case Found::default_folder:
      return "system search path";
    default:
      return {};
  }
}

std::vector<Load> ours(const Case& c, const Files& files, const LoaderSettings& settings) {
  std::vector<Opened> opened;
  for (const auto& o : c.opened) {
    auto bar = o.find('|');
    if (bar == o.npos)
      opened.push_back({o, {}});
    else
      opened.push_back({o.substr(bar + 1), o.substr(0, bar)});
  }
  return loads_of(c.program, opened, files, settings);
}

/// The loads without the program and its loader, which nobody searches.
std::vector<Load> searched(const std::vector<Load>& loads) {
  std::vector<Load> out;
  for (size_t i = 0; i < loads.size(); i++)
    if (i > 0 && !(loads[i].found == Found::as_path && !loads[i].dlopened && loads[i].place.empty()))
      out.push_back(loads[i]);
  return out;
}

/// Calls of dlopen that come to nothing, by their number, and what is in the process in the end.
struct End {
  std::vector<bool> opened;
  std::vector<std::string> paths;
};

End end_of(const std::vector<Load>& loads) {
  End end;
  size_t from = 0;
  auto close = [&](size_t to) {
    bool fails = false;
    for (size_t i = from; i < to; i++)
      fails |= loads[i].found == Found::not_found || !loads[i].missing_versions.empty();
    if (from > 0) end.opened.push_back(!fails);
    for (size_t i = from; i < to && !(fails && from > 0); i++)
      if (came_in(loads[i])) end.paths.push_back(loads[i].path);
  };
  for (size_t i = 1; i < loads.size(); i++)
    if (loads[i].dlopened) {
      close(i);
      from = i;
    }
  close(loads.size());
  if (!end.paths.empty()) end.paths.erase(end.paths.begin());  // the program
  std::ranges::sort(end.paths);
  return end;
}

void compare_debug(const Case& c, const std::vector<Load>& loads, const Ran& debug) {
  auto seen = seen_loads(debug.err);
  // A link map is made for a program too before it is refused.
  std::erase_if(seen, [&](const SeenLoad& l) { return l.name == c.program; });
  std::vector<Load> came;
  for (auto& l : searched(loads))
    if (came_in(l)) came.push_back(l);
  ASSERT_EQ(came.size(), seen.size()) << debug.err;
  for (size_t i = 0; i < came.size(); i++) {
    const auto& l = came[i];
    EXPECT_EQ(l.name, seen[i].name);
    EXPECT_EQ(l.by, seen[i].by) << l.name;
    EXPECT_EQ(l.name.find('/') == l.name.npos, !seen[i].path.empty()) << l.name;
    if (!seen[i].path.empty()) {
      EXPECT_EQ(l.path, seen[i].path);
    }
    if (c.compare_where && l.found != Found::preload) {
      EXPECT_EQ(place_words(l), seen[i].where) << l.name;
    }
  }
}

void compare_witness(const Case& c, const std::vector<Load>& loads, const Ran& witness) {
  ASSERT_EQ(witness.status, 0) << witness.err;
  std::vector<std::string> maps;
  std::vector<bool> opened;
  for (auto line : split(witness.out, '\n')) {
    if (line.starts_with("map ") && line.size() > 4 && line != "map linux-vdso.so.1")
      maps.emplace_back(line.substr(4));
    if (line.starts_with("opened ")) opened.push_back(true);
    if (line.starts_with("failed ")) opened.push_back(false);
    EXPECT_FALSE(line.starts_with("cannot call")) << line;
  }
  std::ranges::sort(maps);
  auto end = end_of(loads);
  EXPECT_EQ(end.paths, maps) << witness.out;
  EXPECT_EQ(end.opened, opened) << witness.out;
  for (size_t i = 0, n = 0; i < loads.size(); i++) {
    if (!loads[i].dlopened || n >= c.opened.size()) continue;
    std::string line = "opened " + c.opened[n] + " => " + loads[i].path + '\n';
    if (opened[n]) {
      EXPECT_NE(witness.out.find(line), std::string::npos) << line << witness.out;
    }
    n++;
  }
}

}  // namespace

/// What the loader lists. It goes on after what is missing, and so do we.
void compare_list(const std::vector<Load>& loads, const Ran& trace, bool in_order) {
  std::vector<Listed> mine;
  std::vector<std::string> lacking;
  for (auto& l : loads)
    for (auto& v : l.missing_versions) lacking.push_back(l.by + ' ' + l.path + ' ' + v);
  std::ranges::sort(lacking);
  // A preload that is not there is left out with a message on stderr.
  for (auto& l : searched(loads))
    if (l.found != Found::already_loaded && !(l.found == Found::not_found && !l.place_of.empty()))
      mine.push_back({l.name, l.found == Found::not_found ? "not found" : l.path});
  auto real = listed(trace.out);
  if (!in_order) std::ranges::sort(mine, {}, &Listed::name), std::ranges::sort(real, {}, &Listed::name);
  // Objects that others ask for come in the order in which they were mapped.
  auto text = [](const std::vector<Listed>& lines) {
    std::string s;
    for (auto& l : lines) s += l.name + " => " + l.path + '\n';
    return s;
  };
  EXPECT_EQ(text(mine), text(real)) << trace.out << trace.err;
  EXPECT_EQ(lacking, missing_versions(trace.out + trace.err)) << trace.out << trace.err;
}

void count(const std::vector<Load>& loads, Counts& counts) {
  counts.cases++;
  for (auto& l : loads) {
    (l.found == Found::unknown ? counts.unknown : counts.answers)++;
    EXPECT_NE(l.found, Found::unknown) << l.name << ": " << l.why.id;
  }
}

/// A program that starts: LD_DEBUG, link map and list.
void compare(const Case& c, Counts& counts) {
  collect::LiveFiles files(c.root);
  auto settings = settings_here(c.env, c.cwd, c.root);
  auto loads = ours(c, files, settings);
  count(loads, counts);
  std::vector<std::string> argv{c.program};
  argv.insert(argv.end(), c.opened.begin(), c.opened.end());
  Env env = c.env;
  compare_witness(c, loads, run(argv, env, {.cwd = c.cwd, .root = c.root}));
  env["LD_DEBUG"] = "libs,files";
  compare_debug(c, loads, run(argv, env, {.cwd = c.cwd, .root = c.root}));
  env.erase("LD_DEBUG");
  env["LD_TRACE_LOADED_OBJECTS"] = "1";
  Case start = c;
  start.opened.clear();
  if (c.compare_list)
    compare_list(ours(start, files, settings), run({c.program}, env, {.cwd = c.cwd, .root = c.root}));
  // What was recorded answers the same.
  EXPECT_EQ(ours(c, files.index(), settings), loads) << "from the index";
}

void compare_secure(const Case& c, Counts& counts) {
  collect::LiveFiles files(c.root);
  auto settings = settings_here(c.env, c.cwd, c.root);
  auto loads = ours(c, files, settings);
  count(loads, counts);
  std::vector<std::string> argv{c.program};
  argv.insert(argv.end(), c.opened.begin(), c.opened.end());
  auto witness = run(argv, c.env, {.cwd = c.cwd, .root = c.root});
  EXPECT_TRUE(witness.out.starts_with("secure\n")) << witness.out;
  EXPECT_TRUE(files.look(c.program)->secure);
  compare_witness(c, loads, witness);
  EXPECT_EQ(ours(c, files.index(), settings), loads) << "from the index";
}

/// A program that does not start.
void compare_broken(const Case& c, Counts& counts) {
  auto loads = ours(c, collect::LiveFiles(c.root), settings_here(c.env, c.cwd, c.root));
  count(loads, counts);
  Env env = c.env;
  env["LD_TRACE_LOADED_OBJECTS"] = "1";
  compare_list(loads, run({c.program}, env, {.cwd = c.cwd, .root = c.root}), c.compare_list);
}

}  // namespace cufit::test
