#include <algorithm>
#include <limits>

#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

using Ints = std::vector<int64_t>;

// [C, M/group, kernel...] -> [M, C/group, kernel...], every kernel read backwards.
Tensor turn_weights(const Tensor& w, int64_t groups) {
  const int64_t in = w.shape[0] / groups, out = w.shape[1];
  const int64_t taps = w.shape[0] * out == 0 ? 0 : element_count(w.shape) / (w.shape[0] * out);
  Tensor turned;
  turned.shape = w.shape;
  turned.shape[0] = out * groups;
  turned.shape[1] = in;
  turned.f.resize(w.f.size());
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t m = 0; m < out; ++m)
      for (int64_t c = 0; c < in; ++c)
        for (int64_t k = 0; k < taps; ++k) {
          const int64_t from = ((g * in + c) * out + m) * taps + taps - 1 - k;
          const int64_t to = ((g * out + m) * in + c) * taps + k;
          turned.f[static_cast<size_t>(to)] = w.f[static_cast<size_t>(from)];
        }
  return turned;
}

Node make_node(const std::string& op, const std::string& name, ValueId in, ValueId out) {
  Node node;
  node.op = op;
  node.name = name;
  node.inputs = {in};
  node.outputs = {out};
  return node;
}

// Cuts `-pads` off where a pad is negative (and makes it 0).
Node crop(const std::string& name, ValueId in, ValueId out, Ints* pads) {
  const size_t spatial = pads->size() / 2;
  Ints starts, ends, axes;
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t before = std::min<int64_t>((*pads)[i], 0);
    const int64_t after = std::min<int64_t>((*pads)[spatial + i], 0);
    axes.push_back(static_cast<int64_t>(i) + 2);
    starts.push_back(-before);
    ends.push_back(after < 0 ? after : std::numeric_limits<int64_t>::max());
    (*pads)[i] -= before;
    (*pads)[spatial + i] -= after;
  }
  Node slice = make_node("Slice", name, in, out);
  slice.attributes = {
      {"starts", starts}, {"ends", ends}, {"axes", axes}, {"steps", Ints(spatial, 1)}};
  return slice;
}

bool lower(Graph& graph, const Node& node, std::vector<Node>* out) {
  if (node.op != "ConvTranspose") return false;
  const Tensor* weights = float_constant(graph, node.inputs[1]);
  const size_t spatial = graph.value(node.inputs[0]).shape.size() - 2;
  if (weights == nullptr) return false;
  const bool batched = graph.value(node.inputs[0]).batched;
  const Ints strides = node.get_ints("strides"), dilations = node.get_ints("dilations");
  const Ints cut = node.get_ints("pads"), extra = node.get_ints("output_padding");

  Ints pads(2 * spatial);
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t reach = dilations.at(i) * (weights->shape[i + 2] - 1);
    pads[i] = reach - cut.at(i);
    pads[spatial + i] = reach - cut.at(spatial + i) + (extra.empty() ? 0 : extra.at(i));
  }
  ValueId x = node.inputs[0];
  if (std::any_of(strides.begin(), strides.end(), [](int64_t s) { return s > 1; })) {
    const ValueId dilated = add_result(graph, node.name + "/dilated", batched);
    out->push_back(make_node("Dilate", unique_node_name(graph, node.name + "/dilate"), x, dilated));
    out->back().attributes["factors"] = strides;
    x = dilated;
  }
  if (std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad < 0; })) {
    const ValueId cropped = add_result(graph, node.name + "/cropped", batched);
    out->push_back(crop(unique_node_name(graph, node.name + "/crop"), x, cropped, &pads));
    x = cropped;
  }
  Node conv = node;
  conv.op = "Conv";
  conv.inputs[0] = x;
  conv.inputs[1] = add_constant(graph, graph.value(node.inputs[1]).name + "/turned",
                                turn_weights(*weights, node.get_int("group", 1)));
  conv.attributes.erase("output_padding");
  conv.attributes["strides"] = Ints(spatial, 1);
  conv.attributes["pads"] = pads;
  out->push_back(std::move(conv));
  return true;
}

}  // namespace

int lower_conv_transpose(Graph& graph) { return replace_nodes(graph, lower); }

}  // namespace weq::convert
