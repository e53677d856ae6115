#include "engine/format/hash.h"
#include "engine/format/load.h"

namespace weq::format {

Status check_structure(const Report& report, const uint8_t* data, size_t size) {
  // Root offset, identifier, and the smallest table.
  if (size < 16)
    return report.bad("", "", "too short for a .weq file (" + std::to_string(size) + " bytes)");
  if (size > INT32_MAX) return report.bad("", "", "larger than 2 GiB");
  if (!ModelBufferHasIdentifier(data))
    return report.bad("", "file_identifier",
                      std::string("not \"") + ModelIdentifier() + "\": not a .weq file");
  flatbuffers::Verifier verifier(data, size);
  if (!VerifyModelBuffer(verifier))
    return report.bad("", "structure",
                      "an offset, length or field is invalid: truncated or corrupt");
  const Model& model = *GetModel(data);
  if (model.format_version() > kFormatVersion)
    return report.make(StatusCode::kUnsupported, "", "format_version",
                       "the file has " + std::to_string(model.format_version()) +
                           ", this library reads up to " + std::to_string(kFormatVersion));
  if (model.format_version() < 1) return report.bad("", "format_version", "missing or 0");
  const size_t hole = content_hash_position(data);
  if (hole == 0) return report.bad("", "content_hash", "missing");
  if (content_hash(data, size, hole) != model.content_hash())
    return report.bad("", "content_hash", "does not match the file: bytes were changed");
  return {};
}

}  // namespace weq::format
