// Real number -> code by a table over the top 16 bits of a float: most buckets lie inside one code,
// the others compare a few boundaries. Equal to "number of boundaries <= x" for every float.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace weq::convert {

class FastEncoder {
 public:
  explicit FastEncoder(const std::vector<double>& boundaries);

  uint8_t operator()(float x) const {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    const Bucket bucket = buckets_[bits >> 16];
    int code = bucket.low;
    while (code < bucket.high && boundaries_[static_cast<size_t>(code)] <= x) ++code;
    return static_cast<uint8_t>(code);
  }

 private:
  struct Bucket {
    uint8_t low, high;
  };
  std::vector<double> boundaries_;
  std::vector<Bucket> buckets_;
};

}  // namespace weq::convert
