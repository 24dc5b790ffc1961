// A program of its own that opens files for the page, beside its frames: in a worker, web/opener.js.
#include <cstddef>
#include <vector>

#include "opener/open_file.h"

namespace {

std::vector<std::byte> request;  // NOLINT: from opener_room() to opener_answer()
std::vector<std::byte> answer;   // NOLINT: until opener_done()

}  // namespace

extern "C" {

// Room for a request of so many bytes.
std::byte* opener_room(std::size_t size) {
  request.resize(size);
  return request.data();
}

// Where the answer to it begins; it has opener_answer_size() bytes.
const std::byte* opener_answer() {
  answer = weightroom::opener::answer_packed(std::move(request));
  request = {};
  return answer.data();
}

std::size_t opener_answer_size() { return answer.size(); }

void opener_done() { answer = {}; }
}
