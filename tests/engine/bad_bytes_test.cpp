// Files damaged byte by byte: truncation at every length, flipped bits, changes sealed anew.
#include <gtest/gtest.h>

#include "tests/support/test_net.h"

namespace weq::test {
namespace {

Status open(const FileBytes& file) {
  std::shared_ptr<const Model> model;
  return Model::from_memory(file.data(), file.size(), &model, "x.weq");
}

TEST(BadBytes, EveryTruncationIsRefused) {
  TestNet net(1);
  const FileBytes file = net.builder.finish();
  for (size_t size = 0; size < file.size(); ++size)
    ASSERT_EQ(open(file.first(size)).code(), StatusCode::kBadFile) << "at " << size;
}

TEST(BadBytes, EveryFlippedBitIsRefused) {
  TestNet net(1);
  FileBytes file = net.builder.finish();
  for (size_t i = 0; i < file.size(); ++i) {
    file.data()[i] ^= static_cast<uint8_t>(1 << (i % 8));
    ASSERT_FALSE(open(file).ok()) << "byte " << i;
    file.data()[i] ^= static_cast<uint8_t>(1 << (i % 8));
  }
  EXPECT_TRUE(open(file).ok());
}

// Whoever changes a file can also seal it anew: then the other checks must hold, and what still
// opens must run without harm.
TEST(BadBytes, SealedChangesOpenOrAreRefusedButNeverHarm) {
  TestNet net(1);
  const FileBytes whole = net.builder.finish();
  Random random(20);
  int opened = 0;
  for (int i = 0; i < 4000; ++i) {
    FileBytes file = whole.first(whole.size());
    for (int64_t k = random.in(1, 3); k > 0; --k)
      file.data()[random.in(8, int64_t(file.size()) - 1)] = static_cast<uint8_t>(random.in(0, 255));
    flatbuffers::Verifier verifier(file.data(), file.size());
    if (!format::VerifyModelBuffer(verifier) || !format::seal(file.data(), file.size())) continue;
    std::shared_ptr<const Model> model;
    if (!Model::from_memory(file.data(), file.size(), &model).ok()) continue;
    ++opened;
    std::unique_ptr<Session> session;
    const Status status = Session::create(model, SessionOptions(), &session);
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_TRUE(session->run().ok());
  }
  EXPECT_GT(opened, 100);
}

TEST(BadBytes, NotAWeqFile) {
  const std::vector<uint8_t> zeros(4096);
  EXPECT_EQ(open(FileBytes(zeros.data(), 3)).message(),
            "weq: x.weq: too short for a .weq file (3 bytes)");
  EXPECT_EQ(open(FileBytes(zeros.data(), zeros.size())).message(),
            "weq: x.weq: file_identifier: not \"WEQ1\": not a .weq file");
}

TEST(BadBytes, MisalignedMemoryIsRefused) {
  TestNet net(1);
  const FileBytes file = net.builder.finish();
  std::shared_ptr<const Model> model;
  EXPECT_EQ(Model::from_memory(file.data() + 1, file.size() - 1, &model, "m").message(),
            "weq: m: the data is not aligned to 64 bytes");
}

}  // namespace
}  // namespace weq::test
