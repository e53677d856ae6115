#include "bench/layer_list.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "bench/networks/builder.h"
#include "converters/ir/errors.h"

namespace weq::bench {
namespace {

constexpr int64_t kImageChannels = 3;

LayerShape parse(const std::string& line, const std::string& place) {
  LayerShape s;
  const size_t colon = line.find(':');
  s.name = line.substr(0, colon);
  std::istringstream numbers(colon == std::string::npos ? "" : line.substr(colon + 1));
  int64_t kernel_w = 1;
  bool valid = true;
  for (int64_t* field : {&s.inputs, &s.height, &s.width, &s.outputs, &s.kernel, &kernel_w,
                         &s.stride, &s.pad, &s.groups}) {
    const bool is_pad = field == &s.pad;
    valid = valid && numbers >> *field && *field >= (is_pad ? 0 : 1);
  }
  if (!valid || s.kernel != kernel_w)
    throw convert::ConvertError(place + ": not \"name: c h w k kh kw stride pad groups\", kh = kw");
  return s;
}

// What follows the layer makes it store bytes, as inside a network.
std::string network(const LayerShape& s, bool behind_activation) {
  NetworkBuilder net(s.name);
  Feature x = net.image(s.inputs, s.height, s.width);
  if (behind_activation) x = net.relu(x);
  if (s.height == 1 && s.width == 1 && s.kernel == 1 && s.groups == 1) {
    x = net.fully_connected(net.flatten(x), s.outputs, Activation::kRelu);
    x = net.fully_connected(x, 16, Activation::kNone);
  } else {
    x = net.conv(x, {s.outputs, s.kernel, s.stride, s.pad, s.groups});
    x = net.flatten(net.global_average(x));
  }
  net.output(x);
  return net.bytes();
}

}  // namespace

std::vector<LayerShape> read_layers(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw convert::ConvertError(path + ": cannot be read");
  std::vector<LayerShape> layers;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    line.erase(std::min(line.find('#'), line.size()));
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    layers.push_back(parse(line, path + ":" + std::to_string(number)));
  }
  return layers;
}

std::string layer_network(const LayerShape& shape) {
  return network(shape, shape.inputs != kImageChannels);
}

std::string bare_layer(const LayerShape& shape) { return network(shape, false); }

}  // namespace weq::bench
