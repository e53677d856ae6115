// Converts by the library: MODEL.onnx OUT.weq, and the same again at other bits.
#include <cstdio>

#include "converters/convert.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    weq::convert::ConvertOptions options;
    options.model = argv[1];
    options.output = argv[2];
    options.calibration.path = "random";
    options.bits = weq::convert::parse_layer_bits("8,8");
    const auto wide = weq::convert::convert(options);
    options.bits = weq::convert::parse_layer_bits("2,4");
    const auto narrow = weq::convert::convert(options);
    std::printf("%zu layers, %s\n", narrow.layers.size(),
                narrow.file_bytes < wide.file_bytes ? "smaller" : "not smaller");
    return narrow.file_bytes < wide.file_bytes ? 0 : 1;
  } catch (const weq::convert::ConvertError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
