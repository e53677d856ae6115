#include "converters/ops/window.h"

#include <algorithm>

namespace weq::convert {
namespace {

constexpr int64_t kLargest = 1 << 16;  // keeps every product of sizes far from overflow

void default_ints(Node& node, const std::string& key, size_t count, int64_t value) {
  if (node.get_ints(key).empty()) node.attributes[key] = std::vector<int64_t>(count, value);
  if (node.get_ints(key).size() != count) {
    fail(node, key + " has " + std::to_string(node.get_ints(key).size()) + " numbers, not " +
                   std::to_string(count) + "; export the model again");
  }
}

}  // namespace

Image image_of(const Shape& shape) {
  Image image;
  image.n = shape[0];
  image.c = shape[1];
  if (shape.size() == 3) image.w = shape[2];
  if (shape.size() == 4) {
    image.h = shape[2];
    image.w = shape[3];
  }
  return image;
}

void resolve_window(Node& node, const Shape& spatial, const Shape& kernel) {
  const size_t axes = kernel.size();
  node.attributes["kernel_shape"] = kernel;
  default_ints(node, "strides", axes, 1);
  default_ints(node, "dilations", axes, 1);
  const std::string auto_pad = node.get_string("auto_pad", "NOTSET");
  node.attributes.erase("auto_pad");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    std::vector<int64_t> pads(2 * axes, 0);
    const auto strides = node.get_ints("strides");
    const auto dilations = node.get_ints("dilations");
    for (size_t i = 0; i < axes; ++i) {
      const int64_t size = i < spatial.size() ? spatial[i] : 1;
      const int64_t count = (size + strides[i] - 1) / strides[i];
      const int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
      const int64_t total = std::max<int64_t>(0, (count - 1) * strides[i] + extent - size);
      pads[i] = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      pads[i + axes] = total - pads[i];
    }
    node.attributes["pads"] = std::move(pads);
  } else if (auto_pad == "VALID") {
    node.attributes["pads"] = std::vector<int64_t>(2 * axes, 0);
  } else if (auto_pad != "NOTSET" && !auto_pad.empty()) {
    fail(node, "auto_pad=" + auto_pad + " is unknown; write the pads out");
  }
  default_ints(node, "pads", 2 * axes, 0);
}

Window2d window_of(const Node& node) {
  const auto kernel = node.get_ints("kernel_shape");
  const auto strides = node.get_ints("strides");
  const auto dilations = node.get_ints("dilations");
  const auto pads = node.get_ints("pads");
  Window2d window;
  const size_t axes = kernel.size();
  for (size_t i = 0; i < axes; ++i) {
    window[2 - axes + i] = {kernel[i], strides[i], dilations[i], pads[i], pads[i + axes]};
  }
  return window;
}

int64_t window_count(const AxisWindow& axis, int64_t size, bool ceil_mode) {
  const int64_t room = size + axis.pad_begin + axis.pad_end - axis.extent();
  if (room < 0) return 0;
  int64_t count = (room + (ceil_mode ? axis.stride - 1 : 0)) / axis.stride + 1;
  if (ceil_mode && (count - 1) * axis.stride >= size + axis.pad_begin) --count;
  return count;
}

std::string check_window(const Node& node) {
  for (const char* key : {"kernel_shape", "strides", "dilations", "pads"}) {
    const auto values = node.get_ints(key);
    const size_t axes = std::string(key) == "pads" ? values.size() / 2 : values.size();
    if (axes > 2) {
      return node.op + " over " + std::to_string(axes) +
             " spatial axes is not supported; only one and two are";
    }
    const int64_t least = std::string(key) == "pads" ? 0 : 1;
    for (const int64_t value : values) {
      if (value < least || value > kLargest) {
        return std::string(key) + " holds " + std::to_string(value) +
               ", which is not supported; use a Pad or Slice before " + node.op;
      }
    }
  }
  return "";
}

}  // namespace weq::convert
