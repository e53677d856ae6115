#include "converters/ops/elementwise.h"

namespace weq::convert {

StridedWalk merge_axes(const Shape& shape, const std::vector<std::vector<int64_t>>& strides) {
  StridedWalk walk;
  walk.strides.resize(strides.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    bool merge = !walk.shape.empty();
    for (size_t k = 0; merge && k < strides.size(); ++k) {
      merge = walk.strides[k].back() == strides[k][axis] * shape[axis];
    }
    if (merge) {
      walk.shape.back() *= shape[axis];
      for (size_t k = 0; k < strides.size(); ++k) walk.strides[k].back() = strides[k][axis];
    } else {
      walk.shape.push_back(shape[axis]);
      for (size_t k = 0; k < strides.size(); ++k) walk.strides[k].push_back(strides[k][axis]);
    }
  }
  if (walk.shape.empty()) {
    walk.shape.push_back(1);
    for (auto& operand : walk.strides) operand.push_back(1);
  }
  return walk;
}

StridedWalk broadcast_walk(const Shape& shape, const std::vector<Shape>& operands) {
  std::vector<std::vector<int64_t>> strides;
  for (const Shape& operand : operands) {
    const std::vector<int64_t> own = row_strides(operand);
    std::vector<int64_t> aligned(shape.size(), 0);
    const size_t shift = shape.size() - operand.size();
    for (size_t i = 0; i < operand.size(); ++i) {
      if (operand[i] != 1) aligned[i + shift] = own[i];
    }
    strides.push_back(std::move(aligned));
  }
  return merge_axes(shape, strides);
}

}  // namespace weq::convert
