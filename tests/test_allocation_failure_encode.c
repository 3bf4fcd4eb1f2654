/* Every allocation of the encoder made to fail in turn: it is marked then, and encodes nothing more. */
#include "native/encode.h"
#include "support/allocation.h"

#include <criterion/criterion.h>

/* A function that needs room for code, constants and their uses several times over. */
static void encode_function(gt_encoder *e, gt_dtype dtype)
{
    size_t before = e->count;
    bool had_failed = e->failed;
    gt_encode_begin(e, dtype);
    gt_encode_number(e, GT_RCX, 0);
    size_t again = e->count;
    for (uint32_t i = 0; i < 60; i++) {
        gt_encode_binary(e, GT_VECTOR_MUL, 1, 2, gt_encode_constant(e, i % 30));
        gt_encode_store(e, gt_location_memory(GT_RDI, GT_RCX, 4096), 1);
    }
    gt_encode_set_mask(e, 3, 2);
    gt_encode_set_mask_by(e, 3, GT_RDX);
    gt_encode_add_masked(e, 4, 1, 3, 5);
    gt_encode_compare_number(e, GT_RCX, 10);
    size_t jump = gt_encode_jump_ahead(e, GT_IF_EQUAL);
    gt_encode_jump_back(e, GT_IF_LESS, again);
    gt_encode_land(e, jump);
    gt_encode_return(e);
    gt_encode_end(e);
    cr_assert(!had_failed || (e->failed && e->count == before));
}

static gt_status encode(const void *context, double *result)
{
    gt_encoder e;
    gt_encoder_init(&e, *(const bool *)context);
    encode_function(&e, GT_F32);
    encode_function(&e, GT_F64);
    encode_function(&e, GT_F32);
    gt_status status = e.failed ? GT_ERROR_MEMORY : GT_OK;
    *result = 0;
    for (size_t i = 0; i < e.count && status == GT_OK; i++)
        *result += (double)e.bytes[i] * (double)(i % 97 + 1);
    gt_encoder_free(&e);
    cr_assert(e.bytes == NULL && e.constants == NULL && e.uses == NULL);
    return status;
}

Test(allocation_failure_encode, of_avx2)
{
    cr_assert(fail_every_allocation("AVX2", encode, &(bool){false}, NULL) > 10);
}

Test(allocation_failure_encode, of_avx512)
{
    cr_assert(fail_every_allocation("AVX-512", encode, &(bool){true}, NULL) > 10);
}
