// What quantization decided for one graph: all that lowering needs to write integers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converters/convert.h"
#include "converters/quantize/integer_levels.h"
#include "converters/quantize/layer_weights.h"
#include "converters/walk/code_classes.h"
#include "converters/walk/image_input.h"

namespace weq::convert {

// The bits and strategies of one node, after defaults and overrides.
struct LayerChoice {
  int weight_levels = 256;
  int activation_bits = 8;
  bool stays_float = false;
};

struct NodePlan {
  LayerWeights weights;                   // Conv only
  std::vector<double> gain;               // per output channel; 1 without correction
  std::vector<double> bias;               // real, after correction: what the quantized layer adds
  Criterion criterion = Criterion::kMse;  // that made the codebook
  std::map<std::string, double> figures;  // for the provenance: "snr_db" ...
};

struct QuantizationPlan {
  CodeClasses classes;
  std::vector<IntegerCode> codes;  // by class
  ImageInput image;
  std::vector<LayerChoice> choices;  // by node
  std::vector<NodePlan> nodes;       // by node
};

}  // namespace weq::convert
