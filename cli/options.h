// Flags that several commands share, and the parsing of their values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "converters/data/source.h"
#include "converters/report/network.h"

namespace weq::cli {

// --preprocess FILE.json, or its keys one by one as flags (which win over the file's).
struct PreprocessFlags {
  std::string file;
  std::vector<int> resize_to;
  int resize_shorter = 0, crop = 0;
  std::string channel_order;
  std::optional<float> scale;
  std::vector<float> mean, std;

  void add_to(CLI::App& app);
  // Nothing where no flag was given.
  std::optional<Preprocess> get() const;
};

// --data SRC --labels F --limit N.
struct DataFlags {
  convert::SourceOptions source;
  void add_to(CLI::App& app);
};

// --threads N --isa NAME --tuning FILE --input-shape NAME=DIMS.
struct RunFlags {
  int threads = 0;
  std::string isa, tuning;
  std::vector<std::string> input_shapes;
  void add_to(CLI::App& app, const std::string& threads_help);
  // The text of --tuning, "" where none is given; only for a .weq file.
  std::string tuning_text(const convert::Network& network) const;
};

// "NAME=VALUE", split at the last '='. `flag` is named where there is none.
std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     const std::string& flag);

// {"x=1,3,224,224"} -> {x: [1, 3, 224, 224]}; commas or x between the numbers.
std::map<std::string, convert::Shape> parse_shapes(const std::vector<std::string>& texts);

// The network of a command, with these flags. `prepared` as in NetworkOptions.
convert::Network open_with(const std::string& path, const PreprocessFlags& preprocess,
                           const RunFlags& flags, bool prepared = false);

}  // namespace weq::cli
