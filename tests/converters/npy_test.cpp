#include "converters/data/npy.h"

#include <sys/resource.h>

#include <cmath>
#include <csignal>

#include "converters/ir/errors.h"
#include "tests/support/expect_error.h"
#include "tests/support/random.h"
#include "tests/support/temp_folder.h"

namespace weq::convert {
namespace {

using test::bytes_of_file;
using test::expect_error;
using test::TempFolder;

// A .npy file spelled out by hand.
std::string npy(int version, const std::string& dictionary, const std::string& data) {
  std::string header = dictionary + "\n";
  std::string out = std::string("\x93NUMPY", 6) + static_cast<char>(version) + '\0';
  out += static_cast<char>(header.size() & 255);
  out += static_cast<char>(header.size() >> 8);
  if (version > 1) out += std::string(2, '\0');
  return out + header + data;
}

std::string dictionary(const std::string& descr, const std::string& shape,
                       const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

TEST(Npy, ReadsEveryVersion) {
  const TempFolder folder;
  for (int version = 1; version <= 3; ++version) {
    const std::string path = folder.write(
        "v.npy", npy(version, dictionary("<f4", "(2, 3)"), bytes_of<float>({1, -2, 3, 4, 5, 6.5})));
    const Tensor tensor = read_npy(path, DType::kFloat);
    EXPECT_EQ(tensor.shape, (Shape{2, 3}));
    EXPECT_EQ(tensor.f, (std::vector<float>{1, -2, 3, 4, 5, 6.5}));
  }
}

TEST(Npy, WidensEveryType) {
  const TempFolder folder;
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"|u1", bytes_of<uint8_t>({7, 0, 200})},         {"<u2", bytes_of<uint16_t>({7, 0, 200})},
      {"<i2", bytes_of<int16_t>({7, 0, 200})},         {"<u4", bytes_of<uint32_t>({7, 0, 200})},
      {"<i4", bytes_of<int32_t>({7, 0, 200})},         {"<i8", bytes_of<int64_t>({7, 0, 200})},
      {"<f4", bytes_of<float>({7, 0, 200})},           {"<f8", bytes_of<double>({7, 0, 200})},
      {"<f2", bytes_of<uint16_t>({0x4700, 0, 0x5A40})}};
  for (const auto& [descr, data] : cases) {
    const std::string path = folder.write("t.npy", npy(1, dictionary(descr, "(3,)"), data));
    EXPECT_EQ(read_npy(path, DType::kFloat).f, (std::vector<float>{7, 0, 200})) << descr;
    EXPECT_EQ(read_npy(path, DType::kInt64).i, (std::vector<int64_t>{7, 0, 200})) << descr;
  }
  const std::string negative =
      folder.write("n.npy", npy(1, dictionary("|i1", "(2,)"), bytes_of<int8_t>({-128, 127})));
  EXPECT_EQ(read_npy(negative, DType::kInt64).i, (std::vector<int64_t>{-128, 127}));
}

TEST(Npy, ReadsHalfPrecisionCorners) {
  const TempFolder folder;
  // Smallest subnormal, largest number, minus one, infinity.
  const std::string path = folder.write(
      "h.npy", npy(1, dictionary("<f2", "(4,)"), bytes_of<uint16_t>({1, 0x7BFF, 0xBC00, 0x7C00})));
  const std::vector<float> values = read_npy(path, DType::kFloat).f;
  EXPECT_EQ(values[0], 5.9604644775390625e-8f);
  EXPECT_EQ(values[1], 65504.0f);
  EXPECT_EQ(values[2], -1.0f);
  EXPECT_TRUE(std::isinf(values[3]));
}

TEST(Npy, ReadsARangeOfElements) {
  const TempFolder folder;
  const std::string path =
      folder.write("r.npy", npy(1, dictionary("<i4", "(5,)"), bytes_of<int32_t>({0, 1, 2, 3, 4})));
  EXPECT_EQ(NpyFile(path).read_ints(2, 2), (std::vector<int64_t>{2, 3}));
}

TEST(Npy, RoundTripsRandomShapes) {
  const TempFolder folder;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Random random(seed);
    Tensor tensor;
    const int rank = static_cast<int>(random.in(0, 4));
    for (int axis = 0; axis < rank; ++axis) tensor.shape.push_back(random.in(1, 6));
    tensor.dtype = random.in(0, 1) == 0 ? DType::kFloat : DType::kInt64;
    for (int64_t i = 0; i < element_count(tensor.shape); ++i) {
      const int64_t value = random.in(-1000000, 1000000);
      if (tensor.dtype == DType::kFloat) {
        tensor.f.push_back(static_cast<float>(value) / 7);
      } else {
        tensor.i.push_back(value);
      }
    }
    write_npy(folder.file("x.npy"), tensor);
    EXPECT_EQ(bytes_of_file(folder.file("x.npy")).find('\n') % 64, 63u) << "data is not aligned";
    const Tensor back = read_npy(folder.file("x.npy"), tensor.dtype);
    EXPECT_EQ(back.shape, tensor.shape);
    EXPECT_EQ(back.f, tensor.f);
    EXPECT_EQ(back.i, tensor.i);
  }
}

TEST(Npy, WritesTheHeaderOfNumPy) {
  const TempFolder folder;
  Tensor tensor;
  tensor.shape = {3};
  tensor.f = {1, 2, 3};
  write_npy(folder.file("x.npy"), tensor);
  EXPECT_EQ(bytes_of_file(folder.file("x.npy")).substr(10, 57),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }");
}

TEST(Npy, RefusesWithReason) {
  const TempFolder folder;
  const std::string data = bytes_of<float>({1, 2, 3, 4});
  const auto refuse = [&](const std::string& bytes, const char* reason) {
    const std::string path = folder.write("bad.npy", bytes);
    expect_error<FileError>([&] { read_npy(path, DType::kFloat); }, {path.c_str(), reason});
  };
  refuse("", "empty");
  refuse("\x93NUM", "too short");
  refuse("this is a text file, no array", "not a .npy file");
  refuse(npy(4, dictionary("<f4", "(4,)"), data), "version 4");
  refuse(npy(1, dictionary("<f4", "(4,)"), data).substr(0, 30), "within its header");
  refuse(npy(1, dictionary("<f4", "(2, 2)", "True"), data), "Fortran order");
  refuse(npy(1, dictionary(">f4", "(4,)"), data), "'>f4'");
  refuse(npy(1, dictionary("<c8", "(2,)"), data), "'<c8'");
  refuse(npy(1, dictionary("<f4", "(5,)"), data), "truncated");
  refuse(npy(1, dictionary("<f4", "(99999999999, 99999999999)"), data), "absurdly large");
  refuse(npy(1, dictionary("<f4", "(-4,)"), data), "damaged");
  refuse(npy(1, "{'descr': '<f4', 'shape': (4,), }", data), "damaged");
  refuse(npy(1, "nonsense", data), "damaged");
  expect_error<FileError>([&] { NpyFile(folder.file("absent.npy")); }, {"cannot be opened"});
  expect_error<FileError>([&] { NpyFile(folder.path()); }, {"not a regular file"});
}

TEST(Npy, TruncatedAtEveryByteIsAnError) {
  const TempFolder folder;
  const std::string whole = npy(1, dictionary("<f4", "(2,)"), bytes_of<float>({1, 2}));
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string path = folder.write("cut.npy", whole.substr(0, size));
    EXPECT_THROW(read_npy(path, DType::kFloat), FileError) << size;
  }
}

TEST(Npy, WritingNeedsAFolder) {
  Tensor tensor;
  tensor.shape = {1};
  tensor.f = {1};
  const TempFolder folder;
  expect_error<FileError>([&] { write_npy(folder.file("no/x.npy"), tensor); },
                          {"cannot be written"});
}

// A limit on file size stands for a full disk: the same path, and no half file stays.
TEST(Npy, AFullDiskIsOutOfResources) {
  const TempFolder folder;
  Tensor tensor;
  tensor.shape = {10000};
  tensor.f.resize(10000);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error<ResourceError>([&] { write_npy(folder.file("big.npy"), tensor); },
                              {"big.npy", "cannot be written"});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace weq::convert
