#include "converters/convert.h"

namespace weq::convert {
namespace {

// The whole number `text` if it lies in low..high, else 0.
int number_within(const std::string& text, int low, int high) {
  if (text.empty() || text.size() > 3) return 0;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return value >= low && value <= high ? value : 0;
}

}  // namespace

LayerBits parse_layer_bits(const std::string& text) {
  LayerBits bits;
  const size_t comma = text.find(',');
  if (comma != std::string::npos) {
    const std::string weights = text.substr(0, comma);
    if (!weights.empty() && (weights.back() == 'L' || weights.back() == 'l')) {
      bits.weight_levels = number_within(weights.substr(0, weights.size() - 1), 2, 256);
    } else {
      bits.weight_bits = number_within(weights, 1, 8);
    }
    bits.activation_bits = number_within(text.substr(comma + 1), 1, 8);
  }
  if (bits.activation_bits == 0 || (bits.weight_bits == 0 && bits.weight_levels == 0)) {
    throw ConvertError("'" + text +
                       "' is not W,A; give weight and activation bits from 1 to 8, or "
                       "2L to 256L for so many weight levels: 4,4 or 3L,2");
  }
  return bits;
}

}  // namespace weq::convert
