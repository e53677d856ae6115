// Classifies one image by the C++ interface.
//   classify MODEL.weq [PIXELS]
// PIXELS: height * width * channels bytes of the size that the model takes; without it, grey.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <numeric>
#include <vector>

#include "weq/weq.hpp"

namespace {

size_t element_count(const weq::PortInfo& port) {
  return std::accumulate(
      port.shape.begin(), port.shape.end(), size_t{1},
      [](size_t count, int64_t dim) { return count * static_cast<size_t>(dim); });
}

int fail(const weq::Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: classify MODEL.weq [PIXELS]\n");
    return 2;
  }
  std::shared_ptr<const weq::Model> model;
  if (weq::Status s = weq::Model::from_file(argv[1], &model); !s.ok()) return fail(s);
  std::unique_ptr<weq::Session> session;
  if (weq::Status s = weq::Session::create(model, {}, &session); !s.ok()) return fail(s);

  const weq::PortInfo& input = session->inputs()[0];
  if (input.image) {
    std::vector<uint8_t> pixels(element_count(input), 128);
    if (argc > 2) {
      std::ifstream file(argv[2], std::ios::binary);
      pixels.assign(std::istreambuf_iterator<char>(file), {});
    }
    // A wrong count is an error that says how many bytes belong here.
    if (weq::Status s = session->set_input_image(0, pixels.data(), pixels.size()); !s.ok()) {
      return fail(s);
    }
  } else {
    const std::vector<float> zeros(element_count(input));
    if (weq::Status s = session->set_input_float(0, zeros.data(), zeros.size()); !s.ok()) {
      return fail(s);
    }
  }
  if (weq::Status s = session->run(); !s.ok()) return fail(s);

  std::vector<float> scores(element_count(session->outputs()[0]));
  if (weq::Status s = session->get_output_float(0, scores.data(), scores.size()); !s.ok()) {
    return fail(s);
  }
  const auto best = std::max_element(scores.begin(), scores.end());
  std::printf("class %ld, score %.4f\n", static_cast<long>(best - scores.begin()), *best);
  return 0;
}
