#include "converters/walk/live_values.h"

#include <algorithm>

namespace weq::convert {
namespace {

std::vector<size_t> last_readers(const Graph& graph) {
  std::vector<size_t> last(graph.values.size(), 0);
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    for (ValueId id : graph.nodes[k].inputs) {
      if (id != kNoValue) last[static_cast<size_t>(id)] = k;
    }
    for (ValueId id : graph.nodes[k].outputs) {
      if (id != kNoValue)
        last[static_cast<size_t>(id)] = std::max(last[static_cast<size_t>(id)], k);
    }
  }
  return last;
}

bool has_code(const QuantizationPlan& plan, ValueId id) {
  return plan.classes.class_of[static_cast<size_t>(id)] >= 0;
}

}  // namespace

LiveValues::LiveValues(const Graph& graph, const QuantizationPlan& plan, size_t inputs)
    : graph_(graph),
      plan_(plan),
      inputs_(inputs),
      entries_(graph.values.size()),
      last_reader_(last_readers(graph)) {}

const Tensor* LiveValues::reference(ValueId id, size_t input) const {
  if (id == kNoValue) return nullptr;
  if (const Tensor* constant = graph_.constant(id)) return constant;
  return &entries_[static_cast<size_t>(id)].reference[input];
}

const Tensor* LiveValues::quantized(ValueId id, size_t input, Tensor* scratch) const {
  if (id == kNoValue) return nullptr;
  if (const Tensor* constant = graph_.constant(id)) return constant;
  const Entry& entry = entries_[static_cast<size_t>(id)];
  if (!entry.quantized.empty()) return &entry.quantized[input];
  const IntegerCode& code =
      plan_.codes[static_cast<size_t>(plan_.classes.class_of[static_cast<size_t>(id)])];
  float value_of[256] = {};
  for (size_t k = 0; k < code.levels.size(); ++k) {
    value_of[k] = code.unit * static_cast<float>(code.levels[k]);
  }
  scratch->dtype = DType::kFloat;
  scratch->shape = graph_.value(id).shape;
  scratch->i.clear();
  const std::vector<uint8_t>& codes = entry.codes[input];
  scratch->f.resize(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) scratch->f[i] = value_of[codes[i]];
  return scratch;
}

void LiveValues::set_reference(ValueId id, size_t input, Tensor tensor) {
  auto& list = entries_[static_cast<size_t>(id)].reference;
  list[input] = std::move(tensor);
}

void LiveValues::set_quantized(ValueId id, size_t input, Tensor tensor) {
  Entry& entry = entries_[static_cast<size_t>(id)];
  if (!entry.quantized.empty()) {
    entry.quantized[input] = std::move(tensor);
    return;
  }
  const size_t klass = static_cast<size_t>(plan_.classes.class_of[static_cast<size_t>(id)]);
  const FastEncoder& encode = encoder(klass);
  std::vector<uint8_t> codes(tensor.f.size());
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = encode(tensor.f[i]);
  entry.codes[input] = std::move(codes);
}

void LiveValues::open(ValueId id) {
  Entry& entry = entries_[static_cast<size_t>(id)];
  const bool image = plan_.image.active && id == graph_.inputs[0];
  entry.reference.resize(inputs_);
  if (has_code(plan_, id) && !image) {
    entry.codes.resize(inputs_);
    encoder(static_cast<size_t>(plan_.classes.class_of[static_cast<size_t>(id)]));
  } else {
    entry.quantized.resize(inputs_);
  }
}

const FastEncoder& LiveValues::encoder(size_t klass) {
  if (encoders_.size() <= klass) encoders_.resize(klass + 1);
  if (!encoders_[klass]) {
    encoders_[klass] = std::make_unique<FastEncoder>(plan_.codes[klass].boundaries);
  }
  return *encoders_[klass];
}

void LiveValues::release_after(size_t node) {
  for (size_t id = 0; id < entries_.size(); ++id) {
    if (last_reader_[id] == node && !entries_[id].reference.empty()) entries_[id] = Entry();
  }
}

size_t LiveValues::peak_bytes(const Graph& graph) {
  constexpr size_t kResting = sizeof(float) + 1, kWorking = 3 * sizeof(float);
  const std::vector<size_t> last = last_readers(graph);
  const auto count = [&](ValueId id) {
    return static_cast<size_t>(element_count(graph.value(id).shape));
  };
  size_t live = 0, peak = 0;
  for (ValueId id : graph.inputs) live += count(id) * 2 * sizeof(float);
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    size_t made = 0;
    for (ValueId id : graph.nodes[k].outputs) {
      if (id != kNoValue && !graph.constant(id)) made += count(id);
    }
    peak = std::max(peak, live + made * kWorking);
    live += made * kResting;
    for (size_t id = 0; id < last.size(); ++id) {
      const bool constant = graph.values[id].constant != nullptr;
      if (last[id] == k && !constant)
        live -= std::min(live, count(static_cast<int>(id)) * kResting);
    }
  }
  return peak;
}

}  // namespace weq::convert
