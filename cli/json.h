// What --json prints: one object, keys in the order written, on stdout alone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace weq::cli {

using Json = nlohmann::ordered_json;

// null where the number is missing or not finite.
Json number(std::optional<double> value);
// One line; names that are not UTF-8 are printed with replacement characters.
void print(const Json& json);

}  // namespace weq::cli
