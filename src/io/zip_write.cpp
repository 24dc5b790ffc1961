// write_zip: an archive of files that are stored as they are.
#include "base/check.h"
#include "io/crc32.h"
#include "io/text.h"
#include "io/zip.h"

namespace weightroom::io {
namespace {

class Writer {
 public:
  void u16(std::uint64_t value) { little(value, 2); }
  void u32(std::uint64_t value) { little(value, 4); }
  void bytes(std::span<const std::byte> of) { out_.insert(out_.end(), of.begin(), of.end()); }
  void words(std::string_view of) { bytes(as_bytes(of)); }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(out_); }

 private:
  void little(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i, value >>= 8U) out_.push_back(static_cast<std::byte>(value & 0xFFU));
  }
  std::vector<std::byte> out_;
};

constexpr std::uint16_t kZipVersion = 20;  // of the format, for folders in paths
constexpr std::uint16_t kNamesAreUtf8 = 1U << 11U;
constexpr std::uint16_t kDay = 33;  // 1980-01-01, the first there is

// What the header before a file and the directory say of it alike.
void describe(Writer& out, const ZipFile& file, std::uint32_t crc) {
  out.u16(kZipVersion);
  out.u16(kNamesAreUtf8);
  out.u16(0);  // stored
  out.u16(0);  // midnight
  out.u16(kDay);
  out.u32(crc);
  out.u32(file.bytes.size());
  out.u32(file.bytes.size());
  out.u16(file.path.size());
  out.u16(0);  // nothing more
}

}  // namespace

std::vector<std::byte> write_zip(std::span<const ZipFile> files) {
  CHECK(files.size() <= 0xFFFF);
  Writer out;
  Writer directory;
  for (const ZipFile& file : files) {
    CHECK(!file.path.empty() && file.path.size() <= 0xFFFF);
    const std::uint32_t crc = crc32(file.bytes);
    directory.words("PK\x01\x02");
    directory.u16(kZipVersion);
    describe(directory, file, crc);
    directory.u16(0);  // no comment
    directory.u16(0);  // the first part
    directory.u16(0);  // attributes
    directory.u32(0);
    directory.u32(out.size());
    directory.words(file.path);
    out.words("PK\x03\x04");
    describe(out, file, crc);
    out.words(file.path);
    out.bytes(file.bytes);
  }
  const std::size_t at = out.size();
  const std::vector<std::byte> rows = directory.take();
  CHECK(at + rows.size() < 0xFFFF'FFFFULL);
  out.bytes(rows);
  out.words("PK\x05\x06");
  out.u32(0);  // one part
  out.u16(files.size());
  out.u16(files.size());
  out.u32(rows.size());
  out.u32(at);
  out.u16(0);  // no comment
  return out.take();
}

}  // namespace weightroom::io
