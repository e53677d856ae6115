#include "converters/walk/layer_walk.h"

#include <algorithm>
#include <cmath>

#include "converters/calibrate/parallel.h"
#include "converters/float/executor.h"
#include "converters/quantize/channel_correction.h"
#include "converters/walk/activation_inverse.h"
#include "converters/walk/level_ranges.h"
#include "converters/walk/live_values.h"

namespace weq::convert {
namespace {

constexpr size_t kMostInputs = 128, kFewestInputs = 8;
constexpr size_t kTrialInputs = 8;  // that decide between criteria

// A convolution without what is fused behind it: bias, residual, activation.
struct BareConv {
  Node node;
  ValueId bias = kNoValue, residual = kNoValue;

  explicit BareConv(const Node& fused) : node(fused) {
    const int64_t residual_input = fused.get_int("residual_input", -1);
    if (residual_input >= 0) residual = fused.inputs[static_cast<size_t>(residual_input)];
    if (fused.inputs.size() > 2 && residual_input != 2) bias = fused.inputs[2];
    node.inputs.resize(2);
    for (const char* key : {"residual_input", "activation", "activation_params"}) {
      node.attributes.erase(key);
    }
  }
};

// One primitive cache per thread.
using States = std::vector<std::shared_ptr<void>>;

class LayerWalk {
 public:
  LayerWalk(const Graph& graph, const Statistics& statistics, const Feed& feed, int64_t available,
            const WalkOptions& options, QuantizationPlan* plan)
      : graph_(graph),
        statistics_(statistics),
        options_(options),
        plan_(plan),
        live_(graph, *plan, inputs_to_use(graph, available, options.memory_budget)) {
    const ValueId input = graph.inputs[0];
    live_.open(input);
    parallel(live_.inputs(), [&](size_t i, size_t) {
      const int64_t count = static_cast<int64_t>(live_.inputs());
      Tensor tensor = feed(static_cast<int64_t>(i) * available / count);
      live_.set_quantized(input, i, tensor);
      live_.set_reference(input, i, std::move(tensor));
    });
  }

  void step(size_t k) {
    const Node& node = graph_.nodes[k];
    for (ValueId id : node.outputs) {
      if (id != kNoValue) live_.open(id);
    }
    if (node.op == "Conv" && !plan_->choices[k].stays_float) {
      quantize_conv(node, &plan_->nodes[k]);
    } else {
      run_plain(node);
    }
    if (node.op == "Conv" || is_arithmetic(node)) {
      plan_->nodes[k].figures["snr_db"] = signal_to_noise(node.outputs[0]);
    }
    live_.release_after(k);
  }

 private:
  static size_t inputs_to_use(const Graph& graph, int64_t available, size_t budget) {
    const size_t fit = budget / std::max<size_t>(1, LiveValues::peak_bytes(graph));
    const size_t wanted = std::min(kMostInputs, std::max(kFewestInputs, fit));
    return std::min(wanted, static_cast<size_t>(available));
  }

  template <class Body>
  void parallel(size_t count, const Body& body) const {
    parallel_over(static_cast<int64_t>(count), options_.threads, [&](int64_t i, int thread) {
      body(static_cast<size_t>(i), static_cast<size_t>(thread));
    });
  }

  States states() const { return States(static_cast<size_t>(options_.threads)); }

  // Operators without weights of their own: the same function on float and on decoded inputs.
  void run_plain(const Node& node) {
    States on_reference = states(), on_quantized = states();
    parallel(live_.inputs(), [&](size_t i, size_t thread) {
      std::vector<const Tensor*> inputs;
      for (ValueId id : node.inputs) inputs.push_back(live_.reference(id, i));
      std::vector<Tensor> outputs;
      run_node(graph_, node, inputs, &outputs, &on_reference[thread]);
      std::vector<Tensor> scratch(node.inputs.size());
      for (size_t j = 0; j < node.inputs.size(); ++j) {
        inputs[j] = live_.quantized(node.inputs[j], i, &scratch[j]);
      }
      std::vector<Tensor> quantized;
      run_node(graph_, node, inputs, &quantized, &on_quantized[thread]);
      for (size_t j = 0; j < node.outputs.size(); ++j) {
        if (node.outputs[j] == kNoValue) continue;
        live_.set_quantized(node.outputs[j], i, std::move(quantized[j]));
        live_.set_reference(node.outputs[j], i, std::move(outputs[j]));
      }
    });
  }

  Tensor run_conv(const BareConv& conv, const Tensor* input, const Tensor* weights,
                  std::shared_ptr<void>* state) const {
    std::vector<Tensor> outputs;
    run_node(graph_, conv.node, {input, weights}, &outputs, state);
    return std::move(outputs[0]);
  }

  void quantize_conv(const Node& node, NodePlan* to) {
    const BareConv conv(node);
    const Tensor& weights = *graph_.constant(node.inputs[1]);
    const size_t channels = static_cast<size_t>(weights.shape[0]);
    std::vector<Tensor> sums(live_.inputs());  // float, before bias, residual and activation
    States cache = states();
    parallel(live_.inputs(), [&](size_t i, size_t thread) {
      sums[i] = run_conv(conv, live_.reference(node.inputs[0], i), &weights, &cache[thread]);
    });

    choose_weights(node, conv, sums, to);
    const Tensor decoded = dequantize_weights(to->weights, weights.shape);
    std::vector<Tensor> quantized(live_.inputs());
    std::vector<std::vector<ChannelSums>> parts(live_.inputs());
    cache = states();
    parallel(live_.inputs(), [&](size_t i, size_t thread) {
      Tensor scratch;
      quantized[i] =
          run_conv(conv, live_.quantized(node.inputs[0], i, &scratch), &decoded, &cache[thread]);
      parts[i] = channel_sums(quantized[i], sums[i], channels);
    });

    const std::vector<double> one(channels, 1.0);
    std::vector<double> own(channels, 0.0);  // the float layer's bias
    if (const Tensor* bias = graph_.constant(conv.bias)) own.assign(bias->f.begin(), bias->f.end());
    to->gain = one;
    to->bias = own;
    for (size_t c = 0; c < channels && options_.correction; ++c) {
      ChannelSums all;
      for (const auto& part : parts) all.merge(part[c]);
      const ChannelCorrection fit = correct_channel(all, Correction::kLeastSquares);
      to->gain[c] = fit.gain;
      to->bias[c] += fit.shift;
    }

    parallel(live_.inputs(), [&](size_t i, size_t) {
      Tensor scratch;
      finish(node, one, own, live_.reference(conv.residual, i), &sums[i]);
      finish(node, to->gain, to->bias, live_.quantized(conv.residual, i, &scratch), &quantized[i]);
      live_.set_quantized(node.outputs[0], i, std::move(quantized[i]));
      live_.set_reference(node.outputs[0], i, std::move(sums[i]));
    });
  }

  // sum -> gain * sum + bias + residual, then the activation.
  static void finish(const Node& node, const std::vector<double>& gain,
                     const std::vector<double>& bias, const Tensor* residual, Tensor* tensor) {
    const size_t channels = gain.size();
    const size_t area = tensor->f.size() / channels;  // batch is 1
    for (size_t c = 0; c < channels; ++c) {
      const float g = static_cast<float>(gain[c]), b = static_cast<float>(bias[c]);
      float* x = tensor->f.data() + c * area;
      for (size_t i = 0; i < area; ++i) x[i] = x[i] * g + b;
    }
    if (residual) {
      for (size_t i = 0; i < tensor->f.size(); ++i) tensor->f[i] += residual->f[i];
    }
    apply_activation(node, &tensor->f);
  }

  static std::vector<ChannelSums> channel_sums(const Tensor& quantized, const Tensor& reference,
                                               size_t channels) {
    std::vector<ChannelSums> sums(channels);
    const size_t area = quantized.f.size() / channels;
    for (size_t c = 0; c < channels; ++c) {
      for (size_t i = c * area; i < (c + 1) * area; ++i) {
        sums[c].add(static_cast<double>(quantized.f[i]), static_cast<double>(reference.f[i]));
      }
    }
    return sums;
  }

  // What is left of the error of a channel after its correction.
  double left_error(const ChannelSums& s) const {
    const ChannelCorrection fit =
        options_.correction ? correct_channel(s, Correction::kLeastSquares) : ChannelCorrection();
    return s.yy - 2 * fit.gain * s.xy - 2 * fit.shift * s.y + fit.gain * fit.gain * s.xx +
           2 * fit.gain * fit.shift * s.x + fit.shift * fit.shift * static_cast<double>(s.n);
  }

  double trial_error(const Node& node, const BareConv& conv, const LayerWeights& weights,
                     const std::vector<Tensor>& sums) const {
    const Shape& shape = graph_.constant(node.inputs[1])->shape;
    const size_t channels = static_cast<size_t>(shape[0]);
    const Tensor decoded = dequantize_weights(weights, shape);
    const size_t trials = std::min(kTrialInputs, live_.inputs());
    std::vector<std::vector<ChannelSums>> parts(trials);
    States cache = states();
    parallel(trials, [&](size_t t, size_t thread) {
      const size_t i = t * live_.inputs() / trials;
      Tensor scratch;
      const Tensor sum =
          run_conv(conv, live_.quantized(node.inputs[0], i, &scratch), &decoded, &cache[thread]);
      parts[t] = channel_sums(sum, sums[i], channels);
    });
    double error = 0;
    for (size_t c = 0; c < channels; ++c) {
      ChannelSums all;
      for (const auto& part : parts) all.merge(part[c]);
      error += left_error(all);
    }
    return error;
  }

  void choose_weights(const Node& node, const BareConv& conv, const std::vector<Tensor>& sums,
                      NodePlan* to) {
    const size_t k = static_cast<size_t>(&node - graph_.nodes.data());
    WeightOptions weight_options;
    weight_options.levels = plan_->choices[k].weight_levels;
    weight_options.scheme = options_.scheme;
    weight_options.search = options_.search;
    weight_options.channel_scale = options_.channel_scale;
    weight_options.paper = options_.paper;
    const int input_class = plan_->classes.class_of[static_cast<size_t>(node.inputs[0])];
    weight_options.max_level =
        weight_level_limit(graph_, node, weight_options.levels,
                           plan_->codes[static_cast<size_t>(input_class)].levels.back());

    std::vector<Criterion> candidates;
    switch (options_.criterion) {
      case CriterionChoice::kWeightedEntropy:
        candidates = {Criterion::kWeightedEntropy};
        break;
      case CriterionChoice::kMse:
        candidates = {Criterion::kMse};
        break;
      case CriterionChoice::kOutput:
        candidates = {Criterion::kOutput};
        break;
      case CriterionChoice::kAuto:
        candidates = {Criterion::kOutput, Criterion::kMse, Criterion::kWeightedEntropy};
        // A grid this fine leaves the criteria nothing to differ in but the channel's scale.
        if (weight_options.levels >= 128) candidates.pop_back();
        break;
    }
    const Tensor& weights = *graph_.constant(node.inputs[1]);
    const auto& mean_square = statistics_.mean_square[static_cast<size_t>(node.inputs[0])];
    std::vector<LayerWeights> made(candidates.size());
    parallel(candidates.size(), [&](size_t c, size_t) {
      WeightOptions own = weight_options;
      own.criterion = candidates[c];
      made[c] = quantize_weights(weights, node.get_int("group", 1), mean_square, own);
    });
    size_t best = 0;
    double least = 0;
    for (size_t c = 0; c < made.size() && made.size() > 1; ++c) {
      const double error = trial_error(node, conv, made[c], sums);
      if (c == 0 || error < least) {
        least = error;
        best = c;
      }
    }
    to->weights = std::move(made[best]);
    to->criterion = candidates[best];
  }

  double signal_to_noise(ValueId id) const {
    std::vector<double> signal(live_.inputs()), noise(live_.inputs());
    parallel(live_.inputs(), [&](size_t i, size_t) {
      Tensor scratch;
      const Tensor& f = *live_.reference(id, i);
      const Tensor& q = *live_.quantized(id, i, &scratch);
      for (size_t j = 0; j < f.f.size(); ++j) {
        const double x = static_cast<double>(f.f[j]), d = x - static_cast<double>(q.f[j]);
        signal[i] += x * x;
        noise[i] += d * d;
      }
    });
    double s = 0, n = 0;
    for (size_t i = 0; i < signal.size(); ++i) {
      s += signal[i];
      n += noise[i];
    }
    return n > 0 && s > 0 ? std::min(200.0, 10 * std::log10(s / n)) : 200.0;
  }

  const Graph& graph_;
  const Statistics& statistics_;
  const WalkOptions& options_;
  QuantizationPlan* plan_;
  LiveValues live_;
};

}  // namespace

void walk_layers(const Graph& graph, const Statistics& statistics, const Feed& feed, int64_t inputs,
                 const WalkOptions& options, QuantizationPlan* plan,
                 const std::function<void(int64_t done, int64_t total)>& progress) {
  plan->nodes.assign(graph.nodes.size(), NodePlan());
  LayerWalk walk(graph, statistics, feed, inputs, options, plan);
  for (size_t k = 0; k < graph.nodes.size(); ++k) {
    walk.step(k);
    if (progress) {
      progress(static_cast<int64_t>(k) + 1, static_cast<int64_t>(graph.nodes.size()));
    }
  }
}

}  // namespace weq::convert
