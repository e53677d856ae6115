#include <cmath>

#include "engine/format/load.h"
#include "kernels/level_map.h"

namespace weq::format {
namespace {

constexpr int kMaxCodes = 256;
constexpr int32_t kMaxLevel = 1 << 15;  // shift layers; all others stay within a byte

// Levels are listed, or (linear quantizers) consecutive from `first` on.
int32_t level_count(const Quantizer& q) {
  return q.levels() == nullptr ? q.count() : static_cast<int32_t>(q.levels()->size());
}
int32_t level_at(const Quantizer& q, int32_t k) {
  return q.levels() == nullptr ? q.first() + k
                               : q.levels()->Get(static_cast<flatbuffers::uoffset_t>(k));
}

// nullptr when the quantizer is sound, else the field, with the reason.
const char* find_fault(const Quantizer& q, std::string* reason) {
  const auto fault = [&](const char* field, const std::string& text) {
    *reason = text;
    return field;
  };
  if (q.kind() > QuantizerKind::MAX) return fault("kind", "unknown value");
  if (q.levels() == nullptr && q.kind() != QuantizerKind::Linear)
    return fault("levels", "absent in a quantizer that is not linear");
  if (q.levels() != nullptr && (q.count() != 0 || q.first() != 0))
    return fault("levels", "both listed and given by first and count");
  const int32_t count = level_count(q);
  if (count < 1 || count > kMaxCodes)
    return fault("levels", std::to_string(count) + " of them; 1 to 256 are allowed");
  if (q.first() < -kMaxLevel || q.first() > kMaxLevel)
    return fault("first", "level " + std::to_string(q.first()) + " lies beyond 2^15");
  for (int32_t k = 0; k < count; ++k) {
    const int32_t level = level_at(q, k);
    if (level < -kMaxLevel || level > kMaxLevel)
      return fault("levels", "level " + std::to_string(level) + " lies beyond 2^15");
    if (k > 0 && level <= level_at(q, k - 1)) return fault("levels", "not ascending");
    if (!q.code_bytes() && (level + q.offset() < 0 || level + q.offset() > 255))
      return fault("offset", "level " + std::to_string(level) + " + offset " +
                                 std::to_string(q.offset()) + " is not a byte");
    if (q.kind() == QuantizerKind::Linear && level != level_at(q, 0) + k)
      return fault("levels", "a linear quantizer with a gap");
  }
  if (q.code_bytes() && q.offset() != 0) return fault("offset", "not 0 although code_bytes is set");
  if (!(q.unit() > 0) || !std::isfinite(q.unit())) return fault("unit", "not positive and finite");
  if ((q.kind() == QuantizerKind::Log || q.kind() == QuantizerKind::SignedLog) && q.step() < 1)
    return fault("step", "not positive");
  if (q.kind() == QuantizerKind::Log && level_at(q, 0) != 0)
    return fault("levels", "code 0 is not 0");
  if (q.negative_codes() >= count)
    return fault("negative_codes", "as many as there are levels, or more");
  if (q.real_levels() != nullptr && q.real_levels()->size() != 0) {
    if (q.real_levels()->size() != static_cast<uint32_t>(count))
      return fault("real_levels", "not as many as levels");
    for (float level : *q.real_levels())
      if (!std::isfinite(level)) return fault("real_levels", "not finite");
  }
  return nullptr;
}

QuantizerInfo make_info(const Quantizer& q) {
  QuantizerInfo info;
  info.file = &q;
  info.unit = q.unit();
  std::vector<int32_t> levels;
  for (int32_t k = 0; k < level_count(q); ++k) levels.push_back(level_at(q, k));
  info.map = kernels::make_level_map(levels.data(), level_count(q), q.offset(), q.code_bytes());
  for (int32_t k = 0; k < info.map.codes; ++k) info.stored[info.map.byte_of_code[k]] = true;
  return info;
}

}  // namespace

Status load_quantizers(const Report& report, Graph* graph) {
  const auto& list = *graph->file->quantizers();
  for (flatbuffers::uoffset_t i = 0; i < list.size(); ++i) {
    std::string reason;
    const char* field = find_fault(*list[i], &reason);
    if (field != nullptr) return report.bad("quantizer " + std::to_string(i), field, reason);
    graph->quantizers.push_back(make_info(*list[i]));
  }
  return {};
}

}  // namespace weq::format
