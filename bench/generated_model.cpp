#include "bench/generated_model.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "bench/networks/list.h"
#include "converters/convert.h"
#include "converters/data/digest.h"
#include "converters/ir/errors.h"

namespace weq::bench {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kCalibrationImages = 4;

// Names the program: its own bytes.
std::string program_digest() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  convert::Fnv1a digest;
  std::vector<char> buffer(1 << 20);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    digest.add(buffer.data(), static_cast<size_t>(file.gcount()));
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest.value()));
  return text;
}

void remove_old(const fs::path& root, const fs::path& own) {
  std::error_code error;
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const fs::directory_entry& entry : fs::directory_iterator(root, error)) {
    if (entry.path() != own && entry.last_write_time(error) < yesterday)
      fs::remove_all(entry.path(), error);
  }
}

// `write` fills a file of another name, which then takes its place at once: programs may run side
// by side.
template <class Write>
std::string made_once(const fs::path& path, const Write& write) {
  if (fs::exists(path)) return path.string();
  const std::string draft = path.string() + "." + std::to_string(getpid());
  write(draft);
  fs::rename(draft, path);
  return path.string();
}

Preprocess photographs() {
  Preprocess preprocess;
  preprocess.image = true;
  preprocess.scale = 1.0F / 255.0F;
  preprocess.mean = {0.485F, 0.456F, 0.406F};
  preprocess.std = {0.229F, 0.224F, 0.225F};
  return preprocess;
}

// In a child; its errors are printed there.
void convert_apart(const std::string& onnx, const std::string& bits, const std::string& output) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw convert::ResourceError("cannot start a process for the converter");
  if (child == 0) {
    int code = 0;
    try {
      convert_model(onnx, generated_conversion(bits), output);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "weq: %s: %s\n", onnx.c_str(), error.what());
      code = 1;
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw convert::ConvertError("conversion to " + bits + " failed");
}

}  // namespace

convert::SourceOptions noise() {
  convert::SourceOptions source;
  source.path = "random";
  source.limit = kCalibrationImages;
  return source;
}

Conversion generated_conversion(const std::string& bits) {
  return {bits, "8,8", photographs(), noise()};
}

void convert_model(const std::string& onnx, const Conversion& conversion,
                   const std::string& output) {
  convert::ConvertOptions options;
  options.model = onnx;
  options.output = output;
  options.preprocess = conversion.preprocess;
  options.calibration = conversion.calibration;
  options.bits = convert::parse_layer_bits(conversion.bits);
  if (!conversion.ends.empty())
    options.first = options.last = convert::parse_layer_bits(conversion.ends);
  options.criterion = convert::CriterionChoice::kMse;
  options.command = "bench_networks --bits " + conversion.bits;
  static_cast<void>(convert::convert(options));
}

ModelCache::ModelCache() {
  const fs::path root =
      fs::temp_directory_path() / ("weq-bench-networks-" + std::to_string(getuid()));
  folder_ = root / program_digest();
  fs::create_directories(folder_);
  fs::last_write_time(folder_, fs::file_time_type::clock::now());
  remove_old(root, folder_);
}

std::string ModelCache::onnx(const std::string& network) const {
  const NetworkEntry* entry = find_network(network);
  if (entry == nullptr) {
    throw convert::UsageError("--network " + network +
                              " is not known; valid names: " + network_names());
  }
  return made_once(folder_ / (network + ".onnx"), [&](const std::string& draft) {
    const std::string bytes = entry->make();
    std::ofstream file(draft, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw convert::ResourceError(draft + ": cannot be written");
  });
}

std::string ModelCache::weq(const std::string& network, const std::string& bits) const {
  const std::string source = onnx(network);
  return made_once(folder_ / (network + "-" + bits + ".weq"), [&](const std::string& draft) {
    std::fprintf(stderr, "converting %s to %s\n", network.c_str(), bits.c_str());
    convert_apart(source, bits, draft);
  });
}

}  // namespace weq::bench
