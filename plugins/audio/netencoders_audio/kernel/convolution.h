/* Bluestein's convolution (L. I. Bluestein, 1970): a transform whose length n has a large prime factor.
 *
 * With b[t] = exp(1j pi t^2 / n), and because 2 t k = t^2 + k^2 - (k - t)^2,
 *
 *     X[k] = conj(b[k]) * sum over t of (x[t] * conj(b[t])) * b[k - t]
 *
 * The sum is a circular convolution of N >= 2 n - 1 numbers, where N has small factors: with the
 * complex transform F of length N, and filter = F(b[t] at t and at N - t) / N,
 *
 *     y = F(x * conj(b), then zeros) * filter, X = conj(b) * inverse F(y)
 *
 * A pass of F splits each of `many` transforms of length R m into R transforms of length m (T. G.
 * Stockham, 1966). With w(M) = exp(-2j pi / M), for each block k, element a and c = 0 ... R - 1,
 *
 *     out[a + m (k + many c)] = w(R m)^(a c) * sum over j = 0 ... R - 1 of w(R)^(j c) v[j],
 *     v[j] = in[a + m (j + R k)]
 *
 * The inverse has exp(+2j pi / M). Twiddle factors are stored for each a from 1, and for each c from
 * 1: cosine and sine. All sums are from left to right. */

#define pair NAME(pair)

/* x * (cos + 1j sin), or x * (cos - 1j sin). */
INLINE pair NAME(times)(pair x, const float *factor, int conjugated)
{
    wide c = SAME(factor[0]), s = SAME(factor[1]);
    if (conjugated)
        return (pair){x.r * c + x.i * s, x.i * c - x.r * s};
    return (pair){x.r * c - x.i * s, x.r * s + x.i * c};
}

INLINE pair NAME(difference)(pair a, pair b) { return (pair){a.r - b.r, a.i - b.i}; }

/* x times -1j; of the inverse, 1j. */
INLINE pair NAME(quarter)(pair x, int inverse)
{
    return inverse ? (pair){-x.i, x.r} : (pair){x.i, -x.r};
}

/* x times exp(-1j pi / 4), and x times exp(-3j pi / 4); of the inverse, with exp(+ ...). */
INLINE pair NAME(eighth)(pair x, int inverse)
{
    const float h = 0.70710678118654752440f;
    return inverse ? (pair){h * (x.r - x.i), h * (x.i + x.r)}
                   : (pair){h * (x.r + x.i), h * (x.i - x.r)};
}

INLINE pair NAME(three_eighths)(pair x, int inverse)
{
    const float h = 0.70710678118654752440f;
    return inverse ? (pair){h * (-x.r - x.i), h * (x.r - x.i)}
                   : (pair){h * (x.i - x.r), h * (-x.r - x.i)};
}

/* Replace (a, b) by (a + b, a - b). */
INLINE void NAME(both)(pair *a, pair *b)
{
    pair t = *a;
    *a = NAME(sum)(t, *b);
    *b = NAME(difference)(t, *b);
}

/* R = 4: p = v0 + v2, r = v0 - v2, q = v1 + v3, e = -1j (v1 - v3); p + q, r + e, p - q, r - e. */
INLINE void NAME(four)(pair *v0, pair *v1, pair *v2, pair *v3, int inverse)
{
    NAME(both)(v0, v2);
    NAME(both)(v1, v3);
    pair p = *v0, q = *v1, r = *v2, e = NAME(quarter)(*v3, inverse);
    *v0 = NAME(sum)(p, q);
    *v1 = NAME(sum)(r, e);
    *v2 = NAME(difference)(p, q);
    *v3 = NAME(difference)(r, e);
}

/* R = 8: transforms of length 4 of v0, v2, v4, v6 and of v1, v3, v5, v7; then pairs of them, the
 * latter times exp(-1j pi c / 4). */
INLINE void NAME(eight)(pair *v, int inverse)
{
    NAME(four)(v, v + 2, v + 4, v + 6, inverse);
    NAME(four)(v + 1, v + 3, v + 5, v + 7, inverse);
    pair even[4] = {v[0], v[2], v[4], v[6]};
    pair odd[4] = {
        v[1], NAME(eighth)(v[3], inverse), NAME(quarter)(v[5], inverse),
        NAME(three_eighths)(v[7], inverse)};
    for (int c = 0; c < 4; c++) {
        v[c] = NAME(sum)(even[c], odd[c]);
        v[c + 4] = NAME(difference)(even[c], odd[c]);
    }
}

/* Odd R, g = (R - 1) / 2: sj = vj + v(R - j), ej = vj - v(R - j); Y0 = (v0 + s1) + s2 ...;
 * Yc, Y(R - c) = t +- u with t = (v0 + cos(2 pi c / R) s1) + cos(4 pi c / R) s2 ... and
 * u = -1j (sin(2 pi c / R) e1 + sin(4 pi c / R) e2 ...); of the inverse, 1j. */
INLINE void NAME(odd)(int radix, pair *v, const float *cosines, const float *sines, int inverse)
{
    const int g = (radix - 1) / 2;
    pair z = v[0], s[5], e[5];
    for (int j = 0; j < g; j++) {
        s[j] = NAME(sum)(v[j + 1], v[radix - 1 - j]);
        e[j] = NAME(difference)(v[j + 1], v[radix - 1 - j]);
        v[0] = NAME(sum)(v[0], s[j]);
    }
    for (int c = 1; c <= g; c++) {
        pair t = z, u = {SAME(0.0f), SAME(0.0f)};
        for (int j = 0; j < g; j++) {
            const int turn = c * (j + 1) % radix, first = turn <= g;
            const float cosine = cosines[first ? turn - 1 : radix - turn - 1];
            float sine = sines[first ? turn - 1 : radix - turn - 1];
            sine = first == inverse ? sine : -sine;
            t.r += cosine * s[j].r;
            t.i += cosine * s[j].i;
            u.r = j ? u.r + sine * e[j].i : sine * e[j].i;
            u.i = j ? u.i + sine * e[j].r : sine * e[j].r;
        }
        u.r = -u.r;
        v[c] = NAME(sum)(t, u);
        v[radix - c] = NAME(difference)(t, u);
    }
}

/* The transform of the elements of v. */
INLINE void NAME(butterfly)(int radix, pair *v, int inverse)
{
    static const float c3[] = {-0.5f}, s3[] = {0.86602540378443864676f};
    static const float c5[] = {0.30901699437494742410f, -0.80901699437494742410f};
    static const float s5[] = {0.95105651629515357212f, 0.58778525229247312917f};
    static const float c7[] = {
        0.62348980185873353053f, -0.22252093395631440429f, -0.90096886790241912624f};
    static const float s7[] = {
        0.78183148246802980871f, 0.97492791218182360702f, 0.43388373911755812048f};
    static const float c11[] = {
        0.84125353283118116886f, 0.41541501300188642553f, -0.14231483827328514044f,
        -0.65486073394528506406f, -0.95949297361449738989f};
    static const float s11[] = {
        0.54064081745559758211f, 0.90963199535451837141f, 0.98982144188093273238f,
        0.75574957435425828377f, 0.28173255684142969771f};
    switch (radix) {
    case 2: NAME(both)(v, v + 1); break;
    case 3: NAME(odd)(3, v, c3, s3, inverse); break;
    case 4: NAME(four)(v, v + 1, v + 2, v + 3, inverse); break;
    case 5: NAME(odd)(5, v, c5, s5, inverse); break;
    case 7: NAME(odd)(7, v, c7, s7, inverse); break;
    case 8: NAME(eight)(v, inverse); break;
    default: NAME(odd)(11, v, c11, s11, inverse);
    }
}

/* One pass; where m = 1, element c of the transform k goes to out[step (k + many c)]. */
INLINE void NAME(split)(
    int radix, ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const pair *restrict in,
    pair *restrict out, const float *twiddles, int inverse)
{
    for (ptrdiff_t k = 0; k < many; k++) {
        const pair *x = in + m * radix * k;
        pair *y = out + (m == 1 ? step : m) * k;
        const ptrdiff_t next = (m == 1 ? step : m) * many;
        pair v[11];
        for (int j = 0; j < radix; j++)
            v[j] = x[m * j];
        NAME(butterfly)(radix, v, inverse);
        for (int c = 0; c < radix; c++)
            y[next * c] = v[c];
        const float *w = twiddles;
        for (ptrdiff_t a = 1; a < m; a++, w += 2 * (radix - 1)) {
            for (int j = 0; j < radix; j++)
                v[j] = x[a + m * j];
            NAME(butterfly)(radix, v, inverse);
            y[a] = v[0];
            for (int c = 1; c < radix; c++)
                y[a + next * c] = NAME(times)(v[c], w + 2 * (c - 1), !inverse);
        }
    }
}

INLINE void NAME(any_split)(
    int radix, ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const pair *in, pair *out,
    const float *twiddles, int inverse)
{
    switch (radix) {
    case 2: NAME(split)(2, m, many, step, in, out, twiddles, inverse); break;
    case 3: NAME(split)(3, m, many, step, in, out, twiddles, inverse); break;
    case 4: NAME(split)(4, m, many, step, in, out, twiddles, inverse); break;
    case 5: NAME(split)(5, m, many, step, in, out, twiddles, inverse); break;
    case 7: NAME(split)(7, m, many, step, in, out, twiddles, inverse); break;
    case 8: NAME(split)(8, m, many, step, in, out, twiddles, inverse); break;
    default: NAME(split)(11, m, many, step, in, out, twiddles, inverse);
    }
}

static void NAME(forward_pass)(
    int radix, ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const pair *in, pair *out,
    const float *twiddles)
{
    if (m == 1)
        NAME(any_split)(radix, 1, many, step, in, out, twiddles, 0);
    else
        NAME(any_split)(radix, m, many, 1, in, out, twiddles, 0);
}

static void NAME(inverse_pass)(
    int radix, ptrdiff_t m, ptrdiff_t many, ptrdiff_t step, const pair *in, pair *out,
    const float *twiddles)
{
    if (m == 1)
        NAME(any_split)(radix, 1, many, step, in, out, twiddles, 1);
    else
        NAME(any_split)(radix, m, many, 1, in, out, twiddles, 1);
}

/* Transform the N pairs of `x`, with as much memory in `free`, and return where the result is. */
static pair *NAME(complex)(const struct setting *s, pair *x, pair *free, int inverse)
{
    pair *in = x, *out = free;
    for (int64_t number = 0; number < s->factor_count; number++) {
        const ptrdiff_t many = s->lengths[number], m = s->padded / (many * s->factors[number]);
        const float *twiddles = s->twiddles + s->starts[number];
        (inverse ? NAME(inverse_pass) : NAME(forward_pass))(
            (int)s->factors[number], m, many, 1, in, out, twiddles);
        pair *t = in;
        in = out;
        out = t;
    }
    return in;
}

/* Return the first n / 2 + 1 bins of the transform of x. `free` is memory for 2 N pairs. */
static wide *NAME(convolve)(const struct setting *s, const wide *x, wide *free)
{
    const ptrdiff_t n = s->length, padded = s->padded;
    pair *y = (pair *)free, *other = y + padded;
    wide zero = 0.0f * x[0]; /* as scipy does: it may be -0 or NaN */
    for (ptrdiff_t t = 0; t < n; t++)
        y[t] = NAME(times)((pair){x[t], zero}, s->chirp + 2 * t, 1);
    const pair none = {y[0].r * 0.0f, y[0].i * 0.0f};
    for (ptrdiff_t t = n; t < padded; t++)
        y[t] = none;
    pair *z = NAME(complex)(s, y, other, 0);
    z[0] = NAME(times)(z[0], s->filter, 0);
    for (ptrdiff_t t = 1; 2 * t < padded; t++) {
        z[t] = NAME(times)(z[t], s->filter + 2 * t, 0);
        z[padded - t] = NAME(times)(z[padded - t], s->filter + 2 * t, 0);
    }
    if (padded % 2 == 0)
        z[padded / 2] = NAME(times)(z[padded / 2], s->filter + padded, 0);
    z = NAME(complex)(s, z, z == y ? other : y, 1);
    for (ptrdiff_t k = 0; k <= n / 2; k++)
        z[k] = NAME(times)(z[k], s->chirp + 2 * k, 1);
    return (wide *)z;
}

/* Write the filter: the transform of the N complex numbers of `in`, of which N / 2 + 1 are used. */
EXPORT void NAME(netencoders_filter)(
    const struct setting *s, const float *in, ptrdiff_t stride, ptrdiff_t count, float *out,
    ptrdiff_t out_stride, void *work)
{
    (void)stride, (void)out_stride;
    wide *x = work;
    for (ptrdiff_t t = 0; t < 2 * s->padded; t++)
        x[t] = SAME(in[t]);
    const wide *z = (wide *)NAME(complex)(s, (pair *)x, (pair *)x + s->padded, 0);
    for (ptrdiff_t t = 0; t < count; t++)
        out[t] = z[t][0];
}
#undef pair
