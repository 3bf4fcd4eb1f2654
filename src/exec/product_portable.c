/*
 * Tiles for any machine, by the compiler's vectors of 16 bytes. Whether a
 * multiplication and an addition round once depends on the machine.
 */
#include "exec/product_kernels.h"

#include <string.h>
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#define TILE_TARGET TILE_UNSANITIZED
#define TILE_MASKS_ARE_FREE 0
#define TILE_HALVES 0
#define TILE_TIMES_COLUMN 0
#define TILE_SET_NAME "portable"
#ifdef __aarch64__ /* 32 registers */
#define TILE_HEIGHT 4
#define TILE_WIDEST 12, 12, 8, 6
#define TILE_SHAPES(DO) TILE_WIDTHS_12(DO, 1) TILE_WIDTHS_12(DO, 2) TILE_WIDTHS_8(DO, 3) TILE_WIDTHS_6(DO, 4)
#else /* 16 registers */
#define TILE_HEIGHT 2
#define TILE_WIDEST 8, 6
#define TILE_SHAPES(DO) TILE_WIDTHS_8(DO, 1) TILE_WIDTHS_6(DO, 2)
#endif
#define TILE_WIDTH 6

#ifdef __aarch64__
typedef float32x4_t vector_f32;
typedef float64x2_t vector_f64;
#else
typedef float vector_f32 __attribute__((vector_size(16)));
typedef double vector_f64 __attribute__((vector_size(16)));
#endif

#ifdef __aarch64__
#define FUSED_f32(a, b, c) vfmaq_f32(c, a, b)
#define FUSED_f64(a, b, c) vfmaq_f64(c, a, b)
#else
#define FUSED_f32(a, b, c) ((a) * (b) + (c))
#define FUSED_f64(a, b, c) ((a) * (b) + (c))
#endif

static inline vector_f32 load_f32(const float *from, size_t count)
{
    vector_f32 value = {0};
    memcpy(&value, from, count * sizeof *from);
    return value;
}

static inline vector_f32 set_f32(float value)
{
    vector_f32 all = {value, value, value, value};
    return all;
}

static inline vector_f64 load_f64(const double *from, size_t count)
{
    vector_f64 value = {0};
    memcpy(&value, from, count * sizeof *from);
    return value;
}

static inline vector_f64 set_f64(double value)
{
    vector_f64 all = {value, value};
    return all;
}

#define TILE_NAME(word) word##_portable_f32
#define TILE_KERNELS gt_product_portable_f32
#define TILE_SCALAR float
#define TILE_VECTOR vector_f32
#define TILE_LANES 4
#define TILE_ZERO() set_f32(0)
#define TILE_LOAD(p) load_f32(p, 4)
#define TILE_LOAD_PART(p, mask) load_f32(p, mask)
#define TILE_SET(p) set_f32(*(p))
#define TILE_MULTIPLY_ADD(a, b, c) FUSED_f32(a, b, c)
#define TILE_MASK size_t
#define TILE_MASK_OF(count) ((size_t)(count))
#define TILE_STORE(p, v) memcpy(p, &(v), sizeof(v))
#define TILE_STORE_PART(p, v, mask) memcpy(p, &(v), (mask) * sizeof *(p))
#include "exec/product_tile.h"

#define TILE_NAME(word) word##_portable_f64
#define TILE_KERNELS gt_product_portable_f64
#define TILE_SCALAR double
#define TILE_VECTOR vector_f64
#define TILE_LANES 2
#define TILE_ZERO() set_f64(0)
#define TILE_LOAD(p) load_f64(p, 2)
#define TILE_LOAD_PART(p, mask) load_f64(p, mask)
#define TILE_SET(p) set_f64(*(p))
#define TILE_MULTIPLY_ADD(a, b, c) FUSED_f64(a, b, c)
#define TILE_MASK size_t
#define TILE_MASK_OF(count) ((size_t)(count))
#define TILE_STORE(p, v) memcpy(p, &(v), sizeof(v))
#define TILE_STORE_PART(p, v, mask) memcpy(p, &(v), (mask) * sizeof *(p))
#include "exec/product_tile.h"
