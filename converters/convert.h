// The converter as one call: an ONNX file and calibration inputs in, a .weq file out. What
// `weq convert` runs; every flag of that command is a field here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "converters/data/source.h"
#include "converters/ir/graph.h"
#include "converters/quantize/activation_code.h"
#include "converters/quantize/codebook.h"
#include "weq/weq.hpp"

namespace weq::convert {

// Which error a codebook minimises (quantization.md, section 1). kAuto: per layer, whichever leaves
// the smaller error at the layer's output on calibration data.
enum class CriterionChoice { kWeightedEntropy, kMse, kOutput, kAuto };

// "W,A": bits of a layer's weights and of its output; "NL,A": N weight levels. 0: not given.
struct LayerBits {
  int weight_bits = 0;      // 1..8
  int weight_levels = 0;    // 2..256; wins over weight_bits
  int activation_bits = 0;  // 1..8
};

// "4,4" or "3L,2". Throws ConvertError that says what is valid.
LayerBits parse_layer_bits(const std::string& text);

// Stage ("calibrating", "quantizing" ...), steps done, steps in all. Called on the calling thread.
using Progress = std::function<void(const std::string& stage, int64_t done, int64_t total)>;

struct ConvertOptions {
  std::string model;                     // MODEL.onnx
  std::string output;                    // OUT.weq; written whole or not at all
  std::optional<Preprocess> preprocess;  // none: inputs are fed as they are
  SourceOptions calibration;             // path "random": sizes and speed only, marked in the file
  LayerBits bits;                        // -w, -a, --weight-levels; 0: the default that we advise
  std::optional<CriterionChoice> criterion;  // none: the default (kAuto; `paper`: weighted entropy)
  std::optional<ActivationChoice> activation;  // none: the default (kAuto; `paper`: log)
  Search search = Search::kExact;
  Scheme scheme = Scheme::kSymmetric;
  bool channel_scale = true;  // --no-channel-scale: one scale a layer, as in the paper
  bool correction = true;     // --no-correction: no affine correction per channel (section 7)
  bool allow_float = false;   // layers that cannot run quantized stay in float
  std::map<std::string, Shape> input_shapes;  // --input-shape NAME=DIMS
  std::map<std::string, LayerBits> layers;    // --layer NAME=W,A and --recipe; an unknown name is
                                              // an error that lists near ones
  std::optional<LayerBits> first, last;       // first and last layers with weights
  bool paper =
      false;        // the paper alone: one codebook a layer, weighted entropy, log, no correction
  int threads = 0;  // 0: all. The bytes written do not depend on it.
  std::string command;  // options as typed, without paths: kept in the provenance
  Progress progress;    // may be empty
};

struct ConvertedLayer {
  std::string name, op;
  int weight_bits = 0, weight_levels = 0, activation_bits = 0;
  std::string activation_kind;
  bool is_float = false;
  std::string note;  // why it differs from what was asked, or why it stays in float; else ""
};

struct ConvertSummary {
  std::vector<ConvertedLayer> layers;  // in execution order
  std::vector<std::string> warnings;   // whole sentences
  uint64_t model_bytes = 0, file_bytes = 0;
  int64_t calibration_inputs = 0;
  bool random_calibration = false;
};

// Throws ConvertError: the message names layer and reason and says what to do, without the file.
// No partial output is left behind. One call at a time for each output path.
ConvertSummary convert(const ConvertOptions& options);

}  // namespace weq::convert
