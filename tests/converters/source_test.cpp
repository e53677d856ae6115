#include "converters/data/source.h"

#include "converters/data/npy.h"
#include "converters/data/preprocess.h"
#include "converters/ir/errors.h"
#include "tests/support/expect_error.h"
#include "tests/support/random.h"
#include "tests/support/temp_folder.h"

namespace weq::convert {
namespace {

using test::bytes_of_file;
using test::expect_error;
using test::TempFolder;

const std::string kImages = WEQ_SOURCE_DIR "/tests/fixtures/images/";
const Shape kPicture = {1, 3, 21, 34};  // what the fixtures are

SourceOptions at(const std::string& path, int64_t limit = 0, const std::string& labels = "") {
  SourceOptions options;
  options.path = path;
  options.limit = limit;
  options.labels = labels;
  return options;
}

// A .npy of any type from raw bytes.
std::string npy(const std::string& descr, const std::string& shape, const std::string& data) {
  const std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string out = std::string("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size());
  out += '\0';
  return out + header + data;
}

// CIFAR-10 records: label i, every byte of colour c of record i is 10 * i + c.
std::string cifar(int records) {
  std::string bytes;
  for (int i = 0; i < records; ++i) {
    bytes += static_cast<char>(i);
    for (int c = 0; c < 3; ++c) bytes += std::string(1024, static_cast<char>(10 * i + c));
  }
  return bytes;
}

TEST(Source, FolderSortsByNameWithoutLabels) {
  const TempFolder folder;
  folder.write("b.png", bytes_of_file(kImages + "rgb.png"));
  folder.write("a.PNG", bytes_of_file(kImages + "grey.png"));
  folder.write("notes.txt", "no image");
  const auto source = open_source(at(folder.path()), Preprocess(), kPicture);
  ASSERT_EQ(source->size(), 2);
  EXPECT_FALSE(source->has_labels());
  EXPECT_TRUE(source->holds_images());
  EXPECT_EQ(source->label(0), -1);
  EXPECT_EQ(source->read(0).image, read_image(kImages + "grey.png").pixels);
  EXPECT_EQ(source->read(1).image, read_image(kImages + "rgb.png").pixels);
}

TEST(Source, LabelsCsvGivesLabelsAndOrder) {
  const TempFolder folder;
  folder.write("a.png", bytes_of_file(kImages + "rgb.png"));
  folder.write("b.png", bytes_of_file(kImages + "grey.png"));
  folder.write("unlisted.png", bytes_of_file(kImages + "grey.png"));
  folder.write("labels.csv", "file,label\r\nb.png,7\r\n\r\na.png, 2\r\n");
  const auto source = open_source(at(folder.path() + "/"), Preprocess(), kPicture);
  ASSERT_EQ(source->size(), 2);
  EXPECT_TRUE(source->has_labels());
  EXPECT_EQ(source->label(0), 7);
  EXPECT_EQ(source->label(1), 2);
  EXPECT_EQ(source->read(1).image, read_image(kImages + "rgb.png").pixels);
}

TEST(Source, LimitTakesEvenlySpreadRecords) {
  const TempFolder folder;
  const std::string path = folder.write("t.bin", cifar(10));
  const auto source = open_source(at(path, 4), Preprocess(), {1, 3, 32, 32});
  ASSERT_EQ(source->size(), 4);
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(source->label(i), i * 10 / 4);
  EXPECT_EQ(open_source(at(path, 99), Preprocess(), {1, 3, 32, 32})->size(), 10);
}

TEST(Source, CifarIsPlanarOnDiskAndInterleavedInMemory) {
  const TempFolder folder;
  const std::string path = folder.write("t.bin", cifar(3));
  Preprocess preprocess;
  preprocess.scale = 0.5f;
  preprocess.mean = {1, 2, 3};
  preprocess.std = {2, 4, 8};
  const auto source = open_source(at(path), preprocess, {1, 3, 32, 32});
  const Record record = source->read(2);
  EXPECT_EQ(record.image[0], 20);
  EXPECT_EQ(record.image[1], 21);
  EXPECT_EQ(record.image[5], 22);
  EXPECT_EQ(record.input.shape, (Shape{1, 3, 32, 32}));
  EXPECT_EQ(record.input.f[0], (20 * 0.5f - 1) / 2);
  EXPECT_EQ(record.input.f[1024], (21 * 0.5f - 2) / 4);
  EXPECT_EQ(record.input.f[3071], (22 * 0.5f - 3) / 8);
}

TEST(Source, BgrMeansAndBytesAreInTheNetworksOrder) {
  Preprocess preprocess;
  preprocess.bgr = true;
  preprocess.mean = {100, 50, 0};
  const auto source = open_source(at(kImages + "rgb.png"), preprocess, kPicture);
  const std::vector<uint8_t> rgb = read_image(kImages + "rgb.png").pixels;
  const Record record = source->read(0);
  for (size_t i = 0; i < 21 * 34; ++i) {
    EXPECT_EQ(record.image[3 * i], rgb[3 * i + 2]);
    EXPECT_EQ(record.image[3 * i + 1], rgb[3 * i + 1]);
    EXPECT_EQ(record.input.f[i], static_cast<float>(rgb[3 * i + 2]) - 100);
    EXPECT_EQ(record.input.f[2 * 21 * 34 + i], static_cast<float>(rgb[3 * i]));
  }
}

TEST(Source, MonoIsLuminance) {
  Preprocess preprocess;
  preprocess.mono = true;
  const auto source = open_source(at(kImages + "rgb.png"), preprocess, {1, 1, 21, 34});
  const std::vector<uint8_t> rgb = read_image(kImages + "rgb.png").pixels;
  const Record record = source->read(0);
  ASSERT_EQ(record.image.size(), 21u * 34);
  for (size_t i = 0; i < record.image.size(); ++i) {
    const double luminance = 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
    EXPECT_NEAR(record.image[i], luminance, 0.51);
  }
}

TEST(Source, NetworksWithChannelsLast) {
  const auto source = open_source(at(kImages + "rgb.png"), Preprocess(), {1, 21, 34, 3});
  const Record record = source->read(0);
  for (size_t i = 0; i < record.image.size(); ++i) {
    EXPECT_EQ(record.input.f[i], static_cast<float>(record.image[i]));
  }
}

TEST(Source, ResizeToWinsOverShorterAndCropFollows) {
  Preprocess preprocess;
  preprocess.resize_to = {8, 13};
  preprocess.resize_shorter = 100;
  preprocess.crop = 8;
  const auto source = open_source(at(kImages + "rgb.png"), preprocess, {1, 3, 8, 8});
  const std::vector<uint8_t> expected =
      NpyFile(kImages + "resized_8x13.npy").read_bytes(0, 8 * 13 * 3);
  const Record record = source->read(0);
  for (size_t y = 0; y < 8; ++y) {
    for (size_t i = 0; i < 24; ++i) {
      EXPECT_EQ(record.image[y * 24 + i], expected[(y * 13 + 2) * 3 + i]);
    }
  }
}

TEST(Source, FloatArraysAreFedAsTheyAre) {
  const TempFolder folder;
  Tensor array;
  array.shape = {2, 4, 5};
  for (int i = 0; i < 40; ++i) array.f.push_back(static_cast<float>(i) / 3);
  write_npy(folder.file("x.npy"), array);
  Preprocess preprocess;
  preprocess.mean = {100};
  const auto source = open_source(at(folder.file("x.npy")), preprocess, {1, 1, 4, 5});
  ASSERT_EQ(source->size(), 2);
  EXPECT_FALSE(source->holds_images());
  const Record record = source->read(1);
  EXPECT_TRUE(record.image.empty());
  EXPECT_EQ(record.input.shape, (Shape{1, 1, 4, 5}));
  EXPECT_EQ(record.input.f, std::vector<float>(array.f.begin() + 20, array.f.end()));
  expect_error<FileError>(
      [&] {
        open_source(at(folder.file("x.npy")), {}, {1, 2, 4, 5});
      },
      {"x.npy", "[4", "[2", "reshape"});
}

TEST(Source, ByteArraysAreImages) {
  const TempFolder folder;
  const std::string rgba = folder.write("c.npy", npy("|u1", "(1, 1, 2, 4)", "abcXdefX"));
  EXPECT_EQ(open_source(at(rgba), {}, {1, 3, 1, 2})->read(0).image,
            (std::vector<uint8_t>{'a', 'b', 'c', 'd', 'e', 'f'}));
  const std::string grey = folder.write("g.npy", npy("|u1", "(2, 1, 2)", "abcd"));
  EXPECT_EQ(open_source(at(grey), {}, {1, 1, 1, 2})->read(1).image,
            (std::vector<uint8_t>{'c', 'd'}));
  const std::string rows = folder.write("r.npy", npy("|u1", "(2, 2)", "abcd"));
  expect_error<FileError>([&] { open_source(at(rows), {}, {1, 2}); }, {"r.npy", "float32"});
}

TEST(Source, LabelsFromAnArray) {
  const TempFolder folder;
  const std::string path = folder.write("t.bin", cifar(3));
  Tensor labels;
  labels.dtype = DType::kInt64;
  labels.shape = {3};
  labels.i = {5, 6, 4};
  write_npy(folder.file("y.npy"), labels);
  const Shape shape = {1, 3, 32, 32};
  const auto source = open_source(at(path, 2, folder.file("y.npy")), {}, shape);
  EXPECT_EQ(source->label(0), 5);
  EXPECT_EQ(source->label(1), 6);
  labels.shape = {2};
  labels.i = {0, 1};
  write_npy(folder.file("two.npy"), labels);
  expect_error<FileError>([&] { open_source(at(path, 0, folder.file("two.npy")), {}, shape); },
                          {"two.npy", "2 labels", "3 records"});
  labels.i = {0, -1};
  write_npy(folder.file("negative.npy"), labels);
  expect_error<FileError>([&] { open_source(at(path, 0, folder.file("negative.npy")), {}, shape); },
                          {"negative.npy", "-1"});
  const std::string floats = folder.write("f.npy", npy("<f4", "(1,)", std::string(4, '\0')));
  expect_error<FileError>([&] { open_source(at(path, 0, floats), {}, shape); }, {"integers"});
}

TEST(Source, RandomIsSeededAndOfTheRightKind) {
  Preprocess normalized;
  normalized.mean = {128};
  const auto images = open_source(at("random", 3), normalized, {1, 3, 8, 8});
  EXPECT_EQ(images->size(), 3);
  EXPECT_TRUE(images->holds_images());
  EXPECT_EQ(images->read(1).image, images->read(1).image);
  EXPECT_NE(images->read(1).image, images->read(2).image);
  const auto tensors = open_source(at("random"), {}, {1, 4000});
  EXPECT_FALSE(tensors->holds_images());
  double sum = 0, squares = 0;
  for (const float value : tensors->read(0).input.f) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 4000, 0, 0.1);
  EXPECT_NEAR(squares / 4000, 1, 0.1);
}

TEST(Source, DigestFollowsWhatIsUsed) {
  const TempFolder folder;
  std::string bytes = cifar(4);
  const std::string path = folder.write("t.bin", bytes);
  const Shape shape = {1, 3, 32, 32};
  const uint64_t half = open_source(at(path, 2), {}, shape)->digest();
  const uint64_t whole = open_source(at(path), {}, shape)->digest();
  EXPECT_NE(half, whole);
  bytes[3073 + 9] ^= 1;  // in record 1, which a limit of 2 leaves out
  folder.write("t.bin", bytes);
  EXPECT_EQ(open_source(at(path, 2), {}, shape)->digest(), half);
  EXPECT_NE(open_source(at(path), {}, shape)->digest(), whole);
}

TEST(Source, BadDataSaysWhatIsWrong) {
  const TempFolder folder;
  const auto refuse = [&](const std::string& path, const Shape& shape,
                          std::initializer_list<const char*> parts) {
    expect_error<FileError>(
        [&] {
          const auto source = open_source(at(path), {}, shape);
          source->read(0);
        },
        parts);
  };
  refuse(folder.file("absent"), kPicture, {"absent", "No such file"});
  refuse("", kPicture, {"cannot be opened"});
  refuse(folder.path(), kPicture, {"no .jpg"});
  refuse(folder.write("x.dat", "1"), kPicture, {"x.dat", "no known kind"});
  refuse(folder.write("x.txt", "words"), kPicture, {"x.txt", "language model"});
  refuse(folder.write("x.bin", "12345"), {1, 3, 32, 32}, {"x.bin", "5 bytes", "3,073"});
  refuse(folder.write("empty.bin", ""), {1, 3, 32, 32}, {"empty.bin", "0 bytes"});
  refuse(folder.write("n.npy", npy("<f4", "(0, 4)", "")), {1, 4}, {"n.npy", "no records"});
  refuse(kImages + "rgb.png", {1, 3, 20, 34},
         {"rgb.png", "21x34x3 after preprocessing", "20x34x3", "resize_shorter"});
  refuse(kImages + "rgb.png", {1, 1, 21, 34}, {"21x34x3", "21x34x1", "channel_order"});
  expect_error<ConvertError>(
      [&] {
        open_source(at(kImages + "rgb.png"), {}, {1, 10});
      },
      {"not an image", "float32 .npy"});
  Preprocess two;
  two.mean = {1, 2};
  expect_error<ConvertError>([&] { open_source(at(kImages + "rgb.png"), two, kPicture); },
                             {"2 values of `mean`", "3 channels"});
}

TEST(Source, BadLabelsCsvSaysWhichLine) {
  const TempFolder folder;
  folder.write("a.png", bytes_of_file(kImages + "rgb.png"));
  const auto refuse = [&](const std::string& csv, std::initializer_list<const char*> parts) {
    folder.write("labels.csv", csv);
    expect_error<FileError>([&] { open_source(at(folder.path()), {}, kPicture); }, parts);
  };
  refuse("", {"labels.csv", "empty"});
  refuse("file,label\n", {"labels.csv", "names no file"});
  refuse("file,label\na.png,1\na.png,cat\n", {"labels.csv", "line 3"});
  refuse("a.png,1\nb.png,2\n", {"labels.csv", "b.png"});
}

TEST(Preprocess, ReadsTheFormOnDisk) {
  const TempFolder folder;
  const std::string path = folder.write("p.json", R"({"classes": 10, "preprocess":
    {"resize_shorter": 256, "crop": 224, "resize_to": null, "channel_order": "BGR",
     "scale": 0.5, "mean": [1, 2, 3], "std": 2, "features": "unknown key"}})");
  const Preprocess p = read_preprocess(path);
  EXPECT_EQ(p.resize_shorter, 256);
  EXPECT_EQ(p.crop, 224);
  EXPECT_TRUE(p.resize_to.empty());
  EXPECT_TRUE(p.bgr);
  EXPECT_FALSE(p.mono);
  EXPECT_EQ(p.scale, 0.5f);
  EXPECT_EQ(p.mean, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(p.std, (std::vector<float>{2}));
  const Preprocess bare = read_preprocess(folder.write("b.json", R"({"resize_to": [8, 9]})"));
  EXPECT_EQ(bare.resize_to, (std::vector<int>{8, 9}));
  EXPECT_EQ(bare.scale, 1.0f);
}

TEST(Preprocess, WrongTypesAreErrors) {
  const TempFolder folder;
  const auto refuse = [&](const std::string& json, const char* part) {
    const std::string path = folder.write("p.json", json);
    expect_error<FileError>([&] { read_preprocess(path); }, {path.c_str(), part});
  };
  refuse("{", "not valid JSON");
  refuse("[1]", "no object `preprocess`");
  refuse(R"({"preprocess": 3})", "no object `preprocess`");
  refuse(R"({"crop": "224"})", "`crop`");
  refuse(R"({"crop": -1})", "`crop`");
  refuse(R"({"resize_to": [8]})", "`resize_to`");
  refuse(R"({"scale": "x"})", "`scale`");
  refuse(R"({"scale": 0})", "`scale`");
  refuse(R"({"mean": ["a"]})", "`mean`");
  refuse(R"({"mean": []})", "`mean`");
  refuse(R"({"std": [1, 0, 1]})", "`std`");
  refuse(R"({"channel_order": "GRB"})", "`channel_order`");
}

TEST(Preprocess, SameNormalizationIgnoresHowItIsWritten) {
  Preprocess one, three;
  one.mean = {2};
  three.mean = {2, 2, 2};
  EXPECT_TRUE(same_normalization(one, three));
  EXPECT_TRUE(same_normalization(three, one));
  three.mean[1] = 3;
  EXPECT_FALSE(same_normalization(one, three));
  Preprocess bgr = one;
  bgr.bgr = true;
  EXPECT_FALSE(same_normalization(one, bgr));
  Preprocess cropped = one;
  cropped.crop = 5;
  EXPECT_TRUE(same_normalization(one, cropped)) << "size is no part of it";
}

}  // namespace
}  // namespace weq::convert
