// What the search says and what the real loader says, side by side.
#pragma once

#include <string>
#include <vector>

#include "loader/lab.h"
#include "loader/real_loader.h"
#include "loader/search.h"

namespace cufit::test {

/// What is started, with what.
struct Case {
  std::string program = {};
  std::vector<std::string> opened = {};  ///< "NAME" or "LIBRARY|NAME"
  Env env = {};
  std::string cwd = {};
  std::string root = {};  ///< a folder that is "/" for it
  /// Where one folder stands in two lists, LD_DEBUG names the first for both: then where is not compared.
  bool compare_where = true;
  /// `ld.so --list` has objects for which others stand in elsewhere, and names auxiliary ones that are
  /// missing.
  bool compare_list = true;  ///< of a program that does not start: in its order
};

struct Counts {
  size_t cases = 0, answers = 0, unknown = 0;
};

/// Counts; an answer `unknown` is a failure.
void count(const std::vector<Load>& loads, Counts& counts);

/// A program that starts: every object that comes in, in its order, who asks, how it is found (LD_DEBUG);
/// what is in the process in the end and what each dlopen gives (link map); the list. The recorded index must
/// answer as the live one.
void compare(const Case& c, Counts& counts);

/// A program that runs in secure-execution mode: what is in the process in the end, and what each dlopen
/// gives. The loader tells nothing else there. The file must say that it runs so.
void compare_secure(const Case& c, Counts& counts);

/// A program that does not start: the list, with what is missing.
void compare_broken(const Case& c, Counts& counts);

/// Loads beside lines of `ld.so --list`.
void compare_list(const std::vector<Load>& loads, const Ran& trace, bool in_order = true);

}  // namespace cufit::test
