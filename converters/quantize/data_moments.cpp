#include "converters/quantize/data_moments.h"

#include <algorithm>
#include <cmath>

namespace weq::convert {
namespace {

struct Span {
  double low, high;
};

Span span_of(int bin, double largest) {
  const double low = Histogram::edge(bin);
  return {std::min(low, largest), std::min(Histogram::edge(bin + 1), largest)};
}

// Moments of `count` values evenly spread over `span`, those below x.
Moments part(double count, const Span& span, double x) {
  if (x >= span.high || span.high <= span.low) x = span.high;
  const double a = span.low, width = span.high - a;
  if (width <= 0) return {count, count * a, count * a * a};
  const double share = count * (x - a) / width;
  return {share, share * (a + x) / 2, share * (a * a + a * x + x * x) / 3};
}

}  // namespace

double Moments::error(double level) const {
  return std::max(0.0, squares - 2 * level * sum + level * level * count);
}

SideMoments::SideMoments(const Histogram& histogram, bool negative) {
  largest_ = std::max(0.0, negative ? -histogram.min() : histogram.max());
  prefix_.resize(Histogram::kBins + 1);
  for (int bin = 0; bin < Histogram::kBins; ++bin) {
    const uint64_t count = negative ? histogram.negative(bin) : histogram.positive(bin);
    const size_t i = static_cast<size_t>(bin);
    prefix_[i + 1] = prefix_[i];
    if (count > 0) {
      const Span span = span_of(bin, largest_);
      prefix_[i + 1] = prefix_[i] + part(static_cast<double>(count), span, span.high);
    }
  }
}

Moments SideMoments::below(double magnitude) const {
  if (!(magnitude > Histogram::edge(0))) return {};
  if (magnitude > largest_) return all();
  const size_t bin = static_cast<size_t>(Histogram::bin_of(static_cast<float>(magnitude)));
  const Moments here = prefix_[bin + 1] - prefix_[bin];
  if (here.count <= 0) return prefix_[bin];
  const Span span = span_of(static_cast<int>(bin), largest_);
  return prefix_[bin] + part(here.count, span, std::max(magnitude, span.low));
}

DataMoments::DataMoments(const Histogram& histogram, bool allow_negative)
    : positive_(histogram, false),
      negative_(allow_negative ? histogram : Histogram(), true),
      zeros_(static_cast<double>(histogram.zeros())) {
  const Moments mirrored = {negative_.all().count, -negative_.all().sum, negative_.all().squares};
  all_ = mirrored + positive_.all() + Moments{zeros_, 0, 0};
}

Moments DataMoments::below(double x) const {
  const Moments& side = negative_.all();
  if (x <= 0) {
    const Moments farther = side - negative_.below(-x);
    return {farther.count, -farther.sum, farther.squares};
  }
  return Moments{side.count + zeros_, -side.sum, side.squares} + positive_.below(x);
}

double DataMoments::relative_error(const std::vector<double>& levels,
                                   const std::vector<double>& boundaries) const {
  if (all_.squares <= 0) return 0;
  double error = 0;
  Moments before;
  for (size_t k = 0; k < levels.size(); ++k) {
    const Moments after = k < boundaries.size() ? below(boundaries[k]) : all_;
    error += (after - before).error(levels[k]);
    before = after;
  }
  return error / all_.squares;
}

}  // namespace weq::convert
