/* A loop over time as one function. */
#include "native/steps.h"

#include <stddef.h>

/* All keep their values while other functions run. */
static const gt_general frame = GT_R15, here = GT_RBX, now = GT_R13, then = GT_R14, given = GT_R12, steps = GT_RBP;

static const gt_general kept[] = {GT_RBX, GT_RBP, GT_R12, GT_R13, GT_R14, GT_R15};

static gt_location in_frame(size_t offset)
{
    return gt_location_memory(frame, GT_NO_GENERAL, (int32_t)offset);
}

/* Seven pushes and the way back: what is called finds the stack at a multiple of 16. */
static void enter(gt_encoder *e)
{
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        gt_encode_push(e, kept[k]);
    gt_encode_push(e, GT_RAX);
    gt_encode_copy(e, frame, GT_RDI);
    gt_encode_copy(e, steps, GT_RSI);
    gt_encode_load(e, here, in_frame(offsetof(gt_steps_frame, here)));
    gt_encode_load(e, now, in_frame(offsetof(gt_steps_frame, advance)));
    gt_encode_load(e, then, in_frame(offsetof(gt_steps_frame, advance) + sizeof(int64_t *)));
    gt_encode_load(e, given, in_frame(offsetof(gt_steps_frame, given)));
}

static void leave(gt_encoder *e)
{
    gt_encode_pop(e, GT_RAX);
    for (size_t k = sizeof kept / sizeof *kept; k-- > 0;)
        gt_encode_pop(e, kept[k]);
    gt_encode_clear_upper(e);
    gt_encode_return(e);
}

/* The call's addresses go where it finds them, and on to the next step. */
static void move_on(gt_encoder *e, const gt_step_call *call)
{
    size_t at_once = (size_t)gt_vector_bytes(e->avx512) / sizeof(uintptr_t);
    for (size_t n = 0; n < call->array_count; n += at_once) {
        int32_t array = (int32_t)(n * sizeof(uintptr_t)), place = (int32_t)((call->place + n) * sizeof(uintptr_t));
        gt_location address = gt_location_memory(here, GT_NO_GENERAL, place);
        gt_encode_move(e, 0, address);
        gt_encode_store(e, in_frame(offsetof(gt_steps_frame, arrays) + (size_t)array), 0);
        gt_encode_binary(e, GT_VECTOR_ADD_BITS, 0, 0, gt_location_memory(now, GT_NO_GENERAL, place));
        gt_encode_store(e, address, 0);
    }
}

static void write_call(gt_encoder *e, const gt_step_call *call, uint32_t number)
{
    move_on(e, call);
    int32_t pair = (int32_t)(number * 2 * sizeof(int64_t));
    gt_encode_copy(e, GT_RDI, frame); /* its arrays come first there */
    gt_encode_load(e, GT_RSI, gt_location_memory(given, GT_NO_GENERAL, pair));
    gt_encode_load(e, GT_RDX, gt_location_memory(given, GT_NO_GENERAL, pair + (int32_t)sizeof(int64_t)));
    gt_encode_call(e, call->begin);
}

size_t gt_compile_steps(gt_encoder *e, const gt_step_call *calls, uint32_t count)
{
    _Static_assert(offsetof(gt_steps_frame, arrays) == 0, "a call is given the frame as its arrays");
    size_t begin = gt_encode_begin(e, GT_F64); /* addresses are as wide */
    enter(e);
    size_t again = e->count;
    for (uint32_t k = 0; k < count; k++)
        write_call(e, &calls[k], k);
    gt_encode_copy(e, GT_RAX, now);
    gt_encode_copy(e, now, then);
    gt_encode_copy(e, then, GT_RAX);
    gt_encode_add_number(e, steps, -1);
    gt_encode_compare_number(e, steps, 0);
    gt_encode_jump_back(e, GT_IF_NOT_EQUAL, again);
    leave(e);
    gt_encode_end(e);
    return e->failed ? (size_t)-1 : begin;
}
