#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"
#include "converters/report/evaluate.h"
#include "converters/report/latency.h"
#include "converters/report/progress.h"

namespace weq::cli {
namespace {

struct Arguments {
  std::string model;
  DataFlags data;
  PreprocessFlags preprocess;
  RunFlags run;
  bool json = false;
};

int eval(const Arguments& arguments) {
  convert::cap_float_isa(arguments.run.isa);
  const convert::Network network = open_with(arguments.model, arguments.preprocess, arguments.run);
  convert::require_single_input(network);
  const auto data =
      convert::open_source(arguments.data.source, network.preprocess, network.input_shape(0));
  convert::ProgressBar bar;
  convert::EvaluateOptions options;
  options.threads = arguments.run.threads;
  options.isa = arguments.run.isa;
  options.tuning = arguments.run.tuning_text(network);
  options.progress = [&](int64_t done) { bar.update("evaluating", done, data->size()); };
  const convert::Evaluation result = convert::evaluate(network, *data, options);
  if (arguments.json) {
    print(Json{
        {"images", result.images}, {"top1", number(result.top1)}, {"top5", number(result.top5)}});
    return kDone;
  }
  const auto percent = [](const std::optional<double>& value) {
    return value ? fixed(*value, 2) + "%" : std::string("-");
  };
  Table table({"network", "images", "top-1", "top-5"});
  table.add(
      {arguments.model, std::to_string(result.images), percent(result.top1), percent(result.top5)});
  table.print();
  if (!result.top1) {
    std::printf(
        "No labels, so no accuracy: give --labels FILE.npy or a labels.csv in the folder.\n");
  }
  return kDone;
}

}  // namespace

void add_eval(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("eval", "Measure a network's accuracy on labelled data");
  sub->add_option("MODEL", arguments->model, "The network")
      ->type_name("MODEL.(weq|onnx)")
      ->required();
  arguments->data.add_to(*sub);
  arguments->run.add_to(*sub, "Images at once (default: all cores)");
  sub->add_flag("--json", arguments->json, "One JSON object on stdout: images, top1, top5");
  arguments->preprocess.add_to(*sub);
  sub->footer(
      "Example:\n  weq eval net.weq --data val/\n"
      "  weq eval net.onnx --preprocess net.json --data val/ --limit 100");
  sub->callback([=] {
    *command = [arguments] { return guarded(arguments->model, [&] { return eval(*arguments); }); };
  });
}

}  // namespace weq::cli
