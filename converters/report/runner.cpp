#include "converters/float/executor.h"
#include "converters/float/layer_runner.h"
#include "converters/report/network.h"

namespace weq::convert {
namespace {

class GraphRunner : public NetworkRunner {
 public:
  GraphRunner(const Network& network, const RunnerOptions& options)
      : graph_(*network.graph), executor_(*network.graph, options.batch) {}

  void run(const Record& record) override {
    const Value& input = graph_.value(graph_.inputs[0]);
    if (input.dtype == DType::kFloat) {
      executor_.run({&record.input});
      return;
    }
    Tensor integers;
    integers.dtype = input.dtype;
    integers.shape = record.input.shape;
    for (const float value : record.input.f) integers.i.push_back(static_cast<int64_t>(value));
    executor_.run({&integers});
  }
  void run(const std::vector<Tensor>& inputs) override {
    std::vector<const Tensor*> pointers;
    for (const Tensor& input : inputs) pointers.push_back(&input);
    executor_.run(pointers);
  }
  size_t output_count() const override { return graph_.outputs.size(); }
  std::string output_name(size_t index) const override {
    return graph_.value(graph_.outputs[index]).name;
  }
  const Tensor& output(size_t index) override { return executor_.output(index); }

 private:
  const Graph& graph_;
  FloatExecutor executor_;
};

class SessionRunner : public NetworkRunner {
 public:
  SessionRunner(const Network& network, const RunnerOptions& options) : network_(network) {
    SessionOptions session;
    session.batch = static_cast<int>(options.batch);
    session.threads = options.threads;
    session.isa = options.isa;
    session.tuning = options.tuning;
    session.float_runner = float_layers_.get();
    check(Session::create(network.model, session, &session_));
    outputs_.resize(session_->outputs().size());
    for (size_t i = 0; i < outputs_.size(); ++i) {
      outputs_[i].shape = session_->outputs()[i].shape;
      outputs_[i].f.resize(static_cast<size_t>(element_count(outputs_[i].shape)));
    }
  }

  void run(const Record& record) override {
    if (takes_bytes(session_->inputs()[0], network_, record)) {
      check(session_->set_input_image(0, record.image.data(), record.image.size()));
    } else {
      check(session_->set_input_float(0, record.input.f.data(), record.input.f.size()));
    }
    finish();
  }
  void run(const std::vector<Tensor>& inputs) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      check(session_->set_input_float(i, inputs[i].f.data(), inputs[i].f.size()));
    }
    finish();
  }
  size_t output_count() const override { return outputs_.size(); }
  std::string output_name(size_t index) const override { return session_->outputs()[index].name; }
  const Tensor& output(size_t index) override { return outputs_[index]; }

 private:
  void finish() {
    check(session_->run());
    for (size_t i = 0; i < outputs_.size(); ++i) {
      check(session_->get_output_float(i, outputs_[i].f.data(), outputs_[i].f.size()));
    }
  }
  const Network& network_;
  std::unique_ptr<FloatRunner> float_layers_ = make_layer_runner();
  std::unique_ptr<Session> session_;
  std::vector<Tensor> outputs_;
};

}  // namespace

std::unique_ptr<NetworkRunner> make_runner(const Network& network, const RunnerOptions& options) {
  if (network.model) return std::make_unique<SessionRunner>(network, options);
  return std::make_unique<GraphRunner>(network, options);
}

}  // namespace weq::convert
