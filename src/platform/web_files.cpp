#include <algorithm>
#include <map>
#include <new>
#include <utility>

#include <emscripten.h>
#include <imgui.h>

#include "platform/shell.h"
#include "platform/web.h"

// Files in and out of the page. JavaScript writes the bytes into the vector that the program goes on with: once.

// clang-format off
EM_JS_DEPS(weightroom_web_files, "$UTF8ToString,$stringToNewUTF8,malloc,free");

// Module.toHeap(bytes): pointer to a copy, owned by this side. Module.refuseFile(sentence); Module.takeFiles(files).
EM_JS(void, files_take, (), {
  // Models are held several times over (weights, gradients, activations): more would not fit into a tablet's page.
  const most = (name) => (new RegExp('[.](onnx|safetensors)$', 'i').test(name) ? 100 : 500);  // megabytes
  Module.toHeap = (bytes) => {
    const pointer = _files_allocate(bytes.length);
    HEAPU8.set(bytes, pointer);
    return pointer;
  };
  const refuse = (sentence) => _files_error(stringToNewUTF8(sentence));
  Module.refuseFile = refuse;
  // Straight into the program's memory, piece by piece, so that a large file is held once and its progress is seen.
  const take = async (file) => {
    const id = _files_expect(stringToNewUTF8(file.name), file.size);
    if (id < 0) { refuse(`"${file.name}" does not fit into the memory that this page has.`); return; }
    const start = _files_room(id);
    let at = 0;
    try {
      const reader = file.stream().getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        if (at + piece.value.length > file.size) throw new Error('it grew while it was read');
        HEAPU8.set(piece.value, start + at);
        at += piece.value.length;
        _files_reading(id, at);
      }
      if (at !== file.size) throw new Error('it shrank while it was read');
      _files_arrived(id);
    } catch (e) {
      _files_dropped(id);
      refuse(`"${file.name}" cannot be read.`);
    }
  };
  Module.takeFiles = async (files) => {
    for (const file of files) {
      if (file.size > most(file.name) * 1e6) {
        refuse(`"${file.name}" is larger than ${most(file.name)} MB, which is more than the page takes.`);
      } else {
        await take(file);
      }
    }
  };
});

// Module.takeFolders(entries): a folder of labelled pictures becomes a tar of them, which the program reads as it reads
// any other. Nothing is copied here: a file made of files is read piece by piece when it is wanted.
EM_JS(void, files_folders, (), {
  const refuse = Module.refuseFile;
  const most_pictures = 20000;
  const picturesIn = async (entry, path, found) => {
    if (found.length > most_pictures) return;
    if (entry.isFile) {
      if (!new RegExp('[.](jpe?g|png|bmp|gif)$', 'i').test(entry.name)) return;
      found.push({path: path + entry.name, file: await new Promise((done, failed) => entry.file(done, failed))});
      return;
    }
    const reader = entry.createReader();
    const some = () => new Promise((done, failed) => reader.readEntries(done, failed));
    for (let children = await some(); children.length > 0; children = await some()) {
      for (const child of children) await picturesIn(child, path + entry.name + '/', found);
    }
  };
  // The head of a tar's entry (POSIX.1-1988): a name too long for it goes on in its prefix.
  const tarHead = (path, size) => {
    const head = new Uint8Array(512);
    const put = (text, at, most = 12) => head.set(new TextEncoder().encode(text).slice(-most), at);
    const cut = new TextEncoder().encode(path).length > 100 ? path.lastIndexOf('/') : -1;
    put(path.slice(cut + 1), 0, 100);
    if (cut > 0) put(path.slice(0, cut), 345, 155);
    put('0000644', 100);
    put('0000000', 108);
    put('0000000', 116);
    put(size.toString(8).padStart(11, '0'), 124);
    put('00000000000', 136);
    put('        ', 148);
    put('0', 156);
    put('ustar', 257);
    put('00', 263);
    put(head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + String.fromCharCode(0), 148);
    return head;
  };
  Module.takeFolders = async (entries) => {
    const found = [];
    const name = entries.map((entry) => entry.name).join(", ");
    try {
      for (const entry of entries) await picturesIn(entry, "", found);
    } catch (e) {
      refuse(`The folder "${name}" cannot be read.`);
      return;
    }
    if (found.length > most_pictures) { refuse(`The folder "${name}" holds more than 20,000 pictures.`); return; }
    if (found.length === 0) { refuse(`The folder "${name}" holds no pictures (JPEG, PNG, BMP or GIF).`); return; }
    const parts = [];
    for (const {path, file} of found) parts.push(tarHead(path, file.size), file, new Uint8Array((512 - file.size % 512) % 512));
    parts.push(new Uint8Array(1024));
    await Module.takeFiles([new File(parts, name + '.tar')]);
  };
});

// What is dropped on the page, pasted into it or chosen by the system's dialog.
EM_JS(void, files_listen, (), {
  const holdsFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes('Files');
  window.addEventListener('dragover', (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    _files_dropping(holdsFiles(event) ? 1 : 0);
  }, true);
  window.addEventListener('dragleave', (event) => { if (!event.relatedTarget) _files_dropping(0); }, true);
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();  // GLFW would write the file into a file system we do not have
    _files_dropping(0);
    const entries = Array.from(event.dataTransfer.items || [], (item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const folders = entries.filter((entry) => entry && entry.isDirectory);
    if (folders.length > 0) Module.takeFolders(folders);
    else Module.takeFiles(Array.from(event.dataTransfer.files));
  }, true);
  window.addEventListener('paste', (event) => {
    if (document.activeElement instanceof HTMLInputElement && document.activeElement.type !== 'file') return;
    const files = Array.from(event.clipboardData.files);
    if (files.length > 0) { event.preventDefault(); Module.takeFiles(files); return; }
    _files_text(stringToNewUTF8(event.clipboardData.getData('text')));
  });
  document.getElementById('file').addEventListener('change', (event) => {
    Module.takeFiles(Array.from(event.target.files));
    event.target.value = "";  // the same file may be chosen again
  });
});

EM_JS(void, files_choose, (const char* accept), {
  const input = document.getElementById('file');
  input.accept = UTF8ToString(accept);
  input.click();
});

EM_JS(void, files_save, (const char* name, const void* bytes, int size), {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([HEAPU8.slice(bytes, bytes + size)]));
  link.download = UTF8ToString(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
});

EM_JS(void, files_fetch, (int id, const char* path), {
  Module.weightroomFile(UTF8ToString(path), (loaded, total) => _files_progress(id, loaded, total))
    .then((bytes) => _files_fetched(id, Module.toHeap(bytes), bytes.length, 0))
    .catch((error) => _files_fetched(id, 0, 0, stringToNewUTF8(String(error.message || error))));
});

EM_JS(void, files_decode, (int id, const void* bytes, int size), {
  const decode = async () => {
    const bitmap = await createImageBitmap(new Blob([HEAPU8.slice(bytes, bytes + size)]), {imageOrientation: 'from-image', premultiplyAlpha: 'none'});
    // Where the file's head did not say.
    if (bitmap.width * bitmap.height > 50e6) throw new Error(`The picture is too large: ${bitmap.width} x ${bitmap.height} pixels; at most 50 million are read.`);
    const canvas = document.createElement('canvas');
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };
  decode().then((data) => _files_decoded(id, Module.toHeap(data.data), data.width, data.height, 0))
    .catch((error) => _files_decoded(id, 0, 0, 0, stringToNewUTF8(
      error instanceof DOMException || error instanceof TypeError ? "" : String(error.message))));
});

EM_JS(void, files_gzip, (int id, const void* bytes, int size), {
  const zipped = async () => {
    const stream = new Blob([HEAPU8.slice(bytes, bytes + size)]).stream();
    return (await new Response(stream.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()).byteLength;
  };
  zipped().then((length) => _files_gzipped(id, length)).catch(() => _files_gzipped(id, 0));
});
// clang-format on

namespace weightroom::platform {
namespace {

struct Fetch {
  std::function<void(double, double)> progress;
  std::function<void(Result<Bytes>)> done;
};
std::map<int, Fetch> fetches;                                  // NOLINT: waiting for the network
std::map<int, std::function<void(Result<Pixels>)>> decodings;  // NOLINT: waiting for the browser
std::map<int, std::function<void(std::size_t)>> zippings;      // NOLINT: the same
std::map<int, File> coming;                                    // NOLINT: being read
std::map<const std::byte*, Bytes> rooms;                       // NOLINT: written by JavaScript, by their addresses
int next_id = 1;

Bytes take_bytes(const std::byte* at, std::size_t size) {
  Bytes out = std::move(rooms.extract(at).mapped());
  out.resize(size);
  return out;
}

}  // namespace

extern "C" {

// A file of this size is about to come: its number, or -1 where there is no memory for it.
EMSCRIPTEN_KEEPALIVE int files_expect(char* name, std::size_t size) {
  File file{web::take_string(name), {}};
  try {
    file.bytes.resize(size);
  } catch (const std::bad_alloc&) {
    return -1;
  }
  coming[next_id] = std::move(file);
  return next_id++;
}

// Room for bytes that JavaScript has already; take_bytes() has it next.
EMSCRIPTEN_KEEPALIVE std::byte* files_allocate(std::size_t size) {
  Bytes room(std::max<std::size_t>(1, size));  // none at all would have no address
  std::byte* at = room.data();
  rooms.emplace(at, std::move(room));
  return at;
}

EMSCRIPTEN_KEEPALIVE std::byte* files_room(int id) { return coming.at(id).bytes.data(); }

EMSCRIPTEN_KEEPALIVE void files_reading(int id, double bytes) {
  constexpr std::size_t kWorthTelling = 4'000'000;  // what comes at once needs no bar
  const File& file = coming.at(id);
  if (file.bytes.size() < kWorthTelling) return;
  shell::pending().reading = Reading{file.name, bytes / static_cast<double>(file.bytes.size())};
  ask_for_frame();
}

EMSCRIPTEN_KEEPALIVE void files_arrived(int id) {
  shell::pending().files.push_back(std::move(coming.extract(id).mapped()));
  shell::pending().reading.reset();
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void files_dropped(int id) {
  coming.erase(id);
  shell::pending().reading.reset();
}

EMSCRIPTEN_KEEPALIVE void files_error(char* sentence) {
  shell::pending().errors.push_back(web::take_string(sentence));
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void files_dropping(int held) {
  if (shell::pending().dropping == (held != 0)) return;
  shell::pending().dropping = held != 0;
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void files_text(char* text) {
  const std::string pasted = web::take_string(text);
  if (ImGui::GetIO().WantTextInput) ImGui::GetIO().AddInputCharactersUTF8(pasted.c_str());
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void files_progress(int id, double loaded, double total) {
  const auto found = fetches.find(id);
  if (found != fetches.end() && found->second.progress) found->second.progress(loaded, total);
  ask_for_frame();
}

EMSCRIPTEN_KEEPALIVE void files_fetched(int id, std::byte* bytes, std::size_t size, char* error) {
  const auto node = fetches.extract(id);
  if (error != nullptr) {
    node.mapped().done(fail(web::take_string(error)));
  } else {
    node.mapped().done(take_bytes(bytes, size));
  }
  ask_for_frame();
}

EMSCRIPTEN_KEEPALIVE void files_decoded(int id, std::byte* rgba, int width, int height, char* error) {
  const auto node = decodings.extract(id);
  if (error != nullptr) {
    const std::string sentence = web::take_string(error);
    node.mapped()(
        fail(sentence.empty() ? "Neither Weightroom nor this browser can read this file as a picture." : sentence));
  } else {
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
    node.mapped()(Pixels{width, height, take_bytes(rgba, size)});
  }
  ask_for_frame();
}

EMSCRIPTEN_KEEPALIVE void files_gzipped(int id, std::size_t size) {
  zippings.extract(id).mapped()(size);
  ask_for_frame();
}

}  // extern "C"

namespace web {
void listen_files() {
  files_take();
  files_folders();
  files_listen();
}
}  // namespace web

bool choose_file(const std::string& accept) {
  files_choose(accept.c_str());
  return true;
}

Result<std::string> save_file(const std::string& name, std::span<const std::byte> bytes) {
  files_save(name.c_str(), bytes.data(), static_cast<int>(bytes.size()));
  return name;
}

void fetch(const std::string& path, std::function<void(double, double)> progress,
           std::function<void(Result<Bytes>)> done) {
  const int id = next_id++;
  fetches[id] = {std::move(progress), std::move(done)};
  files_fetch(id, path.c_str());
}

void gzip_size(Bytes bytes, std::function<void(std::size_t)> done) {
  const int id = next_id++;
  zippings[id] = std::move(done);
  files_gzip(id, bytes.data(), static_cast<int>(bytes.size()));
}

void decode_picture(std::span<const std::byte> bytes, std::function<void(Result<Pixels>)> done) {
  const int id = next_id++;
  decodings[id] = std::move(done);
  files_decode(id, bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace weightroom::platform
