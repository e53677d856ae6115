// The catalogue of bad files: a valid model broken in one place each, with the expected message.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/test_net.h"

namespace weq::test {
namespace {

Status open(const FileBytes& file) {
  std::shared_ptr<const Model> model;
  return Model::from_memory(file.data(), file.size(), &model, "x.weq");
}

format::ConvT* conv(ModelBuilder& b, size_t i) { return b.model.nodes[i]->op.AsConv(); }

// Equidistant thresholds beside the listed ones of conv1's first output.
format::LinearThresholdsT* in_short(ModelBuilder& b) {
  auto& linear = conv(b, 0)->epilogue->outputs[0]->linear;
  linear = std::make_unique<format::LinearThresholdsT>();
  return linear.get();
}

struct BadFile {
  const char* name;
  std::function<void(ModelBuilder&)> breakage;
  const char* message;  // what the Status must say, after "weq: x.weq: "
};

// The net: conv1 (x -> a, a8), conv2 depthwise (a -> b), conv3 (b, a8 -> c), conv4 (c -> d),
// conv5 (d -> e, units). Tensors 0..6 = x a a8 b c d e; quantizers 0 linear, 1 log, 2 signed.
const BadFile kBadFiles[] = {
    {"version_0", [](ModelBuilder& b) { b.model.format_version = 0; },
     "format_version: missing or 0"},
    {"version_2", [](ModelBuilder& b) { b.model.format_version = 2; },
     "format_version: the file has 2, this library reads up to 1"},
    {"no_hash", [](ModelBuilder& b) { b.model.content_hash = 0; }, "content_hash: missing"},

    {"quantizer_kind",
     [](ModelBuilder& b) { b.model.quantizers[1]->kind = static_cast<format::QuantizerKind>(9); },
     "quantizer 1: kind: unknown value"},
    {"quantizer_no_levels", [](ModelBuilder& b) { b.model.quantizers[1]->levels.clear(); },
     "quantizer 1: levels: absent in a quantizer that is not linear"},
    {"quantizer_no_count", [](ModelBuilder& b) { b.model.quantizers[0]->levels.clear(); },
     "quantizer 0: levels: 0 of them; 1 to 256 are allowed"},
    {"quantizer_levels_twice", [](ModelBuilder& b) { b.model.quantizers[0]->count = 16; },
     "quantizer 0: levels: both listed and given by first and count"},
    {"quantizer_first",
     [](ModelBuilder& b) {
       b.model.quantizers[0]->levels.clear();
       b.model.quantizers[0]->first = 1 << 20;
       b.model.quantizers[0]->count = 16;
     },
     "quantizer 0: first: level 1048576 lies beyond 2^15"},
    {"quantizer_too_many_levels",
     [](ModelBuilder& b) {
       b.model.quantizers[1]->code_bytes = true;
       b.model.quantizers[1]->levels.clear();
       for (int k = 0; k < 257; ++k) b.model.quantizers[1]->levels.push_back(k);
     },
     "quantizer 1: levels: 257 of them; 1 to 256 are allowed"},
    {"quantizer_not_ascending", [](ModelBuilder& b) { b.model.quantizers[1]->levels[3] = 2; },
     "quantizer 1: levels: not ascending"},
    {"quantizer_level_huge",
     [](ModelBuilder& b) {
       b.model.quantizers[1]->code_bytes = true;
       b.model.quantizers[1]->levels[7] = 32769;
     },
     "quantizer 1: levels: level 32769 lies beyond 2^15"},
    {"quantizer_level_above_byte", [](ModelBuilder& b) { b.model.quantizers[1]->levels[7] = 256; },
     "quantizer 1: offset: level 256 + offset 0 is not a byte"},
    {"quantizer_level_below_byte", [](ModelBuilder& b) { b.model.quantizers[2]->offset = 19; },
     "quantizer 2: offset: level -20 + offset 19 is not a byte"},
    {"quantizer_offset_of_codes",
     [](ModelBuilder& b) {
       b.model.quantizers[1]->code_bytes = true;
       b.model.quantizers[1]->offset = 1;
     },
     "quantizer 1: offset: not 0 although code_bytes is set"},
    {"quantizer_linear_gap", [](ModelBuilder& b) { b.model.quantizers[0]->levels[15] = 16; },
     "quantizer 0: levels: a linear quantizer with a gap"},
    {"quantizer_unit_zero", [](ModelBuilder& b) { b.model.quantizers[0]->unit = 0; },
     "quantizer 0: unit: not positive and finite"},
    {"quantizer_unit_infinite", [](ModelBuilder& b) { b.model.quantizers[0]->unit = INFINITY; },
     "quantizer 0: unit: not positive and finite"},
    {"quantizer_unit_nan", [](ModelBuilder& b) { b.model.quantizers[0]->unit = NAN; },
     "quantizer 0: unit: not positive and finite"},
    {"quantizer_step", [](ModelBuilder& b) { b.model.quantizers[1]->step = 0; },
     "quantizer 1: step: not positive"},
    {"quantizer_log_zero",
     [](ModelBuilder& b) {
       b.model.quantizers[1]->levels.erase(b.model.quantizers[1]->levels.begin());
     },
     "quantizer 1: levels: code 0 is not 0"},
    {"quantizer_negative_codes", [](ModelBuilder& b) { b.model.quantizers[1]->negative_codes = 8; },
     "quantizer 1: negative_codes: as many as there are levels, or more"},
    {"quantizer_real_levels",
     [](ModelBuilder& b) {
       b.model.quantizers[1]->real_levels = {0, 1};
     },
     "quantizer 1: real_levels: not as many as levels"},
    {"quantizer_real_levels_nan",
     [](ModelBuilder& b) { b.model.quantizers[1]->real_levels.assign(8, NAN); },
     "quantizer 1: real_levels: not finite"},

    {"tensor_type",
     [](ModelBuilder& b) { b.model.tensors[1]->type = static_cast<format::TensorType>(7); },
     "tensor a: type: unknown value"},
    {"tensor_rank", [](ModelBuilder& b) { b.model.tensors[1]->shape.assign(7, 1); },
     "tensor a: shape: 7 axes; at most 6 are allowed"},
    {"tensor_zero_axis", [](ModelBuilder& b) { b.model.tensors[1]->shape[2] = 0; },
     "tensor a: shape: [1,9,0,8] has an axis outside 1 to 2^26, or 2^31 bytes or more"},
    {"tensor_huge",
     [](ModelBuilder& b) {
       b.model.tensors[1]->shape = {1, 65536, 65536, 8};
     },
     "tensor a: shape: [1,65536,65536,8] has an axis outside 1 to 2^26, or 2^31 bytes or more"},
    {"tensor_quantizer", [](ModelBuilder& b) { b.model.tensors[1]->quantizer = 3; },
     "tensor a: quantizer: index 3; there are 3"},
    {"tensor_no_quantizer", [](ModelBuilder& b) { b.model.tensors[1]->quantizer = -1; },
     "tensor a: quantizer: index -1; there are 3"},
    {"tensor_unit", [](ModelBuilder& b) { b.model.tensors[6]->unit = -1; },
     "tensor e: unit: not positive and finite"},
    {"tensor_name", [](ModelBuilder& b) { b.model.tensors[1]->name = "x"; },
     "tensor x: name: used twice"},
    {"constant_size",
     [](ModelBuilder& b) {
       b.add_constant("k", {1, 3}, 0, {1, 2});
     },
     "tensor k: data: 2 bytes; the shape needs 3"},
    {"constant_byte",
     [](ModelBuilder& b) {
       b.add_constant("k", {1, 3}, 1, {1, 2, 4});
     },
     "tensor k: data: byte 4 has no code"},

    {"input_index", [](ModelBuilder& b) { b.model.inputs[0]->tensor = 7; },
     "input input: tensor: index 7; there are 7"},
    {"input_axes",
     [](ModelBuilder& b) {
       b.model.inputs[0]->axes = {0, 3, 1, 1};
     },
     "input input: axes: not a permutation"},
    {"input_few_axes",
     [](ModelBuilder& b) {
       b.model.inputs[0]->axes = {0, 1, 2};
     },
     "input input: axes: 3 of them; the tensor has 4"},
    {"input_constant",
     [](ModelBuilder& b) {
       b.model.inputs[0]->tensor = b.add_constant("k", {1, 1, 1, 1}, 0, {1});
     },
     "input input: tensor: is a constant"},
    {"input_units", [](ModelBuilder& b) { b.model.inputs[0]->tensor = 6; },
     "input input: tensor: holds units"},
    {"input_twice", [](ModelBuilder& b) { b.add_input("again", 0); },
     "input again: tensor: fed twice"},
    {"no_output", [](ModelBuilder& b) { b.model.outputs.clear(); }, "outputs: there is none"},
    {"output_unwritten", [](ModelBuilder& b) { b.add_output("lost", b.add_tensor("z", {1}, 0)); },
     "output lost: tensor: is never written"},
    {"output_index", [](ModelBuilder& b) { b.model.outputs[0]->tensor = -1; },
     "output output: tensor: index -1; there are 7"},

    {"preprocess_scale",
     [](ModelBuilder& b) { b.model.preprocess = std::make_unique<format::PreprocessT>(); },
     "preprocess: scale: not positive and finite"},
    {"preprocess_std",
     [](ModelBuilder& b) {
       b.model.preprocess = std::make_unique<format::PreprocessT>();
       b.model.preprocess->scale = 1;
       b.model.preprocess->std = {1, 0, 1};
     },
     "preprocess: std: not one positive finite number per channel"},
    {"preprocess_mean",
     [](ModelBuilder& b) {
       b.model.preprocess = std::make_unique<format::PreprocessT>();
       b.model.preprocess->scale = 1;
       b.model.preprocess->mean = {1, 2};
     },
     "preprocess: mean: not one finite number per channel"},
    {"preprocess_image",
     [](ModelBuilder& b) {
       b.model.preprocess = std::make_unique<format::PreprocessT>();
       b.model.preprocess->scale = 1;
       b.model.preprocess->image = true;
     },
     "preprocess: image: the first input's levels are not the pixels 0 to 255"},

    {"node_no_op", [](ModelBuilder& b) { b.model.nodes[1]->op.Reset(); },
     "layer conv2: op: missing or unknown"},
    {"node_input_index", [](ModelBuilder& b) { b.model.nodes[1]->inputs = {99}; },
     "layer conv2: inputs: tensor index 99; there are 7"},
    {"node_output_index", [](ModelBuilder& b) { b.model.nodes[1]->outputs = {-2}; },
     "layer conv2: outputs: tensor index -2; there are 7"},
    {"node_arity_in", [](ModelBuilder& b) { b.model.nodes[1]->inputs = {}; },
     "layer conv2: inputs: 0 of them; Conv has 1 to 2"},
    {"node_arity_out",
     [](ModelBuilder& b) {
       b.model.nodes[1]->outputs = {3, 4, 5};
     },
     "layer conv2: outputs: 3 of them; Conv has 1 to 2"},
    {"node_order", [](ModelBuilder& b) { std::swap(b.model.nodes[1], b.model.nodes[2]); },
     "layer conv3: inputs: tensor b is read before it is written"},
    {"node_cycle", [](ModelBuilder& b) { b.model.nodes[1]->inputs = {3}; },
     "layer conv2: inputs: tensor b is read before it is written"},
    {"node_writes_twice", [](ModelBuilder& b) { b.model.nodes[1]->outputs = {1}; },
     "layer conv2: outputs: tensor a is a constant, an input, or written twice"},
    {"node_writes_input", [](ModelBuilder& b) { b.model.nodes[1]->outputs = {0}; },
     "layer conv2: outputs: tensor x is a constant, an input, or written twice"},
    {"node_shape", [](ModelBuilder& b) { b.model.tensors[5]->shape[3] = 17; },
     "layer conv4: outputs: shape of d is [1,5,4,17]; it must be [1,5,4,16]"},

    {"conv_kernel", [](ModelBuilder& b) { conv(b, 0)->kernel = {3}; },
     "layer conv1: kernel: not two positive numbers"},
    {"conv_stride",
     [](ModelBuilder& b) {
       conv(b, 0)->stride = {1, 0};
     },
     "layer conv1: stride: not two positive numbers"},
    {"conv_dilation",
     [](ModelBuilder& b) {
       conv(b, 0)->dilation = {0, 1};
     },
     "layer conv1: dilation: not two positive numbers"},
    {"conv_pads",
     [](ModelBuilder& b) {
       conv(b, 0)->pads = {1, 1, 1};
     },
     "layer conv1: pads: not four numbers"},
    {"conv_kernel_too_large",
     [](ModelBuilder& b) {
       conv(b, 3)->dilation = {9, 9};
     },
     "layer conv4: kernel: larger than the padded input"},
    {"conv_pads_huge",
     [](ModelBuilder& b) {
       conv(b, 0)->pads = {65535, 65535, 65535, 65535};
       conv(b, 0)->stride = {65535, 65535};
       format::ConvBoundsT& bounds = *conv(b, 0)->bounds;
       bounds.winograd_line = bounds.winograd_centre = 0;
       bounds.winograd4 = 0;
     },
     "layer conv1: pads: the padded input has 2^31 elements or more"},
    {"conv_groups", [](ModelBuilder& b) { conv(b, 0)->groups = 2; },
     "layer conv1: groups: 2 do not divide 3 input and 8 output channels"},
    {"conv_no_groups", [](ModelBuilder& b) { conv(b, 0)->groups = 0; },
     "layer conv1: groups: 0 do not divide 3 input and 8 output channels"},
    {"conv_bits", [](ModelBuilder& b) { conv(b, 0)->weights->bits = 9; },
     "layer conv1: weights.bits: not 1 to 8"},
    {"conv_levels_count", [](ModelBuilder& b) { conv(b, 0)->weights->levels.resize(9); },
     "layer conv1: weights.levels: 9 of them do not suit 3 bits"},
    {"conv_levels_order", [](ModelBuilder& b) { conv(b, 0)->weights->levels[1] = -3; },
     "layer conv1: weights.levels: not ascending"},
    {"conv_count", [](ModelBuilder& b) { conv(b, 0)->weights->count = 217; },
     "layer conv1: weights.count: 217 codes; kernel and channels need 9 x 24"},
    {"conv_codes_short", [](ModelBuilder& b) { conv(b, 0)->weights->codes.pop_back(); },
     "layer conv1: weights.codes: 80 bytes; 216 codes need 81"},
    {"conv_code_range", [](ModelBuilder& b) { conv(b, 0)->weights->codes[0] = 0x07; },
     "layer conv1: weights.codes: code 7 at 0; there are 5 levels"},
    {"conv_pad_bytes_count",
     [](ModelBuilder& b) {
       conv(b, 0)->pad_bytes = {0, 0};
     },
     "layer conv1: pad_bytes: not one per input channel"},
    {"conv_pad_bytes_code",
     [](ModelBuilder& b) {
       conv(b, 0)->pad_bytes = {0, 0, 16};
     },
     "layer conv1: pad_bytes: byte 16 has no code"},
    {"conv_pad_no_zero",
     [](ModelBuilder& b) {
       for (int32_t& level : b.model.quantizers[0]->levels) ++level;
     },
     "layer conv1: pad_bytes: absent, and the input's quantizer has no level 0"},
    {"conv_max_abs_acc", [](ModelBuilder& b) { conv(b, 4)->bounds->max_abs_acc = 7; },
     "layer conv5: bounds.max_abs_acc: 7 stored; the codes give "},
    {"conv_lut_flush3", [](ModelBuilder& b) { conv(b, 4)->bounds->lut_flush3 += 1; },
     "layer conv5: bounds.lut_flush3: "},
    {"conv_lut_flush2", [](ModelBuilder& b) { conv(b, 4)->bounds->lut_flush2 += 1; },
     "layer conv5: bounds.lut_flush2: "},
    {"conv_sum16_flush", [](ModelBuilder& b) { conv(b, 4)->bounds->sum16_flush -= 1; },
     "layer conv5: bounds.sum16_flush: "},
    {"conv_winograd_line", [](ModelBuilder& b) { conv(b, 0)->bounds->winograd_line -= 1; },
     "layer conv1: bounds.winograd_line: "},
    {"conv_winograd_centre", [](ModelBuilder& b) { conv(b, 0)->bounds->winograd_centre -= 1; },
     "layer conv1: bounds.winograd_centre: "},
    {"conv_winograd4", [](ModelBuilder& b) { conv(b, 0)->bounds->winograd4 -= 1; },
     "layer conv1: bounds.winograd4: "},
    {"conv_addend_count", [](ModelBuilder& b) { conv(b, 0)->epilogue->addend.pop_back(); },
     "layer conv1: addend: not as many as multipliers"},
    {"conv_channels", [](ModelBuilder& b) { conv(b, 0)->epilogue->multiplier.clear(); },
     "layer conv1: multiplier: no output channel"},
    {"conv_pre_shift", [](ModelBuilder& b) { conv(b, 0)->epilogue->pre_shift = 31; },
     "layer conv1: pre_shift: above 30"},
    {"conv_residual_without_factor",
     [](ModelBuilder& b) { conv(b, 2)->epilogue->residual_factor = 0; },
     "layer conv3: residual_factor: 0 although a residual is given"},
    {"conv_factor_without_residual",
     [](ModelBuilder& b) { conv(b, 1)->epilogue->residual_factor = 1; },
     "layer conv2: residual_factor: not 0 although there is no residual"},
    {"conv_residual_shape",
     [](ModelBuilder& b) {
       b.model.nodes[2]->inputs = {3, 0};
     },
     "layer conv3: inputs: the residual's shape is not that of the output"},
    {"conv_input_units",
     [](ModelBuilder& b) {
       ConvSpec s;
       s.name = "more";
       s.codes = {1};
       s.multiplier = s.addend = {1};
       s.outputs = {b.add_units("f", {1, 5, 4, 1}, 1)};
       s.thresholds = {{}};
       b.add_conv(s);
       b.model.nodes.back()->inputs = {6};
     },
     "layer more: inputs: the input does not hold bytes"},
    {"conv_multiplier_overflow",
     [](ModelBuilder& b) { conv(b, 0)->epilogue->multiplier[5] = INT32_MIN; },
     "layer conv1: multiplier: v may leave 32 bits in channel 5"},
    {"conv_addend_overflow", [](ModelBuilder& b) { conv(b, 0)->epilogue->addend[2] = INT32_MIN; },
     "layer conv1: multiplier: v may leave 32 bits in channel 2"},
    {"conv_residual_overflow",
     [](ModelBuilder& b) { conv(b, 2)->epilogue->residual_factor = INT32_MAX; },
     "layer conv3: multiplier: v may leave 32 bits in channel 0"},
    {"epilogue_unit", [](ModelBuilder& b) { conv(b, 0)->epilogue->unit = 0; },
     "layer conv1: unit: not positive and finite"},
    {"epilogue_unit_of_units", [](ModelBuilder& b) { conv(b, 4)->epilogue->unit = 2; },
     "layer conv5: unit: differs from that of tensor e"},
    {"epilogue_outputs", [](ModelBuilder& b) { conv(b, 0)->epilogue->outputs.pop_back(); },
     "layer conv1: outputs: 1 lists of thresholds for 2 outputs"},
    {"thresholds_count",
     [](ModelBuilder& b) { conv(b, 0)->epilogue->outputs[0]->thresholds.pop_back(); },
     "layer conv1: thresholds: their number is not that of the output's codes less one"},
    {"thresholds_order",
     [](ModelBuilder& b) { conv(b, 0)->epilogue->outputs[1]->thresholds[3] = INT32_MIN; },
     "layer conv1: thresholds: not ascending"},
    {"thresholds_twice", [](ModelBuilder& b) { in_short(b)->high = 1; },
     "layer conv1: thresholds: both listed and linear"},
    {"linear_shift",
     [](ModelBuilder& b) {
       in_short(b)->shift = 31;
       conv(b, 0)->epilogue->outputs[0]->thresholds.clear();
     },
     "layer conv1: thresholds: a linear shift beyond 30"},
    {"linear_ends",
     [](ModelBuilder& b) {
       in_short(b)->low = 9;
       conv(b, 0)->epilogue->outputs[0]->thresholds.clear();
     },
     "layer conv1: thresholds: linear ends out of order"},
    {"linear_high",
     [](ModelBuilder& b) {
       in_short(b)->high = 255;
       conv(b, 0)->epilogue->outputs[0]->thresholds.clear();
     },
     "layer conv1: thresholds: linear ends out of order"},
    {"linear_overflow",
     [](ModelBuilder& b) {
       format::LinearThresholdsT* linear = in_short(b);
       linear->high = 3;
       linear->shift = 30;
       conv(b, 0)->epilogue->outputs[0]->thresholds.clear();
     },
     "layer conv1: thresholds: a linear threshold leaves 32 bits"},
    {"thresholds_of_units",
     [](ModelBuilder& b) { conv(b, 4)->epilogue->outputs[0]->thresholds = {1}; },
     "layer conv5: thresholds: an output in units has none"},
    {"output_float", [](ModelBuilder& b) { b.model.tensors[6]->type = format::TensorType::Float; },
     "layer conv5: thresholds: the output tensor is float"},
};

class BadFiles : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, IsRefusedWithItsReason) {
  TestNet net(1);
  ASSERT_TRUE(open(net.builder.finish()).ok()) << open(net.builder.finish()).message();
  GetParam().breakage(net.builder);
  const Status status = open(net.builder.finish());
  EXPECT_TRUE(status.code() == StatusCode::kBadFile || status.code() == StatusCode::kUnsupported);
  const std::string expected = std::string("weq: x.weq: ") + GetParam().message;
  EXPECT_EQ(status.message().substr(0, expected.size()), expected) << status.message();
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BadFiles, ::testing::ValuesIn(kBadFiles),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace weq::test
