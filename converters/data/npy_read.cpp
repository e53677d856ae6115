#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>

#include "converters/data/npy.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

struct TypeName {
  const char* descr;
  NpyType type;
  int bytes;
};
constexpr TypeName kTypes[] = {
    {"|b1", NpyType::kBool, 1}, {"|u1", NpyType::kU8, 1},  {"|i1", NpyType::kI8, 1},
    {"<u2", NpyType::kU16, 2},  {"<i2", NpyType::kI16, 2}, {"<u4", NpyType::kU32, 4},
    {"<i4", NpyType::kI32, 4},  {"<i8", NpyType::kI64, 8}, {"<f2", NpyType::kF16, 2},
    {"<f4", NpyType::kF32, 4},  {"<f8", NpyType::kF64, 8}};

// What stands after `key` in the header's Python dictionary, without leading spaces.
std::string after_key(const std::string& header, const std::string& key) {
  for (const char quote : {'\'', '"'}) {
    const size_t at = header.find(quote + key + quote);
    if (at == std::string::npos) continue;
    size_t from = header.find(':', at);
    if (from == std::string::npos) return "";
    ++from;
    while (from < header.size() && std::isspace(static_cast<unsigned char>(header[from]))) ++from;
    return header.substr(from);
  }
  return "";
}

float half_to_float(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  float value;
  if (exponent == 0) {
    value = std::ldexp(static_cast<float>(mantissa), -24);
  } else if (exponent == 31) {
    value =
        mantissa ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  } else {
    value = std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
  }
  return (half >> 15) != 0 ? -value : value;
}

template <class Stored, class Out>
void widen(const std::vector<uint8_t>& bytes, std::vector<Out>* out) {
  for (size_t i = 0; i < out->size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    (*out)[i] = static_cast<Out>(value);
  }
}

template <class Out>
std::vector<Out> read_as(const NpyFile& file, int64_t first, int64_t count) {
  const std::vector<uint8_t> bytes = file.read_bytes(first, count);
  std::vector<Out> out(static_cast<size_t>(count));
  switch (file.type()) {
    case NpyType::kBool:
    case NpyType::kU8:
      widen<uint8_t>(bytes, &out);
      break;
    case NpyType::kI8:
      widen<int8_t>(bytes, &out);
      break;
    case NpyType::kU16:
      widen<uint16_t>(bytes, &out);
      break;
    case NpyType::kI16:
      widen<int16_t>(bytes, &out);
      break;
    case NpyType::kU32:
      widen<uint32_t>(bytes, &out);
      break;
    case NpyType::kI32:
      widen<int32_t>(bytes, &out);
      break;
    case NpyType::kI64:
      widen<int64_t>(bytes, &out);
      break;
    case NpyType::kF32:
      widen<float>(bytes, &out);
      break;
    case NpyType::kF64:
      widen<double>(bytes, &out);
      break;
    case NpyType::kF16:
      for (size_t i = 0; i < out.size(); ++i) {
        uint16_t half;
        std::memcpy(&half, bytes.data() + 2 * i, 2);
        out[i] = static_cast<Out>(half_to_float(half));
      }
      break;
  }
  return out;
}

constexpr char kMagic[] = "\x93NUMPY";

}  // namespace

NpyFile::NpyFile(const std::string& path) : file_(path) {
  if (file_.size() == 0) throw FileError(path, "the file is empty; write it with numpy.save");
  uint8_t head[12] = {};
  if (file_.size() < sizeof head) throw FileError(path, "is too short for a .npy file");
  file_.read(0, head, sizeof head);
  if (std::memcmp(head, kMagic, 6) != 0) {
    throw FileError(path, "is not a .npy file; write it with numpy.save");
  }
  const int major = head[6];
  if (major < 1 || major > 3) {
    throw FileError(path, ".npy version " + std::to_string(major) +
                              " is not known (1 to 3 are); write it with numpy.save");
  }
  const uint64_t start = major == 1 ? 10 : 12;
  uint64_t length = head[8] | (static_cast<uint64_t>(head[9]) << 8);
  if (major > 1) {
    length |= (static_cast<uint64_t>(head[10]) << 16) | (static_cast<uint64_t>(head[11]) << 24);
  }
  if (start + length > file_.size() || length > (1u << 20)) {
    throw FileError(path, "ends within its header; the file is truncated, write it again");
  }
  std::string header(length, ' ');
  file_.read(start, &header[0], length);
  data_offset_ = start + length;
  parse_header(header);
  uint64_t need = static_cast<uint64_t>(element_bytes());
  for (const int64_t dim : shape_) {
    if (dim > 0 && need > (uint64_t{1} << 48) / static_cast<uint64_t>(dim)) {
      throw FileError(path, "its shape " + to_string(shape_) + " is absurdly large");
    }
    need *= static_cast<uint64_t>(dim);
  }
  if (data_offset_ + need > file_.size()) {
    throw FileError(path, "holds " + std::to_string(file_.size() - data_offset_) +
                              " bytes of data where its shape " + to_string(shape_) + " needs " +
                              std::to_string(need) + "; the file is truncated, write it again");
  }
}

void NpyFile::parse_header(const std::string& header) {
  const std::string& path = file_.path();
  const std::string order = after_key(header, "fortran_order");
  if (order.compare(0, 4, "True") == 0) {
    throw FileError(path, "is in Fortran order; save numpy.ascontiguousarray(x) instead");
  }
  const std::string descr = after_key(header, "descr");
  const std::string shape = after_key(header, "shape");
  if (order.compare(0, 5, "False") != 0 || descr.size() < 5 || shape.empty() || shape[0] != '(') {
    throw FileError(path, "its header is damaged; write it again with numpy.save");
  }
  const size_t close_quote = descr.find(descr[0], 1);
  std::string name = close_quote == std::string::npos ? "" : descr.substr(1, close_quote - 1);
  bool known = false;
  for (const TypeName& candidate : kTypes) {
    if (name != candidate.descr) continue;
    type_ = candidate.type;
    known = true;
  }
  if (!known) {
    throw FileError(path, "element type '" + name.substr(0, 20) +
                              "' is not supported; save float32, int64 or uint8 in little-endian "
                              "order (x.astype('<f4'))");
  }
  size_t at = 1;
  while (at < shape.size() && shape[at] != ')') {
    const char c = shape[at];
    if (c == ',' || c == ' ' || c == 'L') {
      ++at;
      continue;
    }
    int64_t dim = 0;
    size_t digits = 0;
    while (at < shape.size() && std::isdigit(static_cast<unsigned char>(shape[at])) != 0) {
      if (++digits > 15) break;
      dim = dim * 10 + (shape[at++] - '0');
    }
    if (digits == 0 || digits > 15) throw FileError(path, "its header's shape is damaged");
    shape_.push_back(dim);
  }
  if (at >= shape.size() || shape_.size() > 32) {
    throw FileError(path, "its header's shape is damaged");
  }
}

bool NpyFile::is_float() const {
  return type_ == NpyType::kF16 || type_ == NpyType::kF32 || type_ == NpyType::kF64;
}

int64_t NpyFile::element_bytes() const {
  for (const TypeName& candidate : kTypes) {
    if (candidate.type == type_) return candidate.bytes;
  }
  return 0;
}

std::vector<uint8_t> NpyFile::read_bytes(int64_t first, int64_t count) const {
  const int64_t size = element_bytes();
  std::vector<uint8_t> bytes(static_cast<size_t>(count * size));
  file_.read(data_offset_ + static_cast<uint64_t>(first * size), bytes.data(), bytes.size());
  return bytes;
}

std::vector<float> NpyFile::read_floats(int64_t first, int64_t count) const {
  return read_as<float>(*this, first, count);
}

std::vector<int64_t> NpyFile::read_ints(int64_t first, int64_t count) const {
  return read_as<int64_t>(*this, first, count);
}

Tensor read_npy(const std::string& path, DType dtype) {
  const NpyFile file(path);
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape = file.shape();
  const int64_t count = element_count(tensor.shape);
  if (dtype == DType::kFloat) {
    tensor.f = file.read_floats(0, count);
  } else {
    tensor.i = file.read_ints(0, count);
  }
  return tensor;
}

}  // namespace weq::convert
