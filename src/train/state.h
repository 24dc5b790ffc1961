#pragma once

#include <vector>

#include "train/evaluate.h"
#include "train/optimizer.h"

namespace weightroom::train {

// Where the time of an epoch went, in seconds of work of all threads together.
struct PhaseSeconds {
  double augment = 0.0;
  double forward = 0.0;
  double backward = 0.0;
  double update = 0.0;  // of the calling thread: gradients summed, weights moved, statistics, average
};

struct EpochReport {
  int epoch = 0;               // counts from 1
  double loss = 0.0;           // mean over the epoch's pictures, as trained (smoothed, mixed)
  double accuracy = 0.0;       // of the same pictures, 0 to 1
  double learning_rate = 0.0;  // of the last step
  bool measured = false;       // whether there were held-out pictures
  Evaluation held_out;         // of the weights that would be shipped now
  bool best = false;           // the best held-out accuracy so far
  double seconds = 0.0;        // of work: time between slices does not count
  PhaseSeconds phases;
};

// One step of the optimiser: of the pictures of its batch, before the weights moved.
struct StepReport {
  long long step = 0;          // steps done, this one included
  double loss = 0.0;           // mean, as trained
  double accuracy = 0.0;       // 0 to 1
  double learning_rate = 0.0;  // it was made with
};

// Everything of a run that its next step depends on, and the sums over the epoch under way.
struct TrainerState {
  int epoch = 0;               // epochs done
  long long step = 0;          // optimiser steps done
  std::vector<float> weights;  // running statistics included
  Moments moments;
  std::vector<float> average;  // moving average of the weights; empty where the recipe has none
  double best_accuracy = -1.0;
  int best_epoch = 0;
  std::vector<float> best;  // weights of the best epoch; empty without patience
  double loss = 0.0;        // of the steps since the last epoch's end, summed over their pictures
  long long right = 0;      // pictures of these steps that were answered rightly
};

}  // namespace weightroom::train
