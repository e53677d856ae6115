// Derives the fast form of a threshold list and proves it. Every form is a monotone function of v,
// so it equals the definition for all |v| <= v_bound if it does at T_k and T_k - 1 for every k.
#include <cstring>

#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

constexpr int64_t kLimit = int64_t{1} << 31;

// The thresholds that some |v| <= bound passes and some does not: first <= k < last. Those before
// are always passed, those after never.
struct Reachable {
  int32_t first = 0, last = 0;
  int64_t low = 0, high = 0;  // the values v may take: low <= v <= high
};

Reachable reachable(const Thresholds& t, int64_t bound) {
  Reachable r;
  r.low = bound < kLimit ? -bound : -kLimit;
  r.high = bound < kLimit ? bound : kLimit - 1;
  while (r.first < t.count && t.values[r.first] <= r.low) ++r.first;
  r.last = r.first;
  while (r.last < t.count && t.values[r.last] <= r.high) ++r.last;
  return r;
}

uint32_t magnitude_bits(int64_t v) {
  const float f = static_cast<float>(v);
  uint32_t bits = 0;
  std::memcpy(&bits, &f, sizeof(bits));
  return bits & 0x7fffffffU;
}

int32_t cell(int64_t magnitude, int32_t grid_shift) {
  return static_cast<int32_t>(magnitude_bits(magnitude) >> grid_shift);
}

int32_t clamp(int64_t v, int32_t low, int32_t high) {
  return v < low ? low : v > high ? high : static_cast<int32_t>(v);
}

uint8_t by_definition(const Thresholds& t, int64_t v) {
  int32_t code = 0;
  while (code < t.count && v >= t.values[code]) ++code;
  return t.store[code];
}

uint8_t by_form(const Thresholds& t, int64_t v) {
  if (t.form == ThresholdForm::kLinear) {
    return t.store[clamp((v + t.round) >> t.shift, t.low, t.high)];
  }
  const bool negative = t.form == ThresholdForm::kSignedGrid && v < 0;
  if (t.form == ThresholdForm::kGrid && v < 0) return t.table[0];
  const int32_t index = cell(v, t.grid_shift) - (negative ? t.base_negative : t.base);
  return (negative ? t.table_negative : t.table)[clamp(index, 0, 127)];
}

bool agrees_at(const Thresholds& t, const Reachable& r, int64_t v) {
  return v < r.low || v > r.high || by_form(t, v) == by_definition(t, v);
}

bool proven(const Thresholds& t, const Reachable& r) {
  if (!agrees_at(t, r, r.low) || !agrees_at(t, r, r.high)) return false;
  for (int32_t k = r.first; k < r.last; ++k) {
    const int64_t v = t.values[k];
    if (!agrees_at(t, r, v) || !agrees_at(t, r, v - 1)) return false;
  }
  return true;
}

// Equidistant thresholds T_k = ((k + 1) << shift) - round.
bool try_linear_shift(const Reachable& r, int32_t shift, Thresholds* t) {
  const int64_t round = ((int64_t{r.first} + 1) << shift) - t->values[r.first];
  if (round + r.high >= kLimit || round + r.low < -kLimit) return false;
  t->form = ThresholdForm::kLinear;
  t->shift = shift;
  t->round = static_cast<int32_t>(round);
  t->low = r.first;
  t->high = r.last;
  return proven(*t, r);
}

bool try_linear(const Reachable& r, Thresholds* t) {
  if (r.first == r.last) {  // one code for every v
    t->form = ThresholdForm::kLinear;
    t->shift = t->round = 0;
    t->low = t->high = r.first;
    return true;
  }
  if (r.last - r.first == 1) {
    for (int32_t shift = 0; shift <= 30; ++shift) {
      if (try_linear_shift(r, shift, t)) return true;
    }
    return false;
  }
  const int64_t distance = int64_t{t->values[r.first + 1]} - t->values[r.first];
  for (int32_t shift = 0; shift <= 30; ++shift) {
    if (distance == int64_t{1} << shift) return try_linear_shift(r, shift, t);
  }
  return false;
}

// Both tables for the cells of `mantissa_bits`; the second stays unused without thresholds <= 0.
bool try_grid(const Reachable& r, int32_t mantissa_bits, Thresholds* t) {
  int32_t positive = r.first;  // first threshold above 0
  while (positive < r.last && t->values[positive] <= 0) ++positive;
  t->form = positive == r.first ? ThresholdForm::kGrid : ThresholdForm::kSignedGrid;
  const int32_t shift = 23 - mantissa_bits;
  t->grid_shift = shift;
  t->base = positive < r.last ? cell(t->values[positive], shift) - 1 : 0;
  int32_t code = positive;
  for (int32_t i = 0; i < 128; ++i) {
    while (code < r.last && cell(t->values[code], shift) - t->base <= i) ++code;
    t->table[i] = t->store[code];
  }
  // From |v| >= 1 - T on, a negative v no longer passes T.
  const auto falls_at = [&](int32_t k) { return cell(1 - int64_t{t->values[k]}, shift); };
  t->base_negative = positive > r.first ? falls_at(positive - 1) - 1 : 0;
  int32_t left = positive;
  for (int32_t i = 0; i < 128; ++i) {
    while (left > r.first && falls_at(left - 1) - t->base_negative <= i) --left;
    t->table_negative[i] = t->store[left];
  }
  return proven(*t, r);
}

}  // namespace

void prepare_thresholds(const int32_t* values, int32_t count, const LevelMap& map, int64_t v_bound,
                        Thresholds* out) {
  *out = Thresholds{};
  out->values = values;
  out->count = count;
  out->store_is_code = true;
  for (int32_t k = 0; k <= count; ++k) {
    out->store[k] = map.byte_of_code[k];
    out->store_is_code = out->store_is_code && out->store[k] == k;
  }
  const Reachable r = reachable(*out, v_bound);
  if (try_linear(r, out)) return;
  // Fewer mantissa bits make smaller tables, which vpshufb likes.
  for (int32_t mantissa_bits = 0; mantissa_bits <= 5; ++mantissa_bits) {
    if (try_grid(r, mantissa_bits, out)) return;
  }
  out->form = ThresholdForm::kSearch;
}

}  // namespace weq::kernels
