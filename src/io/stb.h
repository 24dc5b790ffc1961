#pragma once

// The declarations of stb as io uses them; stb.cpp holds the one implementation, with the same switches.
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
// The plain code on every target: the same pixels native and web, whatever a compiler takes for available.
#define STBI_NO_SIMD
// They live in one static buffer, which several threads would write.
#define STBI_NO_FAILURE_STRINGS
#define STBI_WRITE_NO_STDIO

#include <stb/stb_image.h>
#include <stb/stb_image_resize.h>
#include <stb/stb_image_write.h>
