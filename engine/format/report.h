// How everything that is wrong with a file is told:
//   weq: FILE: layer NAME: field: reason
#pragma once

#include <string>

#include "engine/ops/op.h"

namespace weq::format {

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  // `place`: "layer conv1", "tensor x", "quantizer 3", or "" for the file as a whole.
  Status bad(const std::string& place, const std::string& field, const std::string& reason) const {
    return make(StatusCode::kBadFile, place, field, reason);
  }
  Status make(StatusCode code, const std::string& place, const std::string& field,
              const std::string& reason) const {
    std::string text = "weq: " + file_;
    for (const std::string& part : {place, field, reason})
      if (!part.empty()) text += ": " + part;
    return Status(code, text);
  }
  Status layer(StatusCode code, const NodeContext& c) const {
    return make(code, place(*c.node), c.field(), c.reason());
  }
  static std::string place(const Node& node) { return "layer " + node.name()->str(); }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

}  // namespace weq::format
