// Cuts a sorted list into segments of largest total gain, by dynamic programming. The gain must
// satisfy the quadrangle inequality gain(a,c) + gain(b,d) >= gain(a,d) + gain(b,c) for a <= b <= c
// <= d; the best predecessor is then monotone and a layer costs O(n log n) by divide and conquer
// (quantization.md, section 1, has the proof for the weighted entropy).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace weq::convert {

inline constexpr double kNoGain = -std::numeric_limits<double>::infinity();

// One step of the programme: next[j] = max over i < j of previous[i] + gain(i, j), for all
// j in [first, n]; from[j] is the smallest i that reaches it.
template <class Gain>
class PartitionLayer {
 public:
  PartitionLayer(const Gain& gain, const std::vector<double>& previous, std::vector<double>* next,
                 std::vector<int32_t>* from)
      : gain_(gain), previous_(previous), next_(*next), from_(*from) {}

  // Rows [low, high), predecessors in [from_low, from_high].
  void solve(size_t low, size_t high, size_t from_low, size_t from_high) {
    while (low < high) {
      const size_t j = low + (high - low) / 2;
      double best = kNoGain;
      size_t best_i = from_low;
      for (size_t i = from_low, end = j < from_high + 1 ? j : from_high + 1; i < end; ++i) {
        const double value = previous_[i] + gain_(i, j);
        if (value > best) {
          best = value;
          best_i = i;
        }
      }
      next_[j] = best;
      from_[j] = static_cast<int32_t>(best_i);
      solve(low, j, from_low, best_i);
      low = j + 1;
      from_low = best_i;
    }
  }

 private:
  const Gain& gain_;
  const std::vector<double>& previous_;
  std::vector<double>& next_;
  std::vector<int32_t>& from_;
};

template <class Gain>
void advance_partition(const Gain& gain, size_t n, size_t first,
                       const std::vector<double>& previous, std::vector<double>* next,
                       std::vector<int32_t>* from) {
  next->assign(n + 1, kNoGain);
  from->assign(n + 1, 0);
  PartitionLayer<Gain>(gain, previous, next, from).solve(first, n + 1, first - 1, n);
}

// The cuts 0 = c_0 < c_1 < ... < c_segments = n of largest total gain; 1 <= segments <= n. With
// `free_head` a segment [0, c_1) without gain, not empty, stands before them and counts among
// the `segments`.
template <class Gain>
std::vector<size_t> best_partition(const Gain& gain, size_t n, size_t segments, bool free_head) {
  std::vector<double> best(n + 1, kNoGain), next;
  std::vector<std::vector<int32_t>> from(segments);
  best[0] = 0;
  for (size_t k = 0; k < segments; ++k) {
    if (k == 0 && free_head) {
      next.assign(n + 1, 0.0);
      next[0] = kNoGain;
      from[k].assign(n + 1, 0);
    } else if (k == 0) {
      next.assign(n + 1, kNoGain);
      for (size_t j = 1; j <= n; ++j) next[j] = gain(0, j);
      from[k].assign(n + 1, 0);
    } else {
      advance_partition(gain, n, k + 1, best, &next, &from[k]);
    }
    best.swap(next);
  }
  std::vector<size_t> cuts(segments + 1);
  cuts[segments] = n;
  for (size_t k = segments; k-- > 0;) {
    cuts[k] = static_cast<size_t>(from[k][cuts[k + 1]]);
  }
  return cuts;
}

}  // namespace weq::convert
