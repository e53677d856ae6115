#include "converters/onnx/external_data.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "converters/ir/graph.h"

namespace weq::convert {
namespace {

namespace fs = std::filesystem;

int64_t parse_number(const std::string& key, const std::string& text) {
  int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    throw ConvertError("external data has a bad " + key + " \"" + text +
                       "\"; export the model again");
  return value;
}

fs::path locate(const std::string& location, const std::string& folder) {
  const fs::path relative(location);
  const bool climbs = std::any_of(relative.begin(), relative.end(),
                                  [](const fs::path& part) { return part == ".."; });
  if (location.empty() || relative.is_absolute() || climbs)
    throw ConvertError("external data \"" + location +
                       "\" lies outside the model's folder, which is refused; put it beside the "
                       "model and name it by a relative path");
  std::error_code error;
  const fs::path root = fs::canonical(folder.empty() ? "." : folder, error);
  if (error) throw ConvertError("the model's folder cannot be read; check its permissions");
  const fs::path file = fs::canonical(root / relative, error);
  if (error || !fs::is_regular_file(file, error))
    throw ConvertError("external data \"" + location +
                       "\" is missing; copy it into the model's folder");
  if (std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end())
    throw ConvertError("external data \"" + location +
                       "\" is a link out of the model's folder, which is refused; copy the file");
  return file;
}

}  // namespace

std::string read_external_data(const onnx::TensorProto& tensor, const std::string& folder,
                               int64_t bytes) {
  std::string location;
  int64_t offset = 0, length = bytes;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = parse_number("offset", entry.value());
    if (entry.key() == "length") length = parse_number("length", entry.value());
  }
  const fs::path path = locate(location, folder);
  if (length != bytes)
    throw ConvertError("external data \"" + location + "\" gives " + std::to_string(length) +
                       " bytes where the shape wants " + std::to_string(bytes) +
                       "; export the model again");
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(path, error));
  if (error || offset > size || bytes > size - offset)
    throw ConvertError("external data \"" + location + "\" is too short for offset " +
                       std::to_string(offset) + " and " + std::to_string(bytes) +
                       " bytes; copy it again");
  std::string data(static_cast<size_t>(bytes), '\0');
  std::ifstream stream(path, std::ios::binary);
  if (!stream.seekg(offset) || !stream.read(data.data(), bytes))
    throw ConvertError("external data \"" + location + "\" cannot be read; check its permissions");
  return data;
}

}  // namespace weq::convert
