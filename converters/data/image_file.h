// Photographs from disk. Decoding is libjpeg-turbo's default (accurate integer DCT, fancy
// upsampling), which the published baselines used; a camera's orientation tag is not applied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weq::convert {

struct Image {
  int height = 0, width = 0, channels = 0;  // 1 grey or 3 RGB
  std::vector<uint8_t> pixels;              // [height, width, channels]
};

// The JPEG or PNG file `path` as RGB: grey is repeated, alpha dropped, 16 bits scaled to 8. Told
// apart by content, not by name. Throws FileError; truncated files are errors, never half grey.
Image read_image(const std::string& path);

// True for the file names that a folder source takes: .jpg .jpeg .png in any case.
bool has_image_extension(const std::string& path);

// The decoders behind read_image. On failure the reason is returned and `image` is undefined;
// "" on success.
std::string decode_jpeg(const std::vector<uint8_t>& bytes, Image* image);
std::string decode_png(const std::vector<uint8_t>& bytes, Image* image);

// More than this is taken for damage or an attack.
inline constexpr int64_t kMaxImagePixels = int64_t{1} << 28;

}  // namespace weq::convert
