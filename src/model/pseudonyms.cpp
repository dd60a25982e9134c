#include "model/pseudonyms.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "model/json_numbers.h"
#include "model/private_forms.h"
#include "model/private_patterns.h"

namespace cufit {

namespace {

/// The number of "user12" for the prefix "user", else 0.
uint64_t number_behind(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || text.size() == prefix.size() || text[prefix.size()] == '0') return 0;
  return whole_number<uint64_t>(text.substr(prefix.size())).value_or(0);
}

/// Of a host, with its domain (RFC 1035, 2.3.4); those of accounts are shorter.
constexpr size_t longest_name = 255;

constexpr std::string_view uuid_rest = "-0000-0000-0000-000000000000";

}  // namespace

uint64_t Pseudonyms::Kind::number(std::string_view name, uint64_t own) {
  if (auto known = numbers.find(name); known != numbers.end()) return known->second;
  auto n = own;
  if (!n || taken.contains(n))
    for (n = 1; taken.contains(n);) n++;
  taken.insert(n);
  numbers.emplace(name, n);
  return n;
}

std::string Pseudonyms::named(Kind& kind, std::string_view prefix, std::string_view name) {
  return std::string(prefix) + std::to_string(kind.number(name, number_behind(prefix, name)));
}

bool Pseudonyms::has_meaning(std::string_view name) const {
  return meaning_.contains(name) || is_usual_word(name) ||
         !std::ranges::any_of(name, [](char c) { return is_alnum(c) && !is_digit(c); });
}

void Pseudonyms::learn_user(std::string_view name) {
  if (!name.empty() && name != "root") named(users_, "user", name);
}

void Pseudonyms::learn_host(std::string_view name) {
  auto first = name.substr(0, name.find('.'));
  bool could_be = std::ranges::all_of(name, [](char c) { return is_token(c) || c == '.'; });
  // Of an address that was replaced already the rest is no name.
  bool of_address = name.size() > 2 && name.starts_with("ip") && is_digit(name[2]);
  if (first.size() < 3 || name.size() > longest_name || !could_be || of_address || is_known_host(name) ||
      has_meaning(first))
    return;
  hosts_.numbers.emplace(name, hosts_.number(first, number_behind("host", first)));
}

void Pseudonyms::learn_meaning(std::string_view name) { meaning_.emplace(name); }

Pseudonyms::Piece Pseudonyms::token(std::string_view rest) {
  auto length = token_length(rest);
  return length ? Piece{length, secret(rest.substr(0, length))} : Piece{};
}

/// "/t/TOKEN/" in the URL of a conda channel.
Pseudonyms::Piece Pseudonyms::channel_token(std::string_view rest) {
  constexpr std::string_view folder = "/t/";
  constexpr size_t least = 12;
  if (!rest.starts_with(folder)) return {};
  auto item = rest.substr(folder.size());
  item = item.substr(0, length_while(item, is_token));
  bool digit = std::ranges::any_of(item, is_digit);
  if (!number_behind("secret", item) && (item.size() < least || !digit)) return {};
  return {folder.size() + item.size(), std::string(folder) + secret(item)};
}

/// "://name:password@host" of a URL.
Pseudonyms::Piece Pseudonyms::credentials(std::string_view rest) {
  if (!rest.starts_with("://")) return {};
  auto known = token(rest.substr(3)).length;
  // A secret key of AWS may hold slashes, which nobody encodes.
  bool slashes = known && rest.substr(3 + known).starts_with(':');
  auto ends = std::string_view(slashes ? " \t\n\"'" : "/?# \t\n\"'");
  auto authority = rest.substr(
      3, length_while(rest.substr(3), [&](char c) { return ends.find(c) == std::string_view::npos; }));
  auto at = authority.rfind('@');
  if (at == authority.npos) return {};
  auto user = authority.substr(0, at);
  auto server = authority.substr(at + 1);
  server = server.substr(0, server.find(':'));
  std::string out = "://";
  auto colon = user.find(':');
  auto first = user.substr(0, colon);
  if (auto as_token = token(first); as_token.length)
    out += as_token.by;
  else if (number_behind("secret", first))
    out += secret(first);
  else
    out += first.empty() || first == "git" ? std::string(first) : named(users_, "user", first);
  if (colon != user.npos) out += ':' + (colon + 1 < user.size() ? secret(user.substr(colon + 1)) : "");
  out += '@';
  learn_host(server);
  if (server.size() <= longest_name) return {3 + at + 1, out};
  return {3 + at + 1 + server.size(), out + host(server)};  // no name() would find it
}

std::string Pseudonyms::of_uuid(std::string_view prefix, std::string_view digits) {
  auto& kind = prefix == "GPU-" ? gpus_ : prefix == "MIG-" ? migs_ : uuids_;
  auto name = lower(digits);
  // A UUID without its prefix is the same device.
  auto* in = &kind;
  if (prefix.empty())
    for (auto* other : {&gpus_, &migs_})
      if (other->numbers.contains(name)) in = other;
  uint64_t own = name.ends_with(uuid_rest)
                     ? whole_number<uint64_t>(std::string_view(name).substr(0, 8), 16).value_or(0)
                     : 0;
  return std::string(prefix) + in_base(in->number(name, own), 16, 8) + std::string(uuid_rest);
}

Pseudonyms::Piece Pseudonyms::uuid(std::string_view rest) {
  std::string_view prefix;
  for (std::string_view p : {"GPU-", "MIG-"})
    if (rest.starts_with(p)) prefix = p;
  auto digits = rest.substr(prefix.size(), 36);
  auto length = prefix.size() + digits.size();
  bool whole = is_uuid(digits) && ends_at(rest, length);
  if (whole && is_public_uuid(digits)) return {length, std::string(rest.substr(0, length))};
  if (whole) return {length, of_uuid(prefix, digits)};
  return prefix.empty() ? Piece{} : damaged_uuid(prefix, rest.substr(prefix.size()));
}

/// The identity of a device that was cut off, or written with a slip: it still tells which one it is.
Pseudonyms::Piece Pseudonyms::damaged_uuid(std::string_view prefix, std::string_view rest) {
  constexpr size_t least = 8, surely = 20;
  auto digits = rest.substr(0, length_while(rest, is_token));
  // Replaced already: it stays as it is, and is no name before an '@' either.
  if (digits.starts_with("0000"))
    return {prefix.size() + digits.size(), std::string(prefix) + std::string(digits)};
  bool hex = std::ranges::all_of(digits, [](char c) { return is_hex(c) || c == '-'; });
  if (digits.size() < (hex ? least : surely) || std::ranges::none_of(digits, is_digit) ||
      digits.starts_with("GPU-"))
    return {};
  return {prefix.size() + digits.size(), std::string(prefix) + shortened_uuid(prefix, digits)};
}

/// Eight digits of the device that is meant, or of none.
std::string Pseudonyms::shortened_uuid(std::string_view prefix, std::string_view digits) {
  auto& kind = prefix[0] == 'G' ? gpus_ : migs_;
  auto begins = lower(digits);
  std::set<uint64_t> meant;
  for (auto& [uuid, number] : kind.numbers)
    if (uuid.size() == 36 && uuid.starts_with(begins)) meant.insert(number);
  if (meant.size() > 1) return "0000";  // of more than one, as it was
  return in_base(meant.empty() ? kind.number(begins, 0) : *meant.begin(), 16, 8);
}

Pseudonyms::Piece Pseudonyms::mac(std::string_view rest) {
  auto length = mac_length(rest);
  return length ? Piece{length, named(macs_, "mac", lower(rest.substr(0, length)))} : Piece{};
}

Pseudonyms::Piece Pseudonyms::address(std::string_view rest) {
  auto length = address_length(rest);
  return length ? Piece{length, named(addresses_, "ip", lower(rest.substr(0, length)))} : Piece{};
}

/// Could it be the name of an account, and is no software?
bool Pseudonyms::looks_like_account(std::string_view name) const {
  constexpr size_t longest = 32;
  if (name.empty() || name.size() > longest || !(name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z')))
    return false;
  if (!std::ranges::all_of(name, [](char c) { return is_token(c) || c == '.'; })) return false;
  for (size_t begin = 0; begin < name.size();) {
    auto piece = name.substr(begin, length_while(name.substr(begin), is_alnum));
    if (piece.size() > 1 && std::ranges::any_of(piece, [](char c) { return !is_digit(c); }) &&
        has_meaning(piece))
      return false;
    begin += piece.size() + 1;
  }
  return true;
}

/// Length of "a/" before "alice", or before what it became. A user who is called "a" has no shard.
size_t Pseudonyms::shard_before_name(std::string_view rest) const {
  if (users_.numbers.contains(rest.substr(0, 1))) return 0;
  auto replaced =
      rest.size() > 2 && rest[1] == '/' ? rest.substr(2, length_while(rest.substr(2), is_alnum)) : "";
  return number_behind("user", replaced) ? 2 : shard_length(rest);
}

/// "/home/NAME" and the other places of users (home_forms).
Pseudonyms::Piece Pseudonyms::home(std::string_view rest, bool at_beginning) {
  for (auto& form : home_forms) {
    auto folder = !form.anywhere && !at_beginning ? 0 : home_length(form.folder, rest);
    if (!folder) continue;
    folder += shard_before_name(rest.substr(folder));
    auto name = rest.substr(folder);
    name = name.substr(0, length_while(name, [](char c) {
                         return c != '/' && c != '\\' && between_words.find(c) == between_words.npos;
                       }));
    if (!form.sure && !number_behind("user", name)) {
      if (!users_.numbers.contains(name) && !looks_like_account(name)) continue;
      if (!users_.numbers.contains(name)) only_folders_.emplace(name);
    }
    if (is_nobodys_folder(name) && !users_.numbers.contains(name)) continue;
    return {folder + name.size(), std::string(rest.substr(0, folder)) + named(users_, "user", name)};
  }
  return {};
}

/// A user or host that was learned: the longest that ends where a word ends. Short names are replaced only as
/// a whole component of a path.
Pseudonyms::Piece Pseudonyms::name(std::string_view rest, bool component) {
  constexpr size_t short_name = 3;
  Piece best;
  for (size_t end = 1; end <= std::min(rest.size(), longest_name); end++) {
    if (rest[end - 1] == '/' || between_words.find(rest[end - 1]) != between_words.npos) break;
    if (!ends_at(rest, end)) continue;
    auto name = rest.substr(0, end);
    bool whole = component && (end == rest.size() || rest[end] == '/' ||
                               between_words.find(rest[end]) != between_words.npos);
    // One letter is nobody's name outside of a home.
    if (end == 1 || ((end < short_name || only_folders_.contains(name)) && !whole) || has_meaning(name))
      continue;
    if (auto user = users_.numbers.find(name); user != users_.numbers.end())
      best = {end, "user" + std::to_string(user->second)};
    else if (auto host = hosts_.numbers.find(name); host != hosts_.numbers.end())
      best = {end, "host" + std::to_string(host->second)};
  }
  return best;
}

std::string Pseudonyms::rewritten(std::string_view text, bool path, bool addresses) {
  std::string out;
  bool in_path = false, in_url = false;
  for (size_t i = 0; i < text.size();) {
    auto rest = text.substr(i);
    char before = i ? text[i - 1] : ' ';
    bool begins = between_words.find(before) != between_words.npos;
    if (begins) {
      in_url = before == ':' && rest.starts_with("//");
      in_path = !in_url && std::string_view("/.~$").find(rest[0]) != std::string_view::npos;
    }
    Piece piece;
    if (rest[0] == ':') piece = credentials(rest);
    if (rest[0] == ':' && !piece.length && addresses) piece = url_host(rest);
    if (rest[0] == '/' || rest[0] == '\\') piece = home(rest, begins);
    if (rest[0] == '/' && !piece.length && text.substr(0, i).contains("://")) piece = channel_token(rest);
    if (!is_alnum(before) && is_alnum(rest[0])) {
      piece = flag(rest, text.substr(0, i));
      if (!piece.length) piece = token(rest);
      if (!piece.length) piece = uuid(rest);
      if (!piece.length) piece = mac(rest);
      // Behind a slash a version can stand, unless the path is that of a URL.
      if (!piece.length && addresses && !in_path &&
          (begins || before == '@' || text.substr(0, i).ends_with("://")))
        piece = address(rest);
      if (!piece.length && addresses && begins) piece = at_host(rest);
      if (!piece.length && (path || in_path || in_url || before == '@'))
        piece = name(rest, before == '/' || begins);
    }
    if (piece.length) {
      out += piece.by;
      i += piece.length;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string Pseudonyms::host(std::string_view name) {
  auto first = name.substr(0, name.find('.'));
  return "host" + std::to_string(hosts_.number(first, number_behind("host", first)));
}

bool Pseudonyms::is_known_host(std::string_view name) const {
  // An address that was replaced already, a number.
  return is_public_host(name) || number_behind("ip", name) ||
         std::ranges::none_of(name, [](char c) { return is_alnum(c) && !is_digit(c); });
}

/// "--password=X", "--api-key X", "token=X", "Bearer X": the name stays, the value goes.
Pseudonyms::Piece Pseudonyms::flag(std::string_view rest, std::string_view before) {
  auto name = rest.substr(0, length_while(rest, [](char c) { return is_token(c); }));
  if (name.size() == rest.size() || !is_secret_flag(name)) return {};
  // "--token X" and "Bearer X": elsewhere a space ends what is said.
  bool spaced = before.ends_with("--") || lower(name) == "bearer";
  auto begin = name.size();
  if (rest[begin] == '=' || (rest[begin] == ' ' && spaced))
    begin++;
  else
    return {};
  if (begin < rest.size() && (rest[begin] == '"' || rest[begin] == '\'')) begin++;
  auto value = rest.substr(begin);
  auto length = length_while(value, [](char c) {
    return std::string_view(" \t\n\r&,;\"'`()[]{}<>|").find(c) == std::string_view::npos;
  });
  // In a list of paths the next one follows.
  length = std::min(length, value.find(":/"));
  if (length == 0 || (spaced && value[0] == '-')) return {};
  return {begin + length, std::string(rest.substr(0, begin)) + secret(value.substr(0, length))};
}

/// "://host" of a URL without a user.
Pseudonyms::Piece Pseudonyms::url_host(std::string_view rest) {
  if (!rest.starts_with("://")) return {};
  auto name = rest.substr(
      3, length_while(rest.substr(3), [](char c) { return is_alnum(c) || c == '-' || c == '.'; }));
  if (name.empty() || is_known_host(name)) return {};
  return {3 + name.size(), "://" + host(name)};
}

/// "host:29500", "user@host": only where both parts look so, since lists of settings are written alike
/// ("max_split_size_mb:512", ":4096:8").
Pseudonyms::Piece Pseudonyms::at_host(std::string_view rest) {
  auto is_name = [](char c) { return is_alnum(c) || c == '-' || c == '.'; };
  auto name = rest.substr(0, length_while(rest, is_name));
  auto behind = rest.substr(name.size());
  if (behind.starts_with('@')) {
    auto at = behind.substr(1, length_while(behind.substr(1), is_name));
    if (at.empty() || !is_alnum(at[0])) return {};
    auto user = name == "git" ? std::string(name) : named(users_, "user", name);
    return {name.size() + 1 + at.size(), user + '@' + (is_known_host(at) ? std::string(at) : host(at))};
  }
  if (!behind.starts_with(':') || is_known_host(name)) return {};
  auto port = behind.substr(1, length_while(behind.substr(1), is_digit));
  auto end = 1 + port.size();
  bool ends = end >= behind.size() || (behind[end] != '.' && !is_token(behind[end]));
  auto n = whole_number<uint64_t>(port);
  if (port.size() < 4 || !n || *n > 65535 || !ends || name.contains(".so")) return {};
  return {name.size(), host(name)};
}

/// The value of a variable that names machines: "[tcp://]HOST[:PORT],HOST".
std::string Pseudonyms::in_hosts(std::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size();) {
    auto rest = value.substr(i);
    auto name = rest.substr(0, length_while(rest, [](char c) { return is_token(c) || c == '.'; }));
    auto scheme = rest.substr(name.size()).starts_with("://");
    auto piece = address(rest);
    // "10.20.30.46-blade" is a name as a whole.
    bool ends = piece.length >= rest.size() || !is_token(rest[piece.length]);
    if (piece.length && ends) {
      out += piece.by;
      i += piece.length;
    } else if (name.empty() || scheme) {
      out += rest.substr(0, std::max<size_t>(1, name.size()));
      i += std::max<size_t>(1, name.size());
    } else {
      out += is_known_host(name) ? std::string(name) : host(name);
      i += name.size();
    }
  }
  return out;
}

std::string Pseudonyms::in_text(std::string_view text, bool path) { return rewritten(text, path, false); }

/// Entries of CUDA_VISIBLE_DEVICES: the driver takes the beginning of a UUID if only one GPU has it.
std::string Pseudonyms::in_devices(std::string_view value) {
  std::string out;
  for (auto entry : split(value, ',')) {
    if (!out.empty() || entry.data() != value.data()) out += ',';
    auto digits =
        entry.starts_with("GPU-") || entry.starts_with("MIG-") ? entry.substr(4) : std::string_view();
    bool shortened = !digits.empty() && digits.size() < 36 &&
                     std::ranges::all_of(digits, [](char c) { return is_hex(c) || c == '-'; });
    if (!shortened) {
      out += in_text(entry);
      continue;
    }
    bool ours = digits.starts_with("0000");  // shortened already, or so short that it tells nothing
    out += entry.substr(0, 4);
    out += ours ? std::string(digits) : shortened_uuid(entry.substr(0, 4), digits);
  }
  return out;
}

std::string Pseudonyms::without_random(std::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size();) {
    auto item = value.substr(i, length_while(value.substr(i), [](char c) {
                               return std::string_view(" \t\n:;,\"'").find(c) == std::string_view::npos;
                             }));
    // "key=..." keeps what it is called.
    auto equals = item.find('=');
    if (equals != item.npos && equals + 1 < item.size() && item[equals + 1] != '=')
      item = item.substr(0, equals + 1);
    if (item.empty()) {
      out += value[i++];
      continue;
    }
    out += is_random(item) ? secret(item) : std::string(item);
    i += item.size();
  }
  return out;
}

std::string Pseudonyms::in_variable(std::string_view name, std::string_view value) {
  if (name.ends_with("VISIBLE_DEVICES")) return in_devices(value);
  if (is_secret_name(name)) return value.empty() ? std::string() : secret(value);
  if (names_hosts(name) && !value.contains('/')) return in_hosts(value);
  // Demands of images and marks of versions name no one, and "12.1.3.1" is no address there.
  bool about_versions = name.starts_with("NVIDIA_") || name.contains("VERSION") || name.contains("ARCH_LIST");
  auto out = rewritten(value, !about_versions, !about_versions);
  return about_versions ? out : without_random(out);
}

}  // namespace cufit
