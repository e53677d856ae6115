// From a network's name and bits to files on disk, through the real converter. Files are kept in a
// folder for temporary files, named after the program's own bytes: a rebuilt program makes its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "converters/data/source.h"

namespace weq::bench {

// How a network is converted.
struct Conversion {
  std::string bits;  // W,A: "4,4", "3L,2"
  std::string ends;  // of the first and last layer with weights; "": like all others
  std::optional<Preprocess> preprocess;
  convert::SourceOptions calibration;
};

// On noise, a few inputs.
convert::SourceOptions noise();
// Of generated networks: the first and last layer at (8,8), calibrated on noise.
Conversion generated_conversion(const std::string& bits);

// Throws ConvertError.
void convert_model(const std::string& onnx, const Conversion& conversion,
                   const std::string& output);

class ModelCache {
 public:
  // Makes the folder; folders of other builds that nobody used for a day are removed.
  ModelCache();

  // The generated network as ONNX. Throws ConvertError for an unknown name.
  std::string onnx(const std::string& network) const;
  // Converted on noise, the first and last layer with weights at (8,8). Runs in a process of its
  // own, so that neither an --isa for oneDNN nor the converter's memory reaches the measurement:
  // the file is the same whatever is measured with it.
  std::string weq(const std::string& network, const std::string& bits) const;
  // A file of that name in the folder, for the caller to write.
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace weq::bench
