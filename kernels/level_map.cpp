#include "kernels/level_map.h"

namespace weq::kernels {

LevelMap make_level_map(const int32_t* levels, int32_t count, int32_t offset, bool code_bytes) {
  LevelMap map;
  map.codes = count;
  map.offset = offset;
  map.byte_is_level = !code_bytes;
  for (int32_t k = 0; k < count; ++k) {
    const auto byte = static_cast<uint8_t>(map.byte_is_level ? levels[k] + offset : k);
    map.level[byte] = levels[k];
    map.byte_of_code[k] = byte;
    if (levels[k] == 0) map.zero_byte = byte;
  }
  map.min_level = levels[0];
  map.max_level = levels[count - 1];
  return map;
}

}  // namespace weq::kernels
