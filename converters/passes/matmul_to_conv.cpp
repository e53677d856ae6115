// A product with a constant matrix is a 1x1 convolution over the axis that it contracts. That axis
// must be axis 1: where it is not, a Transpose goes before and its inverse behind; beyond two
// spatial axes a Reshape makes them one.
#include <algorithm>
#include <numeric>

#include "converters/passes/affine.h"
#include "converters/passes/passes.h"
#include "converters/passes/rewrite.h"

namespace weq::convert {
namespace {

using Ints = std::vector<int64_t>;

// y = W x + b along one axis of x.
struct Product {
  ValueId x = kNoValue;
  size_t axis = 1;            // contracted: the last one, or the last but one
  Tensor weights;             // [out, in]
  bool in_place = true;       // the result's channels lie on `axis`; false: on axis 1
  std::vector<float> bias;    // empty: none
  ValueId addend = kNoValue;  // a Gemm's C that is no bias: added afterwards
  ValueId output = kNoValue;
};

Tensor transposed(const Tensor& m) {
  const auto rows = static_cast<size_t>(m.shape[0]), columns = static_cast<size_t>(m.shape[1]);
  Tensor t;
  t.shape = {m.shape[1], m.shape[0]};
  t.f.resize(m.f.size());
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c) t.f[c * rows + r] = m.f[r * columns + c];
  return t;
}

bool read_gemm(const Graph& graph, const Node& node, Product* product) {
  const Tensor* b = float_constant(graph, node.inputs[1]);
  if (b == nullptr || b->shape.size() != 2 || graph.constant(node.inputs[0]) != nullptr)
    return false;
  product->x = node.inputs[0];
  product->axis = node.get_int("transA", 0) != 0 ? 0 : 1;
  product->in_place = false;
  product->weights = node.get_int("transB", 0) != 0 ? *b : transposed(*b);
  const float alpha = node.get_float("alpha", 1.0F), beta = node.get_float("beta", 1.0F);
  for (float& weight : product->weights.f) weight *= alpha;
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue) return true;
  const Tensor* c = float_constant(graph, node.inputs[2]);
  const Shape& shape = graph.value(node.outputs[0]).shape;
  if (std::optional<std::vector<float>> bias = c ? per_channel(*c, shape) : std::nullopt) {
    for (float& value : *bias) value *= beta;
    product->bias = *std::move(bias);
    return true;
  }
  product->addend = node.inputs[2];
  return beta == 1.0F;
}

// A constant matrix, where axes of extent 1 before it do not count.
bool as_matrix(const Tensor* constant, size_t rank, Tensor* matrix) {
  if (constant == nullptr || constant->shape.size() < 2 || constant->shape.size() > rank)
    return false;
  const auto last_two = constant->shape.end() - 2;
  if (std::any_of(constant->shape.begin(), last_two, [](int64_t n) { return n != 1; }))
    return false;
  *matrix = *constant;
  matrix->shape.assign(last_two, constant->shape.end());
  return true;
}

bool read_matmul(const Graph& graph, const Node& node, Product* product) {
  for (size_t side = 0; side < 2; ++side) {
    product->x = node.inputs[1 - side];
    const size_t rank = graph.value(product->x).shape.size();
    Tensor matrix;
    if (rank < 2 || graph.constant(product->x) != nullptr) continue;
    if (!as_matrix(float_constant(graph, node.inputs[side]), rank, &matrix)) continue;
    product->axis = side == 1 ? rank - 1 : rank - 2;
    product->weights = side == 1 ? transposed(matrix) : std::move(matrix);
    return true;
  }
  return false;
}

class Lowering {
 public:
  Lowering(Graph& graph, const Node& node, std::vector<Node>* out)
      : graph_(graph), node_(node), out_(out) {}

  void emit(Product product) {
    const Shape shape = graph_.value(product.x).shape;
    const size_t rank = shape.size();
    const bool batched = graph_.value(product.x).batched;
    Ints perm(rank);
    std::iota(perm.begin(), perm.end(), 0);
    if (rank == 2) {
      std::swap(perm[1], perm[product.axis]);
    } else {
      perm.erase(perm.begin() + static_cast<int64_t>(product.axis));
      perm.insert(perm.begin() + 1, static_cast<int64_t>(product.axis));
    }
    const bool moves = !std::is_sorted(perm.begin(), perm.end());
    const bool moves_back = moves && product.in_place;
    const bool flattens = rank > 4;
    const bool keeps_batch = batched && perm[0] == 0;

    ValueId x = product.x;
    if (moves) x = add_transpose("in", x, fresh("moved", keeps_batch), perm);
    Ints spatial;
    for (size_t i = 2; i < rank; ++i) spatial.push_back(shape[static_cast<size_t>(perm[i])]);
    if (flattens) x = add_reshape("flat", x, fresh("flat", keeps_batch), {0, 0, -1});

    const ValueId result = product.output;
    ValueId y = moves_back || flattens ? fresh("product", keeps_batch) : result;
    add_conv(x, y, std::move(product), flattens ? 3 : rank);
    if (flattens) {
      Ints unflat{0, 0};
      unflat.insert(unflat.end(), spatial.begin(), spatial.end());
      y = add_reshape("unflat", y, moves_back ? fresh("unflat", keeps_batch) : result, unflat);
    }
    if (!moves_back) return;
    Ints inverse(rank);
    for (size_t i = 0; i < rank; ++i)
      inverse[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
    add_transpose("out", y, result, inverse);
  }

  ValueId fresh(const std::string& suffix, bool batched) {
    return add_result(graph_, node_.name + "/" + suffix, batched);
  }

  Node& add(const std::string& op, const std::string& name, std::vector<ValueId> inputs,
            ValueId output) {
    out_->push_back(make_node(op, name, std::move(inputs), output));
    return out_->back();
  }

 private:
  std::string part(const std::string& suffix) const {
    return unique_node_name(graph_, node_.name + "/" + suffix);
  }

  ValueId add_transpose(const std::string& suffix, ValueId in, ValueId out, const Ints& perm) {
    add("Transpose", part(suffix), {in}, out).attributes["perm"] = perm;
    return out;
  }

  ValueId add_reshape(const std::string& suffix, ValueId in, ValueId out, const Ints& shape) {
    add("Reshape", part(suffix), {in}, out).attributes["shape"] = shape;
    return out;
  }

  // The layer's own name stays with the node that has its weights.
  void add_conv(ValueId x, ValueId y, Product product, size_t rank) {
    const size_t spatial = rank == 3 ? 1 : 2;
    product.weights.shape.resize(2 + spatial, 1);
    std::vector<ValueId> inputs{
        x, add_constant(graph_, node_.name + "/weights", std::move(product.weights))};
    if (!product.bias.empty()) {
      const auto channels = static_cast<int64_t>(product.bias.size());
      inputs.push_back(
          add_constant(graph_, node_.name + "/bias", {channels}, std::move(product.bias)));
    }
    Node& conv = add("Conv", node_.name, std::move(inputs), y);
    conv.attributes = {{"group", int64_t{1}},
                       {"kernel_shape", Ints(spatial, 1)},
                       {"strides", Ints(spatial, 1)},
                       {"dilations", Ints(spatial, 1)},
                       {"pads", Ints(2 * spatial, 0)}};
  }

  Graph& graph_;
  const Node& node_;
  std::vector<Node>* out_;
};

bool lower(Graph& graph, const Node& node, std::vector<Node>* out) {
  Product product;
  const bool read = node.op == "Gemm"     ? read_gemm(graph, node, &product)
                    : node.op == "MatMul" ? read_matmul(graph, node, &product)
                                          : false;
  if (!read) return false;
  Lowering lowering(graph, node, out);
  product.output = node.outputs[0];
  const ValueId addend = product.addend;
  if (addend != kNoValue)
    product.output = lowering.fresh("sum", graph.value(node.outputs[0]).batched);
  const ValueId sum = product.output;
  lowering.emit(std::move(product));
  if (addend != kNoValue)
    lowering.add("Add", unique_node_name(graph, node.name + "/add"), {sum, addend},
                 node.outputs[0]);
  return true;
}

// MatMul, then Add of a constant along the product's axis (the usual spelling of a dense layer).
int bias_of_matmul(Graph& graph) {
  int count = 0;
  std::vector<bool> erased(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node add = graph.nodes[n];
    if (add.op != "Add" || add.inputs.size() != 2 || add.has("activation")) continue;
    const size_t side = graph.constant(add.inputs[0]) != nullptr ? 0 : 1;
    const Tensor* bias = float_constant(graph, add.inputs[side]);
    const ValueId moved = add.inputs[1 - side];
    const int back = graph.producer(moved);
    if (bias == nullptr || back < 0 || !has_single_use(graph, moved)) continue;
    Node& transpose = graph.nodes[static_cast<size_t>(back)];
    if (transpose.op != "Transpose" || !has_single_use(graph, transpose.inputs[0])) continue;
    const int producer = graph.producer(transpose.inputs[0]);
    if (producer < 0 || graph.nodes[static_cast<size_t>(producer)].op != "Conv") continue;
    // As it lies before the Transpose, the bias must be one number per channel.
    const Shape& shape = graph.value(moved).shape;
    const Ints perm = transpose.get_ints("perm");
    if (bias->shape.size() > shape.size() || graph.value(add.outputs[0]).shape != shape) continue;
    Tensor aligned = *bias;
    aligned.shape.insert(aligned.shape.begin(), shape.size() - bias->shape.size(), 1);
    Tensor before;
    before.f = aligned.f;
    before.shape.resize(shape.size());
    for (size_t i = 0; i < shape.size(); ++i)
      before.shape[static_cast<size_t>(perm[i])] = aligned.shape[i];
    const std::optional<std::vector<float>> numbers =
        per_channel(before, graph.value(transpose.inputs[0]).shape);
    if (!numbers) continue;
    const Affine affine{transpose.inputs[0], std::vector<float>(numbers->size(), 1.0F), *numbers};
    if (!absorb(graph, graph.nodes[static_cast<size_t>(producer)], affine)) continue;
    transpose.outputs[0] = add.outputs[0];
    graph.nodes[n].outputs.clear();
    erased[n] = true;
    ++count;
  }
  erase_nodes(graph, erased);
  return count;
}

}  // namespace

int matmul_to_conv(Graph& graph) { return replace_nodes(graph, lower) + bias_of_matmul(graph); }

}  // namespace weq::convert
