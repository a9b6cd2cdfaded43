/* From frames of a signal to rows: conditioning, window, transform, and one of the outputs. */

/* The sum of `count` vectors in the order of numpy: up to 128 of them in eight sums, more of them in
 * two halves, of which the first is a multiple of 8. */
static wide NAME(pairwise_sum)(const wide *x, ptrdiff_t count)
{
    if (count > 128) {
        ptrdiff_t half = count / 2 / 8 * 8;
        return NAME(pairwise_sum)(x, half) + NAME(pairwise_sum)(x + half, count - half);
    }
    wide total = SAME(-0.0f);
    ptrdiff_t t = 0;
    if (count >= 8) {
        wide r[8];
        for (int j = 0; j < 8; j++)
            r[j] = x[j];
        for (t = 8; t + 8 <= count; t += 8)
            for (int j = 0; j < 8; j++)
                r[j] += x[t + j];
        total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; t < count; t++)
        total += x[t];
    return total;
}

/* v[t] = x[t] - mean; y[t] = (v[t] - c v[t - 1]) * window[t], y[0] = (v[0] - c v[0]) * window[0]. */
static void NAME(condition)(const struct setting *s, wide *x)
{
    wide mean = SAME(0.0f), c = SAME(s->emphasis);
    if (s->remove_mean)
        mean = NAME(pairwise_sum)(x, s->size) / SAME((float)s->size);
    wide before = x[0];
    if (s->remove_mean)
        before -= mean;
    for (ptrdiff_t t = 0; t < s->size; t++) {
        wide v = x[t], w = SAME(s->window[t]);
        if (s->remove_mean)
            v -= mean;
        x[t] = (s->emphasis != 0.0f ? v - before * c : v) * w;
        before = v;
    }
}

/* re^2 + im^2 of one bin, with the offset, and its root. */
INLINE wide NAME(squared)(const wide *bin, wide offset, int has_offset, int root)
{
    wide value = bin[0] * bin[0] + bin[1] * bin[1];
    if (has_offset)
        value += offset;
    return root ? NAME(root)(value) : value;
}

/* Write the power or the magnitude of each bin to the rows. */
INLINE void NAME(powers)(
    const wide *spectrum, ptrdiff_t bins, float offset, int root, float *const rows[LANES])
{
    const wide added = SAME(offset);
    const int has_offset = offset != 0.0f;
    ptrdiff_t at = 0;
    while (at < bins && bins >= LANES) {
        at = at + LANES > bins ? bins - LANES : at;
        wide v[LANES];
        for (int i = 0; i < LANES; i++)
            v[i] = NAME(squared)(spectrum + 2 * (at + i), added, has_offset, root);
        NAME(scatter_block)(v, at, rows);
        at += LANES;
    }
    for (; at < bins; at++) {
        wide v = NAME(squared)(spectrum + 2 * at, added, has_offset, root);
        for (int f = 0; f < LANES; f++)
            rows[f][at] = v[f];
    }
}

/* Write all n bins of a transform to the rows: bin n - b is the conjugate of bin b. `spare` has n
 * vectors. */
static void NAME(two_sided)(
    const wide *spectrum, ptrdiff_t n, wide *spare, float *const rows[LANES])
{
    const ptrdiff_t bins = n / 2 + 1, others = n - bins;
    float *ends[LANES];
    for (int f = 0; f < LANES; f++)
        ends[f] = rows[f] + 2 * bins;
    for (ptrdiff_t b = others; b > 0; b--) {
        spare[2 * (others - b)] = spectrum[2 * b];
        spare[2 * (others - b) + 1] = -spectrum[2 * b + 1];
    }
    NAME(scatter)(spectrum, 2 * bins, rows);
    NAME(scatter)(spare, 2 * others, ends);
}

/* Write one output row for each of LANES frames. */
static void NAME(one_block)(
    const struct setting *s, const float *const frames[LANES], float *const rows[LANES], wide *work)
{
    const ptrdiff_t n = s->length, bins = n / 2 + 1;
    const ptrdiff_t columns = s->output == BANDS ? s->columns : 0;
    /* One vector before each of two buffers: there bin 0 gets an imaginary part of its own. */
    wide *x = work + 1, *out = x + APART(n + 2), *free = out + APART(n + 2);
    wide *spare = free + 2 * n + 2;
    for (ptrdiff_t t = 0; t < s->place; t++)
        x[t] = SAME(0.0f);
    for (ptrdiff_t t = s->place + s->size; t < n; t++)
        x[t] = SAME(0.0f);
    if (s->remove_mean || s->emphasis != 0.0f) {
        NAME(gather)(frames, s->size, NULL, x + s->place);
        NAME(condition)(s, x + s->place);
    } else
        NAME(gather)(frames, s->size, s->window, x + s->place);
    wide *spectrum;
    if (s->padded) {
        spare = out + 4 * s->padded;
        spectrum = NAME(convolve)(s, x, out);
    } else {
        if (n > BASE)
            NAME(transform)(s, s->factor_count, 1, x, out, free, spare);
        else
            out = NAME(passes)(s, s->factor_count, n, 1, x, out, x, NULL, spare);
        spectrum = out - 1;
        spectrum[0] = out[0];
    }
    wide *power = out == x ? free : x;
    spectrum[1] = SAME(0.0f);
    if (n % 2 == 0)
        spectrum[n + 1] = SAME(0.0f);
    switch (s->output) {
    case COMPLEX: NAME(scatter)(spectrum, 2 * bins, rows); break;
    case TWO_SIDED: NAME(two_sided)(spectrum, n, power, rows); break;
    case POWER: NAME(powers)(spectrum, bins, s->offset, 0, rows); break;
    case MAGNITUDE: NAME(powers)(spectrum, bins, s->offset, 1, rows); break;
    default: {
        const wide offset = SAME(s->offset);
        for (ptrdiff_t i = 0; i < bins; i++)
            power[i] = NAME(squared)(spectrum + 2 * i, offset, s->offset != 0.0f, (int)s->root);
        wide *totals = spare;
        NAME(bands)(s, power, totals);
        NAME(scatter)(totals, columns, rows);
    }
    }
}

/* Write `count` rows. Frame f begins at signal + f * stride and has s->size samples; its row begins
 * at out + f * out_stride. Strides count floats. Lanes without a frame repeat the last one. */
EXPORT void NAME(netencoders_frames)(
    const struct setting *s, const float *signal, ptrdiff_t stride, ptrdiff_t count, float *out,
    ptrdiff_t out_stride, void *work)
{
    for (ptrdiff_t f = 0; f < count; f += LANES) {
        const float *frames[LANES];
        float *rows[LANES];
        for (int i = 0; i < LANES; i++) {
            ptrdiff_t frame = f + i < count ? f + i : count - 1;
            frames[i] = signal + frame * stride;
            rows[i] = out + frame * out_stride;
        }
        NAME(one_block)(s, frames, rows, work);
    }
}

/* The same for rows of s->size numbers and the matrix of BANDS, without a transform. */
EXPORT void NAME(netencoders_bands)(
    const struct setting *s, const float *in, ptrdiff_t stride, ptrdiff_t count, float *out,
    ptrdiff_t out_stride, void *work)
{
    wide *x = work, *totals = x + s->size;
    for (ptrdiff_t f = 0; f < count; f += LANES) {
        const float *from[LANES];
        float *rows[LANES];
        for (int i = 0; i < LANES; i++) {
            ptrdiff_t frame = f + i < count ? f + i : count - 1;
            from[i] = in + frame * stride;
            rows[i] = out + frame * out_stride;
        }
        NAME(gather)(from, s->size, NULL, x);
        NAME(bands)(s, x, totals);
        NAME(scatter)(totals, s->columns, rows);
    }
}
#undef wide
#undef loose
#undef SAME
#undef MIX
