#include "nn/kernels/correlate.h"

namespace weightroom::nn::kernels {

std::size_t correlate_workspace(const Frame& frame, int samples, int rows) {
  if (suits_winograd(frame, rows)) return winograd_workspace(frame, samples, rows);
  return suits_direct(frame, rows) ? correlate_direct_workspace(frame) : correlate_packed_workspace(frame, samples);
}

void correlate(const Correlation& job, const Destination& to, float* workspace) {
  if (suits_winograd(job.frame, job.layer_rows)) {
    correlate_winograd(job, to, workspace);
  } else if (suits_direct(job.frame, job.layer_rows)) {
    correlate_direct(job, to, workspace);
  } else {
    correlate_packed(job, to, workspace);
  }
}

int correlate_units(const Correlation& job) {
  if (suits_winograd(job.frame, job.layer_rows)) return winograd_units(job);
  return suits_direct(job.frame, job.layer_rows) ? correlate_direct_units(job) : correlate_packed_units(job);
}

}  // namespace weightroom::nn::kernels
