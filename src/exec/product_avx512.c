/* Tiles of 64 x 6 floats or 32 x 6 doubles: 24 of the 32 registers of 64 bytes hold sums. */
#include "exec/product_kernels.h"

#ifdef GT_PRODUCT_X86
#include <immintrin.h>

#define TILE_TARGET TILE_UNSANITIZED __attribute__((target("avx512f,avx512vl,fma")))
#define TILE_MASKS_ARE_FREE 1
#define TILE_HALVES 1 /* a register of 32 bytes takes half the time on some machines */
#define TILE_TIMES_COLUMN 1
#define TILE_SET_NAME "avx512"
#define TILE_HEIGHT 8
#define TILE_WIDTH 6
#define TILE_WIDEST 12, 12, 12, 12, 8, 8, 6, 6
/* clang-format off */
#define TILE_SHAPES(DO)                                                                            \
    TILE_WIDTHS_12(DO, 1) TILE_WIDTHS_12(DO, 2) TILE_WIDTHS_12(DO, 3) TILE_WIDTHS_12(DO, 4)        \
    TILE_WIDTHS_8(DO, 5) TILE_WIDTHS_8(DO, 6) TILE_WIDTHS_6(DO, 7) TILE_WIDTHS_6(DO, 8)
/* clang-format on */

#define TILE_NAME(word) word##_avx512_f32
#define TILE_KERNELS gt_product_avx512_f32
#define TILE_SCALAR float
#define TILE_VECTOR __m512
#define TILE_LANES 16
#define TILE_ZERO() _mm512_setzero_ps()
#define TILE_LOAD(p) _mm512_loadu_ps(p)
#define TILE_STORE(p, v) _mm512_storeu_ps(p, v)
#define TILE_SET(p) _mm512_set1_ps(*(p))
#define TILE_MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define TILE_MASK __mmask16
#define TILE_MASK_OF(count) ((__mmask16)((1u << (count)) - 1))
#define TILE_LOAD_PART(p, mask) _mm512_maskz_loadu_ps(mask, p)
#define TILE_STORE_PART(p, v, mask) _mm512_mask_storeu_ps(p, mask, v)
#define TILE_HALF_VECTOR __m256
#define TILE_HALF_ZERO() _mm256_setzero_ps()
#define TILE_HALF_SET(p) _mm256_set1_ps(*(p))
#define TILE_HALF_MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define TILE_HALF_LOAD_PART(p, mask) _mm256_maskz_loadu_ps((__mmask8)(mask), p)
#define TILE_HALF_STORE_PART(p, v, mask) _mm256_mask_storeu_ps(p, (__mmask8)(mask), v)
#define TILE_LOW(v) _mm512_castps512_ps256(v)
#define TILE_TRANSPOSED_TIMES_COLUMN gt_transposed_times_column_avx2_f32
#include "exec/product_tile.h"

#define TILE_NAME(word) word##_avx512_f64
#define TILE_KERNELS gt_product_avx512_f64
#define TILE_SCALAR double
#define TILE_VECTOR __m512d
#define TILE_LANES 8
#define TILE_ZERO() _mm512_setzero_pd()
#define TILE_LOAD(p) _mm512_loadu_pd(p)
#define TILE_STORE(p, v) _mm512_storeu_pd(p, v)
#define TILE_SET(p) _mm512_set1_pd(*(p))
#define TILE_MULTIPLY_ADD(a, b, c) _mm512_fmadd_pd(a, b, c)
#define TILE_MASK __mmask8
#define TILE_MASK_OF(count) ((__mmask8)((1u << (count)) - 1))
#define TILE_LOAD_PART(p, mask) _mm512_maskz_loadu_pd(mask, p)
#define TILE_STORE_PART(p, v, mask) _mm512_mask_storeu_pd(p, mask, v)
#define TILE_HALF_VECTOR __m256d
#define TILE_HALF_ZERO() _mm256_setzero_pd()
#define TILE_HALF_SET(p) _mm256_set1_pd(*(p))
#define TILE_HALF_MULTIPLY_ADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#define TILE_HALF_LOAD_PART(p, mask) _mm256_maskz_loadu_pd((__mmask8)(mask), p)
#define TILE_HALF_STORE_PART(p, v, mask) _mm256_mask_storeu_pd(p, (__mmask8)(mask), v)
#define TILE_LOW(v) _mm512_castpd512_pd256(v)
#define TILE_TRANSPOSED_TIMES_COLUMN gt_transposed_times_column_avx2_f64
#include "exec/product_tile.h"
#endif
