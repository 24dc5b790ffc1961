#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "document/document.h"
#include "document/edit_command.h"
#include "document/teach_command.h"
#include "document/value.h"
#include "io/json_writer.h"

namespace weightroom::document {

// Every change a visitor, a key, a lesson, a script or a test can make, and its JSON form in the comment; those that
// make steps stand in edit_command.h, those about classes of one's own in teach_command.h. A weight W is written
// "conv1.weight[3,0,1,2]".
namespace command {

struct Undo {};  // {"command":"undo"}
struct Redo {};  // {"command":"redo"}
// {"command":"select_weight","weight":W}
struct SelectWeight {
  nn::WeightRef weight = kNoWeight;
};
// {"command":"select_layer","layer":"conv1"}
struct SelectLayer {
  std::string layer;
};
// {"command":"select_channel","layer":"relu1","channel":3}; channel null or -1: none
struct SelectChannel {
  std::string layer;
  int channel = -1;
};
// {"command":"set_target","target":"cat"|3|null}; null: the top class of the unedited model
struct SetTarget {
  std::string target;  // label or index as text; empty: follow
};
// {"command":"set_method","method":"grad_cam","params":{},"layer":"conv5"}; params and layer may be absent. Parameters
// are numbers, or words where a method has them: {"steps":64,"baseline":"blurred"}
struct SetMethod {
  std::string method;
  explain::Params params;
  std::string layer;
};
// {"command":"remember_picture","remember":true}: the picture on the bench becomes the second one, which methods may
// compare others with (their baseline "picture"); false: forgets it
struct RememberPicture {
  bool remember = true;
};
// {"command":"set_view","overlay":"gradient","map":true,"opacity":0.5,"seen":false,"compare":false}; each may be absent
struct SetView {
  std::optional<std::string> overlay;
  std::optional<bool> map;
  std::optional<double> opacity;
  std::optional<bool> seen;
  std::optional<bool> compare;
};
// {"command":"open_page","page":P}: what the middle shows, and what is worked out
struct OpenPage {
  std::string page;
};
// {"command":"set_PART", ...}: what is chosen on a page; which fields there are, only the page knows
// (studies/study.h). Each may be absent.
struct Choose {
  std::string part;
  std::vector<Field> fields{};
};
struct SaveFound {  // {"command":"save_PART"}: offers what a page found as a file
  std::string part;
};
struct StopMap {};     // {"command":"stop_map"}: a map of many passes stays as far as it has come
struct StartMap {};    // {"command":"start_map"}: once more from the beginning
struct StartStudy {};  // {"command":"start_study"}: what the open page asks, where that takes long; also once more
struct StopStudy {};   // {"command":"stop_study"}: what was found stays
// {"command":"set_crop","x":10,"y":0,"size":200}
struct SetCrop {
  Crop crop;
};
// {"command":"set_reading","size":224,"order":"bgr","scale":"imagenet","mean":[a,b,c],"std":[a,b,c],"crop":0.875,
// "invert":false};
// each may be absent. How the model reads pictures: mean and std, one number a channel of the tensor in its order, go
// over scale.
struct SetReading {
  std::optional<int> size{};
  std::optional<std::string> order{};
  std::optional<std::string> scale{};
  std::optional<std::vector<float>> mean{};
  std::optional<std::vector<float>> std{};
  std::optional<float> crop{};
  std::optional<bool> invert{};
};
// {"command":"set_labels","labels":["cat","dog"]}: one for each class
struct SetLabels {
  std::vector<std::string> labels;
};
struct OpenSample {  // {"command":"open_sample","name":"cat"}
  std::string name;
};
// {"command":"open_model","name":"garments","set":"garments"}; set may be absent: a labelled set to open with it
struct OpenModel {
  std::string name;
  std::string set{};
};
// {"command":"open_set","name":"garments"}: a labelled set that comes with the program
struct OpenSet {
  std::string name;
};
struct CloseSet {};  // {"command":"close_set"}
// {"command":"map_class","class":"kitten","to":"cat"|3|null}: which of the model's classes a class of the labelled set
// is; null: it does not count
struct MapClass {
  std::string set_class;
  std::string to;
};
// {"command":"select_cell","truth":"cat"|3|null,"answer":"dog"}: a cell of the confusion matrix, whose pictures are
// shown; null: none
struct SelectCell {
  std::string truth;
  std::string answer;
};
struct OpenMeasured {  // {"command":"open_measured","picture":17}: a picture of the labelled set onto the bench
  int picture = 0;
};
// {"command":"save_map","as":"picture"|"numbers"}: offers the map as a PNG over the picture, or as a safetensors file
// with the tensors `attribution` and `map`
struct SaveMap {
  std::string as;
};
// {"command":"save_model"}: offers the edited model as a file; "as":
// plain, fp32, fp16, int8, int4, smallest or onnx (lab/save_model.h)
struct SaveModel {
  std::string as{};
};
struct SaveHistory {};   // {"command":"save_history"}: offers the steps as a file (lab/history_file.h)
struct DismissError {};  // {"command":"dismiss_error"}

}  // namespace command

using Command =
    std::variant<command::SetWeight, command::TransformWeight, command::Reset, command::Change, command::Switch,
                 command::TakeWeights, command::Undo, command::Redo, command::SelectWeight, command::SelectLayer,
                 command::SelectChannel, command::SetTarget, command::SetMethod, command::RememberPicture,
                 command::SetView, command::OpenPage, command::Choose, command::SaveFound, command::StopMap,
                 command::StartMap, command::StartStudy, command::StopStudy, command::SetCrop, command::SetReading,
                 command::SetLabels, command::OpenSample, command::OpenModel, command::OpenSet, command::CloseSet,
                 command::MapClass, command::SelectCell, command::OpenMeasured, command::SaveMap, command::SaveModel,
                 command::SaveHistory, command::DismissError, command::AddClass, command::RenameClass,
                 command::RemoveClass, command::MovePicture, command::RemovePicture, command::OpenTaught,
                 command::Learn, command::EndTeaching>;

// Whether a command is one that makes a step of the history; and whether it only previews one.
[[nodiscard]] bool edits(const Command& command);
[[nodiscard]] bool previews(const Command& command);
// The document with this project: where nobody is being taught yet, the open model is from here on, and a sentence says
// where it cannot be.
[[nodiscard]] Result<Document> with_project(const Document& document, Result<teach::Project> project);
[[nodiscard]] teach::Project project_of(const Document& document);  // without one, two empty classes
// Whether it is about the classes that somebody teaches, so that it can be undone with them.
[[nodiscard]] bool teaches(const Command& command);

[[nodiscard]] Command as_command(const EditCommand& command);
// Nothing of a command that makes no step.
[[nodiscard]] std::optional<EditCommand> as_edit(const Command& command);

// From and to JSON, with the names that weights and layers have in this model. A sentence names an unknown command, a
// missing or mistyped field, a weight or a layer that the model does not have.
[[nodiscard]] Result<Command> parse_command(std::string_view json, const nn::Graph& graph);
[[nodiscard]] std::string to_json(const Command& command, const nn::Graph& graph);
// What a step of the history did, in words that no language changes, parameters complete: {"operation": "prune", "on":
// "conv2", "params": {...}}. A single weight is "set", "zero", "negate" or "double"; beside these there are "reset" (on
// "all", a layer or a weight), "switch_on" and "switch_off" (params.channel null: the layer's activation function, or
// all its channels), and "take_weights" (on "all", params.file).
[[nodiscard]] io::JsonWriter step_json(const EditCommand& command, const nn::Graph& graph);
// The names that parse_command knows, besides those of the pages.
[[nodiscard]] std::vector<std::string_view> command_names();
// While no model is open: what its commands name stays unknown, and apply() refuses them.
[[nodiscard]] Result<Command> parse_command_without_model(std::string_view json);

// The document after a command, or why not: pure. Undo, redo, opening and saving are the Lab's affair (lab.h), and
// pages are that of the studies (studies/study.h): they are refused here. A weight edit that is no preview appends a
// step.
[[nodiscard]] Result<Document> apply(const Document& document, const Command& command);

}  // namespace weightroom::document
