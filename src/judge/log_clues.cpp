#include "judge/log_clues.h"

#include <algorithm>
#include <map>
#include <set>

#include "judge/log_codes.h"
#include "judge/log_conditions.h"

namespace cufit {

namespace {

constexpr uint32_t share_of_xid = 95, share_of_unknown_xid = 70, share_of_other_call = 85;

std::vector<Clue::Cause> causes_of(const MessageRow& row, const Sighting& s, const Log& log,
                                   const LogFacts& facts, const Knowledge& k) {
  std::vector<Clue::Cause> causes;
  for (auto& cause : row.causes) {
    bool told = std::ranges::find(causes, cause.id, &Clue::Cause::id) != causes.end();
    if (!told && applies(cause, s, log, facts, k)) causes.push_back({cause.id, cause.share});
  }
  return causes;
}

/// A number that the kernel module logged.
std::optional<Clue> clue_of_xid(const Sighting& s, const Knowledge& k) {
  auto* number = s.captured("xid");
  if (!number) return std::nullopt;
  auto* row = k.xid(*number);
  Clue clue{&s, "xid", MessageRole::error, {}};
  clue.xid = row;
  if (row && row->follows) clue.role = MessageRole::consequence;
  clue.causes = {{row ? row->cause : "xid-other", row ? share_of_xid : share_of_unknown_xid}};
  return clue;
}

/// A call that failed: told by the row of its code, or by what the code means.
std::optional<Clue> clue_of_code(const Sighting& s, const Log& log, const LogFacts& facts,
                                 const Knowledge& k) {
  auto* error = cuda_error_of(s, k);
  if (!error || error->category == "not-an-error") return std::nullopt;
  if (auto* row = message_of_code("cuda:" + std::string(error->id), k))
    return Clue{&s, row->id, row->role, causes_of(*row, s, log, facts, k), error};
  return Clue{&s, error->id, MessageRole::error, {{"cuda-call-failed", share_of_other_call}}, error};
}

}  // namespace

std::vector<Clue> clues_of(const Log& log, const LogFacts& facts, const Knowledge& k) {
  std::vector<Clue> clues;
  std::set<uint64_t> harmless;
  for (auto& s : log.sightings)
    if (auto* row = k.message(s.message); row && row->role == MessageRole::noise) harmless.insert(s.line);
  for (auto& s : log.sightings) {
    auto* row = k.message(s.message);
    if (!row || harmless.contains(s.line)) continue;
    std::optional<Clue> clue = clue_of_xid(s, k);
    if (!clue && row->causes.empty()) clue = clue_of_code(s, log, facts, k);
    if (!clue && !row->causes.empty()) {
      clue = Clue{&s, row->id, row->role, causes_of(*row, s, log, facts, k)};
      if (row->code.starts_with("cuda:"))
        if (auto n = k.tables().errors; !n.empty())
          for (auto& e : n)
            if (row->code.substr(5) == e.id) clue->error = &e;
    }
    if (clue && !clue->causes.empty()) clues.push_back(std::move(*clue));
  }
  return clues;
}

std::vector<RankedCause> rank(const std::vector<Clue>& clues) {
  auto has_role = [&](MessageRole role) {
    return std::ranges::find(clues, role, &Clue::role) != clues.end();
  };
  bool errors = has_role(MessageRole::error), consequences = has_role(MessageRole::consequence);
  auto weight = [&](MessageRole role) {
    if (role == MessageRole::error) return 1.0;
    if (role == MessageRole::consequence) return errors ? 0.3 : 1.0;
    return errors ? 0.35 : consequences ? 0.6 : 1.0;
  };
  constexpr double of_later = 0.55;

  // The line of the first error, or of the first consequence where there is none.
  auto strongest = errors         ? MessageRole::error
                   : consequences ? MessageRole::consequence
                                  : MessageRole::warning;
  uint64_t first_line = UINT64_MAX;
  for (auto& clue : clues)
    if (clue.role == strongest) first_line = std::min(first_line, clue.sighting->line);
  std::set<std::string_view> of_first;
  for (auto& clue : clues)
    if (clue.role == strongest && clue.sighting->line == first_line)
      for (auto& cause : clue.causes) of_first.insert(cause.id);

  std::vector<RankedCause> ranked;
  std::map<std::string_view, std::map<std::string_view, double>>
      said;  // cause, family: the most that it says
  for (auto& clue : clues)
    for (auto& cause : clue.causes) {
      auto same = std::ranges::find(ranked, cause.id, &RankedCause::id);
      if (same == ranked.end())
        same = ranked.insert(ranked.end(), {cause.id, 0, 0, of_first.contains(cause.id), {}});
      bool later = clue.sighting->line > first_line && !same->first;
      double says = cause.share / 100.0 * weight(clue.role) * (later ? of_later : 1.0);
      auto& most = said[cause.id][clue.family];
      most = std::max(most, says);
      if (weight(clue.role) == 1.0) same->share = std::max(same->share, cause.share);
      same->clues.push_back(&clue);
    }
  for (auto& cause : ranked) {
    double open = 1;
    for (auto& [family, says] : said[cause.id]) open *= 1 - says;
    cause.score = 1 - open;
  }
  std::ranges::stable_sort(ranked, std::greater{}, &RankedCause::score);
  return ranked;
}

}  // namespace cufit
