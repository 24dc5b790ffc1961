// What must be known of a JPEG (ITU T.81) before stb_image may see it, and what is put right for it. Debian's copy
// (2.27) writes outside its tables for too many Huffman codes, and takes a size at its word.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include <strings/image.h>

#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// Passes over one picture that a JPEG may ask for: an ordinary progressive one has about ten.
constexpr int kMostScans = 64;

std::unexpected<Error> jpeg_cut_short() { return cut_short("JPEG"); }
std::unexpected<Error> jpeg_damaged() { return damaged("JPEG"); }

struct JpegChannel {
  unsigned id = 0;
  unsigned quantiser = 0;
  std::array<std::uint8_t, 64> missing{};  // bits of each coefficient still to come; 16: all
};

struct JpegWalk {
  std::span<const std::byte> bytes;
  std::size_t at = 2;  // after the start-of-image marker
  int width = 0;
  int height = 0;
  int orientation = 1;
  bool progressive = false;
  std::vector<JpegChannel> channels{};
  unsigned quantisers = 0;  // those that are defined, a bit each
  unsigned codes = 0;       // Huffman tables that are defined: four for DC, four for AC
  bool lacks_codes = false;
  bool adobe = false;
  bool exif = false;
  bool restarts = false;             // markers between the pixels
  bool luminance = false;            // says that its three channels are luminance and colour differences
  std::vector<std::size_t> names{};  // where the channels' names stand
  int scans = 0;
  std::size_t complete_at = 0;  // behind the scan after which no bit of any coefficient is missing; 0: none yet
  std::size_t end = 0;          // behind the last scan
  bool ended = false;           // by the marker that ends a picture
};

// stb_image 2.27 fills tables of 256 symbols with as many as the file counts, up to 4,080, and marks symbol 255 like
// "none". No 8-bit JPEG needs more than 176.
Status take_codes(JpegWalk& walk, std::span<const std::byte> segment) {
  while (!segment.empty()) {
    if (segment.size() < 17) return jpeg_damaged();
    std::size_t count = 0;
    for (std::size_t i = 1; i <= 16; ++i) count += u8(segment, i);
    const unsigned which = u8(segment, 0);
    if (count > 255 || segment.size() - 17 < count || (which & 0xECU) != 0) return jpeg_damaged();
    walk.codes |= 1U << (which / 16 * 4 + which % 16);
    segment = segment.subspan(17 + count);
  }
  return {};
}

void take_quantisers(JpegWalk& walk, std::span<const std::byte> segment) {
  while (!segment.empty()) {
    const unsigned which = u8(segment, 0);
    walk.quantisers |= 1U << (which & 15U);
    segment = segment.subspan(std::min<std::size_t>(segment.size(), which < 16 ? 65 : 129));
  }
}

// The channels' share of the pixels: the scaling up takes whole steps alone.
Status take_channels(JpegWalk& walk, std::span<const std::byte> segment) {
  const std::size_t count = u8(segment, 5);
  if (count != 1 && count != 3 && count != 4) return fail(text::image_jpeg_channels, {{"n", count}});
  if (segment.size() < 6 + 3 * count) return jpeg_damaged();
  unsigned across = 1;
  unsigned down = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned share = u8(segment, 7 + 3 * i);
    if (share / 16 < 1 || share / 16 > 4 || share % 16 < 1 || share % 16 > 4) return jpeg_damaged();
    across = std::max(across, share / 16);
    down = std::max(down, share % 16);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned share = u8(segment, 7 + 3 * i);
    if (across % (share / 16) != 0 || down % (share % 16) != 0) return fail(text::image_jpeg_sampling);
    if (u8(segment, 8 + 3 * i) > 3) return jpeg_damaged();
    walk.names.push_back(walk.at + 2 + 6 + 3 * i);
    JpegChannel& channel = walk.channels.emplace_back(u8(segment, 6 + 3 * i), u8(segment, 8 + 3 * i));
    channel.missing.fill(16);
  }
  return {};
}

Status take_frame_head(JpegWalk& walk, unsigned marker, std::span<const std::byte> segment) {
  if (marker > 0xC8) return fail(text::image_jpeg_arithmetic);
  if (marker > 0xC2) return fail(text::image_jpeg_lossless);
  if (!walk.channels.empty() || segment.size() < 6) return jpeg_damaged();
  if (u8(segment, 0) != 8) return fail(text::image_jpeg_bits);
  const std::uint16_t height = be16(segment, 1);
  const std::uint16_t width = be16(segment, 3);
  if (auto ok = check_extent(width, height); !ok) return ok;
  walk.width = width;
  walk.height = height;
  // Every 8 x 8 block takes at least one bit, so this is generous. Without it a file of 1 KB could claim a million of
  // them, and stb_image would decode each from zeros.
  if (std::uint64_t{width} * height / 1024 > walk.bytes.size()) return jpeg_cut_short();
  walk.progressive = marker == 0xC2;
  return take_channels(walk, segment);
}

Status take_segment(JpegWalk& walk, unsigned marker, std::span<const std::byte> segment) {
  if (marker == 0xC4) return take_codes(walk, segment);
  if (marker == 0xDB) take_quantisers(walk, segment);
  if (marker == 0xDD) walk.restarts = true;
  if (marker == 0xF7) return fail(text::image_jpeg_lossless);  // JPEG-LS
  if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC8 && marker != 0xCC)
    return take_frame_head(walk, marker, segment);
  if (marker == 0xE1 && !walk.exif && has_at(segment, 0, std::string_view("Exif\0\0", 6))) {
    walk.orientation = exif_orientation(segment.subspan(6));
    walk.exif = true;
  }
  if (marker == 0xE0 && has_at(segment, 0, std::string_view("JFIF\0", 5))) walk.luminance = true;
  if (marker == 0xEE && segment.size() >= 12 && has_at(segment, 0, "Adobe")) {
    walk.adobe = true;
    walk.luminance = walk.luminance || u8(segment, 11) == 1;
  }
  return {};
}

// The head of a scan: which channels, by which tables, and which bits of which coefficients.
Status take_scan_head(JpegWalk& walk, std::span<const std::byte> head) {
  const std::size_t count = head.empty() ? 0 : u8(head, 0);
  if (walk.channels.empty() || count == 0 || head.size() < 4 + 2 * count) return jpeg_damaged();
  const std::size_t first = walk.progressive ? u8(head, 1 + 2 * count) : 0;
  const std::size_t last = walk.progressive ? u8(head, 2 + 2 * count) : 63;
  const auto bits = static_cast<std::uint8_t>(walk.progressive ? u8(head, 3 + 2 * count) & 15U : 0);
  if (last > 63) return jpeg_damaged();
  for (std::size_t i = 0; i < count; ++i) {
    walk.names.push_back(walk.at - head.size() + 1 + 2 * i);
    const auto channel = std::ranges::find(walk.channels, u8(head, 1 + 2 * i), &JpegChannel::id);
    if (channel == walk.channels.end() || (walk.quantisers >> channel->quantiser & 1U) == 0) return jpeg_damaged();
    // Without progression each channel comes once.
    if (!walk.progressive && channel->missing[0] == 0) return jpeg_damaged();
    for (std::size_t k = first; k <= last; ++k) channel->missing[k] = bits;
    const unsigned tables = u8(head, 2 + 2 * i);
    const unsigned dc = tables / 16;
    const unsigned ac = tables % 16;
    const bool has_dc = first > 0 || (walk.codes >> dc & 1U) != 0;
    const bool has_ac = (walk.progressive && first == 0) || (walk.codes >> (4 + ac) & 1U) != 0;
    if (dc > 3 || ac > 3 || (!has_dc && dc > 1) || (!has_ac && ac > 1)) return jpeg_damaged();
    walk.lacks_codes = walk.lacks_codes || !has_dc || !has_ac;
  }
  return {};
}

// Past the coded pixels of a scan, to the marker that ends them or to the end of the file: 0xFF before a zero is data,
// restart markers are too.
void skip_scan(JpegWalk& walk) {
  const auto& bytes = walk.bytes;
  for (; walk.at < bytes.size(); ++walk.at) {
    if (u8(bytes, walk.at) != 0xFF || walk.at + 1 == bytes.size()) continue;
    const unsigned next = u8(bytes, walk.at + 1);
    if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) break;
  }
  ++walk.scans;
  walk.end = walk.at;
  const bool complete = std::ranges::all_of(walk.channels, [](const JpegChannel& channel) {
    return std::ranges::all_of(channel.missing, [](std::uint8_t bits) { return bits == 0; });
  });
  if (complete) walk.complete_at = walk.at;
}

// The next marker, 0xD9 at the end of the picture.
Result<unsigned> next_marker(JpegWalk& walk) {
  const auto& bytes = walk.bytes;
  // Some files have filling between segments; after the frame stb_image accepts none.
  while (walk.at < bytes.size() && u8(bytes, walk.at) != 0xFF) ++walk.at;
  while (walk.at < bytes.size() && u8(bytes, walk.at) == 0xFF) ++walk.at;
  if (walk.at >= bytes.size()) return jpeg_cut_short();
  return u8(bytes, walk.at++);
}

// The next marker with its segment, and of a scan its pixels.
Status walk_on(JpegWalk& walk) {
  const auto marker = next_marker(walk);
  if (!marker) return std::unexpected(marker.error());
  const auto& bytes = walk.bytes;
  if (*marker == 0xD9) {
    walk.ended = true;
    return {};
  }
  if (*marker < 0xC0 || (*marker >= 0xD0 && *marker <= 0xD8)) return jpeg_damaged();
  if (bytes.size() - walk.at < 2) return jpeg_cut_short();
  const std::size_t length = be16(bytes, walk.at);
  if (length < 2) return jpeg_damaged();
  if (length > bytes.size() - walk.at) return jpeg_cut_short();
  const auto segment = bytes.subspan(walk.at + 2, length - 2);
  if (auto ok = take_segment(walk, *marker, segment); !ok) return ok;
  walk.at += length;
  if (*marker != 0xDA) return {};
  if (auto ok = take_scan_head(walk, segment); !ok) return ok;
  skip_scan(walk);
  return {};
}

Result<JpegWalk> walk_jpeg(std::span<const std::byte> bytes) {
  JpegWalk walk{.bytes = bytes};
  while (!walk.ended) {
    if (walk.scans > kMostScans) return fail(text::image_jpeg_scans, {{"n", kMostScans}});
    const auto ok = walk_on(walk);
    if (ok) continue;
    // What comes after a whole picture spoils none of its pixels: cameras put a film there, disks what lay there
    // before.
    if (walk.complete_at == 0) return std::unexpected(ok.error());
    walk.end = walk.complete_at;
    break;
  }
  if (walk.scans == 0) return jpeg_damaged();
  return walk;
}

// The tables of annex K, which the frames of a film leave out. stb_image_write writes with them.
std::span<const std::byte> standard_codes() {
  static const std::vector<std::byte> jpeg = encode_jpeg(white_image(1, 1), 50);
  const std::size_t at = as_text(jpeg).find("\xFF\xC4");
  return std::span(jpeg).subspan(at, 2U + be16(jpeg, at + 2));
}

// Without Adobe's marker, which says "CMYK, stored inverted", stb_image takes four channels for YCbCr with alpha;
// browsers take them as if the marker were there.
constexpr std::string_view kAdobe(
    "\xFF\xEE\x00\x0E"
    "Adobe\0\x64\x00\x00\x00\x00\x00",
    16);

// Channels that are called R, G and B are that for stb_image, whatever a JFIF header says.
bool misnamed(const JpegWalk& walk) {
  return walk.luminance && walk.channels.size() == 3 && walk.channels[0].id == 'R' && walk.channels[1].id == 'G' &&
         walk.channels[2].id == 'B';
}

// The file up to the end of its last scan, with what it lacks, `filling`, and the marker that ends it.
std::vector<std::byte> mended(const JpegWalk& walk, std::string_view filling) {
  std::size_t end = walk.end;
  while (!walk.ended && end > 0 && u8(walk.bytes, end - 1) == 0xFF) --end;
  std::vector<std::byte> named(walk.bytes.begin(), walk.bytes.begin() + static_cast<std::ptrdiff_t>(end));
  for (const std::size_t at : misnamed(walk) ? walk.names : std::vector<std::size_t>{}) {
    if (at < end) named[at] ^= std::byte{0x20};  // others stand in what comes after a whole picture, which is left out
  }
  std::vector<std::byte> out(walk.bytes.begin(), walk.bytes.begin() + 2);
  const auto add = [&](std::span<const std::byte> more) { out.insert(out.end(), more.begin(), more.end()); };
  if (walk.channels.size() == 4 && !walk.adobe) add(as_bytes(kAdobe));
  if (walk.lacks_codes) add(standard_codes());
  add(std::span(named).subspan(2));
  add(as_bytes(filling));
  add(as_bytes("\xFF\xD9"));
  return out;
}

std::optional<Image> run_stb(std::span<const std::byte> bytes, const JpegWalk& walk) {
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int channels = 0;
  // The header as stb_image reads it must be the one that was checked.
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0) return std::nullopt;
  if (width != walk.width || height != walk.height) return std::nullopt;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, size, &width, &height, &channels, 3), stbi_image_free);
  if (pixels == nullptr || width != walk.width || height != walk.height) return std::nullopt;
  Image image = white_image(width, height);
  std::memcpy(image.rgb.data(), pixels.get(), image.rgb.size());
  return image;
}

std::optional<Image> decode_walked(const JpegWalk& walk) {
  const bool as_it_is = walk.ended && !walk.lacks_codes && !misnamed(walk) && (walk.channels.size() != 4 || walk.adobe);
  if (as_it_is) return run_stb(walk.bytes.first(walk.at), walk);
  auto image = run_stb(mended(walk, ""), walk);
  if (walk.ended || !image) return image;
  // Without an end the pixels may break off anywhere, and stb_image reads on in zeros. If other bits make no
  // difference, nor where a restart marker comes before them, nothing was missing.
  std::string other;
  for (int i = 0; i < 40; ++i) other += "\x6D\xB6\xDB";
  for (const std::string& filling : {other, "\xFF\xD0" + other}) {
    if (filling[0] == '\xFF' && !walk.restarts) continue;
    const auto again = run_stb(mended(walk, filling), walk);
    if (!again || *again != *image) return std::nullopt;
  }
  return image;
}

}  // namespace

Result<Image> decode_jpeg(std::span<const std::byte> bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) / 2) return fail(text::image_large_file);
  const auto walk = walk_jpeg(bytes);
  if (!walk) return std::unexpected(walk.error());
  auto image = decode_walked(*walk);
  if (!image) return walk->ended ? jpeg_damaged() : jpeg_cut_short();
  return turned(std::move(*image), walk->orientation);
}

}  // namespace weightroom::io
