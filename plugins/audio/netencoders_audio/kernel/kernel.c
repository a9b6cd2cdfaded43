/* The compiled kernel: short-time spectra of overlapping frames, several frames at once. The headers
 * of the frames of FLAC and MPEG files are read by `flac.h` and `mpeg.h`, which have no lanes.
 *
 * Lane f of each vector belongs to frame f, so every step below is the scalar formula of one frame,
 * and no frame can change the bits of another one. The same formulas are compiled for 4 lanes (SSE2,
 * NEON) and for 8 lanes (AVX2), by including `lanes.h`, `passes.h`, `convolution.h`, `bands.h` and
 * `frames.h` twice.
 *
 * The bits are those of numpy and scipy.fft. Products and sums are therefore never fused
 * (-ffp-contract=off; AVX2 without FMA), and the order of the operations is fixed.
 *
 * Nothing is allocated, and there is no state: the caller passes all memory. The Python side checks
 * every shape, stride and type before a call.
 */
#include <string.h>

#include "processor.h"

#define MAX_FACTORS 16
/* Vectors: the length up to which a transform stays in a cache of 32 kB, with all that it uses. */
#define BASE (2560 / LANES)
/* The distance between two buffers, of at least `length` vectors. Where a store and a later load have
 * the same place in their pages of 4096 bytes, the load waits: half a page apart they never do. */
#define PAGE (4096 / (4 * LANES))
#define APART(length) (((length) + PAGE / 2 + PAGE - 1) / PAGE * PAGE - PAGE / 2)

/* The memory that a call writes before it reads: two buffers and the sums of one butterfly. The
 * sizes in Python (`work_size`) are those of `frames.h`. */
enum output { COMPLEX = 0, POWER = 1, MAGNITUDE = 2, BANDS = 3, TWO_SIDED = 4 };

/* Everything about a transform that does not depend on the signal. `netencoders_audio.kernel.calls`
 * has the same structure. */
struct setting {
    int64_t length;      /* of the transform, n */
    int64_t size;        /* of the window */
    int64_t place;       /* of the window in the transform */
    int64_t output;      /* enum output */
    int64_t root;        /* BANDS: of the magnitude instead of the power */
    int64_t remove_mean; /* of each frame */
    int64_t columns;     /* of the matrix of BANDS */
    int64_t padded;      /* N of convolution.h; 0: the transform has the passes of passes.h */
    int64_t factor_count;
    int64_t factors[MAX_FACTORS]; /* of n or N, in the order of the passes */
    int64_t lengths[MAX_FACTORS]; /* for each pass the product of the factors before */
    int64_t starts[MAX_FACTORS];  /* of the twiddle factors of each pass */
    const float *twiddles;
    const float *chirp;           /* b of convolution.h */
    const float *filter;          /* its first N / 2 + 1 bins */
    const float *window;
    const int64_t *runs;          /* of each column: the first row, and the number of rows */
    const float *weights;         /* of each column in turn */
    float emphasis;               /* 0: none */
    float offset;                 /* added to the power, before the root; 0: none */
};

/* 4 lanes: part of every x86-64 and AArch64. */
#define LANES 4
#define NAME(name) name##_4
#include "lanes.h"
#include "passes.h"
#include "convolution.h"
#include "bands.h"
#include "frames.h"
#undef LANES
#undef NAME

#if defined(__x86_64__)
#define LANES 8
#define NAME(name) name##_8
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#include "lanes.h"
#include "passes.h"
#include "convolution.h"
#include "bands.h"
#include "frames.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#include "flac.h"
#include "mpeg.h"
