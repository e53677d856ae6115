// The commands of `weq` on a tiny network: what they print, write and return.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "converters/data/npy.h"
#include "tests/support/cli_case.h"

namespace weq {
namespace {

using nlohmann::json;
using test::bytes_of;
using test::bytes_of_file;
using test::npy_file;
using test::Outcome;

class Cli : public test::CliCase {};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Cli, VersionAndHelp) {
  EXPECT_EQ(weq("--version").out, "weq " WEQ_TEST_VERSION "\n");
  const Outcome help = weq("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* command :
       {"convert", "run", "eval", "compare", "bench", "inspect", "validate"}) {
    EXPECT_TRUE(contains(help.out, command)) << command;
    const Outcome own = weq(std::string(command) + " --help");
    EXPECT_EQ(own.code, 0);
    EXPECT_TRUE(contains(own.out, "Example:\n  weq " + std::string(command))) << own.out;
  }
}

TEST_F(Cli, ConvertEndsWithASummary) {
  for (const char* part : {"tiny.weq", "times smaller than tiny.onnx", "3 layers with weights",
                           "calibrated on 40 inputs", "Next: weq compare tiny.onnx tiny.weq"}) {
    EXPECT_TRUE(contains(converted_.out, part)) << part << " in:\n" << converted_.out;
  }
  EXPECT_EQ(converted_.err, "");
}

TEST_F(Cli, ConvertGivesTheSameBytesForAnyThreadCount) {
  const std::string call =
      " --preprocess p.json --calib x.npy -w 4 -a 4 --first 8,8 --layer head=3L,8 --threads ";
  ASSERT_EQ(weq("convert tiny.onnx -o one.weq" + call + "1").code, 0);
  ASSERT_EQ(weq("convert tiny.onnx -o three.weq" + call + "3").code, 0);
  EXPECT_EQ(bytes_of_file(folder().file("one.weq")), bytes_of_file(folder().file("three.weq")));
}

TEST_F(Cli, ConvertTakesBitsOfSingleLayers) {
  folder().write("recipe.json", R"({"layers": {"body": "3,5", "stem": "2,4"}, "last": "5,8"})");
  const Outcome outcome =
      weq("convert tiny.onnx -o mixed.weq --calib random -w 4 -a 4 --layer stem=6L,7 --recipe "
          "recipe.json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "Random calibration")) << outcome.out;
  const json layers = json_of("inspect mixed.weq --json")["layers"];
  std::map<std::string, json> by_name;
  for (const json& layer : layers) by_name[layer["name"]] = layer;
  EXPECT_EQ(by_name["stem"]["weight_levels"], 6);  // the flag wins over the recipe
  EXPECT_EQ(by_name["stem"]["input_bits"], 8);     // a graph input keeps 8 whatever is asked
  EXPECT_EQ(by_name["body"]["weight_bits"], 3);
  EXPECT_EQ(by_name["body"]["input_bits"], 5);
  EXPECT_EQ(by_name["head"]["weight_bits"], 5);
}

TEST_F(Cli, RunPrintsTheBestClasses) {
  const json result = json_of("run tiny.weq x.npy --top 3 --json")["results"];
  ASSERT_EQ(result.size(), 40u);
  const json& output = result[7]["outputs"][0];
  EXPECT_EQ(output["shape"], json({1, 7}));
  ASSERT_EQ(output["top"].size(), 3u);
  EXPECT_GE(output["top"][0]["score"], output["top"][1]["score"]);
  const Outcome text = weq("run tiny.onnx x.npy --preprocess p.json --top 2");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "x.npy record 39")) << text.out;
}

TEST_F(Cli, RunOfTensorsAgreesWithRunOfRecords) {
  // Two images as the floats that preprocessing makes of them.
  const convert::NpyFile images(folder().file("x.npy"));
  const std::vector<uint8_t> pixels = images.read_bytes(0, 2 * 192);
  std::vector<float> floats(2 * 192);
  for (size_t n = 0; n < 2; ++n) {
    for (size_t i = 0; i < 64; ++i) {
      for (size_t c = 0; c < 3; ++c) {
        floats[n * 192 + c * 64 + i] =
            static_cast<float>(pixels[n * 192 + i * 3 + c]) * 0.00784313725f - 1.0f;
      }
    }
  }
  folder().write("f.npy", npy_file("<f4", "(2, 3, 8, 8)", bytes_of(floats)));
  for (const char* model : {"tiny.weq", "tiny.onnx --preprocess p.json"}) {
    const Outcome outcome =
        weq("run " + std::string(model) + " --input pixels=f.npy --output-dir out/deep");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const convert::Tensor scores =
        convert::read_npy(folder().file("out/deep/scores.npy"), convert::DType::kFloat);
    EXPECT_EQ(scores.shape, (convert::Shape{2, 7}));
    const json records = json_of("run " + std::string(model) + " x.npy --top 7 --json");
    for (size_t n = 0; n < 2; ++n) {
      for (const json& entry : records["results"][n]["outputs"][0]["top"]) {
        const size_t index = entry["class"];
        EXPECT_NEAR(entry["score"].get<float>(), scores.f[n * 7 + index], 1e-6) << model;
      }
    }
  }
}

TEST_F(Cli, RunOfANetworkWithoutInputs) {
  test::TinyOnnx model;
  model.weights("w", {2, 2}, {1, -2, 3, -4});
  model.node("Relu", "positive", {"w"}, "y");
  model.output("y", {2, 2});
  folder().write("constant.onnx", model.file());
  const Outcome outcome = weq("run constant.onnx --output-dir constant");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(convert::read_npy(folder().file("constant/y.npy"), convert::DType::kFloat).f,
            (std::vector<float>{1, 0, 3, 0}));
}

TEST_F(Cli, FlagsMayStandBeforeTheModel) {
  const json by_flags = json_of(
      "run --scale 0.00784313725 --mean 1,1,1 --std 1,1,1 --resize-to 8,8 --input-shape "
      "pixels=1,3,8,8 --top 7 --json tiny.onnx x.npy");
  EXPECT_EQ(by_flags, json_of("run tiny.onnx x.npy --preprocess p.json --top 7 --json"));
}

TEST_F(Cli, EvalCountsHits) {
  for (const char* model : {"tiny.weq", "tiny.onnx --preprocess p.json"}) {
    // The expected figures from what `run` prints.
    const json records = json_of("run " + std::string(model) + " x.npy --top 5 --json")["results"];
    int best = 0, five = 0;
    for (int i = 0; i < kImages; ++i) {
      const json& top = records[i]["outputs"][0]["top"];
      for (size_t k = 0; k < 5; ++k) {
        if (top[k]["class"] != i % 7) continue;
        ++five;
        best += k == 0;
      }
    }
    const json eval =
        json_of("eval " + std::string(model) + " --data x.npy --labels y.npy --json --threads 2");
    EXPECT_EQ(eval["images"], kImages);
    EXPECT_DOUBLE_EQ(eval["top1"], 100.0 * best / kImages);
    EXPECT_DOUBLE_EQ(eval["top5"], 100.0 * five / kImages);
  }
}

TEST_F(Cli, EvalWithoutLabelsSaysNull) {
  const json eval = json_of("eval tiny.weq --data x.npy --limit 8 --json");
  EXPECT_EQ(eval["images"], 8);
  EXPECT_TRUE(eval["top1"].is_null());
  EXPECT_TRUE(eval["top5"].is_null());
  EXPECT_TRUE(contains(weq("eval tiny.weq --data x.npy --limit 8").out, "No labels"));
}

TEST_F(Cli, CompareMeasuresBeforeTheSoftmax) {
  const json result =
      json_of("compare tiny.onnx tiny.weq --data x.npy --labels y.npy --json --threads 1");
  EXPECT_EQ(result["images"], kImages);
  EXPECT_GE(result["agreement"], 80.0);
  EXPECT_GT(result["snr_db"], 15.0);
  EXPECT_LE(result["snr_db"], 200.0);
  EXPECT_TRUE(result["top1_float"].is_number());
  EXPECT_TRUE(result["top1"].is_number());
  std::map<std::string, double> layers;
  for (const json& layer : result["layers"]) layers[layer["name"]] = layer["snr_db"];
  EXPECT_GT(layers.size(), 3u);
  ASSERT_TRUE(layers.count("head"));
  EXPECT_NEAR(layers["head"], result["snr_db"], 1e-9);
  // Same figures for any thread count.
  EXPECT_EQ(json_of("compare tiny.onnx tiny.weq --data x.npy --labels y.npy --json --threads 3"),
            result);
  EXPECT_TRUE(json_of("compare tiny.onnx tiny.weq --data x.npy --json")["top1"].is_null());
  EXPECT_TRUE(contains(weq("compare tiny.onnx tiny.weq --data x.npy").out, "agreement"));
}

TEST_F(Cli, CompareAnswersNo) {
  const std::string call = "compare tiny.onnx tiny.weq --data x.npy --labels y.npy ";
  EXPECT_EQ(weq(call + "--min-snr 5 --min-agreement 50 --max-drop 50").code, 0);
  const Outcome snr = weq(call + "--min-snr 199");
  EXPECT_EQ(snr.code, 1);
  EXPECT_TRUE(contains(snr.err, "weq: tiny.weq: signal-to-noise is")) << snr.err;
  EXPECT_EQ(weq(call + "--min-agreement 100.5").code, 1);
  EXPECT_EQ(weq(call + "--max-drop -101").code, 1);
}

TEST_F(Cli, BenchTimesBothSides) {
  const json result = json_of("bench tiny.weq --against tiny.onnx --seconds 0.02 --layers --json");
  EXPECT_EQ(result["threads"], 1);
  EXPECT_EQ(result["batch"], 1);
  EXPECT_TRUE(result["isa"].is_string());
  EXPECT_GT(result["median_ms"], 0.0);
  EXPECT_LE(result["p10_ms"], result["median_ms"]);
  EXPECT_LE(result["median_ms"], result["p90_ms"]);
  EXPECT_GT(result["float_median_ms"], 0.0);
  EXPECT_GT(result["ratio"], 0.0);
  bool found = false;
  for (const json& layer : result["layers"]) {
    if (layer["name"] == "body") found = !layer["kernel"].get<std::string>().empty();
  }
  EXPECT_TRUE(found) << result;
  const json alone = json_of("bench tiny.onnx --batch 3 --seconds 0.02 --json");
  EXPECT_EQ(alone["batch"], 3);
  EXPECT_FALSE(alone.contains("ratio"));
  EXPECT_EQ(json_of("bench tiny.weq --isa scalar --seconds 0.02 --json")["isa"], "scalar");
  EXPECT_TRUE(contains(weq("bench tiny.weq --against tiny.onnx --seconds 0.02 --layers").out,
                       "times faster"));
}

TEST_F(Cli, LayersTellWhyTheirKernelRuns) {
  const json result = json_of("bench tiny.weq --seconds 0.02 --layers --json");
  int choices = 0;
  for (const json& layer : result["layers"]) {
    if (!layer.contains("candidates")) continue;
    ++choices;
    EXPECT_EQ(layer["candidates"][0]["kernel"], layer["kernel"]);
    EXPECT_GT(layer["candidates"][0]["cycles"], 0.0);
    for (const json& refused : layer["refused"]) EXPECT_NE(refused["reason"], "");
    EXPECT_EQ(layer["reason"].get<std::string>().find("least estimated cycles"), 0u);
  }
  EXPECT_EQ(choices, 3);
  const Outcome text = weq("bench tiny.weq --seconds 0.02 --layers");
  EXPECT_TRUE(contains(text.out, "refused because")) << text.out;
}

TEST_F(Cli, TuningIsMeasuredWrittenAndUsed) {
  const json tuned = json_of("bench tiny.weq --tune tuned.txt --seconds 0.02 --json");
  EXPECT_EQ(tuned["tuning"], "tuned.txt");
  EXPECT_EQ(tuned["layers"].size(), 3u);
  const std::string text = bytes_of_file(folder().file("tuned.txt"));
  EXPECT_EQ(text.find("# weq "), 0u);
  const json layers =
      json_of("bench tiny.weq --tuning tuned.txt --seconds 0.02 --layers --json")["layers"];
  for (const json& layer : layers) {
    for (const json& line : tuned["layers"]) {
      if (line["name"] != layer["name"]) continue;
      EXPECT_EQ(layer["kernel"], line["kernel"]);
      EXPECT_TRUE(contains(layer["reason"], "measured tuning")) << layer;
      EXPECT_TRUE(contains(
          text, line["name"].get<std::string>() + " " + line["kernel"].get<std::string>() + "\n"));
    }
  }
  folder().write("slow.txt", "stem reference\nbody reference\nhead reference\n");
  const std::string run = weq("run tiny.weq x.npy --top 7").out;
  for (const char* file : {"tuned.txt", "slow.txt"}) {
    EXPECT_EQ(weq("run tiny.weq x.npy --top 7 --tuning " + std::string(file)).out, run);
  }
  const std::string data = " tiny.weq --data x.npy --labels y.npy --json";
  EXPECT_EQ(weq("eval" + data + " --tuning slow.txt").out, weq("eval" + data).out);
  EXPECT_EQ(weq("compare tiny.onnx" + data + " --tuning slow.txt").out,
            weq("compare tiny.onnx" + data).out);
  EXPECT_EQ(weq("bench tiny.weq --tune t.txt --seconds 0.02").code, 0);
}

// Two branches and their quotient, which no kernel computes.
TEST_F(Cli, LayersLeftInFloatRunEverywhere) {
  test::TinyOnnx model;
  model.input("x", {0, 2, 4, 4});
  model.weights("w1", {3, 2, 1, 1}, {1, -0.5f, 0.25f, 2, -1, 0.5f});
  model.weights("w2", {3, 2, 1, 1}, {0.5f, 0.25f, -0.125f, 0.5f, 0.25f, 0.5f});
  model.node("Conv", "above", {"x", "w1"}, "a");
  model.node("Conv", "below", {"x", "w2"}, "b");
  model.node("Sigmoid", "positive", {"b"}, "p");
  model.node("Div", "quotient", {"a", "p"}, "q");
  model.node("Relu", "end", {"q"}, "y");
  model.output("y", {0, 3, 4, 4});
  folder().write("div.onnx", model.file());
  const std::string call = "convert div.onnx -o div.weq --calib random --limit 100 -w 8 -a 8";
  const Outcome refused = weq(call);
  EXPECT_EQ(refused.code, 3);
  EXPECT_TRUE(contains(refused.err, "layer quotient")) << refused.err;
  EXPECT_TRUE(contains(refused.err, "--allow-float")) << refused.err;
  const Outcome outcome = weq(call + " --allow-float");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "1 in float")) << outcome.out;
  EXPECT_GT(json_of("compare div.onnx div.weq --data random --json")["snr_db"], 20.0);
  EXPECT_GT(json_of("bench div.weq --batch 3 --seconds 0.02 --json")["median_ms"], 0.0);
  EXPECT_GT(json_of("inspect div.weq --json")["arena_bytes"], 0);
}

TEST_F(Cli, InspectShowsEveryPinnedKey) {
  const json result = json_of("inspect tiny.weq --json");
  for (const char* key : {"format_version", "file_bytes", "arena_bytes", "weight_count",
                          "weight_bytes", "hash", "layers"}) {
    EXPECT_TRUE(result.contains(key)) << key;
  }
  EXPECT_EQ(result["file_bytes"], bytes_of_file(folder().file("tiny.weq")).size());
  EXPECT_EQ(result["weight_count"], 8 * 3 * 9 + 16 * 8 * 9 + 7 * 16);
  EXPECT_GT(result["arena_bytes"], 0);
  for (const json& layer : result["layers"]) {
    for (const char* key : {"name", "op", "weight_bits", "weight_levels", "activation_bits",
                            "activation_kind", "kernel", "max_abs_acc", "sum16_flush"}) {
      EXPECT_TRUE(layer.contains(key)) << key;
    }
  }
  const Outcome text = weq("inspect tiny.weq");
  EXPECT_EQ(text.code, 0);
  EXPECT_TRUE(contains(text.out, "stem")) << text.out;
}

TEST_F(Cli, ValidateTellsWholeFromDamaged) {
  EXPECT_EQ(weq("validate tiny.weq").out, "tiny.weq: ok\n");
  std::string bytes = bytes_of_file(folder().file("tiny.weq"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  folder().write("flipped.weq", bytes);
  const Outcome outcome = weq("validate tiny.weq flipped.weq");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(contains(outcome.out, "tiny.weq: ok")) << outcome.out;
  EXPECT_TRUE(contains(outcome.err, "weq: flipped.weq: ")) << outcome.err;
  EXPECT_EQ(weq("validate absent.weq").code, 3);
  const Outcome json_outcome = weq("validate flipped.weq --json");
  EXPECT_EQ(json_outcome.code, 1);
  EXPECT_EQ(json::parse(json_outcome.out)["ok"], false);
}

}  // namespace
}  // namespace weq
