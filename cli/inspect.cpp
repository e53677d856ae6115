#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/table.h"
#include "converters/float/layer_runner.h"
#include "converters/report/candidates.h"
#include "converters/report/network.h"
#include "weq/weq.hpp"

namespace weq::cli {
namespace {

struct Arguments {
  std::string model;
  bool json = false;
};

std::string hash_text(uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

Json shape_json(const PortInfo& port) {
  return Json{{"name", port.name}, {"shape", port.shape}, {"image", port.image}};
}

Json preprocess_json(const Preprocess& p) {
  Json json{{"channel_order", p.mono ? "mono" : p.bgr ? "BGR" : "RGB"}, {"scale", p.scale}};
  if (!p.resize_to.empty()) json["resize_to"] = p.resize_to;
  if (p.resize_shorter > 0) json["resize_shorter"] = p.resize_shorter;
  if (p.crop > 0) json["crop"] = p.crop;
  if (!p.mean.empty()) json["mean"] = p.mean;
  if (!p.std.empty()) json["std"] = p.std;
  return json;
}

void print_json(const ModelInfo& info, size_t arena_bytes) {
  Json out{{"name", info.name},
           {"format_version", info.format_version},
           {"file_bytes", info.file_bytes},
           {"arena_bytes", arena_bytes},
           {"weight_count", info.weight_count},
           {"weight_bytes", info.weight_bytes},
           {"hash", hash_text(info.hash)},
           {"converter", info.converter},
           {"options", info.options},
           {"calibration", info.calibration}};
  out["inputs"] = out["outputs"] = out["layers"] = Json::array();
  for (const PortInfo& port : info.inputs) out["inputs"].push_back(shape_json(port));
  for (const PortInfo& port : info.outputs) out["outputs"].push_back(shape_json(port));
  if (info.has_preprocess) out["preprocess"] = preprocess_json(info.preprocess);
  for (const LayerInfo& layer : info.layers) {
    Json entry{{"name", layer.name},
               {"op", layer.op},
               {"weight_bits", layer.weight_bits},
               {"weight_levels", layer.weight_levels},
               {"input_bits", layer.input_bits},
               {"activation_bits", layer.activation_bits},
               {"activation_kind", layer.activation_kind},
               {"kernel", layer.kernel},
               {"kernel_reason", layer.kernel_reason},
               {"macs", layer.macs},
               {"max_abs_acc", layer.max_abs_acc},
               {"lut_flush3", layer.lut_flush3},
               {"lut_flush2", layer.lut_flush2},
               {"sum16_flush", layer.sum16_flush},
               {"winograd_line", layer.winograd_line},
               {"winograd_centre", layer.winograd_centre},
               {"winograd4", layer.winograd4}};
    convert::add_candidates(layer.candidates, &entry);
    entry["report"] = Json::object();
    for (const auto& [key, value] : layer.report) entry["report"][key] = number(value);
    out["layers"].push_back(std::move(entry));
  }
  print(out);
}

std::string port_text(const PortInfo& port) {
  std::string text = port.name + " [";
  for (size_t i = 0; i < port.shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(port.shape[i]);
  }
  return text + "]" + (port.image ? ", takes image bytes" : "");
}

// What the loader has proven of each convolution, and which kernels rely on.
void print_bounds(const ModelInfo& info) {
  Table table({"layer", "largest sum", "lut flush 3", "lut flush 2", "sum16 flush", "winograd line",
               "centre", "F(4x4)"});
  for (const LayerInfo& layer : info.layers) {
    if (layer.weight_levels == 0) continue;
    const auto shown = [](int bound) { return bound > 0 ? std::to_string(bound) : "-"; };
    table.add({layer.name, std::to_string(layer.max_abs_acc), shown(layer.lut_flush3),
               shown(layer.lut_flush2), shown(layer.sum16_flush), shown(layer.winograd_line),
               shown(layer.winograd_centre), shown(layer.winograd4)});
  }
  if (table.size() == 0) return;
  std::printf("\nbounds proven from the codes\n");
  table.print();
}

void print_text(const ModelInfo& info, size_t arena_bytes) {
  std::printf("%s: format %d, %s, hash %s\n", info.name.c_str(), info.format_version,
              bytes_text(static_cast<double>(info.file_bytes)).c_str(),
              hash_text(info.hash).c_str());
  std::printf("weights      %llu in %s\n", static_cast<unsigned long long>(info.weight_count),
              bytes_text(static_cast<double>(info.weight_bytes)).c_str());
  std::printf("arena        %s at batch 1\n", bytes_text(static_cast<double>(arena_bytes)).c_str());
  for (const PortInfo& port : info.inputs)
    std::printf("input        %s\n", port_text(port).c_str());
  for (const PortInfo& port : info.outputs) {
    std::printf("output       %s\n", port_text(port).c_str());
  }
  std::printf("made by      %s\n", info.converter.c_str());
  std::printf("options      %s\n", info.options.c_str());
  std::printf("calibration  %s\n\n", info.calibration.c_str());
  Table table({"layer", "op", "weights", "levels", "input", "output", "kind", "kernel", "MMAC"});
  for (const LayerInfo& layer : info.layers) {
    const bool weighted = layer.weight_levels > 0;
    table.add({layer.name, layer.op, weighted ? std::to_string(layer.weight_bits) : "-",
               weighted ? std::to_string(layer.weight_levels) : "-",
               layer.input_bits > 0 ? std::to_string(layer.input_bits) : "-",
               layer.activation_bits > 0 ? std::to_string(layer.activation_bits) : "-",
               layer.activation_kind, layer.kernel,
               layer.macs > 0 ? fixed(static_cast<double>(layer.macs) * 1e-6, 2) : "-"});
  }
  table.print();
  print_bounds(info);
}

int inspect(const Arguments& arguments) {
  std::shared_ptr<const Model> model;
  convert::check(Model::from_file(arguments.model, &model));
  size_t arena_bytes = 0;
  const auto float_layers = convert::make_layer_runner();
  SessionOptions options;
  options.float_runner = float_layers.get();
  convert::check(Session::arena_bytes(*model, options, &arena_bytes));
  if (arguments.json) {
    print_json(model->info(), arena_bytes);
  } else {
    print_text(model->info(), arena_bytes);
  }
  return kDone;
}

}  // namespace

void add_inspect(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("inspect", "Show what a .weq file holds, layer by layer");
  sub->add_option("MODEL", arguments->model, "The file")->type_name("MODEL.weq")->required();
  sub->add_flag("--json", arguments->json, "One JSON object on stdout");
  sub->footer("Example:\n  weq inspect net.weq");
  sub->callback([=] {
    *command = [arguments] {
      return guarded(arguments->model, [&] { return inspect(*arguments); });
    };
  });
}

}  // namespace weq::cli
