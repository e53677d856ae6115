// A physical shape: up to six axes, as the file counts them.
#pragma once

#include <cstdint>

namespace weq {

inline constexpr int kMaxRank = 6;

struct Dims {
  int rank = 0;
  int64_t d[kMaxRank] = {};

  int64_t operator[](int axis) const { return d[axis]; }
  int64_t& operator[](int axis) { return d[axis]; }
  // Product of the axes [first, last); 1 for an empty range. No tensor has 2^31 elements or more.
  int64_t count(int first, int last) const {
    int64_t n = 1;
    for (int i = first; i < last; ++i) n *= d[i];
    return n;
  }
  int64_t count() const { return count(0, rank); }
  bool operator==(const Dims& other) const {
    if (rank != other.rank) return false;
    for (int i = 0; i < rank; ++i)
      if (d[i] != other.d[i]) return false;
    return true;
  }
  bool operator!=(const Dims& other) const { return !(*this == other); }
};

// Positions of the last axis; 1 for a scalar.
inline int64_t row_length(const Dims& s) { return s.rank > 0 ? s[s.rank - 1] : 1; }

// An activation as the operators that slide windows see it: [n, h, w, c]. Rank 2 is [n, 1, 1, c],
// rank 3 [n, 1, w, c]; above rank 4 the leading axes join n.
struct Image {
  int64_t n = 1, h = 1, w = 1, c = 1;
};
inline Image as_image(const Dims& s) {
  Image image;
  if (s.rank > 0) image.c = s[s.rank - 1];
  if (s.rank > 2) image.w = s[s.rank - 2];
  if (s.rank > 3) image.h = s[s.rank - 3];
  image.n = s.rank > 3 ? s.count(0, s.rank - 3) : (s.rank > 1 ? s[0] : 1);
  return image;
}

}  // namespace weq
