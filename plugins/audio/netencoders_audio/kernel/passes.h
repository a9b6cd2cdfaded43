/* The passes of the real Fourier transform (P. N. Swarztrauber, Vectorizing the FFTs, 1982).
 *
 * A pass with the factor R makes one transform of length R * m from each R transforms of length m.
 * With w(N) = exp(-2j pi / N) it computes, for q = 0 ... R - 1 and each bin b of the short ones,
 *
 *     Y[b + m q] = sum over j = 0 ... R - 1 of w(R)^(j q) * d[j],  d[j] = w(R m)^(j b) * X[j][b]
 *
 * The transforms of real samples are stored in half-complex order: re(0), re(1), im(1), re(2), ...
 * There are `many` long transforms. Part a of short transform j for the long one k is
 * in[a + m * (k + many * j)], and part a of block c of the long transform k is out[a + m * (c + R * k)].
 *
 * In half-complex order bin b + m q of the long transform begins in block 2 q at part 2 b - 1. Bins above
 * its half are the conjugates of bins below: those of q = R - p begin in block 2 p - 1 at part
 * m - 2 b - 1. Bin m q, which has b = 0, has its real part at the end of block 2 q - 1, and its
 * imaginary part at the start of block 2 q. If m is even, bin m / 2 of a short transform is real.
 *
 * Twiddle factors are stored for each b from 1, and for each j from 1: cosine and sine.
 * z is d[0], and e stands for -1j times a difference. */

typedef struct { wide r, i; } NAME(pair);
#define pair NAME(pair)

/* d = (cos - 1j sin) * x */
INLINE pair NAME(turn)(const wide *x, const float *factor)
{
    wide c = SAME(factor[0]), s = SAME(factor[1]);
    return (pair){x[0] * c + x[1] * s, x[1] * c - x[0] * s};
}

INLINE pair NAME(sum)(pair a, pair b) { return (pair){a.r + b.r, a.i + b.i}; }

/* -1j (a - b) */
INLINE pair NAME(turned_difference)(pair a, pair b) { return (pair){a.i - b.i, b.r - a.r}; }

/* Store t + u as it is, and the conjugate of t - u. */
INLINE void NAME(put)(wide *up, wide *down, pair t, pair u)
{
    up[0] = t.r + u.r;
    up[1] = t.i + u.i;
    down[0] = t.r - u.r;
    down[1] = u.i - t.i;
}

/* R = 2: Y0 = z + d1, Y1 = z - d1. */
INLINE void NAME(pass2)(
    ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const wide *restrict in, wide *restrict out,
    const float *twiddles)
{
    for (ptrdiff_t k = 0; k < many; k++) {
        const wide *x0 = in + m * step * k, *x1 = x0 + m * step * many;
        wide *y0 = out + 2 * m * k, *y1 = y0 + m;
        y0[0] = x0[0] + x1[0];
        y1[m - 1] = x0[0] - x1[0];
        const float *w = twiddles;
        for (ptrdiff_t a = 1; a + 1 < m; a += 2, w += 2)
            NAME(put)(y0 + a, y1 + m - 2 - a, (pair){x0[a], x0[a + 1]}, NAME(turn)(x1 + a, w));
        if (m % 2 == 0) { /* w(4) = -1j */
            y0[m - 1] = x0[m - 1];
            y1[0] = -x1[m - 1];
        }
    }
}

/* R = 3: s = d1 + d2, t = z - s / 2, u = -1j sin(pi / 3) (d1 - d2); Y0 = z + s, Y1, Y2 = t +- u. */
INLINE void NAME(pass3)(
    ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const wide *restrict in, wide *restrict out,
    const float *twiddles)
{
    const float s60 = 0.86602540378443864676f;
    for (ptrdiff_t k = 0; k < many; k++) {
        const ptrdiff_t next = m * step * many;
        const wide *x0 = in + m * step * k, *x1 = x0 + next, *x2 = x1 + next;
        wide *y0 = out + 3 * m * k, *y1 = y0 + m, *y2 = y1 + m;
        wide s0 = x1[0] + x2[0];
        y0[0] = x0[0] + s0;
        y1[m - 1] = x0[0] - 0.5f * s0;
        y2[0] = s60 * (x2[0] - x1[0]);
        const float *w = twiddles;
        for (ptrdiff_t a = 1; a + 1 < m; a += 2, w += 4) {
            pair d1 = NAME(turn)(x1 + a, w), d2 = NAME(turn)(x2 + a, w + 2);
            pair s = NAME(sum)(d1, d2), e = NAME(turned_difference)(d1, d2);
            pair t = {x0[a] - 0.5f * s.r, x0[a + 1] - 0.5f * s.i};
            y0[a] = x0[a] + s.r;
            y0[a + 1] = x0[a + 1] + s.i;
            NAME(put)(y2 + a, y1 + m - 2 - a, t, (pair){s60 * e.r, s60 * e.i});
        }
    }
}

/* R = 4: p = z + d2, q = d1 + d3, r = z - d2; Y0, Y2 = p +- q, Y1, Y3 = r +- -1j (d1 - d3). */
INLINE void NAME(pass4)(
    ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const wide *restrict in, wide *restrict out,
    const float *twiddles)
{
    const float half_root = 0.70710678118654752440f;
    for (ptrdiff_t k = 0; k < many; k++) {
        const ptrdiff_t next = m * step * many;
        const wide *x0 = in + m * step * k, *x1 = x0 + next, *x2 = x1 + next, *x3 = x2 + next;
        wide *y0 = out + 4 * m * k, *y1 = y0 + m, *y2 = y1 + m, *y3 = y2 + m;
        wide p0 = x0[0] + x2[0], q0 = x1[0] + x3[0];
        y0[0] = p0 + q0;
        y1[m - 1] = x0[0] - x2[0];
        y2[0] = x3[0] - x1[0];
        y3[m - 1] = p0 - q0;
        const float *w = twiddles;
        for (ptrdiff_t a = 1; a + 1 < m; a += 2, w += 6) {
            pair z = {x0[a], x0[a + 1]}, d1 = NAME(turn)(x1 + a, w);
            pair d2 = NAME(turn)(x2 + a, w + 2), d3 = NAME(turn)(x3 + a, w + 4);
            pair p = NAME(sum)(z, d2), q = NAME(sum)(d1, d3), r = {z.r - d2.r, z.i - d2.i};
            NAME(put)(y0 + a, y3 + m - 2 - a, p, q);
            NAME(put)(y2 + a, y1 + m - 2 - a, r, NAME(turned_difference)(d1, d3));
        }
        if (m % 2 == 0) { /* w(8) = (1 - 1j) / sqrt(2) */
            wide a = x0[m - 1], b = x1[m - 1], c = x2[m - 1], d = x3[m - 1];
            wide v = half_root * (b - d), u = -half_root * (b + d);
            y0[m - 1] = a + v;
            y1[0] = u - c;
            y2[m - 1] = a - v;
            y3[0] = u + c;
        }
    }
}

/* R = 5: sj = dj + d(5 - j), ej = -1j (dj - d(5 - j)), with cj and nj of 72 j degrees:
 * Y0 = (z + s1) + s2; t1 = (z + c1 s1) + c2 s2, u1 = n1 e1 + n2 e2; Y1, Y4 = t1 +- u1;
 * t2 = (z + c2 s1) + c1 s2, u2 = n2 e1 - n1 e2; Y2, Y3 = t2 +- u2. */
INLINE void NAME(pass5)(
    ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const wide *restrict in, wide *restrict out,
    const float *twiddles)
{
    const float c1 = 0.30901699437494742410f, c2 = -0.80901699437494742410f;
    const float n1 = 0.95105651629515357212f, n2 = 0.58778525229247312917f;
    for (ptrdiff_t k = 0; k < many; k++) {
        const wide *x[5];
        wide *y[5];
        for (int j = 0; j < 5; j++) {
            x[j] = in + m * step * (k + many * j);
            y[j] = out + m * (j + 5 * k);
        }
        wide s10 = x[1][0] + x[4][0], s20 = x[2][0] + x[3][0];
        wide e10 = x[4][0] - x[1][0], e20 = x[3][0] - x[2][0];
        y[0][0] = (x[0][0] + s10) + s20;
        y[1][m - 1] = (x[0][0] + c1 * s10) + c2 * s20;
        y[2][0] = n1 * e10 + n2 * e20;
        y[3][m - 1] = (x[0][0] + c2 * s10) + c1 * s20;
        y[4][0] = n2 * e10 - n1 * e20;
        const float *w = twiddles;
        for (ptrdiff_t a = 1; a + 1 < m; a += 2, w += 8) {
            pair z = {x[0][a], x[0][a + 1]};
            pair d1 = NAME(turn)(x[1] + a, w), d2 = NAME(turn)(x[2] + a, w + 2);
            pair d3 = NAME(turn)(x[3] + a, w + 4), d4 = NAME(turn)(x[4] + a, w + 6);
            pair s1 = NAME(sum)(d1, d4), s2 = NAME(sum)(d2, d3);
            pair e1 = NAME(turned_difference)(d1, d4), e2 = NAME(turned_difference)(d2, d3);
            pair t1 = {(z.r + c1 * s1.r) + c2 * s2.r, (z.i + c1 * s1.i) + c2 * s2.i};
            pair t2 = {(z.r + c2 * s1.r) + c1 * s2.r, (z.i + c2 * s1.i) + c1 * s2.i};
            pair u1 = {n1 * e1.r + n2 * e2.r, n1 * e1.i + n2 * e2.i};
            pair u2 = {n2 * e1.r - n1 * e2.r, n2 * e1.i - n1 * e2.i};
            y[0][a] = (z.r + s1.r) + s2.r;
            y[0][a + 1] = (z.i + s1.i) + s2.i;
            NAME(put)(y[2] + a, y[1] + m - 2 - a, t1, u1);
            NAME(put)(y[4] + a, y[3] + m - 2 - a, t2, u2);
        }
    }
}

/* The sum over j = 0 ... g - 1 of factors[j] * x[j], for g >= 3, in the order of pocketfft: the first
 * two products are added to `first` if there is one; then four products at a time are summed and
 * added, then two, and then one. */
INLINE wide NAME(products)(const wide *first, const wide *x, const float *factors, ptrdiff_t g)
{
    const float *f = factors;
    wide total = first ? (*first + f[0] * x[0]) + f[1] * x[1] : f[0] * x[0] + f[1] * x[1];
    ptrdiff_t j = 2;
    for (; j + 3 < g; j += 4)
        total += ((f[j] * x[j] + f[j + 1] * x[j + 1]) + f[j + 2] * x[j + 2]) + f[j + 3] * x[j + 3];
    for (; j + 1 < g; j += 2)
        total += f[j] * x[j] + f[j + 1] * x[j + 1];
    return j < g ? total + f[j] * x[j] : total;
}

/* Odd R >= 7, g = (R - 1) / 2: sj = dj + d(R - j), ej = -1j (dj - d(R - j));
 * Y0 = ((z + s1) + s2) + ...; Yq, Y(R - q) = t +- u with t = z + sum of cos(2 pi j q / R) sj
 * and u = sum of sin(2 pi j q / R) ej, in the order of `products`.
 * The twiddle factors begin with these g * g cosines, and the sines. `spare` has 4 g vectors. */
static void NAME(pass_odd)(
    ptrdiff_t radix, ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const wide *restrict in,
    wide *restrict out, const float *twiddles, wide *restrict spare)
{
    const ptrdiff_t g = (radix - 1) / 2, next = m * step * many;
    const float *cosines = twiddles, *sines = twiddles + g * g;
    wide *sr = spare, *si = sr + g, *er = si + g, *ei = er + g;
    for (ptrdiff_t k = 0; k < many; k++) {
        const wide *x = in + m * step * k;
        wide *y = out + radix * m * k, total = x[0];
        for (ptrdiff_t j = 0; j < g; j++) {
            wide a = x[next * (j + 1)], b = x[next * (radix - 1 - j)];
            sr[j] = a + b;
            ei[j] = b - a;
            total += sr[j];
        }
        y[0] = total;
        for (ptrdiff_t q = 1; q <= g; q++) {
            y[2 * q * m - 1] = NAME(products)(x, sr, cosines + (q - 1) * g, g);
            y[2 * q * m] = NAME(products)(NULL, ei, sines + (q - 1) * g, g);
        }
        const float *w = sines + g * g;
        for (ptrdiff_t a = 1; a + 1 < m; a += 2, w += 2 * (radix - 1)) {
            wide total_r = x[a], total_i = x[a + 1];
            for (ptrdiff_t j = 0; j < g; j++) {
                pair d1 = NAME(turn)(x + a + next * (j + 1), w + 2 * j);
                pair d2 = NAME(turn)(x + a + next * (radix - 1 - j), w + 2 * (radix - 2 - j));
                pair s = NAME(sum)(d1, d2), e = NAME(turned_difference)(d1, d2);
                sr[j] = s.r, si[j] = s.i, er[j] = e.r, ei[j] = e.i;
                total_r += s.r;
                total_i += s.i;
            }
            y[a] = total_r;
            y[a + 1] = total_i;
            for (ptrdiff_t q = 1; q <= g; q++) {
                const float *c = cosines + (q - 1) * g, *s = sines + (q - 1) * g;
                pair t = {NAME(products)(x + a, sr, c, g), NAME(products)(x + a + 1, si, c, g)};
                pair u = {NAME(products)(NULL, er, s, g), NAME(products)(NULL, ei, s, g)};
                NAME(put)(y + 2 * q * m + a, y + (2 * q - 1) * m + m - 2 - a, t, u);
            }
        }
    }
}

/* One pass. The first one, with m = 1, may read each `step`-th vector. */
static void NAME(pass)(
    const struct setting *s, int64_t number, ptrdiff_t many, ptrdiff_t step, const wide *in,
    wide *out, wide *spare)
{
    const ptrdiff_t radix = s->factors[number], m = s->lengths[number];
    const float *twiddles = s->twiddles + s->starts[number];
    /* The first passes have many short transforms: a known m leaves no loop inside. */
    switch (radix) {
    case 2:
        if (m == 1)
            NAME(pass2)(1, many, step, in, out, twiddles);
        else
            NAME(pass2)(m, many, 1, in, out, twiddles);
        break;
    case 3:
        if (m == 1)
            NAME(pass3)(1, many, step, in, out, twiddles);
        else
            NAME(pass3)(m, many, 1, in, out, twiddles);
        break;
    case 4:
        if (m == 1)
            NAME(pass4)(1, many, step, in, out, twiddles);
        else if (m == 4)
            NAME(pass4)(4, many, 1, in, out, twiddles);
        else
            NAME(pass4)(m, many, 1, in, out, twiddles);
        break;
    case 5:
        if (m == 1)
            NAME(pass5)(1, many, step, in, out, twiddles);
        else
            NAME(pass5)(m, many, 1, in, out, twiddles);
        break;
    default: NAME(pass_odd)(radix, m, many, m == 1 ? step : 1, in, out, twiddles, spare);
    }
}

/* Transform `length` vectors by the first `count` passes. They go from `in` to first, from there to
 * second and back, and in the last pass to `out`, unless that is NULL. Return the result. */
static wide *NAME(passes)(
    const struct setting *s, int64_t count, ptrdiff_t length, ptrdiff_t step, const wide *in,
    wide *first, wide *second, wide *out, wide *spare)
{
    wide *to = first;
    for (int64_t number = 0; number < count; number++) {
        ptrdiff_t many = length / (s->lengths[number] * s->factors[number]);
        to = number % 2 ? second : first;
        to = out && number == count - 1 ? out : to;
        NAME(pass)(s, number, many, step, in, to, spare);
        in = to;
    }
    return to;
}

/* Write the transform of each `step`-th vector of `in` to `out`, by the first `count` passes.
 *
 * A long transform does not fit into the fastest cache: its last pass joins `radix` transforms of each
 * radix-th vector, which are computed before, one after the other. `free` is memory for twice the
 * length. */
static void NAME(transform)(
    const struct setting *s, int64_t count, ptrdiff_t step, const wide *in, wide *out, wide *free,
    wide *spare)
{
    const int64_t last = count - 1;
    const ptrdiff_t m = s->lengths[last], radix = s->factors[last], length = m * radix;
    if (length <= BASE || count == 1) {
        NAME(passes)(s, count, length, step, in, free, free + length, out, spare);
        return;
    }
    for (ptrdiff_t j = 0; j < radix; j++)
        NAME(transform)(s, last, step * radix, in + step * j, free + m * j, free + length, spare);
    NAME(pass)(s, last, 1, 1, free, out, spare);
}
#undef pair
