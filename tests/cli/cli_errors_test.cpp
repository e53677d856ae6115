// Every error of the command line once: exit code, one line on stderr that names the file and says
// what to do, nothing on stdout, no file left behind.
#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/support/cli_case.h"

namespace weq {
namespace {

using test::bytes_of;
using test::bytes_of_file;
using test::npy_file;
using test::Outcome;

class CliErrors : public test::CliCase {
 protected:
  // Runs `weq arguments`, which must end with `code` and say all of `parts`.
  static void fails(int code, const std::string& arguments,
                    std::initializer_list<const char*> parts, const std::string& before = "") {
    SCOPED_TRACE("weq " + arguments);
    const Outcome outcome = weq(arguments, before);
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.err.compare(0, 5, "weq: "), 0) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    for (const char* part : parts) {
      EXPECT_NE(outcome.err.find(part), std::string::npos) << part << " in: " << outcome.err;
    }
  }
};

TEST_F(CliErrors, WrongUsage) {
  fails(2, "", {"subcommand is required", "weq --help"});
  fails(2, "frobnicate", {"no command frobnicate", "weq --help"});
  fails(2, "inspect", {"MODEL", "weq inspect --help"});
  fails(2, "inspect tiny.weq --colour", {"--colour"});
  fails(2, "convert tiny.onnx --calib x.npy", {"--output"});
  fails(2, "convert tiny.onnx -o o.weq", {"--calib is missing", "--calib random"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy -w 9", {"-w", "9"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy -a 0", {"-a", "0"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --weight-levels 1", {"--weight-levels"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --criterion best", {"--criterion", "best"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --activation cubic", {"--activation"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --search fast", {"--search"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --codebook odd", {"--codebook"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --layer body", {"--layer body", "NAME=VALUE"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --layer body=9,9", {"--layer body", "9,9"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --first 300L,2", {"--first", "300L,2"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --last 4", {"--last", "'4'"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --input-shape pixels=1,x", {"whole numbers"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --scale 0", {"--scale"});
  fails(2, "convert tiny.onnx -o o.weq --calib x.npy --std 1,0,1", {"--std"});
  fails(2, "eval tiny.weq", {"--data"});
  fails(2, "eval tiny.weq --data x.npy --threads 0", {"--threads"});
  fails(2, "eval tiny.weq --data x.npy --limit 0", {"--limit"});
  fails(2, "eval tiny.weq --data x.npy --isa mmx", {"mmx", "avx512vbmi"});
  fails(2, "run tiny.weq", {"--input", "weq run --help"});
  fails(2, "run tiny.weq --input pixels=f.npy", {"--output-dir"});
  fails(2, "run tiny.weq x.npy --output-dir o", {"--output-dir", "--input"});
  fails(2, "run tiny.weq --input eyes=x.npy --output-dir o", {"tiny.weq", "eyes", "pixels"});
  fails(2, "run tiny.onnx --input pixels=x.npy --input pixels=x.npy --output-dir o", {"twice"});
  fails(2, "run tiny.weq x.npy", {"mmx", "avx512vbmi"}, "WEQ_FORCE_ISA=mmx");
  fails(2, "run tiny.weq x.npy", {"best", "reference"}, "WEQ_FORCE_KERNEL=best");
  fails(2, "bench tiny.onnx --layers", {"--layers", ".weq"});
  fails(2, "bench tiny.onnx --tune t.txt", {"--tune", ".weq"});
  fails(2, "bench tiny.weq --tune t.txt --layers", {"--tune", "--layers"});
  fails(2, "bench tiny.onnx --tuning r.json", {"--tuning", ".weq"});
  folder().write("t.txt", "# comment\nbody magic\n");
  fails(2, "run tiny.weq x.npy --tuning t.txt", {"tiny.weq: tuning line 2: layer body", "magic"});
  fails(2, "compare tiny.onnx tiny.weq --data x.npy --max-drop 1", {"--max-drop", "--labels"});
}

TEST_F(CliErrors, BadModels) {
  folder().write("empty.onnx", "");
  folder().write("text.onnx", "this is no network at all, but a text");
  folder().write("cut.onnx", bytes_of_file(folder().file("tiny.onnx")).substr(0, 900));
  folder().write("cut.weq", bytes_of_file(folder().file("tiny.weq")).substr(0, 900));
  folder().write("text.weq", "this is no network at all, but a text");
  folder().write("grey.onnx", test::tiny_classifier(1));
  fails(3, "convert absent.onnx -o o.weq --calib x.npy", {"absent.onnx"});
  fails(3, "convert empty.onnx -o o.weq --calib x.npy", {"empty.onnx"});
  fails(3, "convert text.onnx -o o.weq --calib x.npy", {"text.onnx"});
  fails(3, "eval absent.onnx --data x.npy", {"absent.onnx", "No such file"});
  fails(3, "eval empty.onnx --data x.npy", {"empty.onnx", "empty"});
  fails(3, "eval cut.onnx --data x.npy", {"cut.onnx"});
  fails(3, "run text.onnx x.npy", {"text.onnx"});
  fails(3, "run cut.weq x.npy", {"cut.weq"});
  fails(3, "inspect text.weq", {"text.weq"});
  fails(3, "inspect absent.weq", {"absent.weq"});
  fails(3, "bench tiny.weq --against absent.onnx", {"absent.onnx"});
  fails(3, "eval tiny.weq --data x.npy --tuning absent.txt", {"absent.txt"});
  fails(3, "compare tiny.weq tiny.weq --data x.npy", {"compare takes a float .onnx first"});
  fails(3, "compare grey.onnx tiny.weq --data x.npy", {"tiny.weq", "not made of grey.onnx"});
}

TEST_F(CliErrors, UnsupportedOperatorsAreListedAtOnce) {
  test::TinyOnnx model;
  model.input("x", {0, 4});
  model.node("Frobnicate", "first_bad", {"x"}, "a");
  model.node("Relu", "good", {"a"}, "b");
  model.node("Quux", "second_bad", {"b"}, "y");
  model.output("y", {0, 4});
  folder().write("bad.onnx", model.file());
  fails(3, "convert bad.onnx -o o.weq --calib absent.npy",
        {"bad.onnx", "first_bad", "Frobnicate", "second_bad", "Quux"});
}

TEST_F(CliErrors, BadData) {
  folder().write("small.npy", npy_file("|u1", "(1, 4, 4, 3)", std::string(48, 'x')));
  folder().write("short.npy", npy_file("|u1", "(2, 8, 8, 3)", std::string(48, 'x')));
  folder().write("three.npy", npy_file("<i8", "(3,)", bytes_of<int64_t>({0, 1, 2})));
  folder().write("big.npy", npy_file("<i8", "(40,)", bytes_of(std::vector<int64_t>(40, 1000))));
  folder().write("f.npy", npy_file("<f4", "(1, 3, 4, 4)", std::string(192, '\0')));
  folder().write("broken.jpg", "\xFF\xD8\xFF garbage");
  folder().write("p_bad.json", R"({"preprocess": {"crop": "wide"}})");
  fails(3, "eval tiny.weq --data absent", {"absent", "No such file"});
  fails(3, "eval tiny.weq --data small.npy", {"small.npy", "4x4x3", "8x8x3"});
  fails(3, "eval tiny.weq --data short.npy", {"short.npy", "truncated"});
  fails(3, "eval tiny.weq --data x.npy --labels three.npy",
        {"three.npy", "3 labels", "40 records"});
  fails(3, "eval tiny.weq --data x.npy --labels big.npy", {"tiny.weq", "label 1000", "7 outputs"});
  fails(3, "compare tiny.onnx tiny.weq --data x.npy --labels big.npy", {"label 1000"});
  fails(3, "eval tiny.onnx --data x.npy --preprocess absent.json", {"absent.json"});
  fails(3, "eval tiny.onnx --data x.npy --preprocess p_bad.json", {"p_bad.json", "`crop`"});
  fails(3, "run tiny.weq broken.jpg", {"broken.jpg", "cannot be decoded"});
  fails(3, "run tiny.weq --input pixels=f.npy --output-dir o", {"f.npy", "pixels", "reshape"});
  fails(3, "convert tiny.onnx -o o.weq --calib absent", {"absent", "No such file"});
  ASSERT_EQ(std::system(("mkdir '" + folder().file("bare") + "'").c_str()), 0);
  fails(3, "convert tiny.onnx -o o.weq --calib bare", {"bare", "no .jpg"});
}

TEST_F(CliErrors, BadRecipes) {
  const std::string call = "convert tiny.onnx -o o.weq --calib random --recipe r.json";
  fails(3, call, {"r.json", "No such file"});
  folder().write("r.json", "{");
  fails(3, call, {"r.json", "not a JSON object"});
  folder().write("r.json", R"({"middle": "4,4"})");
  fails(3, call, {"r.json", "`middle`"});
  folder().write("r.json", R"({"layers": {"body": "40,4"}})");
  fails(3, call, {"r.json", "`body`", "40,4"});
  folder().write("r.json", R"({"first": 4})");
  fails(3, call, {"r.json", "`first`"});
  fails(3, "convert tiny.onnx -o o.weq --calib random --layer bodi=4,4", {"tiny.onnx", "bodi"});
}

TEST_F(CliErrors, BadOutputPaths) {
  fails(3, "convert tiny.onnx -o no/o.weq --calib random", {"no/o.weq", "folder does not exist"});
  fails(3, "convert tiny.onnx -o . --calib random", {"is a folder"});
  folder().write("plain", "a file");
  folder().write("g.npy", npy_file("<f4", "(1, 3, 8, 8)", std::string(768, '\0')));
  fails(3, "run tiny.weq --input pixels=g.npy --output-dir plain/sub", {"plain/sub"});
}

TEST_F(CliErrors, FullDisk) {
  // A limit on file size stands for it: a kilobyte, and the write fails instead of killing.
  const std::string limit = "trap '' XFSZ; ulimit -f 1;";
  fails(4, "convert tiny.onnx -o full.weq --calib random", {"full.weq", "cannot be written"},
        limit);
  EXPECT_NE(weq("validate full.weq").code, 0) << "nothing must be left behind";
  if (bytes_of_file("/proc/mounts").empty()) GTEST_SKIP() << "no /dev/full here";
  const Outcome outcome = weq("inspect tiny.weq > /dev/full");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_NE(outcome.err.find("standard output"), std::string::npos) << outcome.err;
}

TEST_F(CliErrors, LeavesNothingBehind) {
  fails(3, "convert tiny.onnx -o o.weq --calib absent", {"absent"});
  EXPECT_NE(weq("validate o.weq").code, 0);
}

}  // namespace
}  // namespace weq
