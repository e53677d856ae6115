#include "converters/quantize/histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace weq::convert {
namespace {

constexpr int kGuessBits = 8;  // leading mantissa bits that give a bin or the one before it

// Where the bins of one octave begin, as mantissas, and a first guess for each leading pattern.
struct OctaveTable {
  std::array<uint32_t, Histogram::kBinsPerOctave + 1> begin;
  std::array<uint8_t, 1 << kGuessBits> guess;

  OctaveTable() {
    for (int k = 0; k < Histogram::kBinsPerOctave; ++k) {
      const double mantissa = std::exp2(static_cast<double>(k) / Histogram::kBinsPerOctave) - 1.0;
      begin[static_cast<size_t>(k)] = static_cast<uint32_t>(std::ceil(std::ldexp(mantissa, 23)));
    }
    begin[Histogram::kBinsPerOctave] = 1u << 23;
    size_t k = 0;
    for (uint32_t p = 0; p < guess.size(); ++p) {
      const uint32_t mantissa = p << (23 - kGuessBits);
      while (begin[k + 1] <= mantissa) ++k;
      guess[p] = static_cast<uint8_t>(k);
    }
  }
};

int bin_of_bits(uint32_t bits) {
  static const OctaveTable table;
  const int octave = static_cast<int>(bits >> 23) - 127;  // bits without sign
  if (octave < Histogram::kMinOctave) return 0;
  if (octave >= Histogram::kMaxOctave) return Histogram::kBins - 1;
  const uint32_t mantissa = bits & 0x7fffffu;
  size_t k = table.guess[mantissa >> (23 - kGuessBits)];
  if (mantissa >= table.begin[k + 1]) ++k;  // bins are wider than a pattern: one step at most
  return (octave - Histogram::kMinOctave) * Histogram::kBinsPerOctave + static_cast<int>(k);
}

}  // namespace

Histogram::Histogram() : positive_(kBins), negative_(kBins) {}

void Histogram::add(const float* values, size_t count) {
  bool any = this->count() > 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &values[i], sizeof bits);
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude >= 0x7f800000u) {
      ++not_finite_;
      continue;
    }
    const double x = static_cast<double>(values[i]);
    if (magnitude == 0) {
      ++zeros_;
    } else if (bits == magnitude) {
      ++positives_;
      ++positive_[static_cast<size_t>(bin_of_bits(magnitude))];
    } else {
      ++negatives_;
      ++negative_[static_cast<size_t>(bin_of_bits(magnitude))];
    }
    min_ = any ? std::min(min_, x) : x;
    max_ = any ? std::max(max_, x) : x;
    any = true;
    sum_ += x;
    sum_of_squares_ += x * x;
  }
}

void Histogram::merge(const Histogram& other) {
  if (other.count() > 0) {
    min_ = count() > 0 ? std::min(min_, other.min_) : other.min_;
    max_ = count() > 0 ? std::max(max_, other.max_) : other.max_;
  }
  for (size_t i = 0; i < positive_.size(); ++i) {
    positive_[i] += other.positive_[i];
    negative_[i] += other.negative_[i];
  }
  positives_ += other.positives_;
  negatives_ += other.negatives_;
  zeros_ += other.zeros_;
  not_finite_ += other.not_finite_;
  sum_ += other.sum_;
  sum_of_squares_ += other.sum_of_squares_;
}

double Histogram::edge(int bin) {
  return std::exp2(kMinOctave + static_cast<double>(bin) / kBinsPerOctave);
}

int Histogram::bin_of(float magnitude) {
  uint32_t bits;
  std::memcpy(&bits, &magnitude, sizeof bits);
  return bin_of_bits(bits & 0x7fffffffu);
}

}  // namespace weq::convert
