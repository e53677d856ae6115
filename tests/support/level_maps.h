// Level maps of every kind a file can hold, built from their definition in kernels/contract.h.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "kernels/contract.h"
#include "tests/support/random.h"

namespace weq::test {

// `levels` ascending; level bytes need levels + offset in 0..255.
inline kernels::LevelMap make_level_map(const std::vector<int32_t>& levels, bool byte_is_level,
                                        int32_t offset) {
  kernels::LevelMap map;
  map.codes = static_cast<int32_t>(levels.size());
  map.byte_is_level = byte_is_level;
  map.offset = byte_is_level ? offset : 0;
  map.min_level = levels.front();
  map.max_level = levels.back();
  for (size_t k = 0; k < levels.size(); ++k) {
    const int32_t byte = byte_is_level ? levels[k] + offset : static_cast<int32_t>(k);
    map.byte_of_code[k] = static_cast<uint8_t>(byte);
    map.level[byte] = levels[k];
    if (levels[k] == 0) map.zero_byte = byte;
  }
  return map;
}

inline std::vector<int32_t> random_levels(Random& random, int32_t codes, int32_t low,
                                          int32_t high) {
  std::set<int32_t> levels;
  if (low <= 0 && high >= 0) levels.insert(0);
  while (static_cast<int32_t>(levels.size()) < codes) levels.insert(random.int32(low, high));
  return {levels.begin(), levels.end()};
}

// Unsigned, signed with an offset, linear with a zero point, full bytes, powers of two, code bytes.
inline kernels::LevelMap random_level_map(Random& random) {
  const int32_t kind = random.int32(0, 6);
  const int32_t codes = random.of<int32_t>({2, 3, 4, 8, 15, 16});
  if (kind == 0) return make_level_map(random_levels(random, codes, 0, 63), true, 0);
  if (kind == 1) return make_level_map(random_levels(random, codes, 0, 255), true, 0);
  if (kind == 2) return make_level_map(random_levels(random, codes, -128, 127), true, 128);
  if (kind == 3) return make_level_map(random_levels(random, codes, -9, 20), true, 9);
  if (kind == 4) {
    std::vector<int32_t> levels(256);
    const int32_t zero = random.int32(0, 255);
    for (int32_t k = 0; k < 256; ++k) levels[size_t(k)] = k - zero;
    return make_level_map(levels, true, zero);
  }
  if (kind == 5) {  // powers of two as bytes
    return make_level_map({0, 1, 2, 4, 8, 16, 32, 64}, true, 0);
  }
  std::vector<int32_t> levels = {0};  // code bytes: mantissas 1, 1.5 times powers of two
  for (int32_t e = 0; e < 8; ++e) {
    levels.push_back(2 << e);
    levels.push_back(3 << e);
  }
  return make_level_map(levels, false, 0);
}

}  // namespace weq::test
