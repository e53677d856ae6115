#include "converters/calibrate/statistics.h"

#include <algorithm>

#include "converters/calibrate/parallel.h"
#include "converters/float/executor.h"

namespace weq::convert {
namespace {

// What one input contributes; merged in input order.
struct Contribution {
  std::vector<Histogram> classes;
  std::vector<std::vector<double>> squares;  // sum over positions, per channel
};

// Values whose distribution counts: what arithmetic writes, not what only moves bytes.
std::vector<bool> counted_values(const Graph& graph, const CodeClasses& classes) {
  std::vector<bool> counted(graph.values.size(), false);
  for (ValueId id : graph.inputs) counted[static_cast<size_t>(id)] = true;
  for (const Node& node : graph.nodes) {
    if (moves_bytes(graph, node)) continue;
    for (ValueId id : node.outputs) {
      if (id != kNoValue) counted[static_cast<size_t>(id)] = true;
    }
  }
  for (size_t id = 0; id < counted.size(); ++id) {
    if (classes.class_of[id] < 0) counted[id] = false;
  }
  return counted;
}

std::vector<bool> values_that_weights_meet(const Graph& graph) {
  std::vector<bool> met(graph.values.size(), false);
  for (const Node& node : graph.nodes) {
    if (node.op == "Conv") met[static_cast<size_t>(node.inputs[0])] = true;
  }
  return met;
}

void add_squares(const Tensor& tensor, std::vector<double>* sums) {
  const size_t channels = tensor.shape.size() > 1 ? static_cast<size_t>(tensor.shape[1]) : 1;
  const size_t batch = tensor.shape.empty() ? 1 : static_cast<size_t>(tensor.shape[0]);
  const size_t area = tensor.f.size() / std::max<size_t>(1, batch * channels);
  sums->resize(channels, 0.0);
  const float* p = tensor.f.data();
  for (size_t n = 0; n < batch; ++n) {
    for (size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (size_t i = 0; i < area; ++i) sum += static_cast<double>(p[i]) * p[i];
      (*sums)[c] += sum;
      p += area;
    }
  }
}

}  // namespace

Statistics measure(const Graph& graph, const CodeClasses& classes, const Feed& feed, int64_t inputs,
                   int threads, const std::function<void(int64_t done)>& progress) {
  const std::vector<bool> counted = counted_values(graph, classes);
  const std::vector<bool> met = values_that_weights_meet(graph);
  Statistics total;
  total.classes.resize(static_cast<size_t>(classes.classes));
  total.mean_square.resize(graph.values.size());
  total.inputs = inputs;
  std::vector<double> positions(graph.values.size(), 0.0);

  std::vector<FloatExecutor> executors;
  for (int t = 0; t < threads; ++t) executors.emplace_back(graph);
  std::vector<Contribution> parts(static_cast<size_t>(threads));

  for (int64_t first = 0; first < inputs; first += threads) {
    const int64_t count = std::min<int64_t>(threads, inputs - first);
    parallel_over(count, threads, [&](int64_t k, int) {
      Contribution& part = parts[static_cast<size_t>(k)];
      part.classes.assign(static_cast<size_t>(classes.classes), Histogram());
      part.squares.assign(graph.values.size(), {});
      const Tensor input = feed(first + k);
      executors[static_cast<size_t>(k)].run({&input}, [&](ValueId id, const Tensor& tensor) {
        const size_t v = static_cast<size_t>(id);
        if (tensor.dtype != DType::kFloat) return;
        if (counted[v]) {
          Histogram& histogram = part.classes[static_cast<size_t>(classes.class_of[v])];
          histogram.add(tensor.f.data(), tensor.f.size());
          if (histogram.not_finite() > 0) {
            throw ConvertError("value " + graph.value(id).name + " is not finite for input " +
                               std::to_string(first + k) +
                               "; check the preprocessing and the calibration data");
          }
        }
        if (met[v]) add_squares(tensor, &part.squares[v]);
      });
    });
    for (int64_t k = 0; k < count; ++k) {
      const Contribution& part = parts[static_cast<size_t>(k)];
      for (size_t c = 0; c < total.classes.size(); ++c) total.classes[c].merge(part.classes[c]);
      for (size_t v = 0; v < met.size(); ++v) {
        if (part.squares[v].empty()) continue;
        auto& sums = total.mean_square[v];
        sums.resize(part.squares[v].size(), 0.0);
        for (size_t c = 0; c < sums.size(); ++c) sums[c] += part.squares[v][c];
        positions[v] += static_cast<double>(element_count(graph.values[v].shape)) /
                        static_cast<double>(sums.size());
      }
    }
    if (progress) progress(first + count);
  }
  for (size_t v = 0; v < met.size(); ++v) {
    for (double& sum : total.mean_square[v]) sum /= std::max(1.0, positions[v]);
  }
  return total;
}

}  // namespace weq::convert
