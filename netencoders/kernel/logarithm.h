/* The logarithm of each element, with a floor before it and a factor after it.
 *
 *     y = factor * log_b(max(x, floor) + offset)
 *
 * x is m 2^k, with m from sqrt(1/2) to sqrt(2). With f = m - 1, s = f / (2 + f) and h = f^2 / 2:
 *
 *     ln(1 + f) = f - h + s (h + R),  R = 2/3 s^2 + 2/5 s^4 + 2/7 s^6 + 2/9 s^8 + ...
 *     log_b(x) = k log_b(2) + log_b(e) ln(1 + f)
 *
 * Both constants, and ln(1 + f), are a number of few bits, whose products are exact, and a small
 * rest. Each step is that of `_formula` in logarithm.py. */

typedef float NAME(wide) __attribute__((vector_size(4 * LANES)));
typedef float NAME(loose) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t NAME(whole) __attribute__((vector_size(4 * LANES)));
typedef uint32_t NAME(natural) __attribute__((vector_size(4 * LANES))); /* its overflow is defined */
#define wide NAME(wide)
#define loose NAME(loose)
#define whole NAME(whole)
#define natural NAME(natural)

/* The same number in all lanes. */
#if LANES == 8
#define ALL(x) {(x), (x), (x), (x), (x), (x), (x), (x)}
#else
#define ALL(x) {(x), (x), (x), (x)}
#endif
#define SAME(x) ((wide)ALL(x))
#define BITS(x) ((whole)ALL(x))

INLINE wide NAME(either)(whole chosen, wide a, wide b)
{
    return (wide)((chosen & (whole)a) | (~chosen & (whole)b));
}

/* The larger number of each lane; NaN of x stays. */
INLINE wide NAME(at_least)(wide x, wide floor)
{
#if defined(__aarch64__)
    return (wide)vmaxq_f32((float32x4_t)floor, (float32x4_t)x);
#elif LANES == 8
    return (wide)_mm256_max_ps((__m256)floor, (__m256)x);
#else
    return (wide)_mm_max_ps((__m128)floor, (__m128)x);
#endif
}

/* Whether a comparison holds in any lane. */
INLINE int NAME(any)(whole chosen)
{
#if defined(__aarch64__)
    return vmaxvq_u32((uint32x4_t)chosen) != 0;
#elif LANES == 8
    return _mm256_movemask_ps((__m256)chosen) != 0;
#else
    return _mm_movemask_ps((__m128)chosen) != 0;
#endif
}

/* log_b of m 2^k: `x` is positive, normal and finite, and k that of x minus `scaled`. */
INLINE wide NAME(normal)(wide x, whole scaled, const wide constants[4])
{
    const whole k = (whole)((natural)x - (natural)BITS(0x3f3504f3)) >> 23; /* sqrt(1/2) */
    const wide f = (wide)((natural)x - ((natural)k << 23)) - SAME(1.0f);
    const wide h = SAME(0.5f) * f * f, s = f / (f + SAME(2.0f)), z = s * s;
    const wide r =
        (((z * SAME(2.0f / 9) + SAME(2.0f / 7)) * z + SAME(2.0f / 5)) * z + SAME(2.0f / 3)) * z;
    const wide high = (wide)((whole)(f - h) & BITS((int32_t)0xfffff000));
    const wide low = ((f - high) - h) + s * (h + r);
    const wide e = __builtin_convertvector(k - scaled, wide);
    return (((e * constants[1] + (low + high) * constants[3]) + low * constants[2]) +
            high * constants[2]) +
           e * constants[0];
}

INLINE wide NAME(log)(wide x, const wide constants[4])
{
    const whole small = (whole)x < BITS(0x00800000); /* subnormal, 0 and negative */
    const whole large = (whole)x >= BITS(0x7f800000); /* infinite and NaN */
    if (!NAME(any)(small | large))
        return NAME(normal)(x, BITS(0), constants);
    /* Times 2^25, subnormal numbers are normal. */
    const wide y = NAME(normal)(
        NAME(either)(small, x * SAME(0x1p25f), x), small & BITS(25), constants);
    const wide zero = SAME(-__builtin_inff()), none = SAME(__builtin_nanf(""));
    const wide special =
        NAME(either)(x == SAME(0.0f), zero, NAME(either)(x > SAME(0.0f), x, none));
    return NAME(either)((x <= SAME(0.0f)) | large | (x != x), special, y);
}

/* `count` elements, of which the last LANES may be fewer. */
INLINE void NAME(logarithms)(
    const float *in, float *out, ptrdiff_t count, const wide settings[3], const wide constants[4],
    int has_offset, int has_factor)
{
    for (ptrdiff_t i = 0; i < count; i += LANES) {
        const ptrdiff_t rest = count - i;
        float last[LANES] = {0};
        wide x;
        if (rest >= LANES)
            x = *(const loose *)(in + i);
        else {
            for (ptrdiff_t j = 0; j < rest; j++)
                last[j] = in[i + j];
            x = *(const loose *)last;
        }
        x = NAME(at_least)(x, settings[0]);
        if (has_offset)
            x += settings[1];
        x = NAME(log)(x, constants);
        if (has_factor)
            x *= settings[2];
        if (rest >= LANES)
            *(loose *)(out + i) = x;
        else {
            *(loose *)last = x;
            for (ptrdiff_t j = 0; j < rest; j++)
                out[i + j] = last[j];
        }
    }
}

/* Write the logarithms of `count` elements. `settings` are floor, offset and factor; `constants` the
 * two parts of log_b(2) and of log_b(e). `out` may be `in`. */
EXPORT void NAME(netencoders_logarithm)(
    const float *in, float *out, ptrdiff_t count, const float settings[3], const float constants[4])
{
    const wide set[3] = {SAME(settings[0]), SAME(settings[1]), SAME(settings[2])};
    const wide base[4] = {
        SAME(constants[0]), SAME(constants[1]), SAME(constants[2]), SAME(constants[3])};
    if (settings[1] == 0.0f && settings[2] == 1.0f)
        NAME(logarithms)(in, out, count, set, base, 0, 0);
    else
        NAME(logarithms)(in, out, count, set, base, 1, 1);
}
#undef wide
#undef loose
#undef whole
#undef natural
#undef ALL
#undef SAME
#undef BITS
