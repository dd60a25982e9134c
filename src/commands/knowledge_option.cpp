#include "commands/knowledge_option.h"

#include <sys/stat.h>

namespace cufit::commands {

std::expected<Knowledge, Complaint> knowledge_for(const Invocation& invocation) {
  std::vector<std::string> directories;
  struct stat st;
  auto own = Knowledge::user_directory();
  if (!own.empty() && stat(own.c_str(), &st) == 0) directories.push_back(own);
  for (auto& given : invocation.values("data")) directories.push_back(given);
  if (directories.empty()) return Knowledge::builtin();
  auto knowledge = Knowledge::with_directories(directories);
  if (!knowledge) return complain({"failed.data", {{"error", knowledge.error().to_string()}}});
  return std::move(*knowledge);
}

}  // namespace cufit::commands
