#include "converters/data/npy.h"

namespace weq::convert {

void write_npy(const std::string& path, const Tensor& tensor) {
  const char* descr = tensor.dtype == DType::kFloat   ? "<f4"
                      : tensor.dtype == DType::kInt64 ? "<i8"
                                                      : "|b1";
  std::string header = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (";
  for (const int64_t dim : tensor.shape) header += std::to_string(dim) + ", ";
  if (!tensor.shape.empty()) header.pop_back();    // the space
  if (tensor.shape.size() > 1) header.pop_back();  // (3, 4), but (3,)
  header += "), }";
  // NumPy wants the data at a multiple of 64: 10 bytes of preamble, the header, a newline.
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string preamble("\x93NUMPY\x01\x00", 8);
  preamble += static_cast<char>(header.size() & 255);
  preamble += static_cast<char>(header.size() >> 8);

  std::vector<BytePart> parts{{preamble.data(), preamble.size()}, {header.data(), header.size()}};
  std::vector<uint8_t> booleans;
  if (tensor.dtype == DType::kFloat) {
    parts.push_back({tensor.f.data(), tensor.f.size() * sizeof(float)});
  } else if (tensor.dtype == DType::kInt64) {
    parts.push_back({tensor.i.data(), tensor.i.size() * sizeof(int64_t)});
  } else {
    for (const int64_t value : tensor.i) booleans.push_back(value != 0 ? 1 : 0);
    parts.push_back({booleans.data(), booleans.size()});
  }
  write_file(path, parts);
}

}  // namespace weq::convert
