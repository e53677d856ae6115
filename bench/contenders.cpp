#include "bench/contenders.h"

#include <chrono>
#include <cstdio>

#include "converters/data/digest.h"
#include "converters/float/layer_runner.h"
#include "converters/onnx/import.h"
#include "converters/passes/passes.h"
#include "converters/report/latency.h"

namespace weq::bench {

using convert::Tensor;

Ours::Ours(const std::string& weq, const SessionOptions& wanted)
    : float_layers_(convert::make_layer_runner()) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  convert::check(Model::from_file(weq, &model_));
  SessionOptions options = wanted;
  options.float_runner = float_layers_.get();
  convert::check(Session::create(model_, options, &session_));
  prepare_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  set_inputs();
}

// Bytes of a fixed hash for images, small whole numbers else.
void Ours::set_inputs() {
  for (size_t i = 0; i < session_->inputs().size(); ++i) {
    const PortInfo& port = session_->inputs()[i];
    const auto count = static_cast<size_t>(convert::element_count(port.shape));
    std::vector<uint8_t> bytes(count);
    for (size_t k = 0; k < count; ++k)
      bytes[k] = static_cast<uint8_t>((k * 0x9E3779B97F4A7C15u) >> 56);
    if (port.image) {
      convert::check(session_->set_input_image(i, bytes.data(), count));
      continue;
    }
    std::vector<float> values(count);
    for (size_t k = 0; k < count; ++k) values[k] = static_cast<float>(bytes[k] - 128) / 64.0F;
    convert::check(session_->set_input_float(i, values.data(), count));
  }
}

void Ours::run() { convert::check(session_->run()); }

std::vector<LayerTrace> Ours::run_timed() {
  session_->set_trace(true);
  run();
  session_->set_trace(false);
  return session_->trace();
}

std::string Ours::hash() const {
  convert::Fnv1a digest;
  for (size_t i = 0; i < session_->outputs().size(); ++i) {
    std::vector<float> values(
        static_cast<size_t>(convert::element_count(session_->outputs()[i].shape)));
    convert::check(session_->get_output_float(i, values.data(), values.size()));
    digest.add(values.data(), values.size() * sizeof(float));
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest.value()));
  return text;
}

size_t Ours::peak_bytes() const {
  return model_->info().file_bytes + model_->packed_bytes() + session_->arena_bytes();
}

Theirs::Theirs(const std::string& onnx) : graph_(convert::import_onnx(onnx)) {
  convert::prepare_for_quantization(graph_);
  try {
    f32_ = std::make_unique<OnednnNetwork>(graph_, Arithmetic::kFloat);
    int8_ = std::make_unique<OnednnNetwork>(graph_, Arithmetic::kInt8);
  } catch (const convert::ConvertError& error) {
    std::fprintf(stderr, "weq: %s: %s; the float side is the converter's, int8 is left out\n",
                 onnx.c_str(), error.what());
    f32_.reset();
    fallback_ = std::make_unique<convert::FloatExecutor>(graph_);
  }
  for (const convert::ValueId id : graph_.inputs) {
    const convert::Value& value = graph_.value(id);
    Tensor input{value.dtype, value.shape, {}, {}};
    const auto count = static_cast<size_t>(convert::element_count(value.shape));
    for (size_t k = 0; k < count; ++k)
      input.f.push_back(static_cast<float>((k * 2654435761u) >> 24 & 255) / 64.0F - 2.0F);
    inputs_.push_back(std::move(input));
  }
  if (f32_) f32_->set_input(inputs_[0].f);
}

void Theirs::run_f32() {
  if (f32_) return f32_->run();
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs_) pointers.push_back(&input);
  fallback_->run(pointers);
}

}  // namespace weq::bench
