// The input with its padding, as in border.h, and widened to 16 bits: for kernels that multiply
// words. Always a copy. The three functions fit the gather entries of ConvKernel; one work item is
// one row of the copy.
#pragma once

#include "kernels/conv/border.h"

namespace weq::kernels {

// Bytes of the copy [batch][window_rows][window_cols][in_c] of 16-bit stored bytes.
size_t word_bytes(const ConvProblem& problem);
int64_t word_items(const ConvProblem& problem);
void word_gather(const ConvCall& call, int64_t begin, int64_t end);

// As windowed_input; steps in bytes, two per channel.
WindowedInput word_input(const ConvCall& call);

}  // namespace weq::kernels
