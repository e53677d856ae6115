// The Model behind the interface: a verified file, its tables, and the weights packed so far.
#pragma once

#include <map>
#include <mutex>

#include "engine/format/file_map.h"
#include "engine/format/report.h"
#include "engine/runtime/graph.h"

namespace weq {

class ModelImpl : public Model {
 public:
  explicit ModelImpl(const std::string& name) : report_(name) {}

  Status open(const std::string& path);
  Status load(const uint8_t* data, size_t size);

  const ModelInfo& info() const override;
  size_t packed_bytes() const override;

  const Graph& graph() const { return graph_; }
  const format::Report& report() const { return report_; }
  // The packed buffer of (node, key); packs under a lock the first time. nullptr: no memory.
  const void* find_or_pack(size_t node, const std::string& key, size_t bytes,
                           void (*pack)(const void* closure, void* to), const void* closure) const;

 private:
  format::FileMap file_;
  format::Report report_;
  Graph graph_;
  mutable std::mutex mutex_;  // guards what follows
  mutable ModelInfo info_;
  mutable bool kernels_known_ = false;
  mutable std::map<std::pair<size_t, std::string>, AlignedBuffer> packed_;
  mutable size_t packed_bytes_ = 0;
};

// The one implementation of Model.
inline const ModelImpl& implementation(const Model& model) {
  return static_cast<const ModelImpl&>(model);
}

// Everything of ModelInfo but the chosen kernels.
ModelInfo describe(const Graph& graph, size_t file_bytes);
// Kernels at the nominal size, on this machine.
void describe_kernels(const ModelImpl& model, ModelInfo* info);
// A port in the user's axis order.
PortInfo describe_port(const Graph& graph, const format::Port& port, const Dims& shape);

}  // namespace weq
