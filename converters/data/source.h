// Where calibration and test inputs come from: --calib and --data (the forms of cli.md), one record
// at a time, preprocessed or as bytes. Reading is by index and thread-safe, memory is one record.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "converters/ir/graph.h"
#include "weq/weq.hpp"

namespace weq::convert {

struct SourceOptions {
  std::string path;    // folder, *.bin (CIFAR-10), *.npy, an image file, or "random"
  std::string labels;  // --labels FILE.npy; "": labels.csv or the record's own
  int64_t limit = 0;   // records floor(i * total / limit), i < limit; 0: all
};

// One record: image bytes after resize and crop, in the model's channel order (when the source
// holds images), and the same as the float tensor that the network takes ([1, c, h, w] or [1,
// ...]).
struct Record {
  std::vector<uint8_t> image;  // [h, w, c]; empty for float sources
  Tensor input;
};

class DataSource {
 public:
  virtual ~DataSource() = default;
  virtual int64_t size() const = 0;                // after --limit
  virtual int64_t label(int64_t index) const = 0;  // -1: none
  virtual bool has_labels() const = 0;
  virtual bool holds_images() const = 0;
  // Throws ConvertError naming the file. `index` < size().
  virtual Record read(int64_t index) const = 0;
  virtual uint64_t digest() const = 0;  // of names/bytes used: goes into the provenance
};

// `input_shape` is the network's input at batch 1, ONNX axes. A record of another size after
// preprocessing is an error naming both.
std::unique_ptr<DataSource> open_source(const SourceOptions& options, const Preprocess& preprocess,
                                        const Shape& input_shape);

// Reads the JSON form of --preprocess (key "preprocess" or the object itself). Unknown keys are
// ignored, wrong types are errors.
Preprocess read_preprocess(const std::string& path);

}  // namespace weq::convert
