#ifndef MIXTURE_KERNELS_H
#define MIXTURE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Rows of a block, in which one column's values lie side by side, and of a strip of it.
enum { drumlin_mixture_block = 128, drumlin_mixture_strip = 8 };

/// One round of expectation and maximization of a mixture of Gaussians over `row_count` rows in blocks, the last of which is
/// filled up with anything finite. Every machine gets the same sums.
///
/// - offsets: ln(weight) − ½ ln det Σ of each component; `means`; `factors`: the inverses of Σ's lower Cholesky factors, row by
///   row, with zeros above the diagonal.
/// - leaders: by strip the component to begin with, which is set to the likeliest of its first row. Any gives the same
///   shares but for those below 2^-60; a good guess is fast.
/// - sums: by component, row and column of a square of dimension + 1, four lanes to be added up; what is found is added to the
///   lower triangle. Share times column times column, the columns less their means, and 1 in the last.
/// - scratch: components · 128 + dimension · 8 + (dimension + 1) · 256 numbers.
///
/// Returns the log-likelihood, but for dimension · ln(2π) / 2 a row.
double drumlin_mixture_round(const double *blocks, size_t row_count, uint32_t dimension, uint32_t components,
                             const double *offsets, const double *means, const double *factors, uint32_t *leaders,
                             double *sums, double *scratch);

#endif
