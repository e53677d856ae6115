#include "kernels/softmax/softmax.h"

#include <cstring>

namespace weq::kernels {
namespace {

// ln 2 in two parts: the first has 9 trailing zero bits, so its product with |k| <= 126 is exact.
constexpr float kLn2High = 0.693145751953125f;
constexpr float kLn2Low = 1.42860677e-6f;
// Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
constexpr float kRounder = 12582912.0f;
constexpr uint32_t kRounderBits = 0x4B400000u;

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}
inline float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

// x = k ln 2 + r, |r| <= ln 2 / 2; e^r by its Taylor series (the rest is below 2^-27), times 2^k.
inline float exp_inline(float x) {
  const float t = x * 1.44269504f + kRounder;
  const float k = t - kRounder;
  const float r = (x - k * kLn2High) - k * kLn2Low;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const float power = float_of((bits_of(t) - kRounderBits + 127u) << 23);
  const float y = p * power;
  return x < -87.0f ? 0.0f : y;
}

}  // namespace

float exp_nonpositive(float x) { return exp_inline(x); }

float log_from_one(float x) {
  // x = 2^k m, m in [sqrt(1/2), sqrt(2)): log m = 2 atanh((m - 1) / (m + 1)).
  const uint32_t bits = bits_of(x);
  const uint32_t shifted = bits - 0x3F3504F3u;  // bits of sqrt(1/2)
  const uint32_t exponent = shifted >> 23;
  const float m = float_of((shifted & 0x007FFFFFu) + 0x3F3504F3u);
  const auto k = static_cast<float>(exponent);
  const float f = (m - 1.0f) / (m + 1.0f);
  const float g = f * f;
  float p = 1.0f / 11;
  p = p * g + 1.0f / 9;
  p = p * g + 1.0f / 7;
  p = p * g + 1.0f / 5;
  p = p * g + 1.0f / 3;
  const float log_m = f * 2.0f + f * g * p * 2.0f;
  return k * kLn2High + (k * kLn2Low + log_m);
}

void softmax_row(float* row, int64_t count, bool log) {
  constexpr int kLanes = 16;
  float greatest = row[0];
  for (int64_t i = 1; i < count; ++i) greatest = row[i] > greatest ? row[i] : greatest;
  float lanes[kLanes] = {};
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    float e[kLanes];
    for (int j = 0; j < kLanes; ++j) {
      row[i + j] -= greatest;
      e[j] = exp_inline(row[i + j]);
    }
    for (int j = 0; j < kLanes; ++j) lanes[j] += e[j];
    if (!log) {
      for (int j = 0; j < kLanes; ++j) row[i + j] = e[j];
    }
  }
  for (int64_t i = whole; i < count; ++i) {
    row[i] -= greatest;
    const float e = exp_inline(row[i]);
    lanes[i - whole] += e;
    if (!log) row[i] = e;
  }
  for (int apart = kLanes / 2; apart > 0; apart /= 2) {
    for (int j = 0; j < apart; ++j) lanes[j] += lanes[j + apart];
  }
  if (log) {
    const float log_sum = log_from_one(lanes[0]);
    for (int64_t i = 0; i < count; ++i) row[i] -= log_sum;
  } else {
    const float sum = lanes[0];
    for (int64_t i = 0; i < count; ++i) row[i] /= sum;
  }
}

void softmax_units(const float* row, int64_t count, bool log, int32_t* v) {
  const float low = log ? -32767.0f : 0.0f, high = log ? 0.0f : 1.0f;
  const double scale = log ? 65536.0 : 16777216.0;
  constexpr double kUp = 4294967296.0;  // truncation after it is the floor
  for (int64_t i = 0; i < count; ++i) {
    const float x = row[i] > low ? (row[i] < high ? row[i] : high) : low;
    const auto shifted = static_cast<int64_t>(double{x} * scale + 0.5 + kUp);
    v[i] = static_cast<int32_t>(shifted - int64_t{1} * 4294967296);
  }
}

}  // namespace weq::kernels
