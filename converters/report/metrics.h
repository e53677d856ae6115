// What is measured on outputs. All sums in double, in the order of the calls.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weq::convert {

// Index of the largest of `count` values; the first of equals.
size_t arg_max(const float* values, size_t count);

// How many values stand before `index` when sorted descending, equals by position.
size_t rank_of(const float* values, size_t count, size_t index);

// 10 log10(sum f^2 / sum (f-q)^2), within -200 .. 200; 200 where nothing differs.
class SignalToNoise {
 public:
  void add(const float* reference, const float* other, size_t count);
  void merge(const SignalToNoise& later);
  double db() const;

 private:
  double signal_ = 0, noise_ = 0;
};

}  // namespace weq::convert
