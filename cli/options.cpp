#include "cli/options.h"

#include "converters/data/file_bytes.h"
#include "converters/ir/errors.h"

namespace weq::cli {

void PreprocessFlags::add_to(CLI::App& app) {
  const std::string group = "Preprocessing of images";
  app.add_option("--preprocess", file, "JSON with the keys below (or an object `preprocess`)")
      ->type_name("FILE.json")
      ->group(group);
  app.add_option("--resize-to", resize_to, "Resize to height,width")
      ->type_name("H,W")
      ->delimiter(',')
      ->expected(2)
      ->check(CLI::Range(1, 16384))
      ->group(group);
  app.add_option("--resize-shorter", resize_shorter, "Resize the shorter side to N pixels")
      ->type_name("N")
      ->check(CLI::Range(1, 16384))
      ->group(group);
  app.add_option("--crop", crop, "Then take the NxN centre")
      ->type_name("N")
      ->check(CLI::Range(1, 16384))
      ->group(group);
  app.add_option("--channel-order", channel_order, "RGB (default), BGR or mono")
      ->type_name("NAME")
      ->check(CLI::IsMember({"RGB", "BGR", "mono"}))
      ->group(group);
  app.add_option("--scale", scale, "x = (pixel * scale - mean) / std")
      ->type_name("X")
      ->group(group);
  app.add_option("--mean", mean, "One, or one per channel in channel order")
      ->type_name("M,..")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--std", std, "One, or one per channel in channel order")
      ->type_name("S,..")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
}

std::optional<Preprocess> PreprocessFlags::get() const {
  const bool any = !file.empty() || !resize_to.empty() || resize_shorter > 0 || crop > 0 ||
                   !channel_order.empty() || scale || !mean.empty() || !std.empty();
  if (!any) return std::nullopt;
  Preprocess out;
  if (!file.empty()) out = convert::read_preprocess(file);
  if (!resize_to.empty()) out.resize_to = resize_to;
  if (resize_shorter > 0) out.resize_shorter = resize_shorter;
  if (crop > 0) out.crop = crop;
  if (!channel_order.empty()) {
    out.bgr = channel_order == "BGR";
    out.mono = channel_order == "mono";
  }
  if (scale) out.scale = *scale;
  if (!mean.empty()) out.mean = mean;
  if (!std.empty()) out.std = std;
  if (out.scale == 0) throw convert::UsageError("--scale must not be 0");
  for (const float value : out.std) {
    if (value == 0) throw convert::UsageError("--std must not be 0");
  }
  return out;
}

void DataFlags::add_to(CLI::App& app) {
  app.add_option("--data", source.path,
                 "A folder of images (labels.csv in it gives labels), *.bin (CIFAR-10), *.npy, an "
                 "image, or `random`")
      ->type_name("SRC")
      ->required();
  app.add_option("--labels", source.labels, "Labels of the records, int64 [N]")
      ->type_name("FILE.npy");
  app.add_option("--limit", source.limit, "Take N records, evenly spread")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
}

void RunFlags::add_to(CLI::App& app, const std::string& threads_help) {
  app.add_option("--threads", threads, threads_help)->type_name("N")->check(CLI::Range(1, 1024));
  app.add_option("--isa", isa, "At most this: scalar, avx2, avxvnni, avx512vnni, avx512vbmi")
      ->type_name("NAME");
  app.add_option("--tuning", tuning, "Kernels by layer, as `weq bench --tune` wrote them")
      ->type_name("FILE");
  app.add_option("--input-shape", input_shapes, "Fixes free dimensions of an ONNX input")
      ->type_name("NAME=DIMS")
      ->allow_extra_args(false);
}

std::string RunFlags::tuning_text(const convert::Network& network) const {
  if (tuning.empty()) return "";
  if (!network.model) throw convert::UsageError("--tuning needs a .weq file");
  const std::vector<uint8_t> bytes = convert::read_file(tuning);
  return std::string(bytes.begin(), bytes.end());
}

std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     const std::string& flag) {
  const size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    throw convert::UsageError(flag + " " + text + " is not NAME=VALUE; see weq --help");
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

std::map<std::string, convert::Shape> parse_shapes(const std::vector<std::string>& texts) {
  std::map<std::string, convert::Shape> shapes;
  for (const std::string& text : texts) {
    const auto [name, dims] = split_assignment(text, "--input-shape");
    convert::Shape shape;
    for (size_t at = 0; at <= dims.size();) {
      const size_t end = std::min(dims.find_first_of(",x", at), dims.size());
      const std::string number = dims.substr(at, end - at);
      if (number.empty() || number.size() > 9 ||
          number.find_first_not_of("0123456789") != std::string::npos) {
        throw convert::UsageError("--input-shape " + text +
                                  ": dimensions must be whole numbers such as 1,3,224,224");
      }
      shape.push_back(std::stoll(number));
      at = end + 1;
    }
    shapes[name] = shape;
  }
  return shapes;
}

convert::Network open_with(const std::string& path, const PreprocessFlags& preprocess,
                           const RunFlags& flags, bool prepared) {
  convert::NetworkOptions options;
  options.preprocess = preprocess.get();
  options.input_shapes = parse_shapes(flags.input_shapes);
  options.prepared = prepared;
  return convert::open_network(path, options);
}

}  // namespace weq::cli
