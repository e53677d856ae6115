#include "converters/convert.h"

#include <chrono>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/convert_summary.h"
#include "cli/errors.h"
#include "cli/options.h"
#include "cli/recipe.h"
#include "converters/ir/errors.h"
#include "converters/report/progress.h"

namespace weq::cli {
namespace {

using convert::ActivationChoice;
using convert::CriterionChoice;
using convert::Scheme;
using convert::Search;

const std::map<std::string, CriterionChoice> kCriteria{
    {"weighted-entropy", CriterionChoice::kWeightedEntropy},
    {"mse", CriterionChoice::kMse},
    {"output", CriterionChoice::kOutput},
    {"auto", CriterionChoice::kAuto}};
const std::map<std::string, ActivationChoice> kActivations{{"log", ActivationChoice::kLog},
                                                           {"linear", ActivationChoice::kLinear},
                                                           {"free", ActivationChoice::kFree},
                                                           {"auto", ActivationChoice::kAuto}};
const std::map<std::string, Search> kSearches{{"exact", Search::kExact}, {"local", Search::kLocal}};
const std::map<std::string, Scheme> kSchemes{{"symmetric", Scheme::kSymmetric},
                                             {"split", Scheme::kSplit}};

struct Arguments {
  convert::ConvertOptions options;
  PreprocessFlags preprocess;
  std::string criterion, activation, search = "exact", scheme = "symmetric";
  bool no_channel_scale = false, no_correction = false;
  std::vector<std::string> input_shapes, layers;
  std::string first, last, recipe;
};

std::vector<std::string> names_of(const CLI::App& sub) {
  std::vector<std::string> names;
  for (const CLI::Option* option : sub.get_options()) {
    // What changes the bytes: not where files lie, not how many threads work.
    static const char* kLeftOut[] = {"MODEL",  "--output",     "--calib", "--threads",
                                     "--help", "--preprocess", "--recipe"};
    const std::string name = option->get_name();
    const bool left_out =
        std::find(std::begin(kLeftOut), std::end(kLeftOut), name) != std::end(kLeftOut);
    if (option->count() > 0 && !left_out) names.push_back(name);
  }
  return names;
}

// The options in the parser's order, for the provenance of the file.
std::string provenance_of(const CLI::App& sub) {
  std::string text;
  for (const std::string& name : names_of(sub)) {
    const CLI::Option* option = sub.get_option(name);
    if (option->get_expected_max() == 0) {
      text += " " + name;
      continue;
    }
    for (const std::string& value : option->results()) text += " " + name + " " + value;
  }
  return text.empty() ? text : text.substr(1);
}

convert::LayerBits bits_of_flag(const std::string& flag, const std::string& text) {
  try {
    return convert::parse_layer_bits(text);
  } catch (const convert::ConvertError& error) {
    throw convert::UsageError(flag + " " + error.what());
  }
}

void require_calibration(const Arguments& arguments) {
  if (!arguments.options.calibration.path.empty()) return;
  throw convert::UsageError(
      "--calib is missing: ranges of activations are measured on some 100 inputs like those of "
      "later use; give a folder of images, a .bin or a .npy, or `--calib random` to see size and "
      "speed only");
}

// Before minutes of work, not after.
void require_writable(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target(path);
  const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
  if (std::filesystem::is_directory(target, error)) {
    throw convert::FileError(path, "is a folder; give -o the name of a file");
  }
  if (!std::filesystem::is_directory(folder, error)) {
    throw convert::FileError(path, "its folder does not exist; create it first");
  }
}

convert::ConvertOptions resolve(const Arguments& arguments) {
  convert::ConvertOptions options = arguments.options;
  require_calibration(arguments);
  require_writable(options.output);
  options.preprocess = arguments.preprocess.get();
  if (!arguments.criterion.empty()) options.criterion = kCriteria.at(arguments.criterion);
  if (!arguments.activation.empty()) options.activation = kActivations.at(arguments.activation);
  options.search = kSearches.at(arguments.search);
  options.scheme = kSchemes.at(arguments.scheme);
  options.channel_scale = !arguments.no_channel_scale;
  options.correction = !arguments.no_correction;
  options.input_shapes = parse_shapes(arguments.input_shapes);
  for (const std::string& text : arguments.layers) {
    const auto [name, bits] = split_assignment(text, "--layer");
    options.layers[name] = bits_of_flag("--layer " + name + "=", bits);
  }
  if (!arguments.first.empty()) options.first = bits_of_flag("--first", arguments.first);
  if (!arguments.last.empty()) options.last = bits_of_flag("--last", arguments.last);
  if (!arguments.recipe.empty()) read_recipe(arguments.recipe, &options);
  return options;
}

int convert_model(const Arguments& arguments, const std::string& provenance) {
  convert::ConvertOptions options = resolve(arguments);
  options.command = provenance;
  const auto start = std::chrono::steady_clock::now();
  convert::ConvertSummary summary;
  {
    convert::ProgressBar bar;
    options.progress = [&](const std::string& stage, int64_t done, int64_t total) {
      bar.update(stage, done, total);
    };
    summary = convert::convert(options);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  print_summary(options, summary, elapsed.count());
  return kDone;
}

void add_quantization_flags(CLI::App* sub, Arguments* a) {
  const std::string group = "Quantization";
  const auto names = [](const auto& map) {
    std::vector<std::string> out;
    for (const auto& [name, value] : map) out.push_back(name);
    return out;
  };
  sub->add_option("-w,--weight-bits", a->options.bits.weight_bits, "Bits of a weight, 1 to 8")
      ->type_name("BITS")
      ->check(CLI::Range(1, 8))
      ->group(group);
  sub->add_option("-a,--activation-bits", a->options.bits.activation_bits,
                  "Bits of an activation, 1 to 8")
      ->type_name("BITS")
      ->check(CLI::Range(1, 8))
      ->group(group);
  sub->add_option("--weight-levels", a->options.bits.weight_levels,
                  "Levels of a weight, 2 to 256, instead of -w (3: ternary)")
      ->type_name("N")
      ->check(CLI::Range(2, 256))
      ->group(group);
  sub->add_option("--criterion", a->criterion,
                  "What weight levels serve: weighted-entropy, mse, output, auto")
      ->type_name("NAME")
      ->check(CLI::IsMember(names(kCriteria)))
      ->group(group);
  sub->add_option("--activation", a->activation, "Activation levels: log, linear, free, auto")
      ->type_name("NAME")
      ->check(CLI::IsMember(names(kActivations)))
      ->group(group);
  sub->add_option("--search", a->search, "Of weight levels: exact (default) or local (the paper's)")
      ->type_name("NAME")
      ->check(CLI::IsMember(names(kSearches)))
      ->group(group);
  sub->add_option("--codebook", a->scheme, "symmetric (default) or split")
      ->type_name("NAME")
      ->check(CLI::IsMember(names(kSchemes)))
      ->group(group);
  sub->add_flag("--no-channel-scale", a->no_channel_scale, "One scale a layer")->group(group);
  sub->add_flag("--no-correction", a->no_correction, "No affine correction per channel")
      ->group(group);
  sub->add_flag("--paper", a->options.paper,
                "The paper alone: weighted entropy, one codebook a layer, log activations, no "
                "correction")
      ->group(group);
}

void add_layer_flags(CLI::App* sub, Arguments* a) {
  const std::string group = "Single layers (W: bits, or NL for N levels)";
  sub->add_option("--layer", a->layers, "Bits of one layer; may be repeated")
      ->type_name("NAME=W,A")
      ->allow_extra_args(false)
      ->group(group);
  sub->add_option("--first", a->first, "Bits of the first layer with weights")
      ->type_name("W,A")
      ->group(group);
  sub->add_option("--last", a->last, "Bits of the last layer with weights")
      ->type_name("W,A")
      ->group(group);
  sub->add_option("--recipe", a->recipe,
                  "JSON {\"layers\": {\"NAME\": \"W,A\"}, \"first\": .., \"last\": ..}; flags win")
      ->type_name("FILE")
      ->group(group);
  sub->add_flag("--allow-float", a->options.allow_float,
                "Keep layers in float that cannot run quantized")
      ->group(group);
}

}  // namespace

void add_convert(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  Arguments* a = arguments.get();
  CLI::App* sub = app.add_subcommand("convert", "Quantize an ONNX network into a .weq file");
  sub->add_option("MODEL", a->options.model, "The float network, ONNX opset 7 to 21")
      ->type_name("MODEL.onnx")
      ->required();
  sub->add_option("-o,--output", a->options.output, "The file to write")
      ->type_name("OUT.weq")
      ->required();
  sub->add_option("--calib", a->options.calibration.path,
                  "Inputs to measure on: a folder of images, *.bin (CIFAR-10), *.npy, or `random`")
      ->type_name("SRC");
  sub->add_option("--limit", a->options.calibration.limit, "Take N of them, evenly spread")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  sub->add_option("--input-shape", a->input_shapes, "Fixes free dimensions of an input")
      ->type_name("NAME=DIMS")
      ->allow_extra_args(false);
  sub->add_option("--threads", a->options.threads,
                  "Default: all cores; the file does not depend on it")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_quantization_flags(sub, a);
  add_layer_flags(sub, a);
  a->preprocess.add_to(*sub);
  sub->footer(
      "Example:\n"
      "  weq convert net.onnx -o net.weq --preprocess net.json --calib photos/ -w 4 -a 4\n"
      "  weq convert net.onnx -o net.weq --calib random -w 2 -a 2 --first 8,8 --last 8,8");
  sub->callback([=] {
    *command = [arguments, sub] {
      return guarded(arguments->options.model,
                     [&] { return convert_model(*arguments, provenance_of(*sub)); });
    };
  });
}

}  // namespace weq::cli
