/* The instructions of this machine, and the types that both kernels use. */
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#include <arm_neon.h>
#else
#error "the kernel is written for x86-64 and for little-endian AArch64"
#endif

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define INLINE static inline __attribute__((always_inline))

/* The number of lanes that this processor and its operating system support.
 *
 * `__builtin_cpu_supports` gives 0 without the start-up code of libgcc, as with zig. Bits: leaf 1
 * ecx 27 is OSXSAVE and 28 is AVX, the control register has 1 and 2 if the system saves XMM and YMM,
 * leaf 7 ebx 5 is AVX2. */
EXPORT int netencoders_lanes(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c >> 27 & 3) != 3)
        return 4;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 4;
    return b >> 5 & 1 ? 8 : 4;
#else
    return 4;
#endif
}

/* The number of these sources: see `sources_number` in compile.py. */
EXPORT uint32_t netencoders_sources(void) { return SOURCES; }
