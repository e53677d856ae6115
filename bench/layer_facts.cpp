#include "bench/layer_facts.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "kernels/conv/codes.h"
#include "weq_generated.h"

namespace weq::bench {
namespace {

// One row or column of (2G): (2,0,0), (1,1,1), (1,-1,1), (0,0,2).
void transform(const int* g, int step, int* u, int u_step) {
  const int outer = g[0] + g[2 * step];
  u[0] = 2 * g[0];
  u[u_step] = outer + g[step];
  u[2 * u_step] = outer - g[step];
  u[3 * u_step] = 2 * g[2 * step];
}

int largest_transformed(const format::Weights& weights, int inputs, int outputs) {
  const kernels::ConvWeights view = {weights.codes()->data(), weights.bits(),
                                     weights.levels()->data(),
                                     static_cast<int32_t>(weights.levels()->size())};
  const auto per_channel = static_cast<size_t>(9 * inputs);
  std::vector<int8_t> levels(per_channel);
  int largest = 0;
  for (int o = 0; o < outputs; ++o) {
    kernels::unpack_levels(view, o * int64_t{9} * inputs, int64_t{9} * inputs, levels.data());
    for (int c = 0; c < inputs; ++c) {
      int tap[9], rows[12], u[16];
      for (int t = 0; t < 9; ++t) tap[t] = levels[static_cast<size_t>(t * inputs + c)];
      for (int column = 0; column < 3; ++column) transform(tap + column, 3, rows + column, 3);
      for (int row = 0; row < 4; ++row) transform(rows + 3 * row, 1, u + 4 * row, 1);
      for (const int value : u) largest = std::max(largest, std::abs(value));
    }
  }
  return largest;
}

void read_input(const format::Model& model, const format::Node& node, LayerFacts* facts) {
  const format::Tensor* input = model.tensors()->Get(static_cast<uint32_t>(node.inputs()->Get(0)));
  if (input->quantizer() < 0) return;
  const format::Quantizer* quantizer =
      model.quantizers()->Get(static_cast<uint32_t>(input->quantizer()));
  if (quantizer->levels() != nullptr) {
    facts->input_min = quantizer->levels()->Get(0);
    facts->input_max = quantizer->levels()->Get(quantizer->levels()->size() - 1);
  } else {
    facts->input_min = quantizer->first();
    facts->input_max = quantizer->first() + quantizer->count() - 1;
  }
}

LayerFacts read_conv(const format::Conv& conv) {
  LayerFacts facts;
  facts.kernel = conv.kernel()->Get(0);
  facts.stride = conv.stride()->Get(0);
  facts.groups = static_cast<int>(conv.groups());
  facts.outputs = static_cast<int>(conv.epilogue()->multiplier()->size());
  const int area = facts.kernel * conv.kernel()->Get(1);
  facts.inputs = static_cast<int>(conv.weights()->count()) / (area * facts.outputs);
  const auto* levels = conv.weights()->levels();
  facts.weight_min = levels->Get(0);
  facts.weight_max = levels->Get(levels->size() - 1);
  facts.lut_flush3 = conv.bounds()->lut_flush3();
  facts.lut_flush2 = conv.bounds()->lut_flush2();
  facts.sum16_flush = conv.bounds()->sum16_flush();
  if (area == 9 && facts.kernel == 3 && facts.stride == 1 && facts.groups == 1)
    facts.winograd = largest_transformed(*conv.weights(), facts.inputs, facts.outputs);
  return facts;
}

}  // namespace

std::map<std::string, LayerFacts> layer_facts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)),
                                std::istreambuf_iterator<char>());
  const format::Model* model = format::GetModel(bytes.data());
  std::map<std::string, LayerFacts> result;
  for (const format::Node* node : *model->nodes()) {
    const format::Conv* conv = node->op_as_Conv();
    if (conv == nullptr) continue;
    LayerFacts& facts = result[node->name()->str()] = read_conv(*conv);
    read_input(*model, *node, &facts);
  }
  return result;
}

}  // namespace weq::bench
