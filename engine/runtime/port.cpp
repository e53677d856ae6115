#include "engine/runtime/port.h"

#include <cmath>

namespace weq {
namespace {

// body(user index, stored index, length, stored stride) for every row along the last user axis.
template <class F>
void for_rows(const PortMap& map, const F& body) {
  const int rank = map.user.rank;
  if (rank == 0) return body(int64_t{0}, int64_t{0}, int64_t{1}, int64_t{1});
  const int64_t length = map.user[rank - 1], stride = map.stride[rank - 1];
  int64_t at[kMaxRank] = {}, stored = 0;
  const int64_t total = map.user.count();
  for (int64_t user = 0; user < total; user += length) {
    body(user, stored, length, stride);
    for (int axis = rank - 2; axis >= 0; --axis) {
      stored += map.stride[axis];
      if (++at[axis] < map.user[axis]) break;
      stored -= map.stride[axis] * map.user[axis];
      at[axis] = 0;
    }
  }
}

template <class From, class To, class F>
void read(const PortMap& map, const From* from, To* to, const F& convert) {
  for_rows(map, [&](int64_t user, int64_t stored, int64_t length, int64_t stride) {
    for (int64_t i = 0; i < length; ++i) to[user + i] = convert(from[stored + i * stride]);
  });
}

}  // namespace

PortMap make_port_map(const TensorInfo& tensor, const Dims& shape, const uint8_t* axes) {
  PortMap map;
  map.tensor = &tensor;
  map.user.rank = shape.rank;
  for (int i = 0; i < shape.rank; ++i) {
    const int axis = axes == nullptr ? i : axes[i];
    map.user[i] = shape[axis];
    map.stride[i] = shape.count(axis + 1, shape.rank);
  }
  if (shape.rank > 0) map.channels = shape[shape.rank - 1];
  return map;
}

PortMap make_onnx_map(const TensorInfo& tensor, const Dims& shape) {
  if (shape.rank < 3) return make_port_map(tensor, shape, nullptr);
  uint8_t axes[kMaxRank] = {0, static_cast<uint8_t>(shape.rank - 1)};
  for (int i = 2; i < shape.rank; ++i) axes[i] = static_cast<uint8_t>(i - 1);
  return make_port_map(tensor, shape, axes);
}

InputQuantizer::InputQuantizer(const TensorInfo& tensor, const format::Preprocess* preprocess,
                               int64_t channels)
    : quantizer_(*tensor.quantizer),
      image_(preprocess != nullptr),
      linear_(tensor.quantizer->file->kind() == format::QuantizerKind::Linear) {
  if (!image_) return;
  scale_ = preprocess->scale();
  const auto fill = [&](const flatbuffers::Vector<float>* values, float fallback) {
    std::vector<float> result(static_cast<size_t>(channels), fallback);
    if (values != nullptr && values->size() > 0)
      for (size_t c = 0; c < result.size(); ++c)
        result[c] = values->Get(values->size() == 1 ? 0 : static_cast<uint32_t>(c));
    return result;
  };
  mean_ = fill(preprocess->mean(), 0);
  std_ = fill(preprocess->std(), 1);
}

uint8_t InputQuantizer::nearest(double level) const {
  // Halfway goes up. A NaN fails every comparison and takes code 0.
  const kernels::LevelMap& map = quantizer_.map;
  int32_t low = 0, high = map.codes - 1;
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    const double below = map.level[map.byte_of_code[middle]];
    const double above = map.level[map.byte_of_code[middle + 1]];
    if (level >= (below + above) / 2)
      low = middle + 1;
    else
      high = middle;
  }
  return map.byte_of_code[low];
}

uint8_t InputQuantizer::quantize(float x, int64_t channel) const {
  // The second operand of each comparison is kept when x is not a number.
  if (image_) {
    const auto c = static_cast<size_t>(channel);
    const double pixel = std::floor((double{x} * std_[c] + mean_[c]) / scale_ + 0.5);
    return static_cast<uint8_t>(pixel > 0 ? (pixel < 255 ? pixel : 255) : 0);
  }
  const kernels::LevelMap& map = quantizer_.map;
  const double level = double{x} / quantizer_.unit;
  if (!linear_) return nearest(level);
  double code = std::floor(level + map.offset + 0.5) - map.offset - map.min_level;
  code = code > 0 ? (code < map.codes - 1 ? code : map.codes - 1) : 0;
  return map.byte_of_code[static_cast<int>(code)];
}

void write_float(const PortMap& map, const InputQuantizer* quantizer, const float* from, void* to) {
  for_rows(map, [&](int64_t user, int64_t stored, int64_t length, int64_t stride) {
    if (quantizer == nullptr) {
      for (int64_t i = 0; i < length; ++i)
        static_cast<float*>(to)[stored + i * stride] = from[user + i];
      return;
    }
    int64_t channel = stored % map.channels;
    const int64_t step = stride % map.channels;
    for (int64_t i = 0; i < length; ++i) {
      static_cast<uint8_t*>(to)[stored + i * stride] = quantizer->quantize(from[user + i], channel);
      channel += step;
      if (channel >= map.channels) channel -= map.channels;
    }
  });
}

bool write_codes(const PortMap& map, const uint8_t* from, uint8_t* to) {
  const kernels::LevelMap& levels = map.tensor->quantizer->map;
  for (size_t i = 0; i < map.count(); ++i)
    if (from[i] >= levels.codes) return false;
  for_rows(map, [&](int64_t user, int64_t stored, int64_t length, int64_t stride) {
    for (int64_t i = 0; i < length; ++i)
      to[stored + i * stride] = levels.byte_of_code[from[user + i]];
  });
  return true;
}

void read_float(const PortMap& map, const void* from, float* to) {
  const TensorInfo& tensor = *map.tensor;
  if (tensor.type == format::TensorType::Float)
    return read(map, static_cast<const float*>(from), to, [](float x) { return x; });
  if (tensor.type == format::TensorType::Units)
    return read(map, static_cast<const int32_t*>(from), to,
                [&](int32_t v) { return tensor.unit * static_cast<float>(v); });
  const kernels::LevelMap& levels = tensor.quantizer->map;
  read(map, static_cast<const uint8_t*>(from), to,
       [&](uint8_t byte) { return tensor.unit * static_cast<float>(levels.level[byte]); });
}

void read_units(const PortMap& map, const int32_t* from, int32_t* to) {
  read(map, from, to, [](int32_t v) { return v; });
}

void read_codes(const PortMap& map, const uint8_t* from, uint8_t* to) {
  const kernels::LevelMap& levels = map.tensor->quantizer->map;
  uint8_t code_of[256] = {};
  for (int32_t k = 0; k < levels.codes; ++k)
    code_of[levels.byte_of_code[k]] = static_cast<uint8_t>(k);
  read(map, from, to, [&](uint8_t byte) { return code_of[byte]; });
}

}  // namespace weq
