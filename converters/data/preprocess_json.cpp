// --preprocess FILE.json: null and absent keys keep their defaults, unknown keys are ignored.
#include <cmath>
#include <nlohmann/json.hpp>

#include "converters/data/file_bytes.h"
#include "converters/data/source.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

using Json = nlohmann::json;

class Reader {
 public:
  Reader(const std::string& path, const Json& object) : path_(path), object_(object) {}

  [[noreturn]] void fail(const std::string& key, const std::string& wanted) const {
    throw FileError(path_, "preprocess key `" + key + "` must be " + wanted);
  }
  const Json* find(const std::string& key) const {
    const auto at = object_.find(key);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  int side(const std::string& key) const {
    const Json* value = find(key);
    return value == nullptr ? 0 : side_of(*value, key);
  }
  std::vector<int> sides(const std::string& key) const {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_array() || value->size() != 2) fail(key, "[height, width]");
    return {side_of((*value)[0], key), side_of((*value)[1], key)};
  }
  float number(const std::string& key, float fallback) const {
    const Json* value = find(key);
    return value == nullptr ? fallback : number_of(*value, key);
  }
  std::vector<float> numbers(const std::string& key) const {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_number()) return {number_of(*value, key)};
    if (!value->is_array() || value->empty()) fail(key, "a list of numbers, one per channel");
    std::vector<float> out;
    for (const Json& element : *value) out.push_back(number_of(element, key));
    return out;
  }

 private:
  int side_of(const Json& value, const std::string& key) const {
    if (!value.is_number_integer() || value < 1 || value > 16384) {
      fail(key, "a whole number of pixels from 1 to 16384");
    }
    return value.get<int>();
  }
  float number_of(const Json& value, const std::string& key) const {
    if (!value.is_number() || !std::isfinite(value.get<float>())) fail(key, "a finite number");
    return value.get<float>();
  }
  const std::string& path_;
  const Json& object_;
};

}  // namespace

Preprocess read_preprocess(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (json.is_discarded()) throw FileError(path, "is not valid JSON; check brackets and commas");
  if (json.is_object() && json.contains("preprocess")) {
    const Json inner = json["preprocess"];
    json = inner;
  }
  if (!json.is_object()) {
    throw FileError(path,
                    "holds no object `preprocess`; give one with keys such as "
                    "resize_shorter, crop, channel_order, scale, mean, std");
  }
  const Reader reader(path, json);
  Preprocess out;
  out.resize_to = reader.sides("resize_to");
  out.resize_shorter = reader.side("resize_shorter");
  out.crop = reader.side("crop");
  out.scale = reader.number("scale", 1);
  out.mean = reader.numbers("mean");
  out.std = reader.numbers("std");
  if (out.scale == 0) reader.fail("scale", "other than 0");
  for (const float value : out.std) {
    if (value == 0) reader.fail("std", "other than 0");
  }
  if (const Json* order = reader.find("channel_order")) {
    const std::string name = order->is_string() ? order->get<std::string>() : "";
    if (name != "RGB" && name != "BGR" && name != "mono") {
      reader.fail("channel_order", "\"RGB\", \"BGR\" or \"mono\"");
    }
    out.bgr = name == "BGR";
    out.mono = name == "mono";
  }
  return out;
}

}  // namespace weq::convert
