// What was said about some judgements already: two causes often have one remedy.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/verdict.h"

namespace cufit::render {

class Said {
 public:
  bool is_new(const Finding& f, const std::string& words) {
    if (f.on != on_) on_ = f.on, words_.clear();
    return words_.insert(words).second;
  }

 private:
  std::vector<std::pair<SubjectId, GpuId>> on_;
  std::set<std::string> words_;
};

}  // namespace cufit::render
