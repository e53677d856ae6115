// Tables for people: columns as wide as they need, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace weq::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  size_t size() const { return rows_.size() - 1; }  // rows below the header
  void print() const;                               // to stdout

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string fixed(double value, int decimals);
std::string bytes_text(double bytes);  // "1.2 MB"

}  // namespace weq::cli
