// From the file's object form to bytes on disk: serialize, hash, verify with the engine's own
// loader, write to a temporary name, rename. A file that the engine would refuse is never left
// behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weq_generated.h"

namespace weq::convert {

// The bytes of the file, `content_hash` included. Same model, same bytes.
std::vector<uint8_t> serialize(const format::ModelT& model);

// Throws ConvertError when the engine refuses the bytes (a defect of the converter, said so) or the
// file cannot be written (disk full: ResourceError). Returns the size.
uint64_t write_weq(const format::ModelT& model, const std::string& path);

}  // namespace weq::convert
