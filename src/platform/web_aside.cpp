#include <map>
#include <utility>

#include "platform/shell.h"
#include "platform/web.h"

// Work beside the frames, by another program in a worker; web/aside.js is its half in JavaScript.

extern "C" {
void aside_ask(int id, const void* const* parts, const std::size_t* sizes, int count);
}

namespace weightroom::platform {
namespace {

struct Request {
  std::vector<Bytes> parts;  // until they are copied
  std::function<void(std::optional<Bytes>)> done;
};
std::map<int, Request> asked;  // NOLINT: waiting for the program

}  // namespace

extern "C" {

void aside_copied(int id) { asked.at(id).parts = {}; }

// No bytes: the program came to its end, or there was no room for the answer.
void aside_answered(int id, std::byte* bytes, std::size_t size) {
  const auto request = asked.extract(id);
  request.mapped().done(bytes == nullptr ? std::nullopt : std::optional(web::take_bytes(bytes, size)));
  ask_for_frame();
}

}  // extern "C"

void aside(std::vector<Bytes> request, std::function<void(std::optional<Bytes>)> done) {
  static int next_id = 1;
  const Request& kept = asked[next_id] = {std::move(request), std::move(done)};
  std::vector<const void*> parts;
  std::vector<std::size_t> sizes;
  for (const Bytes& part : kept.parts) {
    parts.push_back(part.data());
    sizes.push_back(part.size());
  }
  aside_ask(next_id++, parts.data(), sizes.data(), static_cast<int>(parts.size()));
}

}  // namespace weightroom::platform
