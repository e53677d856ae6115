#include <cmath>
#include <unordered_set>

#include "engine/format/load.h"

namespace weq::format {
namespace {

// nullptr when the tensor is sound (then `info` is filled but for the constant), else the field.
const char* find_fault(const Tensor& t, const Graph& graph, TensorInfo* info, std::string* reason) {
  const auto fault = [&](const char* field, const std::string& text) {
    *reason = text;
    return field;
  };
  if (t.type() > TensorType::MAX) return fault("type", "unknown value");
  info->name = t.name()->c_str();
  info->type = t.type();
  if (t.shape()->size() > kMaxRank)
    return fault("shape", std::to_string(t.shape()->size()) + " axes; at most 6 are allowed");
  for (int32_t d : *t.shape()) info->shape[info->shape.rank++] = d;
  if (!is_valid_shape(info->shape, info->element_size()))
    return fault("shape",
                 to_string(info->shape) + " has an axis outside 1 to 2^26, or 2^31 bytes or more");
  if (t.type() == TensorType::Bytes) {
    if (t.quantizer() < 0 || static_cast<size_t>(t.quantizer()) >= graph.quantizers.size())
      return fault("quantizer", "index " + std::to_string(t.quantizer()) + "; there are " +
                                    std::to_string(graph.quantizers.size()));
    info->quantizer = &graph.quantizers[static_cast<size_t>(t.quantizer())];
    info->unit = info->quantizer->unit;
  } else if (t.type() == TensorType::Units) {
    if (!(t.unit() > 0) || !std::isfinite(t.unit()))
      return fault("unit", "not positive and finite");
    info->unit = t.unit();
  }
  if (t.data() == nullptr) return nullptr;
  const size_t bytes = static_cast<size_t>(info->shape.count()) * info->element_size();
  if (t.data()->size() != bytes)
    return fault("data", std::to_string(t.data()->size()) + " bytes; the shape needs " +
                             std::to_string(bytes));
  if (info->is_bytes())
    for (uint8_t byte : *t.data())
      if (!info->quantizer->stored[byte])
        return fault("data", "byte " + std::to_string(byte) + " has no code");
  return nullptr;
}

}  // namespace

Status load_tensors(const Report& report, const uint8_t* data, size_t size, Graph* graph) {
  std::unordered_set<std::string> names;
  size_t constant_bytes = 0;
  for (const Tensor* t : *graph->file->tensors()) {
    const std::string place = "tensor " + t->name()->str();
    TensorInfo info;
    std::string reason;
    // Many tensors over one array would make the check, and the copies, grow beyond the file.
    if (t->data() != nullptr) constant_bytes += t->data()->size();
    if (constant_bytes > size) return report.bad(place, "data", "shared with other tensors");
    const char* field = find_fault(*t, *graph, &info, &reason);
    if (field != nullptr) return report.bad(place, field, reason);
    if (!names.insert(t->name()->str()).second) return report.bad(place, "name", "used twice");
    if (t->data() != nullptr) {
      info.constant = t->data()->data();
      const bool aligned = reinterpret_cast<uintptr_t>(info.constant) % kernels::kAlignment == 0;
      const size_t end = static_cast<size_t>(info.constant - data) + t->data()->size();
      if (!aligned || end + kernels::kSlack > size) {
        graph->copies.push_back(allocate_aligned(t->data()->size()));
        uint8_t* copy = graph->copies.back().get();
        if (copy == nullptr)
          return report.make(StatusCode::kOutOfMemory, place, "data", "no memory for a copy");
        std::memcpy(copy, info.constant, t->data()->size());
        info.constant = copy;
      }
    }
    graph->tensors.push_back(info);
  }
  return {};
}

}  // namespace weq::format
