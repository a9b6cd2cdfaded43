/* Vectors of one sample of each of LANES frames, and their transposition from and to rows.
 *
 * `wide` is a vector in the work memory, which is aligned. `loose` is the same in rows of the
 * caller's arrays, which are aligned to 4 bytes. */

typedef float NAME(wide) __attribute__((vector_size(4 * LANES)));
typedef float NAME(loose) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define wide NAME(wide)
#define loose NAME(loose)

INLINE wide NAME(load)(const float *place) { return *(const loose *)place; }
INLINE void NAME(store)(float *place, wide value) { *(loose *)place = value; }

/* The same number in all lanes. */
#if LANES == 8
#define SAME(x) ((wide){(x), (x), (x), (x), (x), (x), (x), (x)})
#else
#define SAME(x) ((wide){(x), (x), (x), (x)})
#endif

/* The square root is rounded correctly on every machine. */
INLINE wide NAME(root)(wide x)
{
#if defined(__aarch64__)
    return (wide)vsqrtq_f32((float32x4_t)x);
#elif LANES == 8
    return (wide)_mm256_sqrt_ps((__m256)x);
#else
    return (wide)_mm_sqrt_ps((__m128)x);
#endif
}

#if defined(__clang__) || __GNUC__ >= 12
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t NAME(order) __attribute__((vector_size(4 * LANES)));
#define MIX(a, b, ...) __builtin_shuffle(a, b, (NAME(order)){__VA_ARGS__})
#endif

/* Transpose LANES vectors in place: element j of vector i becomes element i of vector j. Each step
 * exchanges blocks of twice the size: elements of neighbours, then pairs, then halves. */
INLINE void NAME(transpose)(wide v[LANES])
{
    wide w[LANES];
#if LANES == 8
    for (int i = 0; i < 8; i += 2) {
        w[i] = MIX(v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        w[i + 1] = MIX(v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            v[i + 2 * j] = MIX(w[i + j], w[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            v[i + 2 * j + 1] = MIX(w[i + j], w[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < 4; i++) {
        w[i] = MIX(v[i], v[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        w[i + 4] = MIX(v[i], v[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int i = 0; i < 8; i++)
        v[i] = w[i];
#else
    for (int i = 0; i < 4; i += 2) {
        w[i] = MIX(v[i], v[i + 1], 0, 4, 1, 5);
        w[i + 1] = MIX(v[i], v[i + 1], 2, 6, 3, 7);
    }
    for (int j = 0; j < 2; j++) {
        v[2 * j] = MIX(w[j], w[j + 2], 0, 1, 4, 5);
        v[2 * j + 1] = MIX(w[j], w[j + 2], 2, 3, 6, 7);
    }
#endif
}

/* Write LANES samples of each row, times the window if there is one, to `columns`:
 * columns[i][f] = rows[f][i] * window[i]. */
INLINE void NAME(gather_block)(
    const float *const rows[LANES], ptrdiff_t at, const float *window, wide *columns)
{
    wide v[LANES];
    for (int f = 0; f < LANES; f++)
        v[f] = NAME(load)(rows[f] + at);
    if (window) {
        wide w = NAME(load)(window + at);
        for (int f = 0; f < LANES; f++)
            v[f] *= w;
    }
    NAME(transpose)(v);
    for (int i = 0; i < LANES; i++)
        columns[at + i] = v[i];
}

/* The same for `count` samples. The last block overlaps the one before it, and writes equal values
 * again; nothing behind the rows is read. */
static void NAME(gather)(
    const float *const rows[LANES], ptrdiff_t count, const float *window, wide *columns)
{
    ptrdiff_t at = 0;
    for (; at + LANES <= count; at += LANES)
        NAME(gather_block)(rows, at, window, columns);
    if (at < count && count >= LANES)
        NAME(gather_block)(rows, count - LANES, window, columns);
    else
        for (; at < count; at++)
            for (int f = 0; f < LANES; f++)
                columns[at][f] = window ? rows[f][at] * window[at] : rows[f][at];
}

/* Write LANES columns to each row: rows[f][at + i] = v[i][f]. */
INLINE void NAME(scatter_block)(wide v[LANES], ptrdiff_t at, float *const rows[LANES])
{
    NAME(transpose)(v);
    for (int f = 0; f < LANES; f++)
        NAME(store)(rows[f] + at, v[f]);
}

/* Write `count` columns to the rows, with an overlapping last block as in `gather`. */
static void NAME(scatter)(const wide *columns, ptrdiff_t count, float *const rows[LANES])
{
    ptrdiff_t at = 0;
    for (; at < count; at += LANES) {
        if (at + LANES > count) {
            if (count < LANES)
                break;
            at = count - LANES;
        }
        wide v[LANES];
        for (int i = 0; i < LANES; i++)
            v[i] = columns[at + i];
        NAME(scatter_block)(v, at, rows);
    }
    for (; at < count; at++)
        for (int f = 0; f < LANES; f++)
            rows[f][at] = columns[at][f];
}
