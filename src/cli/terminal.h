#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace weightroom::cli {

// Lets text through to a terminal but for what would command it: names out of files may hold anything. Lines and tabs
// stay, every other control character (of ISO 6429: 0 to 31, 127, and 128 to 159 in UTF-8 or by itself) becomes '?'.
class PlainBuffer : public std::streambuf {
 public:
  explicit PlainBuffer(std::streambuf* to) : to_(to) {}

 protected:
  int_type overflow(int_type ch) override;
  int sync() override { return to_ == nullptr ? 0 : to_->pubsync(); }

 private:
  std::streambuf* to_;
  int left_ = 0;       // bytes of the character that has begun
  bool held_ = false;  // its first byte waits for the second: 0xC2 begins control characters too
};

// While it lives, whatever is written to the stream goes through a PlainBuffer.
class PlainStream {
 public:
  explicit PlainStream(std::ostream& stream) : stream_(stream), whole_(stream.rdbuf()), plain_(whole_) {
    stream_.rdbuf(&plain_);
  }
  ~PlainStream() { stream_.rdbuf(whole_); }
  PlainStream(const PlainStream&) = delete;
  PlainStream& operator=(const PlainStream&) = delete;

 private:
  std::ostream& stream_;
  std::streambuf* whole_;
  PlainBuffer plain_;
};

// The same of one text.
[[nodiscard]] std::string plain_text(std::string_view text);

}  // namespace weightroom::cli
