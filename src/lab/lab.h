#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "document/command.h"
#include "document/history.h"
#include "document/history_file.h"
#include "document/project_history.h"
#include "lab/engine.h"
#include "lab/first_weight.h"
#include "lab/own_pictures.h"
#include "lab/teaching.h"
#include "onnx/import.h"
#include "opener/open_file.h"
#include "studies/importance.h"

namespace weightroom::lab {

using OpenReport = onnx::OpenReport;

// A picture that comes with the program.
struct Sample {
  std::string name;           // "cat", "shirt 2"
  std::optional<Text> title;  // nothing: its name says it
  std::string file;           // "samples/cat.jpg", relative to the page
  int index = -1;             // picture in an IDX file; -1: the file is one picture
  std::string model;          // the model it suits best
};
[[nodiscard]] const std::vector<Sample>& samples();
// The picture in a sample's file.
[[nodiscard]] Result<io::Image> sample_image(std::span<const std::byte> file, int index);
// Name of the sample that a model of this name opens on; the first of all for one we do not ship.
[[nodiscard]] const std::string& first_sample(std::string_view model);

struct ModelEntry {
  std::string name;  // "everyday"
  Text title;        // one line
  std::string file;  // "models/everyday.safetensors"
};
[[nodiscard]] const std::vector<ModelEntry>& shipped_models();

// A labelled set that comes with the program, as two files.
struct SetEntry {
  std::string name;  // "garments"
  Text title;        // "1,000 garments"
  std::string images;
  std::string labels;
  std::string model;  // that it is for
};
[[nodiscard]] const std::vector<SetEntry>& shipped_sets();
// Refuses by a sentence a name that no set has, and a set that is for another model.
[[nodiscard]] Status check_shipped_set(const std::string& name, const std::string& model);

// A file that the shell must bring (fetch in the page, read natively); done() is called once, later or at once.
struct FileRequest {
  std::string file;
  std::function<void(Result<std::vector<std::byte>>)> done;
};

// A sentence for people, as it came up.
struct Said {
  bool error = false;  // else a notice
  std::string sentence;
  std::uint64_t revision = 0;  // that the document had
};

// Something under way.
struct JobShare {
  std::string name;       // as state() has it: "study"
  double progress = 0.0;  // share that is done; below 0: not known
};

// The whole program without a face: the document with its history, the engine, what is being loaded, the last error.
// The shells (page, window) and tests drive it by commands alone, besides handing it files.
class Lab {
 public:
  using Fetch = std::function<void(FileRequest)>;
  using Save = std::function<void(const std::string& name, std::span<const std::byte> bytes)>;
  using SavePicture = std::function<void(const std::string& name, io::Image image)>;
  Lab(Fetch fetch, Save save);

  // Opens a model that comes with the program, the first where none is called so, and its opening picture.
  void start(std::string_view model = {});
  void use_gzip(studies::Gzip gzip) { engine_.use_gzip(std::move(gzip)); }
  // Who opens pictures and models, and who writes pictures. Until said they are written at once and here, and nothing
  // is opened but what opens quickly.
  void use_opener(opener::Opener opener) { opener_ = std::move(opener); }
  void use_picture_saver(SavePicture saver) { save_picture_ = std::move(saver); }

  // The one road in. The document's revision, or why not: then nothing has changed, and the sentence is the caller's.
  // The revision grows, by one, where the document is another one than before (document::same) or what can be undone
  // and redone is; a command that leaves all that as it was keeps it, and so does one whose effect comes later (a file
  // that has to be brought, pictures that have to be asked), until it does. What is worked out or saved, sentences and
  // files on their way are no part of the document.
  Result<std::uint64_t> run(const document::Command& command);
  Result<std::uint64_t> run_json(std::string_view json);

  // A file dropped, pasted or chosen: a model (safetensors, ONNX), weights for the open architecture (bare
  // safetensors), a history of edits, a labelled set (tar, IDX), a list of the classes' names (text) or a picture, told
  // apart by io::kind_of. The bytes are taken over: a set keeps them, all others read what they need and let them go.
  // Where the opener takes its time, what is wrong with the file is reported later.
  Status open_file(const std::string& name, std::vector<std::byte>&& bytes);
  // A picture that somebody else decodes: its file is on its way until the function is called, once. It is shown unless
  // another picture was asked for meanwhile.
  struct DecodedPicture {
    io::Image image;
    std::string note;
  };
  using PictureTaker = std::function<void(Result<DecodedPicture>)>;
  [[nodiscard]] PictureTaker await_picture(const std::string& name);

  // No other file comes with those that came: one that waits for another to be complete says so.
  void files_ended();

  bool step(const base::Budget& budget);  // true once idle

  // Of the document, 0 before there is one. And another number for whatever else a frame shows, besides what the engine
  // works out: sentences, files on their way, what a model's file left open.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  // What has been said since it was last asked.
  [[nodiscard]] std::vector<Said> take_said() { return std::exchange(said_, {}); }
  // All that is under way; none: there is nothing left to do, and step() has nothing more to say.
  [[nodiscard]] std::vector<JobShare> jobs() const;
  [[nodiscard]] bool has_document() const { return document_.has_value(); }
  [[nodiscard]] const document::Document& document() const { return *document_; }
  [[nodiscard]] const Engine& engine() const { return engine_; }
  [[nodiscard]] const document::History& history() const { return history_; }
  [[nodiscard]] bool can_undo() const;
  [[nodiscard]] bool can_redo() const;
  // Classes of the visitor's own; and whether what was learnt of them waits for the command `learn`, since the model
  // was edited or the visitor has said so.
  [[nodiscard]] const Teaching& teaching() const { return teaching_; }
  [[nodiscard]] bool waits_to_learn() const;
  // What the answer about the picture on the bench is made of, for the class it is explained for; nothing where the
  // model was not learnt from pictures, or has no answer yet.
  [[nodiscard]] std::optional<MadeOf> made_of_answer() const;
  [[nodiscard]] const std::string& error() const { return error_; }    // last error's sentence, or empty
  [[nodiscard]] const std::string& notice() const { return notice_; }  // last notice ("decoded by the browser: AVIF")
  // Whether previews have moved this weight and no step has come of them yet.
  [[nodiscard]] bool previews(nn::WeightRef weight) const;
  // How far the pictures are that say which weights a change is about; below 0: none is waiting.
  [[nodiscard]] double change_progress() const { return waiting_ ? importance_.progress() : -1.0; }
  [[nodiscard]] const std::vector<std::string>& loading() const { return loading_; }  // files on their way
  // The pictures that the visitor brought, the last one first: the command open_sample knows them by their names, where
  // no sample is called so.
  [[nodiscard]] std::vector<std::string> own_pictures() const { return own_.names(); }
  // The file that the opener has; empty: none.
  [[nodiscard]] const std::string& file_opening() const { return file_opening_; }
  // How far the set of pictures is that is being read; below 0: none.
  [[nodiscard]] double set_progress() const { return set_loader_ ? set_loader_->progress() : -1.0; }
  // What the file of the present model left open, and how many models were opened before it.
  [[nodiscard]] const onnx::OpenReport& opened() const { return opened_; }
  [[nodiscard]] std::uint64_t models_opened() const { return models_opened_; }
  // Errors that the shell met: of anything, or of a file, whose name is said first.
  void report(std::string sentence);
  void report_file(const std::string& name, const std::string& sentence);

  // The steps of the history as a file of them, but for what they end in; empty: there are none, or the fingerprint of
  // the model is not known yet.
  [[nodiscard]] std::string steps_text() const;

  // The document and results as JSON, floats to nine digits; docs/api.md has the schema. The second, of these parts
  // alone, null where there is no document yet; a sentence names one that there is not.
  [[nodiscard]] std::string state_json() const;
  [[nodiscard]] Result<std::string> state_json(std::span<const std::string> parts) const;

 private:
  Result<std::uint64_t> carry_out(const document::Command& command);
  Result<std::uint64_t> step_on_weights(const document::Command& command);
  void set_notice(std::string sentence);
  void clear_error();
  void begin_loading(const std::string& file);
  void end_loading(const std::string& file);
  Result<std::uint64_t> adopt(Result<document::Document> next);
  Result<std::uint64_t> open_sample(const std::string& name);
  Result<std::uint64_t> open_model(const std::string& name, const std::string& set = {});
  enum class Scene { opens, stays };  // whether the model's opening picture is shown, or the one that is there
  void adopt_model(nn::Model model, onnx::OpenReport report, Scene scene = Scene::opens);
  Status take_file(const std::string& name, std::vector<std::byte> bytes);
  Status begin_opening(opener::FileToOpen file, std::uint64_t& wish);
  Status adopt_file(const std::string& name, Result<opener::OpenedFile> file);
  Status open_weights(const std::string& name, std::vector<std::byte> bytes);
  Status open_labels(const std::string& name, std::span<const std::byte> bytes);
  void adopt_image(const std::string& name, std::shared_ptr<const io::Image> image, bool native_size,
                   std::string notice, std::string truth = {});
  void adopt_own(const std::string& name, io::Image image, std::string notice);
  struct Arriving;
  void show_picture(Arriving picture);
  void step_arriving(const base::Budget& budget);
  void open_scene();
  bool step_scene(const base::Budget& budget);
  Result<std::uint64_t> save_map(const std::string& as);
  Result<std::uint64_t> save_found(const std::string& part);
  Status settle_before(const document::Command& command);
  [[nodiscard]] Status would_do(const document::Command& command) const;
  Result<std::uint64_t> run_on_document(const document::Command& command);
  Result<std::uint64_t> start_or_stop(void (Engine::*what)());
  Result<std::uint64_t> save_model(const std::string& as);
  Result<std::uint64_t> save_history();
  [[nodiscard]] bool takes_up_again(const document::Command& command) const;
  void settle_preview();
  void start_history();
  [[nodiscard]] const std::string* missing_location() const;
  Status take_beside(const std::string& location, std::vector<std::byte> bytes);
  Status open_set(const std::string& name, std::vector<std::byte> archive);
  Status open_gzip(const std::string& name, std::vector<std::byte> bytes);
  Status open_idx(const std::string& name, std::vector<std::byte> bytes, bool pictures);
  void adopt_set(const std::string& name, io::LabelledSet set, const std::string& model);
  [[nodiscard]] document::Decoder decoder();
  Result<std::uint64_t> open_measured(int picture);
  Result<std::uint64_t> open_shipped_set(const std::string& name);
  [[nodiscard]] bool wants_pictures() const;
  void gather_pictures();
  bool step_pictures(const base::Budget& budget);
  Result<std::uint64_t> edit(const document::Command& command, const document::Selection* keep = nullptr);
  Result<std::optional<document::command::Change>> choose(const document::command::Change& change);
  void go_on_with_change();
  [[nodiscard]] std::pair<std::string, std::string> fingerprints() const;
  void adopt_opened(const std::string& name, opener::OpenedModel opened);
  std::optional<Result<std::uint64_t>> step_on_project(bool undo);
  Result<std::uint64_t> change_project(Result<document::Document> next);
  Status teach_picture(const std::string& name, const io::Image& image);
  void teach_set(const std::string& name, io::LabelledSet set);
  struct ArrivingClasses;
  void take_arrived(ArrivingClasses& from, const io::SetItem& item, const Result<io::Image>& picture);
  bool step_arriving_classes(const base::Budget& budget);
  bool step_teaching(const base::Budget& budget);
  void put_in_place(nn::Model model, std::shared_ptr<const nn::Model> base);
  Result<std::uint64_t> learn();
  Result<std::uint64_t> end_teaching();
  Result<std::uint64_t> open_taught(std::uint64_t id);
  bool adopt_changed(const std::string& name, nn::Model original, const opener::OpenedModel& opened);
  Status open_history(std::span<const std::byte> bytes);
  bool step_replay(const base::Budget& budget);

  Fetch fetch_;
  Save save_;
  SavePicture save_picture_;
  opener::Opener opener_;
  std::string file_opening_;
  std::function<void()> arrived_;  // takes up what the opener gave
  // A picture that is being made ready to be drawn.
  struct Arriving {
    std::string name;
    document::DisplayMaking display;
    bool native_size = false;
    std::string notice{};
    std::string truth{};
    std::uint64_t wish = 0;
    bool made = false;
  };
  std::optional<Arriving> arriving_;
  OwnPictures own_;
  std::optional<document::Document> document_;
  // A drag, wheel, key or slider under way: the step that would come of it now, and the edits it began from.
  struct Preview {
    document::EditCommand step;
    document::EditState before;
    bool again = false;  // the last step is to be replaced
  };
  std::optional<Preview> preview_;
  std::optional<document::command::Change> waiting_;  // for `importance_` to say which weights it is about
  struct Replay {
    document::HistoryFile file;
    std::size_t next = 0;
  };
  std::optional<Replay> replay_;  // of a file, under way
  Engine engine_;
  studies::Importance importance_{engine_.sessions()};
  document::History history_;
  document::ProjectHistory project_history_;
  Teaching teaching_;
  std::uint64_t learnt_version_ = 0;  // of what was learnt last that was put onto the bench
  bool learn_now_ = false;            // although it was edited, or waits
  // A set whose pictures become classes of a project.
  struct ArrivingClasses {
    std::string name;
    std::shared_ptr<const io::LabelledSet> set;
    document::Decoder decoder;
    std::vector<io::SetItem> items{};
    teach::Project project{};
    std::shared_ptr<std::optional<Result<io::Image>>> asked{};  // of the decoder, which may outlive this
    std::size_t next = 0;
    std::size_t taken = 0;
    io::Unread unread{};
    std::string refused{};  // why the first was that found no room
  };
  std::optional<ArrivingClasses> arriving_classes_;
  std::string error_;
  std::string notice_;
  std::vector<std::string> loading_;
  onnx::OpenReport opened_;
  std::uint64_t models_opened_ = 0;
  std::uint64_t revision_ = 0;             // the document's
  std::optional<std::uint64_t> run_from_;  // what it was before the command under way
  std::pair<bool, bool> undoable_;         // what could be undone and redone when it last grew
  std::uint64_t changes_ = 0;
  std::vector<Said> said_;
  // The model and the picture asked for last: a slower answer to an earlier wish is dropped.
  std::uint64_t model_wish_ = 0;
  bool opening_ = false;                       // the model waits for the picture of its opening scene
  std::unique_ptr<FirstWeight> first_weight_;  // to be lit in it, being looked for
  std::uint64_t picture_wish_ = 0;
  // Several pictures, see Document::pictures: what the visitor opened, or the samples that suit the model.
  std::string set_name_;
  std::string set_model_;  // the only model it is for; empty: any
  std::shared_ptr<const io::LabelledSet> set_;
  std::optional<document::SetLoader> set_loader_;
  // An ONNX model whose weights are in files that have not all come.
  std::optional<opener::IncompleteModel> incomplete_;
  bool incomplete_told_ = false;
  std::vector<std::byte> idx_images_;  // the half of a pair that came first, unpacked
  std::vector<std::byte> idx_labels_;
  bool idx_transposed_ = false;
  std::vector<document::SamplePicture> sample_pictures_;
  bool gathering_ = false;
};

}  // namespace weightroom::lab
