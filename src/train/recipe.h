#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "train/augment.h"
#include "train/degrade.h"
#include "train/mix.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace weightroom::train {

// All that decides what a training run ends in, together with the pictures: two runs of one recipe on one set give the
// same weights to the bit. What does not decide (threads, progress) stands elsewhere.
struct Recipe {
  std::string net;  // as build_architecture reads it: "conv 16; pool; conv 32; gap; fc"
  std::uint64_t seed = 1;
  int epochs = 30;
  int batch = 128;  // pictures a step; what is left at the end of an epoch is dropped
  // Pictures that pass the net together. Each chunk is normalised by its own statistics ("ghost batch norm", Hoffer et
  // al., "Train longer, generalize better", 2017), so that chunks are independent and may run on different threads.
  int chunk = 32;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  AugmentOptions augment;
  // Above 0, where pictures that are none of the classes are trained on too (others.h): zoom_min for those. A part of
  // one is none of the classes as well, so they may be zoomed into further than a picture that must still show what it
  // is called.
  double others_zoom = 0.0;
  DegradeOptions degrade;  // after mixing
  MixOptions mix;
  double label_smoothing = 0.0;
  double norm_momentum = 0.1;  // of batch_norm's running statistics
  double ema = 0.0;            // above 0: the result is the exponential moving average of the weights with this decay
  // Above 0: a second head learns the fine labels (fine_labels.h), its loss weighed by this; it is dropped at the end.
  double fine_weight = 0.0;
  // In the last epochs pictures are neither mixed, zoomed, stretched, turned nor painted over (still shifted, mirrored,
  // recoloured): what that does to the statistics of the pictures is unlearned while the rate is low.
  int calm_epochs = 0;
  // Distillation (Hinton et al., "Distilling the knowledge in a neural network", 2015): files of finished models,
  // separated by ';', whose mean answer makes up teacher_weight of what the net is trained towards; both its
  // probabilities and theirs are softened by the temperature. Pictures that are none of the classes are learned from
  // their label alone.
  std::string teachers;
  double teacher_weight = 0.0;
  double temperature = 1.0;
  // In the last epochs kernels and rows of weights are rounded to 8 bits with a scale a channel, as the finished model
  // is stored then (rounding.h); 0: it is stored as fp16.
  int rounding_epochs = 0;
  // Where pictures that are none of the classes are trained on too (others.h), above 0: their class becomes a gauge
  // (nn::NoneOfThese) that refuses at most this share of the other pictures; 0: it stays a class.
  double none_share = 0.0;
  int patience = 0;  // above 0: stop after so many epochs without a better held-out accuracy, keep the best
};

// Calls visit(name, value, help) for every field, in the order a person reads them: the one list behind the recipe's
// JSON form and the options of the command line.
template <class R, class Visit>
void visit_fields(R& recipe, Visit&& visit) {
  visit("net", recipe.net, "layers, such as 'conv 16; pool; conv 32; gap; fc'");
  visit("seed", recipe.seed, "number that fixes every random draw");
  visit("epochs", recipe.epochs, "passes over the pictures");
  visit("batch", recipe.batch, "pictures a step, a multiple of chunk");
  visit("chunk", recipe.chunk, "pictures normalised together");
  visit("optimizer", recipe.optimizer.kind, "sgd or adamw");
  visit("learning_rate", recipe.optimizer.learning_rate, "highest step size of the schedule");
  visit("momentum", recipe.optimizer.momentum, "of sgd");
  visit("nesterov", recipe.optimizer.nesterov, "Nesterov momentum of sgd, true or false");
  visit("beta1", recipe.optimizer.beta1, "of adamw");
  visit("beta2", recipe.optimizer.beta2, "of adamw");
  visit("weight_decay", recipe.optimizer.weight_decay, "pull of the kernels towards zero");
  visit("schedule", recipe.schedule.kind, "constant, cosine, one_cycle or one_cycle_linear");
  visit("rise", recipe.schedule.rise, "share of the steps until the rate is highest");
  visit("start_divisor", recipe.schedule.start_divisor, "one-cycle starts at the rate over this");
  visit("final_divisor", recipe.schedule.final_divisor, "the last step's rate is the highest over this");
  visit("label_smoothing", recipe.label_smoothing, "share of the target spread over all classes");
  visit("norm_momentum", recipe.norm_momentum, "of batch_norm's running statistics");
  visit("ema", recipe.ema, "decay of the moving average of the weights; 0: none");
  visit("patience", recipe.patience, "epochs without a better held-out accuracy before it stops; 0: never");
  visit("fine_weight", recipe.fine_weight, "of the loss of a second head for the kinds within a class, by file names");
  visit("calm_epochs", recipe.calm_epochs, "last epochs without mixing, zoom, stretch, turn and cutout");
  visit("rounding_epochs", recipe.rounding_epochs, "last epochs with weights rounded to 8 bits, as they are stored");
  visit("none_share", recipe.none_share, "share of the pictures that --others, made a gauge, may refuse; 0: a class");
  visit("teachers", recipe.teachers, "model files to learn from, separated by ';', beside the recipe");
  visit("teacher_weight", recipe.teacher_weight, "share of the loss that is the teachers', 0 to 1");
  visit("temperature", recipe.temperature, "that softens the net's and the teachers' probabilities");
  visit("flip", recipe.augment.flip, "mirror every second picture, true or false");
  visit("crop", recipe.augment.crop, "shift by up to so many pixels");
  visit("zoom_min", recipe.augment.zoom_min, "least side of the window read, as a share of the picture's");
  visit("zoom_max", recipe.augment.zoom_max, "largest side of the window read");
  visit("aspect", recipe.augment.aspect, "stretch by up to e^(this/2) one way and e^(-this/2) the other");
  visit("rotation", recipe.augment.rotation, "turn by up to so many degrees");
  visit("bend_probability", recipe.augment.bend_probability, "share of the pictures zoomed, stretched or turned");
  visit("brightness", recipe.augment.brightness, "factor 1 - b to 1 + b");
  visit("contrast", recipe.augment.contrast, "factor 1 - c to 1 + c about the picture's mean");
  visit("saturation", recipe.augment.saturation, "factor 1 - s to 1 + s about the pixel's grey");
  visit("color", recipe.augment.color, "a factor 1 - c to 1 + c for each channel");
  visit("offset", recipe.augment.offset, "added, up to this share of the range of values");
  visit("cutout", recipe.augment.cutout, "side of the square painted over");
  visit("others_zoom", recipe.others_zoom, "zoom_min of --others; 0: as the pictures of the classes");
  visit("grey", recipe.degrade.grey, "share of the pictures shown without colours, to teachers with");
  visit("blur_probability", recipe.degrade.blur_probability, "share of the pictures shown blurred, to teachers sharp");
  visit("blur", recipe.degrade.blur, "largest standard deviation of the blur, in pixels");
  visit("mixup", recipe.mix.mixup, "alpha of mixup; 0: none");
  visit("cutmix", recipe.mix.cutmix, "alpha of cutmix; 0: none");
  visit("mix_probability", recipe.mix.probability, "share of the chunks that are mixed");
}

// A sentence for values that make no sense, each by its field's name.
[[nodiscard]] Status check(const Recipe& recipe);
// The same where the net is there already and `net` need not say it.
[[nodiscard]] Status check_values(const Recipe& recipe);

}  // namespace weightroom::train
