#include "converters/report/compare.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"
#include "converters/ir/errors.h"
#include "converters/report/latency.h"
#include "converters/report/progress.h"

namespace weq::cli {
namespace {

struct Arguments {
  std::string reference, model;
  DataFlags data;
  PreprocessFlags preprocess;
  RunFlags run;
  std::optional<double> min_snr, min_agreement, max_drop;
  bool json = false;
};

void print_json(const convert::Comparison& result) {
  Json out{{"images", result.images},
           {"agreement", number(result.agreement)},
           {"snr_db", number(result.snr_db)},
           {"top1_float", number(result.top1_float)},
           {"top1", number(result.top1)}};
  out["layers"] = Json::array();
  for (const convert::LayerComparison& layer : result.layers) {
    out["layers"].push_back(Json{{"name", layer.name}, {"snr_db", number(layer.snr_db)}});
  }
  print(out);
}

void print_text(const convert::Comparison& result) {
  Table layers({"layer", "snr dB"});
  for (const convert::LayerComparison& layer : result.layers) {
    layers.add({layer.name, fixed(layer.snr_db, 2)});
  }
  layers.print();
  std::printf("\n");
  Table table({"images", "agreement", "snr dB", "top-1 float", "top-1", "drop"});
  const bool labelled = result.top1.has_value();
  table.add({std::to_string(result.images), fixed(result.agreement, 2) + "%",
             fixed(result.snr_db, 2), labelled ? fixed(*result.top1_float, 2) + "%" : "-",
             labelled ? fixed(*result.top1, 2) + "%" : "-",
             labelled ? fixed(*result.top1_float - *result.top1, 2) : "-"});
  table.print();
}

// One line on stderr for every demand that was missed.
bool meets_demands(const Arguments& arguments, const convert::Comparison& result) {
  bool met = true;
  const auto demand = [&](bool good, const std::string& what) {
    if (!good) print_error(arguments.model + ": " + what);
    met = met && good;
  };
  if (arguments.min_snr) {
    demand(result.snr_db >= *arguments.min_snr, "signal-to-noise is " + fixed(result.snr_db, 2) +
                                                    " dB, --min-snr asks for " +
                                                    fixed(*arguments.min_snr, 2));
  }
  if (arguments.min_agreement) {
    demand(result.agreement >= *arguments.min_agreement,
           "agreement is " + fixed(result.agreement, 2) + "%, --min-agreement asks for " +
               fixed(*arguments.min_agreement, 2));
  }
  if (arguments.max_drop) {
    const double drop = *result.top1_float - *result.top1;
    demand(drop <= *arguments.max_drop, "top-1 drops by " + fixed(drop, 2) +
                                            " points, --max-drop allows " +
                                            fixed(*arguments.max_drop, 2));
  }
  return met;
}

int compare(const Arguments& arguments) {
  convert::cap_float_isa(arguments.run.isa);
  // The file's own preprocessing serves both, unless another is given.
  const convert::Network quantized =
      open_with(arguments.model, arguments.preprocess, arguments.run);
  const convert::Network reference =
      open_with(arguments.reference, arguments.preprocess, arguments.run, true);
  convert::require_single_input(reference);
  const auto data =
      convert::open_source(arguments.data.source, quantized.preprocess, reference.input_shape(0));
  if (arguments.max_drop && !data->has_labels()) {
    throw convert::UsageError("--max-drop needs labels; give --labels FILE.npy or a labels.csv");
  }
  convert::ProgressBar bar;
  convert::EvaluateOptions options;
  options.threads = arguments.run.threads;
  options.isa = arguments.run.isa;
  options.tuning = arguments.run.tuning_text(quantized);
  options.progress = [&](int64_t done) { bar.update("comparing", done, data->size()); };
  const convert::Comparison result = convert::compare(reference, quantized, *data, options);
  if (arguments.json) {
    print_json(result);
  } else {
    print_text(result);
  }
  return meets_demands(arguments, result) ? kDone : kAnswerIsNo;
}

}  // namespace

void add_compare(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub =
      app.add_subcommand("compare", "Measure how close a .weq file is to its float network");
  sub->add_option("FLOAT", arguments->reference, "The network it was made of")
      ->type_name("FLOAT.onnx")
      ->required();
  sub->add_option("MODEL", arguments->model, "The quantized one")
      ->type_name("MODEL.weq")
      ->required();
  arguments->data.add_to(*sub);
  arguments->run.add_to(*sub, "Images at once (default: all cores)");
  sub->add_option("--min-snr", arguments->min_snr, "Exit 1 below this signal-to-noise")
      ->type_name("DB");
  sub->add_option("--min-agreement", arguments->min_agreement, "Exit 1 below this agreement")
      ->type_name("PCT");
  sub->add_option("--max-drop", arguments->max_drop, "Exit 1 where top-1 loses more points")
      ->type_name("PT");
  sub->add_flag("--json", arguments->json,
                "One JSON object on stdout: images, agreement, snr_db, top1_float, top1, layers");
  arguments->preprocess.add_to(*sub);
  sub->footer("Example:\n  weq compare net.onnx net.weq --data val/ --min-agreement 95");
  sub->callback([=] {
    *command = [arguments] {
      return guarded(arguments->model, [&] { return compare(*arguments); });
    };
  });
}

}  // namespace weq::cli
