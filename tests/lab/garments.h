#pragma once

#include "io/file.h"
#include "lab/bench_model.h"

namespace weightroom::lab::testing {

// 40 samples of ten classes in MNIST's form, in one file for the pictures and one for the labels.
inline std::vector<std::byte> some_labels() {
  std::vector<std::byte> idx;
  for (const int byte : {0, 0, 8, 1, 0, 0, 0, 40}) idx.push_back(static_cast<std::byte>(byte));
  for (int i = 0; i < 40; ++i) idx.push_back(static_cast<std::byte>(i % 10));
  return idx;
}

// A bench with the real model garments and the set that comes with it.
struct Garments : Bench {
  Garments() {
    const std::string root = WEIGHTROOM_SOURCE_DIR;
    files["models/garments.safetensors"] = io::read_file(root + "/assets/garments.safetensors").value();
    for (const char* name : {"garments-images.idx", "garments-test-images.idx.gz", "garments-test-labels.idx.gz"})
      files["samples/" + std::string(name)] = io::read_file(root + "/.toolchain/samples/" + name).value();
    run(*this, R"({"command":"open_model","name":"garments"})");
  }
};

}  // namespace weightroom::lab::testing
