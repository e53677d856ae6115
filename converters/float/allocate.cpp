#include "converters/float/allocate.h"

namespace weq::convert {

void allocate(const Value& value, Tensor* tensor) {
  const auto count = static_cast<size_t>(element_count(value.shape));
  tensor->dtype = value.dtype;
  tensor->shape = value.shape;
  tensor->f.resize(value.dtype == DType::kFloat ? count : 0);
  tensor->i.resize(value.dtype == DType::kFloat ? 0 : count);
}

}  // namespace weq::convert
