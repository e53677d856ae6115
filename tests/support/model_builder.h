// Builds small .weq files directly from levels and scales, through the schema's object interface.
// Bounds that a converter would prove are computed here by the functions that the loader uses.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/format/hash.h"
#include "kernels/conv/bounds.h"
#include "weq/weq.hpp"
#include "weq_generated.h"

namespace weq::test {

// Bytes of a file, aligned to 64 and of exactly its size, so that sanitizers see every overrun.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(const uint8_t* data, size_t size) : size_(size) {
    void* p = nullptr;
    if (posix_memalign(&p, 64, size == 0 ? 1 : size) != 0) std::abort();
    data_.reset(static_cast<uint8_t*>(p));
    if (size > 0) std::memcpy(data_.get(), data, size);
  }
  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }
  FileBytes first(size_t size) const { return FileBytes(data(), size); }

 private:
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t[], Free> data_;
  size_t size_ = 0;
};

// The canonical packing of codes: low bits first.
inline std::vector<uint8_t> pack_codes(const std::vector<int>& codes, int bits) {
  std::vector<uint8_t> packed((codes.size() * static_cast<size_t>(bits) + 7) / 8, 0);
  size_t at = 0;
  for (int code : codes)
    for (int b = 0; b < bits; ++b, ++at)
      packed[at / 8] = static_cast<uint8_t>(packed[at / 8] | (code >> b & 1) << (at % 8));
  return packed;
}

struct ConvSpec {
  std::string name = "conv";
  int input = 0;
  int residual = -1;
  std::vector<int> outputs;
  int in_c = 1, out_c = 1;
  std::vector<uint16_t> kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1}, pads = {0, 0, 0, 0};
  int groups = 1;
  int bits = 2;
  std::vector<int8_t> levels = {-1, 0, 1, 2};
  std::vector<int> codes;  // canonical order
  std::vector<uint8_t> pad_bytes;
  int pre_shift = 0;
  std::vector<int32_t> multiplier, addend;
  int32_t residual_factor = 0;
  float unit = 1;
  std::vector<std::vector<int32_t>> thresholds;  // one list per output; empty for units
  bool fixed_size = false;
};

class ModelBuilder {
 public:
  format::ModelT model;

  ModelBuilder() {
    model.format_version = 1;
    model.name = "test";
    model.content_hash = 1;  // seal() writes the true one
  }

  int add_quantizer(format::QuantizerKind kind, std::vector<int32_t> levels, float unit,
                    int offset = 0) {
    auto q = std::make_unique<format::QuantizerT>();
    q->kind = kind;
    q->levels = std::move(levels);
    q->unit = unit;
    q->offset = static_cast<uint8_t>(offset);
    q->step = 4;
    model.quantizers.push_back(std::move(q));
    return static_cast<int>(model.quantizers.size()) - 1;
  }
  // Levels 0 .. count - 1.
  int add_linear(int count, float unit) {
    std::vector<int32_t> levels;
    for (int k = 0; k < count; ++k) levels.push_back(k);
    return add_quantizer(format::QuantizerKind::Linear, levels, unit);
  }

  int add_tensor(const std::string& name, std::vector<int32_t> shape, int quantizer) {
    auto t = std::make_unique<format::TensorT>();
    t->name = name;
    t->shape = std::move(shape);
    t->quantizer = quantizer;
    model.tensors.push_back(std::move(t));
    return static_cast<int>(model.tensors.size()) - 1;
  }
  int add_constant(const std::string& name, std::vector<int32_t> shape, int quantizer,
                   std::vector<uint8_t> bytes) {
    const int t = add_tensor(name, std::move(shape), quantizer);
    model.tensors.back()->data = std::move(bytes);
    return t;
  }
  int add_units(const std::string& name, std::vector<int32_t> shape, float unit) {
    const int t = add_tensor(name, std::move(shape), -1);
    model.tensors.back()->type = format::TensorType::Units;
    model.tensors.back()->unit = unit;
    return t;
  }
  int add_float(const std::string& name, std::vector<int32_t> shape) {
    const int t = add_tensor(name, std::move(shape), -1);
    model.tensors.back()->type = format::TensorType::Float;
    return t;
  }

  void add_port(bool input, const std::string& name, int tensor, std::vector<uint8_t> axes = {}) {
    auto p = std::make_unique<format::PortT>();
    p->name = name;
    p->tensor = tensor;
    p->axes = std::move(axes);
    if (p->axes.empty())
      for (size_t i = 0; i < model.tensors[static_cast<size_t>(tensor)]->shape.size(); ++i)
        p->axes.push_back(static_cast<uint8_t>(i));
    (input ? model.inputs : model.outputs).push_back(std::move(p));
  }
  void add_input(const std::string& name, int tensor, std::vector<uint8_t> axes = {}) {
    add_port(true, name, tensor, std::move(axes));
  }
  void add_output(const std::string& name, int tensor, std::vector<uint8_t> axes = {}) {
    add_port(false, name, tensor, std::move(axes));
  }

  // A node with any operator table (the T form of the schema).
  template <class Table>
  Table* add_node(const std::string& name, std::vector<int> inputs, std::vector<int> outputs,
                  Table table) {
    auto n = std::make_unique<format::NodeT>();
    n->name = name;
    n->inputs.assign(inputs.begin(), inputs.end());
    n->outputs.assign(outputs.begin(), outputs.end());
    n->op.Set(std::move(table));
    model.nodes.push_back(std::move(n));
    return static_cast<Table*>(model.nodes.back()->op.value);
  }

  format::ConvT* add_conv(const ConvSpec& s) {
    format::ConvT conv;
    conv.kernel = s.kernel;
    conv.stride = s.stride;
    conv.dilation = s.dilation;
    conv.pads = s.pads;
    conv.groups = static_cast<uint32_t>(s.groups);
    conv.pad_bytes = s.pad_bytes;
    conv.fixed_size = s.fixed_size;
    conv.weights = std::make_unique<format::WeightsT>();
    conv.weights->bits = static_cast<uint8_t>(s.bits);
    conv.weights->count = static_cast<uint32_t>(s.codes.size());
    conv.weights->codes = pack_codes(s.codes, s.bits);
    conv.weights->levels = s.levels;
    conv.epilogue = std::make_unique<format::EpilogueT>();
    conv.epilogue->pre_shift = static_cast<uint8_t>(s.pre_shift);
    conv.epilogue->multiplier = s.multiplier;
    conv.epilogue->addend = s.addend;
    conv.epilogue->residual_factor = s.residual_factor;
    conv.epilogue->unit = s.unit;
    for (const std::vector<int32_t>& thresholds : s.thresholds) {
      conv.epilogue->outputs.push_back(std::make_unique<format::RequantizedT>());
      conv.epilogue->outputs.back()->thresholds = thresholds;
    }
    conv.bounds = std::make_unique<format::ConvBoundsT>(bounds_of(s, conv));
    std::vector<int> inputs = {s.input};
    if (s.residual >= 0) inputs.push_back(s.residual);
    return add_node(s.name, inputs, s.outputs, std::move(conv));
  }

  FileBytes finish() const {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(format::Model::Pack(builder, &model), format::ModelIdentifier());
    FileBytes bytes(builder.GetBufferPointer(), builder.GetSize());
    format::seal(bytes.data(), bytes.size());
    return bytes;
  }

  // The LevelMap of a quantizer, filled anew from its definition (contract.h).
  kernels::LevelMap level_map(int quantizer) const {
    const format::QuantizerT& q = *model.quantizers[static_cast<size_t>(quantizer)];
    kernels::LevelMap map;
    map.codes = static_cast<int32_t>(q.levels.size());
    map.offset = q.offset;
    map.byte_is_level = !q.code_bytes;
    map.min_level = q.levels.front();
    map.max_level = q.levels.back();
    for (size_t k = 0; k < q.levels.size(); ++k) {
      const size_t byte = q.code_bytes ? k : static_cast<size_t>(q.levels[k] + q.offset);
      map.level[byte & 255] = q.levels[k];
      map.byte_of_code[k] = static_cast<uint8_t>(byte);
      if (q.levels[k] == 0) map.zero_byte = static_cast<int32_t>(byte);
    }
    return map;
  }

 private:
  format::ConvBoundsT bounds_of(const ConvSpec& s, const format::ConvT& conv) const {
    const kernels::LevelMap map = level_map(model.tensors[static_cast<size_t>(s.input)]->quantizer);
    kernels::ConvShape shape;
    shape.in_c = s.in_c;
    shape.out_c = s.out_c;
    shape.kernel_h = s.kernel[0];
    shape.kernel_w = s.kernel[1];
    shape.dilation_h = s.dilation[0];
    shape.dilation_w = s.dilation[1];
    shape.stride_h = s.stride[0];
    shape.stride_w = s.stride[1];
    shape.groups = s.groups;
    const kernels::ConvWeights weights = {conv.weights->codes.data(), s.bits,
                                          conv.weights->levels.data(),
                                          static_cast<int32_t>(s.levels.size())};
    format::ConvBoundsT bounds;
    const kernels::ConvBounds computed = kernels::compute_bounds(shape, weights, map);
    bounds.max_abs_acc = static_cast<uint32_t>(computed.max_abs_acc);
    bounds.lut_flush3 = static_cast<uint16_t>(computed.lut_flush3);
    bounds.lut_flush2 = static_cast<uint16_t>(computed.lut_flush2);
    bounds.sum16_flush = static_cast<uint16_t>(computed.sum16_flush);
    bounds.winograd_line = static_cast<uint16_t>(computed.winograd_line);
    bounds.winograd_centre = static_cast<uint16_t>(computed.winograd_centre);
    bounds.winograd4 = static_cast<uint32_t>(computed.winograd4);
    return bounds;
  }
};

}  // namespace weq::test
