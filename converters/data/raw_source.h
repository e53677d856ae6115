// What each form of source provides: all its records, in its own order. --limit and --labels are
// put around it in source.cpp.
#pragma once

#include <memory>
#include <string>

#include "converters/data/digest.h"
#include "converters/data/source.h"

namespace weq::convert {

class RawSource {
 public:
  virtual ~RawSource() = default;
  virtual int64_t count() const = 0;
  virtual bool has_labels() const { return false; }
  virtual int64_t label(int64_t) const { return -1; }
  virtual bool holds_images() const = 0;
  virtual Record read(int64_t index) const = 0;
  virtual void hash(int64_t index, Fnv1a* digest) const = 0;
};

// Photographs in a folder, with or without labels.csv; or one photograph.
std::unique_ptr<RawSource> open_folder(const std::string& path, const Preprocess& preprocess,
                                       const Shape& input_shape);
std::unique_ptr<RawSource> open_image(const std::string& path, const Preprocess& preprocess,
                                      const Shape& input_shape);
// Records of 1 label byte and 3,072 bytes of planar RGB, 32x32.
std::unique_ptr<RawSource> open_cifar(const std::string& path, const Preprocess& preprocess,
                                      const Shape& input_shape);
// [N, ...]: uint8 [N,H,W,C] or [N,H,W] are images, other types are fed as they are.
std::unique_ptr<RawSource> open_npy(const std::string& path, const Preprocess& preprocess,
                                    const Shape& input_shape);
// Seeded noise, the same on every machine: bytes for networks that take photographs, else a normal
// distribution. `count` records.
std::unique_ptr<RawSource> open_random(int64_t count, const Preprocess& preprocess,
                                       const Shape& input_shape);

}  // namespace weq::convert
