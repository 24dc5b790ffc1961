#include <map>
#include <utility>

#include "platform/shell.h"
#include "platform/web.h"

// Work beside the frames, by a copy of the program in a worker; web/aside.js is its half in JavaScript. This file is on
// both sides: the page asks, the copy, whose main() never runs, answers.

extern "C" {
void aside_ask(int id, const void* const* parts, const std::size_t* sizes, int count);
}

namespace weightroom::platform {
namespace {

struct Asked {
  std::vector<Bytes> request;  // as long as nobody knows whether workers start here
  std::function<void(std::optional<Bytes>)> done;
};
std::map<int, Asked> asked;  // NOLINT: waiting for the copy
Answer answer_of = nullptr;  // NOLINT: set once by answer_by()
bool workers_start = false;  // NOLINT: one has answered
Bytes last_answer;           // NOLINT: of the copy, until JavaScript has it

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes whole;
  for (const Bytes& part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

}  // namespace

extern "C" {

// The copy's: what it says to a request that JavaScript wrote into a room of its own.
const std::byte* aside_answer(std::byte* request, std::size_t size) {
  last_answer = answer_of(web::take_bytes(request, size));
  return last_answer.data();
}

std::size_t aside_answer_size() { return last_answer.size(); }

void aside_answer_taken() { last_answer = {}; }

// The page's. No bytes: the copy came to its end, or, where none has ever answered, did not start.
void aside_answered(int id, std::byte* bytes, std::size_t size) {
  Asked request = std::move(asked.extract(id).mapped());
  workers_start = workers_start || bytes != nullptr;
  if (bytes != nullptr) {
    request.done(web::take_bytes(bytes, size));
  } else if (!request.request.empty()) {
    Bytes whole = joined(std::exchange(request.request, {}));
    request.done(answer_of(std::move(whole)));
  } else {
    request.done(std::nullopt);
  }
  ask_for_frame();
}

}  // extern "C"

bool answer_by(Answer answer) {
  answer_of = answer;
  return true;
}

void aside(std::vector<Bytes> request, std::function<void(std::optional<Bytes>)> done) {
  static int next_id = 1;
  const int id = next_id++;
  std::vector<const void*> parts;
  std::vector<std::size_t> sizes;
  for (const Bytes& part : request) {
    parts.push_back(part.data());
    sizes.push_back(part.size());
  }
  asked[id].done = std::move(done);
  aside_ask(id, parts.data(), sizes.data(), static_cast<int>(parts.size()));  // copies them
  if (!workers_start) asked[id].request = std::move(request);
}

}  // namespace weightroom::platform
