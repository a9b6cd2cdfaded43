/* The product of rows and a sparse matrix, in one fixed order (A72).
 *
 * Column c of the matrix is zero outside of one run of rows, from runs[2 c], runs[2 c + 1] long. Its
 * products are added in parts of 32, and the sums of the parts are added:
 *
 *     part[p] = ((0 + x[first + 32 p] w[32 p]) + x[first + 32 p + 1] w[32 p + 1]) + ...
 *     out[c] = ((0 + part[0]) + part[1]) + ...
 */
#ifndef PART
#define PART 32 /* as in stages/projection.py */
#endif

static void NAME(bands)(const struct setting *s, const wide *in, wide *out)
{
    const float *w = s->weights;
    for (int64_t c = 0; c < s->columns; c++) {
        const wide *x = in + s->runs[2 * c];
        const int64_t count = s->runs[2 * c + 1];
        wide total = SAME(0.0f);
        int64_t b = 0;
        /* A sum waits for its last addition: four parts at a time hide that. */
        for (; b + 4 * PART <= count; b += 4 * PART) {
            wide part[4] = {SAME(0.0f), SAME(0.0f), SAME(0.0f), SAME(0.0f)};
            for (int64_t i = b; i < b + PART; i++)
                for (int p = 0; p < 4; p++)
                    part[p] += x[i + p * PART] * w[i + p * PART];
            for (int p = 0; p < 4; p++)
                total += part[p];
        }
        for (; b < count; b += PART) {
            const int64_t end = b + PART < count ? b + PART : count;
            wide part = SAME(0.0f);
            for (int64_t i = b; i < end; i++)
                part += x[i] * w[i];
            total += part;
        }
        out[c] = total;
        w += count;
    }
}
