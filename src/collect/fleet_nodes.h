// Kubernetes nodes, one after the other: what is not needed of a node is dropped before the next is read.
#pragma once

#include <string>

#include "collect/fleet.h"
#include "model/json.h"

namespace cufit::collect {

class NodeReader {
 public:
  explicit NodeReader(std::string path) : path_(std::move(path)) {}

  /// An object of kind Node.
  void add(const Json& node);
  Fleet take();

 private:
  std::string path_;
  Fleet fleet_;
  FleetFold fold_;
  uint64_t unlabelled_ = 0;  ///< nodes with GPUs and without the labels that name them
  std::string first_unlabelled_;
};

}  // namespace cufit::collect
