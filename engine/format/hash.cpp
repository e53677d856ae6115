#include "engine/format/hash.h"

#include "weq_generated.h"

namespace weq::format {
namespace {

constexpr uint64_t kPrime = 1099511628211u;

uint64_t update(uint64_t hash, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * kPrime;
  return hash;
}

}  // namespace

uint64_t content_hash(const uint8_t* data, size_t size, size_t hole) {
  constexpr uint8_t kZeros[8] = {};
  uint64_t hash = update(14695981039346656037u, data, hole);
  hash = update(hash, kZeros, sizeof kZeros);
  return update(hash, data + hole + sizeof kZeros, size - hole - sizeof kZeros);
}

size_t content_hash_position(const uint8_t* data) {
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(data);
  const uint8_t* field = root->GetAddressOf(Model::VT_CONTENT_HASH);
  return field == nullptr ? 0 : static_cast<size_t>(field - data);
}

bool seal(uint8_t* data, size_t size) {
  const size_t hole = content_hash_position(data);
  if (hole == 0) return false;
  const uint64_t hash = flatbuffers::EndianScalar(content_hash(data, size, hole));
  std::memcpy(data + hole, &hash, sizeof hash);
  return true;
}

}  // namespace weq::format
