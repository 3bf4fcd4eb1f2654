/* Tiles of 16 x 6 floats or 8 x 6 doubles: 12 of the 16 registers of 32 bytes hold sums. */
#include "exec/product_kernels.h"

#ifdef GT_PRODUCT_X86
#include <immintrin.h>

#define TILE_TARGET TILE_UNSANITIZED __attribute__((target("avx2,fma")))
#define TILE_MASKS_ARE_FREE 0
#define TILE_HALVES 0
#define TILE_TIMES_COLUMN 1
#define TILE_SET_NAME "avx2"
#define TILE_HEIGHT 2
#define TILE_WIDTH 6
#define TILE_WIDEST 12, 6
#define TILE_SHAPES(DO) TILE_WIDTHS_12(DO, 1) TILE_WIDTHS_6(DO, 2)

/* A window on these is a mask of the first lanes. */
static const int32_t lanes_32[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
static const int64_t lanes_64[8] = {-1, -1, -1, -1};

/* Of four vectors of floats: the squares that their pieces of 16 bytes make. */
#define TRANSPOSE_FOUR(rows)                                                                                           \
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(rows[0], rows[1]));                                         \
    const __m256d ba = _mm256_castps_pd(_mm256_unpackhi_ps(rows[0], rows[1]));                                         \
    const __m256d cd = _mm256_castps_pd(_mm256_unpacklo_ps(rows[2], rows[3]));                                         \
    const __m256d dc = _mm256_castps_pd(_mm256_unpackhi_ps(rows[2], rows[3]));                                         \
    rows[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd));                                                            \
    rows[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd));                                                            \
    rows[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(ba, dc));                                                            \
    rows[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(ba, dc));

#define TILE_NAME(word) word##_avx2_f32
#define TILE_KERNELS gt_product_avx2_f32
#define TILE_SCALAR float
#define TILE_VECTOR __m256
#define TILE_LANES 8
#define TILE_ZERO() _mm256_setzero_ps()
#define TILE_LOAD(p) _mm256_loadu_ps(p)
#define TILE_STORE(p, v) _mm256_storeu_ps(p, v)
#define TILE_SET(p) _mm256_broadcast_ss(p)
#define TILE_MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define TILE_MASK __m256i
#define TILE_MASK_OF(count) _mm256_loadu_si256((const __m256i *)(lanes_32 + 8 - (count)))
#define TILE_LOAD_PART(p, mask) _mm256_maskload_ps(p, mask)
#define TILE_STORE_PART(p, v, mask) _mm256_maskstore_ps(p, mask, v)
#define TILE_TRANSPOSED_TIMES_COLUMN gt_transposed_times_column_avx2_f32
#define TILE_GATHER(p, step)                                                                                           \
    _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps((p) + (step)), 1)
#define TILE_TRANSPOSE_PIECES(rows) TRANSPOSE_FOUR(rows)
#define TILE_MULTIPLY_ADD_ONE(a, b, c) __builtin_fmaf(a, b, c)
#include "exec/product_tile.h"

#define TILE_NAME(word) word##_avx2_f64
#define TILE_KERNELS gt_product_avx2_f64
#define TILE_SCALAR double
#define TILE_VECTOR __m256d
#define TILE_LANES 4
#define TILE_ZERO() _mm256_setzero_pd()
#define TILE_LOAD(p) _mm256_loadu_pd(p)
#define TILE_STORE(p, v) _mm256_storeu_pd(p, v)
#define TILE_SET(p) _mm256_broadcast_sd(p)
#define TILE_MULTIPLY_ADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#define TILE_MASK __m256i
#define TILE_MASK_OF(count) _mm256_loadu_si256((const __m256i *)(lanes_64 + 4 - (count)))
#define TILE_LOAD_PART(p, mask) _mm256_maskload_pd(p, mask)
#define TILE_STORE_PART(p, v, mask) _mm256_maskstore_pd(p, mask, v)
#define TILE_TRANSPOSED_TIMES_COLUMN gt_transposed_times_column_avx2_f64
#define TILE_GATHER(p, step)                                                                                           \
    _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)), _mm_loadu_pd((p) + (step)), 1)
#define TILE_TRANSPOSE_PIECES(rows)                                                                                    \
    const TILE_VECTOR first = rows[0];                                                                                 \
    rows[0] = _mm256_unpacklo_pd(first, rows[1]);                                                                      \
    rows[1] = _mm256_unpackhi_pd(first, rows[1]);
#define TILE_MULTIPLY_ADD_ONE(a, b, c) __builtin_fma(a, b, c)
#include "exec/product_tile.h"
#endif
