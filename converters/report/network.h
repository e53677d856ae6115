// A network to be measured or run: a float ONNX graph or a .weq file, behind one interface.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "converters/data/source.h"
#include "converters/ir/graph.h"
#include "weq/weq.hpp"

namespace weq::convert {

// Immutable once open; any number of threads may make runners of one.
struct Network {
  std::string path;
  std::shared_ptr<const Model> model;  // a .weq file; else null
  std::shared_ptr<const Graph> graph;  // an ONNX file; else null
  Preprocess preprocess;               // as given, else the file's own
  bool has_preprocess = false;

  size_t input_count() const;
  Shape input_shape(size_t index) const;  // at batch 1, ONNX axes
  std::string input_name(size_t index) const;
};

struct NetworkOptions {
  std::optional<Preprocess> preprocess;       // none: that of the .weq file, or none at all
  std::map<std::string, Shape> input_shapes;  // ONNX only
  bool prepared = false;  // ONNX: through all passes, so that value names are those of a .weq file
};

// By content: a FlatBuffers file of ours, or ONNX. Throws ConvertError.
Network open_network(const std::string& path, const NetworkOptions& options);

// For commands that feed records: throws UsageError where the network has several inputs.
void require_single_input(const Network& network);

// A Status as the exception of its kind; returns when it is ok.
void check(const Status& status);

// One execution state; one thread at a time. The network must outlive it.
class NetworkRunner {
 public:
  virtual ~NetworkRunner() = default;
  // Batch 1, one input: the record's bytes where the network takes them, else its floats.
  virtual void run(const Record& record) = 0;
  // All inputs in order, each with the whole batch.
  virtual void run(const std::vector<Tensor>& inputs) = 0;
  virtual size_t output_count() const = 0;
  virtual std::string output_name(size_t index) const = 0;
  // Of the last run; valid until the next.
  virtual const Tensor& output(size_t index) = 0;
};

struct RunnerOptions {
  int64_t batch = 1;
  int threads = 1;  // inside one run; the float path always runs on one
  std::string isa;
  std::string tuning;  // SessionOptions::tuning
};
std::unique_ptr<NetworkRunner> make_runner(const Network& network, const RunnerOptions& options);

// True where the record's bytes give the .weq input exactly: it takes images, and the record was
// made with the normalization that the file has folded into its first layer.
bool takes_bytes(const PortInfo& port, const Network& network, const Record& record);

}  // namespace weq::convert
