#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>

#include <jerror.h>

#include "converters/data/image_file.h"

namespace weq::convert {
namespace {

// libjpeg reports by function pointers and must not return from an error: a long jump leaves it.
struct Reporter {
  jpeg_error_mgr base;  // first: libjpeg knows only this part
  std::jmp_buf leave;
  char message[JMSG_LENGTH_MAX];
  bool truncated;
};

void on_error(j_common_ptr info) {
  auto* reporter = reinterpret_cast<Reporter*>(info->err);
  info->err->format_message(info, reporter->message);
  std::longjmp(reporter->leave, 1);
}

void on_message(j_common_ptr info, int level) {
  auto* reporter = reinterpret_cast<Reporter*>(info->err);
  if (level >= 0) return;
  // Other warnings (stray bytes between markers) leave the picture whole.
  const int code = info->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER) reporter->truncated = true;
}

// Only trivial locals: a long jump runs no destructors.
bool decode(jpeg_decompress_struct* info, Reporter* reporter, const uint8_t* bytes, size_t size,
            Image* image) {
  if (setjmp(reporter->leave) != 0) return false;
  jpeg_create_decompress(info);
  jpeg_mem_src(info, bytes, static_cast<unsigned long>(size));
  jpeg_read_header(info, TRUE);
  if (info->num_components == 4) {
    std::strcpy(reporter->message, "CMYK pictures are not supported; save it as RGB");
    return false;
  }
  if (static_cast<int64_t>(info->image_width) * info->image_height > kMaxImagePixels) {
    std::strcpy(reporter->message, "the picture is larger than 2^28 pixels; make it smaller");
    return false;
  }
  info->out_color_space = JCS_RGB;
  jpeg_start_decompress(info);
  image->height = static_cast<int>(info->output_height);
  image->width = static_cast<int>(info->output_width);
  image->channels = 3;
  image->pixels.resize(static_cast<size_t>(image->height) * static_cast<size_t>(image->width) * 3);
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = image->pixels.data() + static_cast<size_t>(info->output_scanline) *
                                              static_cast<size_t>(image->width) * 3;
    jpeg_read_scanlines(info, &row, 1);
  }
  jpeg_finish_decompress(info);
  return true;
}

}  // namespace

std::string decode_jpeg(const std::vector<uint8_t>& bytes, Image* image) {
  jpeg_decompress_struct info;
  std::memset(&info, 0, sizeof info);
  Reporter reporter;
  reporter.message[0] = 0;
  reporter.truncated = false;
  info.err = jpeg_std_error(&reporter.base);
  reporter.base.error_exit = on_error;
  reporter.base.emit_message = on_message;
  const bool done = decode(&info, &reporter, bytes.data(), bytes.size(), image);
  jpeg_destroy_decompress(&info);
  if (reporter.truncated)
    return "the JPEG data ends too early; the file is truncated, copy it again";
  if (!done) return std::string("cannot be decoded: ") + reporter.message;
  return "";
}

}  // namespace weq::convert
