#pragma once

#include <cstdint>

// What a file may hold: for its readers (io, onnx), and for the page, which refuses it before a byte is read.
namespace weightroom::base {

// Models are held several times over (weights, gradients, activations): more would not fit into a tablet's page.
inline constexpr std::uint64_t kMostModelBytes = 100'000'000;
// What a model computes for one picture. A page holds it several times over: with gradients, and for two models at
// once.
// With addresses of 32 bits there is little room for that.
inline constexpr std::uint64_t kMostActivationBytes = std::uint64_t{1} << (sizeof(void*) == 4 ? 27 : 29);
inline constexpr std::uint64_t kMostFileBytes = 500'000'000;  // of anything else: a set of pictures
// Of one picture, as it is kept: three bytes each. A browser makes larger ones smaller, as far as the second goes: to
// the third, which is plenty for any network and soon handed over.
inline constexpr std::uint64_t kMostPixels = sizeof(void*) == 4 ? 16'000'000 : 50'000'000;
inline constexpr std::uint64_t kMostPixelsShrunk = 120'000'000;
inline constexpr std::uint64_t kPixelsOfShrunk = 4'000'000;
inline constexpr int kMostFolderPictures = 20'000;  // of a folder dropped on the page

}  // namespace weightroom::base
