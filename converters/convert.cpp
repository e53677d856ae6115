#include "converters/convert.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "converters/calibrate/statistics.h"
#include "converters/lower/list.h"
#include "converters/lower/lowering.h"
#include "converters/onnx/import.h"
#include "converters/ops/op.h"
#include "converters/passes/passes.h"
#include "converters/report/latency.h"
#include "converters/walk/choices.h"
#include "converters/walk/layer_walk.h"
#include "converters/walk/level_ranges.h"
#include "converters/write/weq_writer.h"
#include "weq/weq.hpp"

namespace weq::convert {
namespace {

uint64_t file_size(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

class Conversion {
 public:
  explicit Conversion(const ConvertOptions& options) : options_(options) {
    threads_ = options.threads > 0
                   ? options.threads
                   : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }

  ConvertSummary run() {
    import();
    open_calibration();
    plan_codes();
    walk();
    write();
    return std::move(summary_);
  }

 private:
  void report(const std::string& stage, int64_t done, int64_t total) const {
    if (options_.progress) options_.progress(stage, done, total);
  }

  void import() {
    ImportOptions import_options;
    import_options.input_shapes = options_.input_shapes;
    import_options.allow_float = options_.allow_float;
    import_options.require_batch = true;
    graph_ = import_onnx(options_.model, import_options);
    prepare_for_quantization(graph_);
    if (graph_.inputs.size() != 1) {
      std::string names;
      for (ValueId id : graph_.inputs) names += (names.empty() ? "" : ", ") + graph_.value(id).name;
      throw ConvertError("the model has " + std::to_string(graph_.inputs.size()) + " inputs (" +
                         names + "); calibration data can feed one only");
    }
    if (graph_.value(graph_.inputs[0]).dtype != DType::kFloat) {
      throw ConvertError("input " + graph_.value(graph_.inputs[0]).name +
                         " is not a float tensor; only float inputs run quantized so far");
    }
    separate_inputs(graph_);
  }

  void open_calibration() {
    const Preprocess none;
    const Preprocess& preprocess = options_.preprocess ? *options_.preprocess : none;
    source_ = open_source(options_.calibration, preprocess, graph_.value(graph_.inputs[0]).shape);
    if (source_->size() == 0) throw ConvertError("no calibration inputs in --calib");
    summary_.calibration_inputs = source_->size();
    summary_.random_calibration = options_.calibration.path == "random";
    if (source_->holds_images()) plan_.image = fold_image_input(graph_, preprocess);
    feed_ = [this](int64_t index) {
      Tensor tensor = source_->read(index).input;
      if (plan_.image.active) centre_pixels(plan_.image, &tensor);
      return tensor;
    };
  }

  // Bits, classes and activation codes.
  void plan_codes() {
    plan_.choices = choose_bits(graph_, options_);
    std::vector<bool> stays_float(graph_.nodes.size(), false);
    for (size_t k = 0; k < graph_.nodes.size(); ++k) {
      const Node& node = graph_.nodes[k];
      const OpDef* op = find_op(node.op);
      const std::string reason = op && op->float_only ? op->float_only(graph_, node) : "";
      if (reason.empty() && find_lowering(node.op)) continue;
      if (!options_.allow_float) {
        throw ConvertError("layer " + node.name + ": " + node.op + " does not run quantized" +
                           (reason.empty() ? "" : " (" + reason + ")") +
                           "; keep it in float with --allow-float");
      }
      stays_float[k] = true;
      plan_.choices[k].stays_float = true;
    }
    plan_.classes = find_code_classes(graph_, stays_float);
    statistics_ = measure(graph_, plan_.classes, feed_, source_->size(), threads_,
                          [&](int64_t done) { report("calibrating", done, source_->size()); });

    const std::vector<int> bits = class_bits(graph_, plan_.classes, plan_.choices);
    const int input_class = plan_.classes.class_of[static_cast<size_t>(graph_.inputs[0])];
    const std::vector<int> limits =
        activation_level_limits(graph_, plan_.classes, plan_.choices, bits);
    plan_.codes.resize(bits.size());
    for (size_t c = 0; c < bits.size(); ++c) {
      plan_.codes[c] = static_cast<int>(c) == input_class
                           ? input_code(statistics_.classes[c])
                           : code(statistics_.classes[c], bits[c], limits[c]);
    }
  }

  // Image bytes as they are, or 8-bit linear by calibration.
  IntegerCode input_code(const Histogram& histogram) const {
    if (plan_.image.active) {
      IntegerCode pixels;
      for (int level = 0; level < 256; ++level) {
        pixels.levels.push_back(level);
        if (level > 0) pixels.boundaries.push_back(level - 0.5);
      }
      return pixels;
    }
    ActivationOptions linear;
    linear.bits = 8;
    linear.kind = ActivationChoice::kLinear;
    return integer_code(histogram, choose_activation(histogram, linear), IntegerCodeOptions());
  }

  IntegerCode code(const Histogram& histogram, int bits, int max_level) const {
    ActivationOptions wanted;
    wanted.bits = bits;
    wanted.kind = options_.activation.value_or(options_.paper ? ActivationChoice::kLog
                                                              : ActivationChoice::kAuto);
    if (options_.paper) wanted.criterion = Criterion::kWeightedEntropy;
    wanted.max_level = max_level;
    IntegerCodeOptions integers;
    integers.max_level = wanted.max_level;
    integers.criterion = wanted.criterion;
    return integer_code(histogram, choose_activation(histogram, wanted), integers);
  }

  void walk() {
    WalkOptions walk_options;
    walk_options.criterion = options_.criterion.value_or(
        options_.paper ? CriterionChoice::kWeightedEntropy : CriterionChoice::kAuto);
    walk_options.search = options_.search;
    walk_options.scheme = options_.scheme;
    walk_options.channel_scale = options_.channel_scale && !options_.paper;
    walk_options.correction = options_.correction && !options_.paper;
    walk_options.paper = options_.paper;
    walk_options.threads = threads_;
    walk_layers(graph_, statistics_, feed_, source_->size(), walk_options, &plan_,
                [&](int64_t done, int64_t total) { report("quantizing", done, total); });
  }

  void write() {
    format::ModelT model = lower(graph_, plan_);
    model.format_version = static_cast<uint32_t>(format_version());
    model.content_hash = 1;  // any value but the default: sealing overwrites it
    if (options_.preprocess) model.preprocess = file_preprocess();
    model.provenance = provenance();
    summarize();
    summary_.model_bytes = file_size(options_.model);
    summary_.file_bytes = write_weq(model, options_.output);
  }

  std::unique_ptr<format::PreprocessT> file_preprocess() const {
    const Preprocess& p = *options_.preprocess;
    auto result = std::make_unique<format::PreprocessT>();
    for (int size : p.resize_to) result->resize_to.push_back(static_cast<uint16_t>(size));
    result->resize_shorter = static_cast<uint16_t>(p.resize_shorter);
    result->crop = static_cast<uint16_t>(p.crop);
    result->bgr = p.bgr;
    result->mono = p.mono;
    result->scale = p.scale;
    result->mean = p.mean;
    result->std = p.std;
    result->image = plan_.image.active;
    return result;
  }

  std::unique_ptr<format::ProvenanceT> provenance() const {
    auto result = std::make_unique<format::ProvenanceT>();
    char digest[32];
    std::snprintf(digest, sizeof digest, "%016llx",
                  static_cast<unsigned long long>(source_->digest()));
    result->converter = std::string("weq ") + version();
    result->options = options_.command;
    result->calibration = summary_.random_calibration
                              ? "random"
                              : std::to_string(source_->size()) + " inputs, digest " + digest;
    result->isa = float_isa_name();
    for (size_t k = 0; k < graph_.nodes.size(); ++k) {
      for (const auto& [key, value] : plan_.nodes[k].figures) {
        auto figure = std::make_unique<format::LayerReportT>();
        figure->node = graph_.nodes[k].name;
        figure->key = key;
        figure->value = static_cast<float>(value);
        result->layers.push_back(std::move(figure));
      }
    }
    return result;
  }

  static const char* kind_name(CodeKind kind) {
    switch (kind) {
      case CodeKind::kLinear:
        return "linear";
      case CodeKind::kLog:
        return "log";
      case CodeKind::kSignedLog:
        return "signed-log";
      case CodeKind::kFree:
        return "free";
    }
    return "";
  }

  void summarize() {
    for (size_t k = 0; k < graph_.nodes.size(); ++k) {
      const Node& node = graph_.nodes[k];
      const LayerWeights& weights = plan_.nodes[k].weights;
      ConvertedLayer layer;
      layer.name = node.name;
      layer.op = node.op;
      layer.is_float = plan_.choices[k].stays_float;
      layer.weight_bits = weights.bits;
      layer.weight_levels = static_cast<int>(weights.levels.size());
      layer.note = weights.note;
      const int klass = plan_.classes.class_of[static_cast<size_t>(node.outputs[0])];
      if (klass >= 0) {
        const IntegerCode& code = plan_.codes[static_cast<size_t>(klass)];
        while ((size_t{1} << layer.activation_bits) < code.levels.size()) ++layer.activation_bits;
        layer.activation_kind = kind_name(code.kind);
      } else {
        layer.activation_kind =
            plan_.classes.storage[static_cast<size_t>(node.outputs[0])] == Storage::kFloat
                ? "float"
                : "units";
      }
      summary_.layers.push_back(std::move(layer));
    }
    if (summary_.random_calibration) {
      summary_.warnings.push_back(
          "Calibrated on noise: the file serves size and speed only, not accuracy.");
    } else if (summary_.calibration_inputs < 32) {
      summary_.warnings.push_back("Only " + std::to_string(summary_.calibration_inputs) +
                                  " calibration inputs; 100 and more give steadier results.");
    }
  }

  const ConvertOptions& options_;
  int threads_ = 1;
  Graph graph_;
  std::unique_ptr<DataSource> source_;
  Feed feed_;
  QuantizationPlan plan_;
  Statistics statistics_;
  ConvertSummary summary_;
};

}  // namespace

ConvertSummary convert(const ConvertOptions& options) { return Conversion(options).run(); }

}  // namespace weq::convert
