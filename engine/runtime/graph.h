// A verified file as the runtime walks it. Immutable once loaded; everything large stays in the
// file.
#pragma once

#include <deque>

#include "engine/ops/op.h"
#include "engine/runtime/aligned.h"

namespace weq {

struct Graph {
  const format::Model* file = nullptr;
  std::deque<QuantizerInfo> quantizers;  // a deque: tensors refer to its elements
  std::vector<TensorInfo> tensors;
  std::vector<const Operator*> operators;  // of each node
  std::vector<Proof> proofs;               // likewise
  std::vector<AlignedBuffer> copies;       // constants that lie in the file without slack

  size_t node_count() const { return operators.size(); }
  const format::Node& node(size_t i) const {
    return *file->nodes()->Get(static_cast<flatbuffers::uoffset_t>(i));
  }
};

// Fills `c` for node `i` with the shapes of `shapes` (by tensor); output shapes too where
// `with_outputs`.
void set_context(const Graph& graph, size_t i, const std::vector<Dims>& shapes, bool with_outputs,
                 NodeContext* c);

// True when `shape` has at most 6 axes, each from 1 to 2^26 (plans hold tables along an axis), and
// the tensor stays below 2^31 bytes.
inline constexpr int64_t kMaxAxis = int64_t{1} << 26;
bool is_valid_shape(const Dims& shape, size_t element_size);
std::string to_string(const Dims& shape);

}  // namespace weq
