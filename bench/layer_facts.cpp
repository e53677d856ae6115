#include "bench/layer_facts.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "weq_generated.h"

namespace weq::bench {

std::map<std::string, LevelRanges> level_ranges(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)),
                                std::istreambuf_iterator<char>());
  const format::Model* model = format::GetModel(bytes.data());
  std::map<std::string, LevelRanges> result;
  for (const format::Node* node : *model->nodes()) {
    const format::Conv* conv = node->op_as_Conv();
    if (conv == nullptr) continue;
    LevelRanges& ranges = result[node->name()->str()];
    const auto* levels = conv->weights()->levels();
    ranges.weight_min = levels->Get(0);
    ranges.weight_max = levels->Get(levels->size() - 1);
    const format::Tensor* input =
        model->tensors()->Get(static_cast<uint32_t>(node->inputs()->Get(0)));
    if (input->quantizer() < 0) continue;
    const format::Quantizer* quantizer =
        model->quantizers()->Get(static_cast<uint32_t>(input->quantizer()));
    if (quantizer->levels() != nullptr) {
      ranges.input_min = quantizer->levels()->Get(0);
      ranges.input_max = quantizer->levels()->Get(quantizer->levels()->size() - 1);
    } else {
      ranges.input_min = quantizer->first();
      ranges.input_max = quantizer->first() + quantizer->count() - 1;
    }
  }
  return result;
}

}  // namespace weq::bench
