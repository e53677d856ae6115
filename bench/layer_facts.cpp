#include "bench/layer_facts.h"

#include <fstream>
#include <iterator>

#include "weq_generated.h"

namespace weq::bench {
namespace {

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
  facts.winograd_line = conv.bounds()->winograd_line();
  facts.winograd_centre = conv.bounds()->winograd_centre();
  return facts;
}

}  // namespace

std::vector<LayerFacts> layer_facts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)),
                                std::istreambuf_iterator<char>());
  const format::Model* model = format::GetModel(bytes.data());
  std::vector<LayerFacts> result;
  for (const format::Node* node : *model->nodes()) {
    const format::Conv* conv = node->op_as_Conv();
    if (conv == nullptr) continue;
    result.push_back(read_conv(*conv));
    result.back().name = node->name()->str();
    read_input(*model, *node, &result.back());
  }
  return result;
}

}  // namespace weq::bench
