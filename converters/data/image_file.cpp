#include "converters/data/image_file.h"

#include <cctype>

#include "converters/data/file_bytes.h"
#include "converters/ir/errors.h"

namespace weq::convert {

bool has_image_extension(const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) return false;
  std::string extension = path.substr(dot + 1);
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension == "jpg" || extension == "jpeg" || extension == "png";
}

Image read_image(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  Image image;
  std::string failure;
  if (bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF) {
    failure = decode_jpeg(bytes, &image);
  } else if (bytes.size() >= 4 && bytes[0] == 0x89 && bytes[1] == 'P' && bytes[2] == 'N' &&
             bytes[3] == 'G') {
    failure = decode_png(bytes, &image);
  } else {
    failure = "is neither JPEG nor PNG; convert the image to one of them";
  }
  if (!failure.empty()) throw FileError(path, failure);
  return image;
}

}  // namespace weq::convert
