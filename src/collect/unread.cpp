#include "collect/unread.h"

#include <cerrno>
#include <cstring>

#include "model/hidden_code.h"

namespace cufit::collect {

Gap unread_gap(const std::string& path, int error) {
  if (error == EACCES) return {path, {}, {gap_denied}};
  return {path, {}, {"gap.read-error", {{"error", std::strerror(error)}}}};
}

Gap unread_gap(const std::string& path, const Error& error) {
  if (error.id == "open.denied") return {path, {}, {gap_denied}};
  return {path, error.offset, {"gap.read-error", {{"error", error.message}}}};
}

}  // namespace cufit::collect
