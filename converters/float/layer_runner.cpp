#include "converters/float/layer_runner.h"

#include <algorithm>
#include <limits>
#include <new>

#include "converters/float/executor.h"
#include "converters/float/node_bytes.h"
#include "converters/ops/op.h"

namespace weq::convert {
namespace {

Shape shape_of(const FloatRunner::Tensor& tensor) {
  return Shape(tensor.shape, tensor.shape + tensor.rank);
}

// One layer at fixed shapes.
struct Layer {
  explicit Layer(Graph one_node) : graph(std::move(one_node)), executor(graph) {}
  Graph graph;
  FloatExecutor executor;
  std::vector<Tensor> inputs;
};

// The engine knows no exceptions: none leaves here.
class LayerRunner : public FloatRunner {
 public:
  int prepare(const std::string& op_type, const uint8_t* attributes, size_t size,
              const std::vector<FloatRunner::Tensor>& inputs,
              const std::vector<FloatRunner::Tensor>& outputs, std::string* error) override {
    try {
      std::vector<Shape> shapes;
      for (const FloatRunner::Tensor& input : inputs) shapes.push_back(shape_of(input));
      Graph graph = graph_from_bytes(attributes, size, shapes);
      const OpDef* op = find_op(op_type);
      if (op == nullptr || graph.nodes[0].op != op_type || graph.outputs.size() != outputs.size()) {
        *error = "its stored attributes are not those of a " + op_type;
        return -1;
      }
      op->infer(graph, graph.nodes[0]);  // stored shapes are those of batch 1
      for (size_t i = 0; i < outputs.size(); ++i) {
        if (element_count(graph.value(graph.outputs[i]).shape) !=
            element_count(shape_of(outputs[i]))) {
          *error = "its stored output shape is not what " + op_type + " gives";
          return -1;
        }
      }
      auto layer = std::make_unique<Layer>(std::move(graph));
      layer->inputs.resize(inputs.size());
      for (size_t i = 0; i < inputs.size(); ++i) {
        layer->inputs[i].shape = shapes[i];
        layer->inputs[i].f.resize(static_cast<size_t>(element_count(shapes[i])));
      }
      layers_.push_back(std::move(layer));
      return static_cast<int>(layers_.size()) - 1;
    } catch (const ConvertError& failure) {
      *error = failure.what();
    } catch (const std::bad_alloc&) {
      *error = "out of memory";
    }
    return -1;
  }

  void run(int handle, const FloatRunner::Tensor* inputs, int input_count,
           const FloatRunner::Tensor* outputs, int output_count) override {
    Layer& layer = *layers_[static_cast<size_t>(handle)];
    std::vector<const weq::convert::Tensor*> pointers;
    for (int i = 0; i < input_count; ++i) {
      weq::convert::Tensor& input = layer.inputs[static_cast<size_t>(i)];
      std::copy_n(inputs[i].data, input.f.size(), input.f.begin());
      pointers.push_back(&input);
    }
    bool done = true;
    try {
      layer.executor.run(pointers);
    } catch (const std::exception&) {
      done = false;  // out of memory: the interface has no word for it, NaN says it
    }
    for (int i = 0; i < output_count; ++i) {
      const auto count = static_cast<size_t>(element_count(shape_of(outputs[i])));
      if (done) {
        std::copy_n(layer.executor.output(static_cast<size_t>(i)).f.begin(), count,
                    outputs[i].data);
      } else {
        std::fill_n(outputs[i].data, count, std::numeric_limits<float>::quiet_NaN());
      }
    }
  }

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace

std::unique_ptr<FloatRunner> make_layer_runner() { return std::make_unique<LayerRunner>(); }

}  // namespace weq::convert
