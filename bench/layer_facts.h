// What a .weq file says of its layers beyond ModelInfo: ranges of the integer levels.
#pragma once

#include <map>
#include <string>

namespace weq::bench {

struct LevelRanges {
  int weight_min = 0, weight_max = 0;
  int input_min = 0, input_max = 0;
};

// Convolutions by name. `path` was verified by Model::from_file before.
std::map<std::string, LevelRanges> level_ranges(const std::string& path);

}  // namespace weq::bench
