// Decoding against what Pillow decodes (fixtures/make_image_cases.py).
#include "converters/data/image_file.h"

#include "converters/data/npy.h"
#include "converters/ir/errors.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace weq::convert {
namespace {

using test::bytes_of_file;
using test::expect_error;
using test::TempFolder;

const std::string kFixtures = WEQ_SOURCE_DIR "/tests/fixtures/images/";

TEST(Image, DecodesEveryFormatToRgb) {
  for (const char* name : {"rgb.png", "rgba.png", "grey.png", "grey16.png", "palette.png",
                           "full.jpg", "subsampled.jpg", "progressive.jpg", "grey.jpg"}) {
    SCOPED_TRACE(name);
    const Image image = read_image(kFixtures + name);
    const NpyFile expected(kFixtures + name + ".npy");
    ASSERT_EQ((Shape{image.height, image.width, image.channels}), expected.shape());
    EXPECT_EQ(image.pixels, expected.read_bytes(0, element_count(expected.shape())));
  }
}

TEST(Image, ContentDecidesNotTheName) {
  const TempFolder folder;
  const std::string path = folder.write("png.jpg", bytes_of_file(kFixtures + "rgb.png"));
  EXPECT_EQ(read_image(path).width, 34);
}

TEST(Image, TruncationsAreErrors) {
  const TempFolder folder;
  for (const char* name : {"full.jpg", "progressive.jpg", "rgb.png"}) {
    const std::string whole = bytes_of_file(kFixtures + name);
    for (size_t size = 1; size < whole.size(); size += 1 + size / 9) {
      const std::string path = folder.write("cut", whole.substr(0, size));
      EXPECT_THROW(read_image(path), FileError) << name << " cut to " << size;
    }
    const std::string path = folder.write("cut", whole.substr(0, whole.size() - 2));
    EXPECT_THROW(read_image(path), FileError) << name << " without its last bytes";
  }
}

TEST(Image, FlippedBytesNeverCrash) {
  const TempFolder folder;
  for (const char* name : {"subsampled.jpg", "palette.png"}) {
    const std::string whole = bytes_of_file(kFixtures + name);
    for (size_t at = 3; at < whole.size(); at += 5) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x5A);
      const std::string path = folder.write("flip", damaged);
      try {
        const Image image = read_image(path);
        EXPECT_EQ(image.pixels.size(), static_cast<size_t>(image.height) * image.width * 3);
      } catch (const FileError&) {
      }
    }
  }
}

TEST(Image, RefusesWithReason) {
  const TempFolder folder;
  expect_error<FileError>([&] { read_image(folder.file("absent.jpg")); },
                          {"absent.jpg", "cannot be opened"});
  expect_error<FileError>([&] { read_image(folder.write("e.jpg", "")); }, {"e.jpg", "empty"});
  expect_error<FileError>([&] { read_image(folder.write("t.jpg", "plain text")); },
                          {"neither JPEG nor PNG"});
  expect_error<FileError>([&] { read_image(kFixtures + "cmyk.jpg"); }, {"CMYK", "RGB"});
}

TEST(Image, ExtensionsInAnyCase) {
  EXPECT_TRUE(has_image_extension("a.JPG"));
  EXPECT_TRUE(has_image_extension("b/c.jpeg"));
  EXPECT_TRUE(has_image_extension("d.Png"));
  EXPECT_FALSE(has_image_extension("labels.csv"));
  EXPECT_FALSE(has_image_extension("jpg"));
}

}  // namespace
}  // namespace weq::convert
