#include "converters/report/tune.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "converters/report/prepared_session.h"

namespace weq::convert {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMinRounds = 5, kMaxRounds = 1000, kWarmUps = 2;
constexpr double kWorthTrying = 4;  // times the least estimate
constexpr double kGain = 1.03;      // below, the difference may be noise

// One layer with a choice: its kernels, the selected one first.
struct Choice {
  size_t node;
  std::string layer;
  std::vector<std::string> kernels;
  std::vector<std::vector<double>> ms = {};  // [kernel][round]
};

// What a line of the tuning text can hold.
bool can_be_named(const std::string& layer) {
  return !layer.empty() && layer[0] != '#' && layer.find('\n') == std::string::npos &&
         layer.find_last_of(" \t\r") != layer.size() - 1;
}

std::vector<Choice> find_choices(const std::vector<LayerTrace>& layers) {
  std::vector<Choice> choices;
  std::set<std::string> names;
  for (size_t l = 0; l < layers.size(); ++l) {
    const LayerTrace& layer = layers[l];
    if (layer.candidates.empty() || !can_be_named(layer.name)) continue;
    if (!names.insert(layer.name).second) continue;
    Choice choice{l, layer.name, {layer.kernel}};
    for (const KernelCandidate& candidate : layer.candidates) {
      if (!candidate.refusal.empty() || candidate.name == layer.kernel) continue;
      if (candidate.cycles <= kWorthTrying * layer.candidates[0].cycles)
        choice.kernels.push_back(candidate.name);
    }
    choice.ms.resize(choice.kernels.size());
    choices.push_back(std::move(choice));
  }
  return choices;
}

// Session `index` runs the kernel of that index, the selected one where there are fewer.
std::vector<PreparedSession> make_sessions(const Network& network, RunnerOptions options,
                                           const std::vector<Choice>& choices) {
  size_t count = 1;
  for (const Choice& choice : choices) count = std::max(count, choice.kernels.size());
  std::vector<PreparedSession> sessions;
  for (size_t index = 0; index < count; ++index) {
    options.tuning.clear();
    for (const Choice& choice : choices)
      options.tuning +=
          choice.layer + " " + choice.kernels[index < choice.kernels.size() ? index : 0] + "\n";
    sessions.push_back(make_session(network, options));
    sessions.back().session->set_trace(true);
    for (int i = 0; i < kWarmUps; ++i) check(sessions.back().session->run());
  }
  return sessions;
}

int64_t measure(const std::vector<PreparedSession>& sessions, double seconds,
                std::vector<Choice>* choices) {
  const double budget = seconds * static_cast<double>(sessions.size());
  const Clock::time_point start = Clock::now();
  int round = 0;
  for (; round < kMaxRounds; ++round) {
    const std::chrono::duration<double> passed = Clock::now() - start;
    if (round >= kMinRounds && passed.count() > budget) break;
    for (size_t index = 0; index < sessions.size(); ++index) {
      check(sessions[index].session->run());
      const std::vector<LayerTrace> layers = sessions[index].session->trace();
      for (Choice& choice : *choices)
        if (index < choice.kernels.size())
          choice.ms[index].push_back(layers[choice.node].milliseconds);
    }
  }
  return round;
}

TunedLayer decide(const Choice& choice) {
  size_t best = 0;
  double best_ratio = kGain;
  for (size_t k = 1; k < choice.kernels.size(); ++k) {
    std::vector<double> ratios;
    for (size_t round = 0; round < choice.ms[k].size(); ++round)
      ratios.push_back(choice.ms[0][round] / choice.ms[k][round]);
    const double ratio = percentiles(ratios).median;
    if (ratio < best_ratio) continue;
    best = k;
    best_ratio = ratio;
  }
  return {choice.layer, choice.kernels[0], choice.kernels[best], percentiles(choice.ms[0]).median,
          percentiles(choice.ms[best]).median};
}

}  // namespace

Tuning tune(const Network& network, const LatencyOptions& options) {
  RunnerOptions runner = options.runner;
  runner.tuning.clear();
  Tuning result;
  std::vector<Choice> choices;
  {
    const PreparedSession selected = make_session(network, runner);
    result.isa = selected.session->isa();
    choices = find_choices(selected.session->trace());
  }
  result.rounds = measure(make_sessions(network, runner, choices), options.seconds, &choices);
  result.text = "# weq " + std::string(version()) + ", isa " + result.isa + ", threads " +
                std::to_string(runner.threads) + ", batch " + std::to_string(runner.batch) +
                "\n# " + network.model->info().name + "\n";
  for (const Choice& choice : choices) {
    result.layers.push_back(decide(choice));
    result.text += choice.layer + " " + result.layers.back().kernel + "\n";
  }
  return result;
}

}  // namespace weq::convert
