#pragma once

#include <deque>
#include <memory>

#include "base/job.h"
#include "gfx/renderer.h"
#include "gfx/textures.h"
#include "lab/events.h"
#include "lab/lab.h"
#include "platform/platform.h"
#include "ui/context.h"
#include "ui/panel.h"

namespace weightroom::app {

// The program with its face: lab and ui, joined to the machine by platform.
class App {
 public:
  App();
  void frame();

 private:
  static constexpr float kPresenting = 1.4F;  // for the eyes in the last row

  [[nodiscard]] float zoom() const { return state_.presenting ? kPresenting : 1.0F; }
  void prepare_style();
  void take_input(platform::Frame& frame);
  void take_file(platform::File file);
  void take_waiting();
  bool read_alone();
  void draw(const platform::Frame& frame);
  void apply_commands();
  bool work_alone();
  void work();
  void render();
  void answer_requests();
  void moved();
  void tell_the_page();
  void keep_steps();

  void use_theme(ui::Mode mode);
  void fetch(lab::FileRequest request);
  void save(const std::string& name, std::span<const std::byte> bytes);
  void save_picture(const std::string& name, const io::Image& image);
  void connect_bridge();

  lab::Lab lab_;
  gfx::Textures textures_;
  gfx::Renderer renderer_;
  ui::Context context_;
  ui::UiState state_;
  ui::CommandQueue commands_;
  std::deque<platform::File> waiting_;  // a large one is taken once a frame has said so
  bool told_waiting_ = false;
  // What was opened beside the frames, to be read.
  struct Answered {
    std::unique_ptr<opener::Unpacking> unpacking;
    std::function<void(Result<opener::OpenedFile>)> done;
  };
  std::deque<Answered> answered_;
  bool may_read_ = true;  // a frame was drawn since a slice of them was read
  ui::Mode next_mode_ = ui::Mode::light;
  bool styled_ = false;
  bool styled_touch_ = false;
  float font_ratio_ = 0.0F;  // pixel ratio of the font atlas
  bool working_ = false;     // the last slice left something to do
  base::Budget::Clock::time_point worked_until_;
  bool drawn_ = false;       // the last frame was
  double drawing_ms_ = 0.0;  // that the last drawn one took, with the wait for the next
  double worked_ms_ = 0.0;   // since it
  std::uint64_t drawn_revision_ = 0;
  std::uint64_t drawn_changes_ = 0;
  int settling_ = 0;  // frames to draw although nothing asks for them
  bool ready_told_ = false;
  lab::Events events_;
  std::uint64_t said_of_ = 0;
  std::uint64_t kept_revision_ = 0;  // whose steps the page keeps for the case of a fault
  std::string told_sentence_;
};

}  // namespace weightroom::app
