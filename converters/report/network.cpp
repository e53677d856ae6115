#include "converters/report/network.h"

#include <cstring>

#include "converters/data/file_bytes.h"
#include "converters/data/preprocess.h"
#include "converters/ir/errors.h"
#include "converters/onnx/import.h"
#include "converters/passes/passes.h"

namespace weq::convert {
namespace {

bool is_weq(const std::string& path) {
  const RangeFile file(path);
  char head[8] = {};
  if (file.size() == 0) throw FileError(path, "the file is empty; give a .onnx or .weq model");
  const bool named = path.size() > 4 && path.compare(path.size() - 4, 4, ".weq") == 0;
  if (named || file.size() < sizeof head) return named;
  file.read(0, head, sizeof head);
  return std::memcmp(head + 4, "WEQ1", 4) == 0;
}

}  // namespace

void check(const Status& status) {
  if (status.ok()) return;
  std::string message = status.message();
  if (message.compare(0, 5, "weq: ") == 0) message.erase(0, 5);
  if (status.code() == StatusCode::kOutOfMemory) throw ResourceError(message);
  if (status.code() == StatusCode::kInvalidArgument) throw UsageError(message);
  throw ConvertError(message);
}

size_t Network::input_count() const {
  return model ? model->info().inputs.size() : graph->inputs.size();
}

Shape Network::input_shape(size_t index) const {
  return model ? model->info().inputs[index].shape : graph->value(graph->inputs[index]).shape;
}

std::string Network::input_name(size_t index) const {
  return model ? model->info().inputs[index].name : graph->value(graph->inputs[index]).name;
}

Network open_network(const std::string& path, const NetworkOptions& options) {
  Network network;
  network.path = path;
  if (is_weq(path)) {
    check(Model::from_file(path, &network.model));
    network.has_preprocess = network.model->info().has_preprocess;
    network.preprocess = network.model->info().preprocess;
  } else {
    ImportOptions import;
    import.input_shapes = options.input_shapes;
    auto graph = std::make_shared<Graph>(import_onnx(path, import));
    if (options.prepared) {
      prepare_for_quantization(*graph);
    } else {
      simplify(*graph);
    }
    network.graph = graph;
  }
  if (options.preprocess) {
    network.has_preprocess = true;
    network.preprocess = *options.preprocess;
  }
  return network;
}

void require_single_input(const Network& network) {
  if (network.input_count() == 1) return;
  std::string names;
  for (size_t i = 0; i < network.input_count(); ++i) {
    names += (i > 0 ? ", " : "") + network.input_name(i);
  }
  throw UsageError(network.path + ": has " + std::to_string(network.input_count()) + " inputs (" +
                   names + "), data sources feed one; use weq run --input NAME=X.npy");
}

bool takes_bytes(const PortInfo& port, const Network& network, const Record& record) {
  return port.image && !record.image.empty() &&
         same_normalization(network.preprocess, network.model->info().preprocess);
}

}  // namespace weq::convert
