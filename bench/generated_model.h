// From a network's name and bits to files on disk, through the real converter. Files are kept in a
// folder for temporary files, named after the program's own bytes: a rebuilt program makes its own.
#pragma once

#include <filesystem>
#include <string>

namespace weq::bench {

class ModelCache {
 public:
  // Makes the folder; folders of other builds that nobody used for a day are removed.
  ModelCache();

  // The generated network as ONNX. Throws ConvertError for an unknown name.
  std::string onnx(const std::string& network) const;
  // Converted: the first and last layer with weights at (8,8), all others at `bits` ("4,4",
  // "3L,2"). Runs in a process of its own, so that neither an --isa for oneDNN nor the converter's
  // memory reaches the measurement: the file is the same whatever is measured with it.
  std::string weq(const std::string& network, const std::string& bits) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace weq::bench
