#include "converters/write/weq_writer.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "converters/data/file_bytes.h"
#include "converters/ir/graph.h"
#include "engine/format/hash.h"
#include "weq/weq.hpp"

namespace weq::convert {

std::vector<uint8_t> serialize(const format::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  format::FinishModelBuffer(builder, format::Model::Pack(builder, &model));
  uint8_t* data = builder.GetBufferPointer();
  if (!format::seal(data, builder.GetSize())) {
    throw ConvertError("the file has no content hash; this is a defect of weq, please report it");
  }
  return std::vector<uint8_t>(data, data + builder.GetSize());
}

uint64_t write_weq(const format::ModelT& model, const std::string& path) {
  const std::vector<uint8_t> bytes = serialize(model);
  // The engine wants 64-byte alignment, which a vector does not promise.
  const size_t padded = (bytes.size() + 63) / 64 * 64;
  const std::unique_ptr<uint8_t, void (*)(void*)> aligned(
      static_cast<uint8_t*>(std::aligned_alloc(64, padded)), std::free);
  if (!aligned) throw std::bad_alloc();
  std::copy(bytes.begin(), bytes.end(), aligned.get());
  std::shared_ptr<const Model> check;
  const Status status = Model::from_memory(aligned.get(), bytes.size(), &check, path);
  if (!status.ok()) {
    throw ConvertError("the engine refuses the converted file (" + status.message() +
                       "); this is a defect of weq, please report it");
  }
  write_file(path, {{bytes.data(), bytes.size()}});
  return bytes.size();
}

}  // namespace weq::convert
