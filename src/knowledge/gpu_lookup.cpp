#include "knowledge/gpu_lookup.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <tuple>

#include "base/number.h"
#include "base/text.h"
#include "knowledge/near_miss.h"

namespace cufit {

namespace {

using Words = std::vector<std::string>;

/// Lower-case runs of letters and digits: "A100-SXM4-80GB" -> a100 sxm4 80gb. A leading "NVIDIA" says
/// nothing.
Words words_of(std::string_view text) {
  Words words(1);
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  if (words.size() > 1 && words[0] == "nvidia") words.erase(words.begin());
  for (auto& word : words)
    if (word == "mobile") word = "laptop";
  return words;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

/// Words of a name that users leave out: they tell the product line or the generation, and the rest is often
/// enough. Where it is not ("rtx 6000" is Turing or Ada), both are found and the user is asked.
constexpr std::array<std::string_view, 12> product_lines = {"nvidia", "geforce",    "tesla", "quadro",
                                                            "gpu",    "generation", "ada",   "blackwell",
                                                            "pascal", "rtx",        "gtx",   "gt"};
constexpr auto left_out_in_short_names = std::span(product_lines).first(6);

/// How well a query names a board; smaller is better, and only the best matches count.
enum class Match : uint8_t {
  full,   ///< the whole name, with or without words of the product line
  id,     ///< the id of the row
  head,   ///< the beginning of the name: "a100" for A100-SXM4-80GB
  words,  ///< words of the name in any order: "a100 pcie 80gb"
  none,
};

/// What the user wrote, taken apart once.
struct Query {
  Words words;
  std::string compact;       ///< the words without blanks
  bool spelled_out = false;  ///< begins with NVIDIA: meant as nvidia-smi prints it
};

/// Does the word tell a product by itself? "4090", "a100", "titan" do, "x", "ti" and "rtx" do not.
bool is_telling(std::string_view word) {
  if (word.find_first_of("0123456789") != word.npos) return word.size() > 1;
  return word.size() >= 4 && !is_one_of(word, product_lines);
}

Match match(const Query& query, const Words& name, bool is_workstation_laptop) {
  // Walk the name; every word is the next of the query or one that users leave out.
  std::string_view rest = query.compact;
  bool whole = true, telling = false;
  for (auto& word : name) {
    if (!rest.empty() && rest.starts_with(word)) {
      rest.remove_prefix(word.size());
      telling |= !is_one_of(word, product_lines);
    } else if (!is_one_of(word, product_lines) && !(is_workstation_laptop && word == "laptop")) {
      whole = false;
      break;
    }
  }
  if (rest.empty() && telling) return whole ? Match::full : Match::head;
  bool every =
      std::ranges::all_of(query.words, [&](auto& w) { return std::ranges::find(name, w) != name.end(); });
  return every && std::ranges::any_of(query.words, is_telling) ? Match::words : Match::none;
}

/// One thing that the query may mean: a board with the label that matched, or a chip.
struct Hit {
  std::string label;
  const GpuRow* board = nullptr;
  std::vector<const ChipRow*> chips;
};

std::string without_vendor(std::string_view name) {
  if (name.starts_with("NVIDIA ")) name.remove_prefix(7);
  return std::string(name);
}

std::vector<const ChipRow*> chips_of(const Knowledge& k, const GpuRow& board) {
  std::vector<const ChipRow*> chips = {k.chip(board.chip)};
  for (auto& other : board.chip_by_pci_id) chips.push_back(k.chip(other.chip));
  return chips;
}

/// The texts that users know a board by.
template <class F>
void for_each_label(const GpuRow& board, F&& f) {
  for (auto name : board.names) f(name);
  for (auto alias : board.aliases) f(alias);
}

/// "hopper", "Ada": the chips of an architecture. Those of Jetson boards are called by their boards.
std::vector<Hit> by_architecture(const Knowledge& k, std::string_view text) {
  auto asked = joined(words_of(text), "");
  std::vector<Hit> hits;
  for (auto& chip : k.tables().chips) {
    auto words = words_of(chip.architecture);
    if (!chip.tegra && !asked.empty() && (asked == joined(words, "") || asked == words.front()))
      hits.push_back({std::string(chip.architecture), nullptr, {&chip}});
  }
  return hits;
}

std::vector<Hit> by_name(const Knowledge& k, std::string_view text) {
  Query query{words_of(text), {}, false};
  query.compact = joined(query.words, "");
  query.spelled_out = text.size() >= 6 && joined(words_of(text.substr(0, 6)), "") == "nvidia";

  std::array<std::vector<Hit>, size_t(Match::none)> hits;
  for (auto& board : k.tables().gpus) {
    auto best = query.compact == joined(words_of(board.id), "") ? Match::id : Match::none;
    auto label = board.names[0];
    for_each_label(board, [&](std::string_view candidate) {
      auto m = match(query, words_of(candidate), board.segment == Segment::workstation_laptop);
      if (m >= best) return;
      best = m;
      label = candidate;
    });
    if (best != Match::none)
      hits[size_t(best)].push_back({without_vendor(label), &board, chips_of(k, board)});
  }
  auto best = std::ranges::find_if(hits, [](auto& list) { return !list.empty(); });
  if (best == hits.end()) return {};
  // "h100" is the name of one board of the family and, to most people, all of them.
  auto& full = hits[size_t(Match::full)];
  auto is_server = [](auto& hit) { return hit.board->is_datacenter; };
  if (!full.empty() && !query.spelled_out && std::ranges::all_of(full, is_server))
    std::ranges::copy_if(hits[size_t(Match::head)], std::back_inserter(full), is_server);
  return *best;
}

/// "2204", "10de:2204", "0x2204", "10DE:2204:10DE:1467" and nvidia-smi's "0x220410DE"; else nothing.
struct PciQuery {
  std::string device, subsystem;  ///< "2204", "10DE:1467" or empty
  bool bare = false;              ///< only four digits, which may also be a name ("4090")
};
std::optional<PciQuery> pci_query(std::string_view text) {
  std::string upper;
  for (char c : text) upper += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
  std::vector<std::string> parts(1);
  for (char c : upper) {
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  PciQuery q;
  q.bare = parts.size() == 1 && !parts[0].starts_with("0X");
  for (auto& part : parts)
    if (part.starts_with("0X")) part.erase(0, 2);
  if (parts.size() == 1 && parts[0].size() == 8 && parts[0].ends_with("10DE")) parts[0].resize(4);
  for (auto& part : parts)
    if (part.size() != 4 || part.find_first_not_of("0123456789ABCDEF") != part.npos) return std::nullopt;
  if (parts.size() > 1 && parts.size() % 2 == 0) {
    if (parts[0] != "10DE") return std::nullopt;
    parts.erase(parts.begin());
  }
  if (parts.size() != 1 && parts.size() != 3) return std::nullopt;
  q.device = parts[0];
  if (parts.size() == 3) q.subsystem = parts[1] + ':' + parts[2];
  return q;
}

std::vector<Hit> by_pci_id(const Knowledge& k, const PciQuery& query) {
  std::vector<Hit> hits, exact;
  for (auto& board : k.tables().gpus) {
    if (std::ranges::find(board.pci_ids, query.device) == board.pci_ids.end()) continue;
    auto* chip = k.chip(board.chip);
    for (auto& other : board.chip_by_pci_id)
      if (other.pci_id == query.device) chip = k.chip(other.chip);
    hits.push_back({without_vendor(board.names[0]), &board, {chip}});
    auto whole = query.device + ':' + query.subsystem;
    if (std::ranges::find(board.pci_subsystems, whole) != board.pci_subsystems.end())
      exact.push_back(hits.back());
  }
  if (!exact.empty()) return exact;
  for (auto& chip : k.tables().chips)
    if (std::ranges::find(chip.pci_ids, query.device) != chip.pci_ids.end())
      hits.push_back({std::string(chip.id), nullptr, {&chip}});
  return hits;
}

/// "sm_89", "compute_89", "sm89", "8.9". Not "89", which is no way to write a GPU.
std::optional<Sm> capability(std::string_view query) {
  std::string text;
  for (char c : query) text += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  if (text.starts_with("sm") && text.size() > 2 && text[2] != '_') text.insert(2, "_");
  if (!text.starts_with("sm_") && !text.starts_with("compute_") && text.find('.') == text.npos)
    return std::nullopt;
  auto sm = Sm::parse(text);
  return sm ? std::optional(sm->plain()) : std::nullopt;
}

GpuCandidate bare_capability(const Knowledge& k, Sm sm) {
  GpuCandidate candidate;
  candidate.name = sm.name();
  candidate.sm = sm;
  candidate.tegra = k.is_tegra(sm);
  candidate.chips = k.chips_with(sm);
  if (candidate.chips.empty())
    for (auto& chip : k.tables().chips)
      if (std::ranges::find(chip.old_cc, sm) != chip.old_cc.end()) candidate.chips.push_back(&chip);
  candidate.in_table = !candidate.chips.empty();
  candidate.drivers = k.window(candidate.chips);
  return candidate;
}

/// The words that all labels begin with: "A800" for A800-SXM4-80GB and A800 80GB PCIe. Empty if there are
/// none.
std::string common_head(const std::vector<std::string>& labels) {
  size_t length = labels[0].size();
  for (auto& label : labels) {
    auto [a, b] = std::ranges::mismatch(labels[0], label);
    size_t same = size_t(a - labels[0].begin());
    auto ends = [](const std::string& s, size_t at) {
      return at >= s.size() || s[at] == ' ' || s[at] == '-';
    };
    while (same > 0 && !(ends(labels[0], same) && ends(label, same))) same--;
    length = std::min(length, same);
  }
  while (length > 0 && !(length == labels[0].size() || labels[0][length] == ' ' || labels[0][length] == '-'))
    length--;
  return labels[0].substr(0, length);
}

/// One name for boards that are one answer.
std::string name_of(const std::vector<std::string>& labels, std::string_view query) {
  auto head = common_head(labels);
  if (std::ranges::any_of(words_of(head), is_telling) || labels.size() == 1) return head;
  if (labels.size() > 3) return std::string(query);
  std::string names;
  for (auto& label : labels) names += (names.empty() ? "" : " or ") + label;
  return names;
}

std::string chip_names(const GpuCandidate& candidate) {
  std::string names;
  for (auto* chip : candidate.chips) names += (names.empty() ? "" : "/") + std::string(chip->id);
  return names;
}

template <class T>
void add_new(std::vector<T>& to, T item) {
  if (std::ranges::find(to, item) == to.end()) to.push_back(item);
}

/// Hits that agree on compute capability, platform and last driver branch become one candidate.
std::vector<GpuCandidate> grouped(const Knowledge& k, const std::vector<Hit>& hits, std::string_view query) {
  std::vector<GpuCandidate> candidates;
  std::vector<std::vector<std::string>> labels;
  auto what_matters = [](const ChipRow& c) { return std::tuple(c.cc, c.tegra, c.last_driver_branch); };
  for (auto& hit : hits)
    for (auto* chip : hit.chips) {
      auto same = std::ranges::find_if(
          candidates, [&](auto& c) { return what_matters(*c.chips[0]) == what_matters(*chip); });
      size_t at = size_t(same - candidates.begin());
      if (same == candidates.end()) {
        candidates.emplace_back();
        labels.emplace_back();
      }
      auto& candidate = candidates[at];
      add_new(candidate.chips, chip);
      if (hit.board) add_new(candidate.boards, hit.board);
      add_new(labels[at], hit.label);
    }
  for (size_t i = 0; i < candidates.size(); i++) {
    auto& candidate = candidates[i];
    candidate.sm = candidate.chips[0]->cc;
    candidate.tegra = candidate.chips[0]->tegra;
    candidate.drivers = k.window(candidate.chips);
    candidate.chip = candidate.chips.size() == 1 ? candidate.chips[0] : nullptr;
    candidate.name = name_of(labels[i], query);
    if (candidates.size() > 1 && candidate.name != chip_names(candidate))
      candidate.name += " (" + chip_names(candidate) + ')';
  }
  return candidates;
}

/// Short spellings that find something: "rtx4090", "a800", "ad102".
std::vector<std::string> short_spellings(const Knowledge& k) {
  std::set<std::string> all;
  for (auto& board : k.tables().gpus)
    for_each_label(board, [&](std::string_view label) {
      auto words = words_of(label);
      std::erase_if(words, [&](auto& word) { return is_one_of(word, left_out_in_short_names); });
      if (words.empty()) return;
      all.insert(joined(words, ""));
      if (words[0].find_first_of("0123456789") != words[0].npos)
        all.insert(words[0]);  // a800 of A800-SXM4-80GB
    });
  for (auto& chip : k.tables().chips) all.insert(joined(words_of(chip.id), ""));
  return {all.begin(), all.end()};
}

std::vector<std::string> suggestions(const Knowledge& k, std::string_view query) {
  if (auto sm = Sm::parse(query); sm && !k.chips_with(*sm).empty()) return {sm->plain().name()};
  auto words = words_of(query);
  std::erase_if(words, [&](auto& word) { return is_one_of(word, left_out_in_short_names); });
  return near_misses(joined(words, ""), short_spellings(k));
}

/// Takes digits off the end; false if there are none.
bool drop_digits(std::string_view& text) {
  auto before = text.size();
  while (!text.empty() && is_digit(text.back())) text.remove_suffix(1);
  return text.size() < before;
}

bool drop_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

/// The board of a slice: "NVIDIA H100 80GB HBM3 MIG 1g.10gb" -> "NVIDIA H100 80GB HBM3". What stands behind
/// "MIG" is a profile: compute instance, GPU instance, memory, attributes ("1c.3g.20gb", "1g.10gb+me").
/// Source: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
std::optional<std::string> board_of_slice(std::string_view text) {
  std::string low;
  for (char c : text) low += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  auto at = std::max(low.rfind(" mig ") + 1, low.rfind("-mig-") + 1);
  if (at < 2) return std::nullopt;
  auto profile = std::string_view(low).substr(at + 4);
  bool is_profile = !profile.empty() && is_digit(profile[0]) && profile.find("g.") != profile.npos &&
                    profile.find("gb") != profile.npos && profile.find(' ') == profile.npos;
  return is_profile ? std::optional(std::string(text.substr(0, at - 1))) : std::nullopt;
}

/// The board behind a virtual GPU: "GRID A100-4C" -> "A100", "NVIDIA A100-1-5CME" -> "A100", "GRID
/// V100DX-32Q" -> "V100DX". Behind the board stand slices, GB of memory and the series. Source:
/// https://docs.nvidia.com/vgpu/latest/grid-vgpu-user-guide/index.html
std::optional<std::string> board_of_virtual(std::string_view text) {
  std::string up;
  for (char c : text) up += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
  std::string_view rest = up;
  for (std::string_view vendor : {"NVIDIA ", "GRID "})
    if (rest.starts_with(vendor)) rest.remove_prefix(vendor.size());
  drop_end(rest, "ME");
  auto heads = rest;
  if (drop_digits(heads)) rest = heads;  // of "2B4", the displays
  bool series = drop_end(rest, "Q") || drop_end(rest, "C") || drop_end(rest, "B") || drop_end(rest, "A");
  if (!series || !drop_digits(rest) || !drop_end(rest, "-")) return std::nullopt;
  auto slices = rest;
  if (drop_digits(slices) && drop_end(slices, "-")) rest = slices;
  return rest.empty() ? std::nullopt : std::optional(std::string(rest));
}

/// Letters behind the number of a model may tell memory and form ("A100D", "V100DX", "H100XM"), which no
/// board is named by, or may be the model's own ("L40S").
std::vector<Hit> by_name_of_virtual(const Knowledge& k, std::string name) {
  auto hits = by_name(k, name);
  auto number = name.find_last_of("0123456789");
  while (hits.empty() && number != name.npos && name.size() > number + 1) {
    name.pop_back();
    hits = by_name(k, name);
  }
  return hits;
}

}  // namespace

GpuLookup find_gpu(const Knowledge& k, std::string_view query) {
  query = trimmed(query).substr(0, 200);  // no name is longer
  if (auto sm = capability(query)) return {{bare_capability(k, *sm)}, {}};
  auto pci = pci_query(query);
  std::vector<Hit> hits;
  if (pci && !pci->bare)
    hits = by_pci_id(k, *pci);
  else if (auto* chip = k.chip(query))
    hits = {{std::string(chip->id), nullptr, {chip}}};
  else if (hits = by_name(k, query); hits.empty() && pci)
    hits = by_pci_id(k, *pci);
  if (hits.empty()) hits = by_architecture(k, query);
  if (hits.empty()) {
    if (auto board = board_of_slice(query)) return find_gpu(k, *board);
    if (auto board = board_of_virtual(query)) hits = by_name_of_virtual(k, *board);
  }
  if (hits.empty()) return {{}, suggestions(k, query)};
  return {grouped(k, hits, query), {}};
}

}  // namespace cufit
