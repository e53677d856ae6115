#include "engine/ops/epilogue.h"

#include <cmath>

namespace weq {
namespace {

constexpr int64_t kLimit = int64_t{1} << 31;

// T_k of equidistant thresholds (weq.fbs); may lie outside int32 until checked.
int64_t linear_threshold(const format::LinearThresholds& linear, int32_t k) {
  if (k <= linear.low()) return INT32_MIN;
  if (k > linear.high()) return INT32_MAX;
  return (int64_t{k} << linear.shift()) - linear.round();
}

const char* find_linear_fault(const format::LinearThresholds& linear, int32_t codes) {
  if (linear.shift() > 30) return "a linear shift beyond 30";
  if (linear.low() > linear.high() || linear.high() >= codes) return "linear ends out of order";
  for (int32_t k : {linear.low() + 1, int32_t{linear.high()}}) {
    const int64_t t = linear_threshold(linear, k);
    if (t < INT32_MIN || t > INT32_MAX) return "a linear threshold leaves 32 bits";
  }
  return nullptr;
}

// nullptr when the thresholds suit the output tensor, else the reason.
const char* find_fault(const TensorInfo& tensor, const format::Requantized& entry) {
  const flatbuffers::Vector<int32_t>* thresholds = entry.thresholds();
  const uint32_t count = thresholds == nullptr ? 0 : thresholds->size();
  if (tensor.type == format::TensorType::Float) return "the output tensor is float";
  if (!tensor.is_bytes())
    return count == 0 && entry.linear() == nullptr ? nullptr : "an output in units has none";
  const int32_t codes = tensor.quantizer->map.codes;
  if (entry.linear() != nullptr)
    return count == 0 ? find_linear_fault(*entry.linear(), codes) : "both listed and linear";
  if (count != static_cast<uint32_t>(codes - 1))
    return "their number is not that of the output's codes less one";
  for (uint32_t k = 1; k < count; ++k)
    if (thresholds->Get(k) < thresholds->Get(k - 1)) return "not ascending";
  return nullptr;
}

}  // namespace

int64_t epilogue_bound(int64_t max_abs_acc, int pre_shift, int64_t multiplier, int64_t addend,
                       int64_t residual_factor, int64_t max_abs_residual) {
  if (max_abs_acc >= kLimit || pre_shift < 0 || pre_shift > 30) return -1;
  const int64_t round = pre_shift == 0 ? 0 : int64_t{1} << (pre_shift - 1);
  if (max_abs_acc + round >= kLimit) return -1;
  // -acc rounds away from zero at most as far as acc does.
  const int64_t a = (max_abs_acc + round) >> pre_shift;
  const int64_t v =
      a * std::abs(multiplier) + std::abs(addend) + std::abs(residual_factor) * max_abs_residual;
  return v < kLimit ? v : -1;
}

bool check_outputs(const NodeContext& c, const RequantizedList* outputs, float unit) {
  if (!(unit > 0) || !std::isfinite(unit)) return c.fail("unit", "not positive and finite");
  if (outputs->size() != c.output_count())
    return c.fail("outputs", std::to_string(outputs->size()) + " lists of thresholds for " +
                                 std::to_string(c.output_count()) + " outputs");
  for (size_t i = 0; i < c.output_count(); ++i) {
    const TensorInfo& tensor = *c.outputs[i];
    const auto* entry = outputs->Get(static_cast<flatbuffers::uoffset_t>(i));
    const char* fault = find_fault(tensor, *entry);
    if (fault != nullptr) return c.fail("thresholds", fault);
    if (!tensor.is_bytes() && c.output_count() > 1)
      return c.fail("outputs", "units next to another output");
    if (!tensor.is_bytes() && tensor.unit != unit)
      return c.fail("unit", "differs from that of tensor " + std::string(tensor.name));
  }
  return true;
}

void PreparedEpilogue::set(const int32_t* multiplier, const int32_t* addend, int channels,
                           int pre_shift) {
  const size_t padded = kernels::round_up(static_cast<size_t>(channels), kernels::kChannelPad);
  multiplier_.assign(padded, 0);
  addend_.assign(padded, 0);
  for (int i = 0; i < channels; ++i) {
    multiplier_[static_cast<size_t>(i)] = multiplier[i];
    addend_[static_cast<size_t>(i)] = addend[i];
  }
  epilogue_.pre_shift = pre_shift;
  epilogue_.multiplier = multiplier_.data();
  epilogue_.addend = addend_.data();
}

void PreparedEpilogue::set(int32_t multiplier, int32_t addend, int channels, int pre_shift) {
  const auto n = static_cast<size_t>(channels);
  const std::vector<int32_t> m(n, multiplier), a(n, addend);
  set(m.data(), a.data(), channels, pre_shift);
}

void PreparedEpilogue::set_residual(int32_t factor, const kernels::LevelMap* map) {
  epilogue_.residual_factor = factor;
  epilogue_.residual_map = map;
}

void PreparedEpilogue::set_outputs(const NodeContext& c, const RequantizedList* outputs,
                                   int64_t v_bound) {
  epilogue_.outputs = 0;
  for (size_t i = 0; i < c.output_count(); ++i) {
    if (!c.outputs[i]->is_bytes()) continue;
    const auto* entry = outputs->Get(static_cast<flatbuffers::uoffset_t>(i));
    const kernels::LevelMap& map = c.outputs[i]->quantizer->map;
    const int32_t count = map.codes - 1;
    const int32_t* values = entry->thresholds() == nullptr ? nullptr : entry->thresholds()->data();
    if (entry->linear() != nullptr) {
      std::vector<int32_t>& expanded = expanded_[epilogue_.outputs];
      for (int32_t k = 1; k <= count; ++k)
        expanded.push_back(static_cast<int32_t>(linear_threshold(*entry->linear(), k)));
      values = expanded.data();
    }
    kernels::prepare_thresholds(values, count, map, v_bound,
                                &epilogue_.output[epilogue_.outputs++]);
  }
}

}  // namespace weq
