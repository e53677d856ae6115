// Model.content_hash: FNV-1a 64 over all bytes of a file, those of the field itself read as zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weq::format {

// The hash of `size` bytes, with the 8 bytes from `hole` on read as zero.
uint64_t content_hash(const uint8_t* data, size_t size, size_t hole);

// Where the field lies in a structurally valid buffer, or 0 when it is absent.
size_t content_hash_position(const uint8_t* data);

// Writes the hash into a finished buffer. The last step of every writer, which must have stored the
// field with a value other than its default. False when the field is absent.
bool seal(uint8_t* data, size_t size);

}  // namespace weq::format
