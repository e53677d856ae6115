#include "kernels/conv/codes.h"

namespace weq::kernels {

void unpack_levels(const ConvWeights& weights, int64_t first, int64_t count, int8_t* levels) {
  LevelReader reader(weights, first);
  for (int64_t i = 0; i < count; ++i) levels[i] = reader.next();
}

}  // namespace weq::kernels
