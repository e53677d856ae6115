// Seeded noise that is the same on every machine: splitmix64, and normals without libm.
#pragma once

#include <cstdint>

namespace weq::convert {

class Noise {
 public:
  explicit Noise(uint64_t state) : state_(state) {}

  uint64_t next() {
    uint64_t z = state_ += kStep;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // Sum of twelve uniforms of variance 1/12, less their mean: near enough to normal.
  float normal() {
    int64_t sum = 0;
    for (int i = 0; i < 3; ++i) {
      const uint64_t bits = next();
      for (int part = 0; part < 4; ++part) sum += static_cast<int64_t>(bits >> (16 * part) & 65535);
    }
    return static_cast<float>(sum - 6 * 65535) / 65536.0F;
  }
  // Where stream `index` begins: one a record, so that reading order does not matter.
  static Noise stream(uint64_t index) { return Noise(index * kStep); }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15u;
  uint64_t state_;
};

}  // namespace weq::convert
