#include "app/app.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include <imgui_internal.h>
#include <strings/answer.h>
#include <strings/app.h>
#include <strings/files.h>
#include <strings/opener.h>

#include "base/limits.h"
#include "document/history_file.h"
#include "io/file_kind.h"
#include "io/image.h"
#include "io/json_writer.h"
#include "io/picture_format.h"
#include "ui/theme.h"

namespace weightroom::app {
namespace {

// What a frame of 60 in a second leaves for jobs before drawing.
constexpr double kJobMilliseconds = 9.0;
// And where frames are slow, since a hand may come at any moment.
constexpr double kMostMilliseconds = 16.0;
// So long at most nothing is drawn while work goes on.
constexpr double kLongestUndrawn = 200.0;
// A large net's answer is worth a slower frame or two, but not one that a hand would feel.
constexpr double kAnswerMilliseconds = 20.0;
// Before the first answer nobody drags anything yet: fewer, longer slices.
constexpr double kFirstMilliseconds = 100.0;

std::string json_of(const Result<std::uint64_t>& result) {
  return (result ? io::JsonWriter(*result) : io::JsonWriter(result.error().message())).text();
}

// Of the whole state, or of the parts named, each name with a line of its own.
std::string state_of(const lab::Lab& lab, std::string_view names) {
  if (names.empty()) return lab.state_json();
  std::vector<std::string> parts;
  for (std::size_t end = names.find('\n'); end != std::string_view::npos; end = names.find('\n')) {
    parts.emplace_back(names.substr(0, end));
    names.remove_prefix(end + 1);
  }
  auto state = lab.state_json(parts);
  return state ? std::move(*state) : io::JsonWriter(state.error().message()).text();
}

// A button, a key, the wheel, a letter: anything but the pointer's way.
bool hand_acted() {
  return std::ranges::any_of(ImGui::GetCurrentContext()->InputEventsTrail,
                             [](const auto& event) { return event.Type != ImGuiInputEventType_MousePos; });
}

}  // namespace

App::App()
    : lab_([this](lab::FileRequest request) { fetch(std::move(request)); },
           [this](const std::string& name, std::span<const std::byte> bytes) { save(name, bytes); }) {
  ImGui::GetIO().UserData = &context_;
  ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  textures_.start();
  renderer_.start();
  const std::string kept = platform::remembered("theme");
  use_theme(kept == "dark" || (kept.empty() && platform::preferred_theme() == platform::Theme::dark) ? ui::Mode::dark
                                                                                                     : ui::Mode::light);
  state_.whole_bench = platform::remembered("bench") == "whole";
  connect_bridge();
  lab_.use_gzip([](std::vector<std::byte> bytes, std::function<void(std::size_t)> done) {
    platform::gzip_size(std::move(bytes), std::move(done));
  });
  lab_.use_opener([this](opener::FileToOpen file, std::function<void(Result<opener::OpenedFile>)> done) {
    if (opener::opens_quickly(file.name, file.bytes)) return done(opener::open_quick(std::move(file)));
    platform::aside(opener::packed(std::move(file)),
                    [this, done = std::move(done)](std::optional<platform::Bytes> answer) {
                      if (!answer) return done(fail(text::opener_failed));
                      answered_.push_back({std::make_unique<opener::Unpacking>(std::move(*answer)), done});
                    });
  });
  lab_.use_picture_saver([this](const std::string& name, const io::Image& image) { save_picture(name, image); });
  std::string steps = platform::kept();
  const auto bytes = std::as_bytes(std::span(steps));
  lab_.start(document::history_model(bytes));
  if (!steps.empty()) waiting_.push_back({"weightroom-history.json", {bytes.begin(), bytes.end()}});
}

void App::frame() {
  if (read_alone() || work_alone()) return;
  prepare_style();
  platform::Frame frame = platform::begin();
  take_input(frame);
  work();  // before drawing: what came between two frames, by a command of the page say, is answered in this one
  if (!frame.context_lost) draw(frame);
  apply_commands();
  if (!frame.context_lost) render();
  platform::end();
  drawn_ = may_read_ = true;
  worked_ms_ = 0.0;
  drawn_revision_ = lab_.revision();
  drawn_changes_ = lab_.changes();
  answer_requests();
  if (const ui::TabOrder& tabs = context_.tabs; !tabs.passed)
    platform::stands_at(
        {ui::tab_stops_left(tabs, true), ui::tab_stops_left(tabs, false), ui::tab_stops(tabs), tabs.presses});
  tell_the_page();
  if (settling_ > 0) {
    --settling_;
    platform::ask_for_frame();
  }
}

// Some of a frame is laid out by what the one before it measured (a tooltip's size, where a bubble points, how far a
// column goes on), so what moves takes two frames more to come to rest.
void App::moved() { settling_ = 2; }

// Fonts and sizes cannot change within a frame of ImGui.
void App::prepare_style() {
  platform::set_zoom(zoom());
  if (const float ratio = platform::pixel_ratio(); ratio != font_ratio_) {
    font_ratio_ = ratio;
    ui::build_fonts(context_.theme, ratio);
    renderer_.fonts_changed();
  }
  if (next_mode_ != context_.theme.mode || styled_touch_ != context_.touch || !styled_) {
    ui::apply_theme(context_.theme, next_mode_, context_.touch);
    styled_touch_ = context_.touch;
    styled_ = true;
  }
}

void App::take_input(platform::Frame& frame) {
  if (frame.context_lost || frame.context_restored) {
    textures_.context_lost();
    renderer_.context_lost();
  }
  if (frame.context_restored) {
    textures_.context_restored();
    renderer_.start();
  }
  for (const std::string& sentence : frame.errors) lab_.report(sentence);
  // A model before the files that hold its weights: it knows them by their names.
  std::deque<platform::File> others;
  for (platform::File& file : frame.files)
    (file.name.ends_with(".onnx") ? waiting_ : others).push_back(std::move(file));
  for (platform::File& file : others) waiting_.push_back(std::move(file));
  take_waiting();
  if (waiting_.empty() && lab_.file_opening().empty() && !platform::files_coming()) lab_.files_ended();
  context_.typed.clear();
  for (const platform::TypedNumber& number : frame.numbers) context_.typed[number.id] = number.text;
  context_.touch = frame.touch;
  if (frame.tab) context_.tabs.passed = ui::TabOrder::Passed{frame.tab->after, frame.tab->left, frame.tab->entered};
  context_.reduced_motion = platform::reduced_motion();
  context_.folders = platform::takes_folders();
  const platform::Pinch pinch = frame.pinch.value_or(platform::Pinch{});
  context_.pinch_scale = pinch.scale;
  context_.pinch_centre = {pinch.x, pinch.y};
  context_.pinch_move = {pinch.dx, pinch.dy};
  state_.file_held = frame.dropping;
  if (frame.reading)
    state_.progress = {tr(text::app_reading_file, {{"file", frame.reading->name}}), frame.reading->share};
  if (!lab_.file_opening().empty()) {
    state_.progress = {tr(text::app_opening_file, {{"file", lab_.file_opening()}}), -1.0};
  } else if (!frame.reading && waiting_.empty()) {
    state_.progress = {};
  }
}

// A slice in every other frame, with nothing else in it, not even drawing: a step of it may take what a frame has. What
// was read is taken up in the frame after the last.
bool App::read_alone() {
  if (answered_.empty() || !std::exchange(may_read_, false)) return false;
  platform::ask_for_frame();
  const auto budget = base::Budget::milliseconds(kJobMilliseconds);
  bool done = false;
  while (!done && !budget.spent()) done = answered_.front().unpacking->step();
  if (!done) return true;
  const Answered answered = std::move(answered_.front());
  answered_.pop_front();
  answered.done(answered.unpacking->take());
  return true;
}

// One after another: names of classes may be for the model before them. A large set keeps the page busy for a moment:
// what is on has been said by then.
void App::take_waiting() {
  constexpr std::size_t kLarge = 4'000'000;
  if (!lab_.has_document() && !lab_.loading().empty()) return;  // most of them are about a model
  while (!waiting_.empty() && lab_.file_opening().empty()) {
    const bool large = waiting_.front().bytes.size() >= kLarge;
    if (large && !std::exchange(told_waiting_, true)) {
      state_.progress = {tr(text::app_opening_file, {{"file", waiting_.front().name}}), 1.0};
      platform::ask_for_frame();
      return;
    }
    told_waiting_ = false;
    platform::File file = std::move(waiting_.front());
    waiting_.pop_front();
    take_file(std::move(file));
  }
}

// Our own decoder first; what it does not know, or what is too large, a browser may.
void App::take_file(platform::File file) {
  const io::FileKind kind = io::kind_of(file.name, file.bytes);
  const auto claimed = io::claimed_extent(file.bytes);
  const std::uint64_t pixels = claimed ? claimed->width * claimed->height : 0;
  const bool large = kind == io::FileKind::picture && platform::decodes_pictures() && pixels > base::kMostPixels &&
                     pixels <= base::kMostPixelsShrunk;
  if (kind != io::FileKind::browser_picture && !large) {
    (void)lab_.open_file(file.name, std::move(file.bytes));
    return;
  }
  if (pixels > base::kMostPixelsShrunk)
    return lab_.report_file(file.name, io::check_extent(claimed->width, claimed->height).error().message());
  const auto format = io::format_name(io::picture_format(file.bytes));
  platform::decode_picture(file.bytes, [this, take = lab_.await_picture(file.name),
                                        format](Result<platform::Pixels> pixels) {
    if (!pixels) return take(std::unexpected(pixels.error()));
    std::string note = pixels->shrunk ? tr(text::app_shrunk, {{"width", pixels->width}, {"height", pixels->height}})
                                      : tr(text::app_decoded, {{"format", format}});
    answered_.push_back({std::make_unique<opener::Unpacking>(pixels->width, pixels->height, std::move(pixels->rgba)),
                         [take, note](Result<opener::OpenedFile> opened) {
                           if (!opened) return take(std::unexpected(opened.error()));
                           take(lab::Lab::DecodedPicture{std::get<io::Image>(std::move(*opened)), note});
                         }});
  });
}

void App::draw(const platform::Frame& frame) {
  ui::begin_frame(context_);
  textures_.begin_frame();
  state_.hover = std::exchange(state_.next_hover, {});
  ui::scroll_by_finger();
  ui::draw_screen(ui::View{lab_, textures_, frame.time}, state_, commands_);
  context_.rects.end_frame();
  if (state_.hover != state_.next_hover) context_.animating = true;
  if (context_.animating || hand_acted()) moved();
  if (ImGui::GetIO().WantTextInput) platform::ask_for_frame_in(0.3);  // the caret blinks
}

void App::apply_commands() {
  const std::uint64_t models = lab_.models_opened();
  for (const document::Command& command : commands_.take()) {
    if (lab_.models_opened() != models) break;  // what follows was meant for the model that was drawn
    const auto done = lab_.run(command);
    if (!done && !std::holds_alternative<document::command::Undo>(command) &&
        !std::holds_alternative<document::command::Redo>(command)) {
      lab_.report(done.error().message());
    }
    moved();
  }
  if (std::string sentence = commands_.take_report(); !sentence.empty()) lab_.report(std::move(sentence));
}

// Long work gets at least as much time as drawing does: where that is slow, some frames are not drawn, as long as
// nobody does anything. Each of them is short, so that a hand is answered at once.
bool App::work_alone() {
  using Clock = base::Budget::Clock;
  if (std::exchange(drawn_, false)) {
    const double since = std::chrono::duration<double, std::milli>(Clock::now() - worked_until_).count();
    drawing_ms_ = working_ ? std::min(since, kLongestUndrawn) : 0.0;  // an idle page's last frame was long ago
  }
  const bool unseen = lab_.revision() != drawn_revision_ || lab_.changes() != drawn_changes_;
  if (!working_ || !ready_told_ || unseen || !platform::quiet() || worked_ms_ + kMostMilliseconds >= drawing_ms_)
    return false;
  work();
  tell_the_page();
  platform::ask_for_frame();
  return true;
}

void App::work() {
  const lab::Results& results = lab_.engine().results();
  const bool current = results.current;
  using Clock = base::Budget::Clock;
  const auto began = Clock::now();
  const double most =
      lab_.engine().answering() ? kAnswerMilliseconds : std::clamp(drawing_ms_, kJobMilliseconds, kMostMilliseconds);
  const bool done = lab_.step(base::Budget::milliseconds(ready_told_ ? most : kFirstMilliseconds));
  working_ = !done;
  worked_until_ = Clock::now();
  worked_ms_ += std::chrono::duration<double, std::milli>(worked_until_ - began).count();
  if (!done || !current) moved();
  // By the time the page is told, a hand may have moved on to the next revision.
  events_.look(lab_);
}

void App::render() {
  textures_.upload();
  ImGui::Render();
  renderer_.render(*ImGui::GetDrawData(), ImGui::ColorConvertU32ToFloat4(context_.theme.colours.paper));
  if (const auto wanted = std::exchange(context_.requests.capture, std::nullopt)) {
    auto pixels = gfx::Renderer::read(*ImGui::GetDrawData(), wanted->from, wanted->to);
    save_picture(wanted->name, {pixels.width, pixels.height, std::move(pixels.rgb)});
  }
}

void App::answer_requests() {
  const ui::Requests requests = std::exchange(context_.requests, {});
  if (requests.theme) {
    use_theme(*requests.theme);
    platform::remember("theme", *requests.theme == ui::Mode::dark ? "dark" : "light");
  }
  if (requests.whole_bench) platform::remember("bench", "whole");
  const bool chosen = requests.choose_file
                          ? platform::choose_file("image/*,.safetensors,.onnx,.data,.txt,.zip,.tar,.gz,.json")
                      : requests.choose_labels ? platform::choose_file(".txt,.names,.labels")
                      : requests.choose_folder ? platform::choose_folder() || platform::choose_file(".zip,.tar,.gz")
                                               : true;
  if (!chosen) {
    lab_.report(tr(text::app_no_dialog));
  }
  if (requests.number) {
    const auto& n = *requests.number;
    platform::edit_number(n.id, n.text, n.from.x, n.from.y, n.to.x - n.from.x, n.to.y - n.from.y, n.words);
  }
  if (!requests.announce.empty()) platform::announce(requests.announce);
}

void App::tell_the_page() {
  const lab::Results& results = lab_.engine().results();
  if (!ready_told_ && ((lab_.engine().ready() && results.current) || !lab_.error().empty())) {
    platform::ready();
    ready_told_ = true;
  }
  // Said aloud once a drag has come to rest.
  if (results.current && lab_.revision() != said_of_ && !results.order.empty()) {
    said_of_ = lab_.revision();
    const auto top = static_cast<std::size_t>(results.order.front());
    std::string sentence = results.none_of_these.value_or(false)
                               ? tr(text::answer_none, {{"n", results.order.size()}})
                               : tr(text::app_spoken_answer, {{"class", lab_.document().model->labels[top]},
                                                              {"n", std::lround(results.probabilities[top] * 100.0F)}});
    if (sentence != told_sentence_) platform::announce(sentence);
    told_sentence_ = std::move(sentence);
  }
  for (const lab::Event& event : events_.take(lab_)) platform::emit(event.name, event.json);
  keep_steps();
}

// Once the network has answered: by then it is known which model they are of.
void App::keep_steps() {
  if (!lab_.has_document() || !lab_.engine().results().current || kept_revision_ == lab_.revision()) return;
  if (lab_.document().previewing) return;
  const bool edited = lab_.document().edited();
  const std::string steps = lab_.steps_text();
  if (edited && steps.empty()) return;
  kept_revision_ = lab_.revision();
  platform::ask_before_leaving(edited);
  platform::keep(steps);
}

void App::use_theme(ui::Mode mode) {
  next_mode_ = mode;
  platform::show_theme(mode == ui::Mode::dark ? platform::Theme::dark : platform::Theme::light);
  platform::ask_for_frame();
}

void App::fetch(lab::FileRequest request) {
  auto progress = [this](double loaded, double total) { state_.load_share = total > 0 ? loaded / total : -1.0; };
  platform::fetch(request.file, progress, [this, done = std::move(request.done)](Result<platform::Bytes> bytes) {
    state_.load_share = -1.0;
    done(std::move(bytes));
    platform::ask_for_frame();
  });
}

void App::save(const std::string& name, std::span<const std::byte> bytes) {
  const auto saved = platform::save_file(name, bytes);
  if (!saved) lab_.report(saved.error().message());
}

void App::save_picture(const std::string& name, const io::Image& image) {
  platform::aside(opener::packed(image), [this, name](std::optional<platform::Bytes> answer) {
    const auto png = answer ? opener::unpacked_png(std::move(*answer)) : fail(text::files_no_memory_left);
    if (!png) return lab_.report(png.error().message());
    save(name, *png);
  });
}

void App::connect_bridge() {
  platform::connect({
      .state = [this](std::string_view parts) { return state_of(lab_, parts); },
      .run = [this](std::string_view command) { return json_of(lab_.run_json(command)); },
      .where = [this](std::string_view id) { return context_.rects.json(id, zoom()); },
  });
}

}  // namespace weightroom::app
