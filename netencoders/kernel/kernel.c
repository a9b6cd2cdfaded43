/* The compiled kernel of the framework: functions of elements, for layers and for encoders.
 *
 * Each lane of a vector holds one element, so no element can change the bits of another one. The
 * formulas are those of `logarithm.py`, compiled for 4 lanes (SSE2, NEON) and for 8 lanes (AVX2).
 * Each operation is rounded to float32, in a fixed order, and none are fused (-ffp-contract=off), so
 * the bits are equal on every machine.
 *
 * Nothing is allocated, and there is no state. The Python side checks the arrays before a call.
 */
#include "processor.h"

/* 4 lanes: part of every x86-64 and AArch64. */
#define LANES 4
#define NAME(name) name##_4
#include "logarithm.h"
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
#include "logarithm.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
