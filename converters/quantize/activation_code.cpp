#include "converters/quantize/activation_code.h"

#include <algorithm>
#include <cmath>

#include "converters/quantize/activation_search.h"
#include "converters/quantize/kmeans.h"

namespace weq::convert {
namespace {

constexpr int kFinest = 2048;  // points of the free search are no wider than range / kFinest

void add_side(const Histogram& histogram, bool negative, double largest, double widest,
              std::vector<std::pair<double, double>>* points) {
  for (int bin = 0; bin < Histogram::kBins; ++bin) {
    const uint64_t count = negative ? histogram.negative(bin) : histogram.positive(bin);
    if (count == 0) continue;
    const double low = std::min(Histogram::edge(bin), largest);
    const double width = std::min(Histogram::edge(bin + 1), largest) - low;
    const int parts = std::max(1, static_cast<int>(std::ceil(width / widest)));
    for (int p = 0; p < parts; ++p) {
      const double x = low + width * (p + 0.5) / parts;
      points->emplace_back(negative ? -x : x, static_cast<double>(count) / parts);
    }
  }
}

}  // namespace

std::vector<double> midway(const std::vector<double>& levels) {
  std::vector<double> out;
  for (size_t k = 0; k + 1 < levels.size(); ++k) {
    out.push_back(levels[k] + (levels[k + 1] - levels[k]) / 2);
  }
  return out;
}

ActivationCode make_log_code(int fsr, int step, int negative_codes, int positive_codes,
                             Criterion criterion) {
  const auto power = [fsr, step](double place) { return std::exp2((fsr + step * place) / 16.0); };
  ActivationCode code;
  code.kind = negative_codes > 0 ? CodeKind::kSignedLog : CodeKind::kLog;
  code.fsr = fsr;
  code.step = step;
  code.negative_codes = negative_codes;
  for (int k = negative_codes; k-- > 0;) {
    code.levels.push_back(-power(k));
    code.boundaries.push_back(-power(k - 0.5));
  }
  code.levels.push_back(0);
  for (int k = 0; k < positive_codes; ++k) {
    code.levels.push_back(power(k));
    code.boundaries.push_back(power(k - 0.5));
  }
  if (criterion != Criterion::kWeightedEntropy) code.boundaries = midway(code.levels);
  return code;
}

ActivationCode search_free(const Histogram& histogram, const DataMoments& data,
                           const ActivationOptions& options) {
  const double range = data.positive().largest() + data.negative().largest();
  std::vector<std::pair<double, double>> points;
  add_side(histogram, false, data.positive().largest(), range / kFinest, &points);
  if (data.has_negative()) {
    add_side(histogram, true, data.negative().largest(), range / kFinest, &points);
  }
  if (histogram.zeros() > 0) points.emplace_back(0.0, static_cast<double>(histogram.zeros()));
  std::sort(points.begin(), points.end());
  WeightList list;
  list.mass = list.first = list.second = {0.0};
  for (const auto& [x, mass] : points) {
    list.value.push_back(x);
    list.mass.push_back(list.mass.back() + mass);
    list.first.push_back(list.first.back() + mass * x);
    list.second.push_back(list.second.back() + mass * x * x);
  }
  ActivationCode code;
  code.kind = CodeKind::kFree;
  code.levels = {0.0};
  if (!points.empty()) {
    code.levels =
        cluster_squared_error(list, size_t{1} << options.bits, true, Search::kExact, {}).centres;
  }
  if (code.levels.size() == 1) code.levels.push_back(1.0);  // nothing but zeros: any second level
  const auto zero = std::find(code.levels.begin(), code.levels.end(), 0.0);
  code.negative_codes = static_cast<int>(zero - code.levels.begin());
  code.boundaries = midway(code.levels);
  return code;
}

double code_error(const Histogram& histogram, const std::vector<double>& levels,
                  const std::vector<double>& boundaries, bool allow_negative) {
  return DataMoments(histogram, allow_negative).relative_error(levels, boundaries);
}

int encode(const ActivationCode& code, double x) {
  return static_cast<int>(std::upper_bound(code.boundaries.begin(), code.boundaries.end(), x) -
                          code.boundaries.begin());
}

}  // namespace weq::convert
