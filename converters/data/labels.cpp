#include "converters/data/labels.h"

#include "converters/data/file_bytes.h"
#include "converters/data/npy.h"
#include "converters/ir/errors.h"

namespace weq::convert {
namespace {

std::string trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\"");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

// A class number: digits alone, small enough to be one.
bool parse_label(const std::string& text, int64_t* label) {
  if (text.empty() || text.size() > 9) return false;
  *label = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    *label = *label * 10 + (c - '0');
  }
  return true;
}

}  // namespace

std::vector<std::pair<std::string, int64_t>> read_labels_csv(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  std::vector<std::pair<std::string, int64_t>> out;
  const std::string text(bytes.begin(), bytes.end());
  int line_number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (trim(line).empty()) continue;
    const size_t comma = line.rfind(',');
    int64_t label = 0;
    const bool good =
        comma != std::string::npos && parse_label(trim(line.substr(comma + 1)), &label);
    if (good) {
      out.emplace_back(trim(line.substr(0, comma)), label);
    } else if (line_number > 1) {
      throw FileError(path, "line " + std::to_string(line_number) +
                                " is not `file,label` with a whole number as label");
    }
  }
  if (out.empty()) throw FileError(path, "names no file; each line must be `file,label`");
  return out;
}

std::vector<int64_t> read_labels_npy(const std::string& path) {
  const NpyFile file(path);
  if (file.is_float() || file.shape().size() != 1) {
    throw FileError(path, "labels must be one-dimensional integers, this is " +
                              std::string(file.is_float() ? "float " : "") +
                              to_string(file.shape()) + "; save y.astype('int64').ravel()");
  }
  std::vector<int64_t> labels = file.read_ints(0, file.shape()[0]);
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) {
      throw FileError(path, "label " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                                "; labels count from 0");
    }
  }
  return labels;
}

}  // namespace weq::convert
