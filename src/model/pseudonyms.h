// Pseudonyms: other words for names of people and machines, for identities of devices and for secrets.
//
// Equal names get equal pseudonyms, different names different ones; those of one kind are numbered in the
// order in which they come: user1, host1, GPU-00000001-0000-..., secret1. What is a pseudonym already stays
// as it is, so that a text can be redacted twice.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

class Pseudonyms {
 public:
  /// `root` and the like are nobody's name and stay.
  void learn_user(std::string_view name);
  void learn_host(std::string_view name);
  /// The name means something to cufit ("torch") and stays, even if a user is called like that. Not the words
  /// in it: people name packages after themselves ("alice_kernels").
  void learn_meaning(std::string_view name);

  /// Any text. `path`: all of it is a path, even if it does not begin like one; elsewhere user and host names
  /// are replaced only in words that begin as a path does ("ada" is a user and a generation of GPUs).
  std::string in_text(std::string_view text, bool path = false);

  /// A variable's value. Lists of devices keep their form: a shortened UUID of a GPU that was met becomes a
  /// shortened pseudonym of the same GPU.
  std::string in_variable(std::string_view name, std::string_view value);

 private:
  /// Pseudonyms of one kind: "user" and a number.
  struct Kind {
    std::map<std::string, uint64_t, std::less<>> numbers;
    std::set<uint64_t> taken;
    /// `own`: number of a name that has the form of a pseudonym of this kind already, else 0.
    uint64_t number(std::string_view name, uint64_t own);
  };
  struct Piece {
    size_t length = 0;  ///< of what is replaced; 0: nothing
    std::string by = {};
  };

  std::string named(Kind& kind, std::string_view prefix, std::string_view name);
  std::string secret(std::string_view value) { return named(secrets_, "secret", value); }
  Piece token(std::string_view rest);
  Piece channel_token(std::string_view rest);
  Piece credentials(std::string_view rest);
  Piece uuid(std::string_view rest);
  Piece mac(std::string_view rest);
  Piece address(std::string_view rest);
  size_t shard_before_name(std::string_view rest) const;
  Piece home(std::string_view rest, bool at_beginning);
  Piece flag(std::string_view rest, std::string_view before);
  Piece url_host(std::string_view rest);
  Piece at_host(std::string_view rest);
  Piece damaged_uuid(std::string_view prefix, std::string_view rest);
  std::string shortened_uuid(std::string_view prefix, std::string_view digits);
  std::string host(std::string_view name);
  std::string in_hosts(std::string_view value);
  bool is_known_host(std::string_view name) const;
  bool looks_like_account(std::string_view name) const;
  Piece name(std::string_view rest, bool whole_component);
  std::string of_uuid(std::string_view prefix, std::string_view digits);
  std::string in_devices(std::string_view value);
  std::string without_random(std::string_view value);
  std::string rewritten(std::string_view text, bool path, bool addresses);
  bool has_meaning(std::string_view name) const;

  Kind users_, hosts_, secrets_, macs_, addresses_, gpus_, migs_, uuids_;
  std::set<std::string, std::less<>> meaning_;
  /// Users of whom nothing is known but that a folder is called so where users have theirs: replaced only as
  /// whole components of paths.
  std::set<std::string, std::less<>> only_folders_;
};

}  // namespace cufit
