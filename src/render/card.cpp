#include "render/card.h"

#include <algorithm>

#include "model/json.h"
#include "render/layout.h"

namespace cufit::render {

namespace {

void write_card(Page& page, const Card& card, Lang lang) {
  page.line({{phrase(card.title, lang), Style::strong}, {"  " + card.id, Style::faint}});
  auto source = phrase(Text{"label.source"}, lang);
  size_t width = columns(source);
  for (auto& f : card.fields) width = std::max(width, columns(phrase(f.label, lang)));
  auto item = [&](const std::string& label, std::string_view text) {
    page.item({label.empty() ? "" : "  " + label, Style::faint}, width + 4, text);
  };
  for (auto& f : card.fields)
    for (auto& value : f.values)
      item(&value == &f.values.front() ? phrase(f.label, lang) : "", phrase(value, lang));
  for (auto& s : card.sources) item(&s == &card.sources.front() ? source : "", s);
}

}  // namespace

Text literal(std::string value) { return Text{"text.literal", {{"value", std::move(value)}}}; }

std::string to_text(const std::vector<Card>& cards, const Options& options) {
  Page page(options.color, options.width);
  for (auto& card : cards) {
    if (&card != &cards.front()) page.blank();
    write_card(page, card, options.lang);
  }
  return page.take();
}

std::string to_json(const std::vector<Card>& cards, Lang lang) {
  JsonContext context{.words = [lang](const Text& t) { return phrase(t, lang); }};
  Json out = {{"schema", "cufit.cards/1"}, {"cards", Json::array()}};
  for (auto& card : cards) {
    Json fields = Json::array();
    for (auto& f : card.fields) {
      Json values = Json::array();
      for (auto& v : f.values) values.push_back(write_json(v, context));
      fields.push_back({{"label", write_json(f.label, context)}, {"values", std::move(values)}});
    }
    out["cards"].push_back({{"id", card.id},
                            {"title", write_json(card.title, context)},
                            {"fields", std::move(fields)},
                            {"sources", card.sources}});
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace cufit::render
