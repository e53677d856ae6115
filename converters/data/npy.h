// NumPy's .npy files: versions 1 to 3, C order, little-endian.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converters/data/file_bytes.h"
#include "converters/ir/graph.h"

namespace weq::convert {

enum class NpyType { kBool, kU8, kI8, kU16, kI16, kU32, kI32, kI64, kF16, kF32, kF64 };

// An open array: header checked against the file's size, elements read by range. Thread-safe.
class NpyFile {
 public:
  // Throws FileError: not an array, truncated, Fortran order, big-endian, an unknown type.
  explicit NpyFile(const std::string& path);
  NpyType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  bool is_float() const;
  const std::string& path() const { return file_.path(); }
  // Elements first .. first+count-1 in C order, widened; floats to int64 truncate towards zero.
  std::vector<float> read_floats(int64_t first, int64_t count) const;
  std::vector<int64_t> read_ints(int64_t first, int64_t count) const;
  // As stored. Element size: element_bytes().
  std::vector<uint8_t> read_bytes(int64_t first, int64_t count) const;
  int64_t element_bytes() const;

 private:
  void parse_header(const std::string& header);
  RangeFile file_;
  NpyType type_ = NpyType::kF32;
  Shape shape_;
  uint64_t data_offset_ = 0;
};

// The whole array, widened to `dtype`.
Tensor read_npy(const std::string& path, DType dtype);

// Written whole or not at all: kFloat as <f4, kInt64 as <i8, kBool as |b1.
void write_npy(const std::string& path, const Tensor& tensor);

}  // namespace weq::convert
