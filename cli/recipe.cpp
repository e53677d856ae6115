#include "cli/recipe.h"

#include "cli/json.h"
#include "converters/data/file_bytes.h"
#include "converters/ir/errors.h"

namespace weq::cli {
namespace {

convert::LayerBits bits_of(const std::string& path, const std::string& key, const Json& value) {
  if (!value.is_string()) throw convert::FileError(path, "`" + key + "` must be a text \"W,A\"");
  try {
    return convert::parse_layer_bits(value.get<std::string>());
  } catch (const convert::ConvertError& error) {
    throw convert::FileError(path, "`" + key + "`: " + error.what());
  }
}

}  // namespace

void read_recipe(const std::string& path, convert::ConvertOptions* options) {
  const std::vector<uint8_t> bytes = convert::read_file(path);
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    throw convert::FileError(path, "is not a JSON object; give {\"layers\": {\"NAME\": \"W,A\"}}");
  }
  for (const auto& [key, value] : json.items()) {
    if (key == "first" || key == "last") {
      auto& ends = key == "first" ? options->first : options->last;
      const convert::LayerBits bits = bits_of(path, key, value);
      if (!ends) ends = bits;
    } else if (key == "layers" && value.is_object()) {
      for (const auto& [name, layer] : value.items()) {
        options->layers.emplace(name, bits_of(path, name, layer));
      }
    } else {
      throw convert::FileError(path, "`" + key +
                                         "` is not known; keys are layers (an object), "
                                         "first and last");
    }
  }
}

}  // namespace weq::cli
