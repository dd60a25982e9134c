#include "model/json.h"
#include "render/render.h"

namespace cufit::render {

std::string to_json(const Report& report, Lang lang, FailOn fail_on) {
  JsonContext context{[lang](const Text& t) { return phrase(t, lang); }, CUFIT_VERSION, fail_on};
  // Names of files need not be UTF-8; JSON must be.
  return write_json(report, context).dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace cufit::render
