// Random numbers of the tests: one generator, seeded and printed by the test that uses it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace weq::test {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // low <= result <= high
  int64_t in(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % (uint64_t(high - low) + 1));
  }
  int32_t int32(int64_t low, int64_t high) { return static_cast<int32_t>(in(low, high)); }
  bool chance(double p) { return double(engine_() >> 11) * 0x1p-53 < p; }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[size_t(in(0, int64_t(values.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace weq::test
