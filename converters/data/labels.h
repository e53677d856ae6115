// Class labels that come apart from the records.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weq::convert {

// `labels.csv`: lines "file,label", a header line allowed. In the file's order. Throws FileError
// naming the line.
std::vector<std::pair<std::string, int64_t>> read_labels_csv(const std::string& path);

// A one-dimensional integer .npy.
std::vector<int64_t> read_labels_npy(const std::string& path);

}  // namespace weq::convert
