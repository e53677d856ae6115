#include <png.h>

#include <csetjmp>
#include <cstring>

#include "converters/data/image_file.h"

namespace weq::convert {
namespace {

struct Input {
  const uint8_t* bytes;
  size_t size, at;
  char message[200];
};

void on_error(png_structp png, png_const_charp message) {
  auto* input = static_cast<Input*>(png_get_error_ptr(png));
  std::strncpy(input->message, message, sizeof input->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, size_t count) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (count > input->size - input->at) {
    png_error(png, "the PNG data ends too early; the file is truncated, copy it again");
  }
  std::memcpy(out, input->bytes + input->at, count);
  input->at += count;
}

// Only trivial locals: a long jump runs no destructors.
bool decode(png_structp png, png_infop info, Image* image, std::vector<png_bytep>* rows,
            Input* input) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, input, on_read);
  png_set_user_limits(png, 1u << 20, 1u << 20);
  png_read_info(png, info);
  const png_uint_32 width = png_get_image_width(png, info);
  const png_uint_32 height = png_get_image_height(png, info);
  if (static_cast<int64_t>(width) * height > kMaxImagePixels) {
    png_error(png, "the picture is larger than 2^28 pixels; make it smaller");
  }
  png_set_scale_16(png);
  png_set_expand(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  image->height = static_cast<int>(height);
  image->width = static_cast<int>(width);
  image->channels = 3;
  const size_t row_bytes = static_cast<size_t>(width) * 3;
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "has an unusual pixel format");
  image->pixels.resize(row_bytes * height);
  rows->resize(height);
  for (size_t y = 0; y < height; ++y) (*rows)[y] = image->pixels.data() + y * row_bytes;
  png_read_image(png, rows->data());
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

std::string decode_png(const std::vector<uint8_t>& bytes, Image* image) {
  Input input{bytes.data(), bytes.size(), 0, {}};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, on_error, on_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  std::vector<png_bytep> rows;
  const bool done = info != nullptr && decode(png, info, image, &rows, &input);
  png_destroy_read_struct(&png, &info, nullptr);
  if (done) return "";
  return std::string("cannot be decoded: ") + (input.message[0] != 0 ? input.message : "no memory");
}

}  // namespace weq::convert
