#include <unordered_map>

#include "engine/runtime/model.h"
#include "engine/runtime/plan_nodes.h"

namespace weq {
namespace {

std::string text(const flatbuffers::String* s) { return s == nullptr ? "" : s->str(); }

template <class To, class From>
void append(const flatbuffers::Vector<From>* from, std::vector<To>* to) {
  if (from != nullptr)
    for (From value : *from) to->push_back(value);
}

int bits_of(int codes) {
  int bits = 1;
  while (1 << bits < codes) ++bits;
  return bits;
}

const char* kind_name(const TensorInfo& tensor) {
  if (tensor.type == format::TensorType::Float) return "float";
  if (tensor.type == format::TensorType::Units) return "units";
  switch (tensor.quantizer->file->kind()) {
    case format::QuantizerKind::Linear:
      return "linear";
    case format::QuantizerKind::Log:
      return "log";
    case format::QuantizerKind::SignedLog:
      return "signed-log";
    default:
      return "free";
  }
}

LayerInfo describe_layer(const Graph& graph, size_t i) {
  const format::Node& node = graph.node(i);
  LayerInfo layer;
  layer.name = node.name()->str();
  layer.op = graph.operators[i]->name;
  if (const format::Conv* conv = node.op_as_Conv()) {
    layer.weight_bits = conv->weights()->bits();
    layer.weight_levels = static_cast<int>(conv->weights()->levels()->size());
    layer.max_abs_acc = conv->bounds()->max_abs_acc();
    layer.lut_flush3 = conv->bounds()->lut_flush3();
    layer.lut_flush2 = conv->bounds()->lut_flush2();
    layer.sum16_flush = conv->bounds()->sum16_flush();
    layer.winograd_line = conv->bounds()->winograd_line();
    layer.winograd_centre = conv->bounds()->winograd_centre();
    layer.winograd4 = static_cast<int>(conv->bounds()->winograd4());
  }
  const auto bits = [](const TensorInfo& t) {
    return t.is_bytes() ? bits_of(t.quantizer->map.codes) : 32;
  };
  if (node.inputs()->size() > 0) {
    layer.input_bits = bits(graph.tensors[static_cast<size_t>(node.inputs()->Get(0))]);
  }
  if (node.outputs()->size() == 0) return layer;
  const TensorInfo& out = graph.tensors[static_cast<size_t>(node.outputs()->Get(0))];
  layer.activation_bits = bits(out);
  layer.activation_kind = kind_name(out);
  return layer;
}

Preprocess describe_preprocess(const format::Preprocess& p) {
  Preprocess result;
  append(p.resize_to(), &result.resize_to);
  result.resize_shorter = p.resize_shorter();
  result.crop = p.crop();
  result.bgr = p.bgr();
  result.mono = p.mono();
  result.image = p.image();
  result.scale = p.scale();
  append(p.mean(), &result.mean);
  append(p.std(), &result.std);
  return result;
}

}  // namespace

PortInfo describe_port(const Graph& graph, const format::Port& port, const Dims& shape) {
  const TensorInfo& tensor = graph.tensors[static_cast<size_t>(port.tensor())];
  PortInfo info;
  info.name = port.name()->str();
  for (int i = 0; i < shape.rank; ++i)
    info.shape.push_back(
        shape[port.axes() == nullptr ? i : port.axes()->Get(static_cast<uint32_t>(i))]);
  info.type = tensor.is_bytes()                          ? ElementType::kBytes
              : tensor.type == format::TensorType::Units ? ElementType::kUnits
                                                         : ElementType::kFloat;
  info.unit = tensor.unit;
  const format::Preprocess* preprocess = graph.file->preprocess();
  info.image =
      preprocess != nullptr && preprocess->image() && &port == graph.file->inputs()->Get(0);
  return info;
}

ModelInfo describe(const Graph& graph, size_t file_bytes) {
  const format::Model& file = *graph.file;
  ModelInfo info;
  info.name = text(file.name());
  info.format_version = static_cast<int>(file.format_version());
  info.file_bytes = file_bytes;
  info.hash = file.content_hash();
  const auto shape_of = [&](const format::Port& port) {
    return graph.tensors[static_cast<size_t>(port.tensor())].shape;
  };
  for (const format::Port* port : *file.inputs())
    info.inputs.push_back(describe_port(graph, *port, shape_of(*port)));
  for (const format::Port* port : *file.outputs())
    info.outputs.push_back(describe_port(graph, *port, shape_of(*port)));
  info.has_preprocess = file.preprocess() != nullptr;
  if (info.has_preprocess) info.preprocess = describe_preprocess(*file.preprocess());
  std::unordered_map<std::string, size_t> layer_of;
  for (size_t i = 0; i < graph.node_count(); ++i) {
    info.layers.push_back(describe_layer(graph, i));
    layer_of.emplace(info.layers.back().name, i);
    const format::Conv* conv = graph.node(i).op_as_Conv();
    if (conv == nullptr) continue;
    info.weight_count += conv->weights()->count();
    info.weight_bytes += conv->weights()->codes()->size() + conv->weights()->levels()->size();
  }
  const format::Provenance* provenance = file.provenance();
  if (provenance == nullptr) return info;
  info.converter = text(provenance->converter());
  info.options = text(provenance->options());
  info.calibration = text(provenance->calibration());
  if (provenance->layers() == nullptr) return info;
  for (const format::LayerReport* report : *provenance->layers()) {
    const auto layer = layer_of.find(text(report->node()));
    if (layer != layer_of.end())
      info.layers[layer->second].report.emplace_back(text(report->key()), report->value());
  }
  return info;
}

void describe_kernels(const ModelImpl& model, ModelInfo* info) {
  SessionSetup setup;
  if (!plan_nodes(model, SessionOptions(), &setup).ok()) return;
  for (size_t i = 0; i < info->layers.size(); ++i) {
    info->layers[i].kernel = setup.plans[i]->kernel;
    info->layers[i].kernel_reason = setup.plans[i]->reason;
    info->layers[i].candidates = setup.plans[i]->candidates;
    info->layers[i].macs = setup.plans[i]->macs;
  }
}

}  // namespace weq
