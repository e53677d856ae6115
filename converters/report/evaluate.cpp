#include "converters/report/evaluate.h"

#include <algorithm>
#include <vector>

#include "converters/report/metrics.h"

namespace weq::convert {

void require_label(int64_t label, size_t classes, int64_t index) {
  if (label >= 0 && label < static_cast<int64_t>(classes)) return;
  throw ConvertError(
      "record " + std::to_string(index) + " has label " + std::to_string(label) +
      ", the network has " + std::to_string(classes) +
      " outputs (labels count from 0); check that labels and network belong together");
}

Evaluation evaluate(const Network& network, const DataSource& data,
                    const EvaluateOptions& options) {
  require_single_input(network);
  const bool labelled = data.has_labels();
  std::vector<size_t> rank(static_cast<size_t>(data.size()));  // of the label
  std::vector<size_t> classes(rank.size());
  const MakeWorker make_worker = [&]() -> ImageWorker {
    RunnerOptions runner_options;
    runner_options.isa = options.isa;
    runner_options.tuning = options.tuning;
    std::shared_ptr<NetworkRunner> runner = make_runner(network, runner_options);
    return [&, runner](int64_t index) {
      runner->run(data.read(index));
      if (!labelled) return;
      const Tensor& output = runner->output(0);
      const auto at = static_cast<size_t>(index);
      classes[at] = output.f.size();
      require_label(data.label(index), output.f.size(), index);
      rank[at] = rank_of(output.f.data(), output.f.size(), static_cast<size_t>(data.label(index)));
    };
  };
  for_each_image(data.size(), options.threads, make_worker, options.progress);

  Evaluation result;
  result.images = data.size();
  if (!labelled) return result;
  const auto percent_below = [&](size_t k) {
    const auto hits = std::count_if(rank.begin(), rank.end(), [&](size_t r) { return r < k; });
    return 100.0 * static_cast<double>(hits) / static_cast<double>(rank.size());
  };
  result.top1 = percent_below(1);
  if (classes[0] >= 6) result.top5 = percent_below(5);
  return result;
}

}  // namespace weq::convert
