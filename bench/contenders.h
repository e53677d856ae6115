// The two sides of a comparison of whole networks: ours, and oneDNN's in f32 and int8.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/onednn_network.h"
#include "converters/float/executor.h"
#include "weq/weq.hpp"

namespace weq::bench {

// A session of a .weq file with its inputs set.
class Ours {
 public:
  // Throws ConvertError.
  Ours(const std::string& weq, const SessionOptions& options);

  void run();
  // One run with a clock around every layer.
  std::vector<LayerTrace> run_timed();
  // Of all outputs of the last run, 16 hexadecimal digits.
  std::string hash() const;
  const Model& model() const { return *model_; }
  const Session& session() const { return *session_; }
  double prepare_ms() const { return prepare_ms_; }
  size_t peak_bytes() const;  // file, packed weights and arena

 private:
  void set_inputs();

  std::unique_ptr<FloatRunner> float_layers_;
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  double prepare_ms_ = 0;  // open, verify, make a session
};

// Where the baseline lacks an operator, f32 is the converter's float path and int8 is missing.
class Theirs {
 public:
  // Throws ConvertError.
  explicit Theirs(const std::string& onnx);

  void run_f32();
  OnednnNetwork* f32() { return f32_.get(); }    // null: lacking
  OnednnNetwork* int8() { return int8_.get(); }  // null: lacking

 private:
  convert::Graph graph_;
  std::unique_ptr<OnednnNetwork> f32_, int8_;
  std::unique_ptr<convert::FloatExecutor> fallback_;
  std::vector<convert::Tensor> inputs_;
};

}  // namespace weq::bench
