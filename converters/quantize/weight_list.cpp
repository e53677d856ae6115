#include "converters/quantize/weight_list.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace weq::convert {
namespace {

// Keys ascend with the value; the importance in the low half makes equal values add up in one order
// whatever the order of the input.
uint32_t key_of(float value, bool magnitude) {
  if (magnitude) value = std::fabs(value);
  if (value == 0.0f) value = 0.0f;  // -0 joins 0
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

float value_of(uint32_t key) {
  const uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class Key>
void radix_sort(std::vector<Key>* keys) {
  constexpr int kDigit = 11;
  constexpr size_t kFew = 1024;
  if (keys->size() < kFew) return std::sort(keys->begin(), keys->end());
  constexpr size_t kBuckets = size_t{1} << kDigit;
  std::vector<Key> other(keys->size());
  std::vector<size_t> start(kBuckets);
  for (int shift = 0; shift < static_cast<int>(sizeof(Key) * 8); shift += kDigit) {
    const auto digit = [shift](Key key) { return static_cast<size_t>(key >> shift) % kBuckets; };
    std::fill(start.begin(), start.end(), size_t{0});
    for (const Key key : *keys) ++start[digit(key)];
    size_t sum = 0;
    for (size_t& entry : start) {
      const size_t here = entry;
      entry = sum;
      sum += here;
    }
    for (const Key key : *keys) other[start[digit(key)]++] = key;
    keys->swap(other);
  }
}

void append(WeightList* list, double value, double mass) {
  list->value.push_back(value);
  list->mass.push_back(list->mass.back() + mass);
  list->first.push_back(list->first.back() + mass * value);
  list->second.push_back(list->second.back() + mass * value * value);
}

WeightList empty_list(size_t room) {
  WeightList list;
  list.value.reserve(room);
  for (auto* sums : {&list.mass, &list.first, &list.second}) sums->reserve(room + 1);
  list.mass = list.first = list.second = {0.0};
  return list;
}

WeightList make_list(const float* values, const float* importance, size_t count, bool magnitude) {
  WeightList list = empty_list(count);
  if (importance == nullptr) {
    std::vector<uint32_t> keys(count);
    for (size_t i = 0; i < count; ++i) keys[i] = key_of(values[i], magnitude);
    radix_sort(&keys);
    for (size_t i = 0; i < count;) {
      size_t end = i + 1;
      while (end < count && keys[end] == keys[i]) ++end;
      append(&list, static_cast<double>(value_of(keys[i])), static_cast<double>(end - i));
      i = end;
    }
    return list;
  }
  std::vector<uint64_t> keys(count);
  for (size_t i = 0; i < count; ++i) {
    keys[i] =
        static_cast<uint64_t>(key_of(values[i], magnitude)) << 32 | key_of(importance[i], true);
  }
  radix_sort(&keys);
  for (size_t i = 0; i < count;) {
    const uint32_t key = static_cast<uint32_t>(keys[i] >> 32);
    double mass = 0;
    size_t end = i;
    for (; end < count && static_cast<uint32_t>(keys[end] >> 32) == key; ++end) {
      mass += static_cast<double>(value_of(static_cast<uint32_t>(keys[end])));
    }
    append(&list, static_cast<double>(value_of(key)), mass);
    i = end;
  }
  return list;
}

}  // namespace

size_t WeightList::lower_bound(double x) const {
  return static_cast<size_t>(std::lower_bound(value.begin(), value.end(), x) - value.begin());
}

WeightList make_weight_list(const float* values, const float* importance, size_t count) {
  return make_list(values, importance, count, false);
}

WeightList make_magnitude_list(const float* values, const float* importance, size_t count) {
  return make_list(values, importance, count, true);
}

WeightList group_neighbours(const WeightList& list, size_t groups, std::vector<size_t>* end) {
  WeightList out = empty_list(groups);
  end->clear();
  const size_t n = list.size();
  // A group ends where either the count or the sum of squares has grown by its share.
  const double share = 2.0 / static_cast<double>(groups);
  const double mass_share = list.total() * share, second_share = list.second.back() * share;
  for (size_t i = 0; i < n;) {
    size_t j = i + 1;
    while (j < n && list.mass[j + 1] - list.mass[i] <= mass_share &&
           list.second[j + 1] - list.second[i] <= second_share) {
      ++j;
    }
    const double mass = list.mass[j] - list.mass[i];
    const double centre =
        j == i + 1 || mass <= 0 ? list.value[i] : (list.first[j] - list.first[i]) / mass;
    out.value.push_back(centre);
    out.mass.push_back(list.mass[j]);  // the sums of the list itself: groups keep its moments
    out.first.push_back(list.first[j]);
    out.second.push_back(list.second[j]);
    end->push_back(j);
    i = j;
  }
  return out;
}

}  // namespace weq::convert
