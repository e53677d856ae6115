#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "converters/quantize/integer_levels.h"
#include "converters/quantize/weight_list.h"

namespace weq::convert {
namespace {

constexpr size_t kGridLevels = 128;
constexpr int kPerInteger = 8;  // units tried between two that put the largest level on an integer
constexpr int kMaxRounds = 50;
constexpr double kClearGain = 0.5;  // of the error: what it takes to leave the grid

struct Cell {
  double mass = 0, first = 0, second = 0;
  double error(double level) const {
    return std::max(0.0, second - 2 * level * first + level * level * mass);
  }
};

Cell cell_of(const WeightList& list, size_t i, size_t j) {
  return {list.mass[j] - list.mass[i], list.first[j] - list.first[i],
          list.second[j] - list.second[i]};
}

// Which weights belong to which level: either cells that never change, or the nearest level.
class Cells {
 public:
  Cells(const WeightList& list, const std::vector<float>* fixed) : list_(list) {
    if (fixed == nullptr) return;
    std::vector<double> cuts(fixed->begin(), fixed->end());
    fixed_ = cut(cuts);
  }
  std::vector<Cell> of(const std::vector<int>& levels, double unit) const {
    if (!fixed_.empty()) return fixed_;
    std::vector<double> cuts;
    for (size_t k = 0; k + 1 < levels.size(); ++k) {
      cuts.push_back(unit * (levels[k] + levels[k + 1]) / 2);
    }
    return cut(cuts);
  }

 private:
  std::vector<Cell> cut(const std::vector<double>& boundaries) const {
    std::vector<Cell> cells;
    size_t begin = 0;
    for (const double b : boundaries) {
      const size_t end = std::max(begin, list_.lower_bound(b));
      cells.push_back(cell_of(list_, begin, end));
      begin = end;
    }
    cells.push_back(cell_of(list_, begin, list_.size()));
    return cells;
  }

  const WeightList& list_;
  std::vector<Cell> fixed_;
};

struct Choice {
  std::vector<int> levels;
  double unit = 1;
  double error = -1;  // none yet
};

class UnitSearch {
 public:
  UnitSearch(const WeightList& list, const Cells& cells)
      : cells_(cells), noise_(1e-13 * list.second.back()) {}

  // Keeps the better of what there is and `levels` at `unit`, or at the unit that suits its cells.
  bool offer(const std::vector<int>& levels, double unit) {
    bool better = offer_exactly(levels, unit);
    const std::vector<Cell> cells = cells_.of(levels, unit);
    double first = 0, second = 0;
    for (size_t k = 0; k < levels.size(); ++k) {
      first += cells[k].first * levels[k];
      second += cells[k].mass * levels[k] * levels[k];
    }
    if (first > 0 && second > 0) better = offer_exactly(levels, first / second) || better;
    return better;
  }
  const Choice& best() const { return best_; }

 private:
  bool offer_exactly(const std::vector<int>& levels, double unit) {
    const std::vector<Cell> cells = cells_.of(levels, unit);
    double error = 0;
    for (size_t k = 0; k < levels.size(); ++k) error += cells[k].error(unit * levels[k]);
    // What rounding of the sums can explain is no gain: the smaller integers, tried first, stay.
    if (best_.error >= 0 && !(error < best_.error * (1 - 1e-9) - noise_)) return false;
    best_ = {levels, unit, error};
    return true;
  }

  const Cells& cells_;
  double noise_;
  Choice best_;
};

// Units that put `largest` on m integers for m = 1 .. limit, in fine steps between.
std::vector<double> units_for(double largest, int limit) {
  std::vector<double> units;
  for (int i = kPerInteger; i <= limit * kPerInteger + kPerInteger / 2 - 1; ++i) {
    units.push_back(largest * kPerInteger / i);
  }
  return units;
}

double largest_magnitude(const WeightList& list) {
  return std::max(std::fabs(list.value.front()), std::fabs(list.value.back()));
}

void search_grid(const WeightList& list, size_t level_count, int max_level, UnitSearch* search) {
  std::vector<int> levels;
  const int count = static_cast<int>(level_count);
  const int low = std::max(-max_level, -(count / 2));
  const int high = std::min(max_level, count - 1 - count / 2);
  for (int level = low; level <= high; ++level) levels.push_back(level);
  const double largest = largest_magnitude(list);
  for (int m = 1; m <= high; ++m) search->offer(levels, largest / m);
  for (int i = 0; i <= 48; ++i) search->offer(levels, largest / high * std::exp2(-i / 16.0));
  const double centre = search->best().unit;
  for (int i = -7; i <= 7; ++i) search->offer(levels, centre * std::exp2(i / 128.0));
}

void search_levels(const Codebook& codebook, bool fixed_cells, int max_level, UnitSearch* search) {
  double largest = 0;
  for (const float level : codebook.levels) {
    largest = std::max(largest, std::fabs(static_cast<double>(level)));
  }
  if (largest == 0) {
    search->offer({0}, 1);
    return;
  }
  for (const double unit : units_for(largest, max_level)) {
    std::vector<int> levels;
    bool merged = false;
    for (const float real : codebook.levels) {
      const long rounded = std::lround(static_cast<double>(real) / unit);
      const int level = static_cast<int>(std::clamp<long>(rounded, -max_level, max_level));
      merged = merged || (!levels.empty() && levels.back() == level);
      if (levels.empty() || levels.back() != level || fixed_cells) levels.push_back(level);
    }
    if (levels.size() > 1 || !merged) search->offer(levels, unit);
  }
  if (fixed_cells || codebook.levels.size() >= kGridLevels) return;
  // One integer at a time, up or down, as long as it helps; a level at 0 stays.
  for (int round = 0; round < kMaxRounds; ++round) {
    bool better = false;
    for (size_t k = 0; k < search->best().levels.size(); ++k) {
      for (const int move : {-1, 1}) {
        std::vector<int> levels = search->best().levels;
        if (levels[k] == 0) continue;
        levels[k] += move;
        const bool ascending = (k == 0 || levels[k - 1] < levels[k]) &&
                               (k + 1 == levels.size() || levels[k] < levels[k + 1]);
        if (!ascending || std::abs(levels[k]) > max_level) continue;
        better = search->offer(levels, search->best().unit) || better;
      }
    }
    if (!better) break;
  }
}

// Levels that share an integer become one, their cells too.
void write(const Choice& choice, const std::vector<float>* fixed, IntegerCodebook* out) {
  for (size_t k = 0; k < choice.levels.size(); ++k) {
    const int8_t level = static_cast<int8_t>(choice.levels[k]);
    if (!out->levels.empty()) {
      if (out->levels.back() == level) continue;
      const double middle = choice.unit * (choice.levels[k - 1] + choice.levels[k]) / 2;
      out->boundaries.push_back(fixed ? (*fixed)[k - 1] : static_cast<float>(middle));
    }
    out->levels.push_back(level);
  }
  out->unit = choice.unit;
}

}  // namespace

IntegerCodebook integer_codebook(const float* weights, const float* importance, size_t count,
                                 const Codebook& codebook, Criterion criterion, int max_level) {
  if (max_level < 1 || max_level > 127) {
    throw std::invalid_argument("the largest weight level lies in 1..127");
  }
  const bool weighted = criterion == Criterion::kOutput && importance != nullptr;
  WeightList list = make_weight_list(weights, weighted ? importance : nullptr, count);
  if (weighted && list.total() <= 0) list = make_weight_list(weights, nullptr, count);
  IntegerCodebook out;
  const size_t all = 2 * static_cast<size_t>(max_level) + 1;
  out.grid = codebook.levels.size() >= std::min(kGridLevels, all);
  const bool keep_clusters = criterion == Criterion::kWeightedEntropy;
  const Cells nearest(list, nullptr), clusters(list, &codebook.boundaries);
  UnitSearch levels(list, keep_clusters ? clusters : nearest);
  search_levels(codebook, keep_clusters, max_level, &levels);
  UnitSearch grid(list, nearest);
  if (out.grid) {
    search_grid(list, codebook.levels.size(), max_level, &grid);
    // Weights that are few integers themselves may leave holes in the grid and reach beyond it.
    out.grid = !(levels.best().error < kClearGain * grid.best().error);
  }
  const Choice& best = out.grid ? grid.best() : levels.best();
  write(best, keep_clusters && !out.grid ? &codebook.boundaries : nullptr, &out);
  out.error = best.error / list.total();
  return out;
}

}  // namespace weq::convert
