#include "check/function_call.h"

#include "base/memory.h"

#include <string.h>

enum { LEAST_ROOM = 1024 };

/* Numbers that nobody computes, and finite, so that what is added to them shows. */
#define WATERMARK 0x1.8d3a5c7e9b1f2p-7
#define WATERMARK_F32 0x1.8d3a5cp-7f

static size_t count_entries(const gt_check_gradient *mine)
{
    size_t count = 0;
    for (uint32_t i = 0; i < mine->array_count; i++)
        count = gt_size_add(count, (size_t)gt_shape_count(mine->arrays[i].shape));
    return count;
}

void gt_function_call_close(gt_function_call *call)
{
    gt_memory_free(call->result);
    gt_memory_free(call->x);
    gt_memory_free(call->second);
}

gt_status gt_function_call_open(gt_function_call *call, const gt_check_gradient *mine, gt_called what, bool single,
                                gt_error *error)
{
    size_t x = count_entries(mine), y = mine->output_count;
    *call = (gt_function_call){.mine = mine, .what = what, .single = single, .x_count = x};
    call->second_count = what == GT_CALLED_FUNCTION ? 0 : what == GT_CALLED_GRADIENT ? y : x;
    call->result_count = what == GT_CALLED_GRADIENT ? x : y;
    /* A sum that is forgotten gives more entries, but no more than arguments and results have. */
    call->room = gt_size_add(gt_size_add(x, y), LEAST_ROOM);
    call->result = gt_memory_new(gt_size_add(call->result_count, call->room), single ? sizeof(float) : sizeof(double));
    if (single) {
        call->x = gt_memory_new(x, sizeof *call->x);
        call->second = gt_memory_new((uint64_t)call->second_count + 1, sizeof *call->second);
    }
    if (call->result == NULL || (single && (call->x == NULL || call->second == NULL)))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for the results of a function");
    return GT_OK;
}

/* ---- one call ------------------------------------------------------------------------------ */

static gt_status call_double(const gt_function_call *c, const double *x, const double *second, gt_error *error)
{
    const gt_check_gradient *m = c->mine;
    switch (c->what) {
    case GT_CALLED_FUNCTION:
        return m->function(m->context, x, c->result, error);
    case GT_CALLED_GRADIENT:
        return m->gradient(m->context, x, second, c->result, error);
    case GT_CALLED_JVP:
        return m->jvp(m->context, x, second, c->result, error);
    }
    return GT_ERROR_ARGUMENT;
}

static void narrow(const double *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

static gt_status call_single(const gt_function_call *c, const double *x, const double *second, gt_error *error)
{
    const gt_check_gradient *m = c->mine;
    narrow(x, c->x, c->x_count);
    narrow(second, c->second, c->second_count);
    return c->what == GT_CALLED_FUNCTION ? m->function_f32(m->context, c->x, c->result, error)
                                         : m->gradient_f32(m->context, c->x, c->second, c->result, error);
}

static gt_status call(const gt_function_call *c, const double *x, const double *second, gt_error *error)
{
    return c->single ? call_single(c, x, second, error) : call_double(c, x, second, error);
}

gt_status gt_function_call_run(gt_function_call *c, const double *x, const double *second, double *result,
                               gt_error *error)
{
    memset(c->result, 0, c->result_count * (c->single ? sizeof(float) : sizeof(double)));
    gt_status status = call(c, x, second, error);
    for (size_t i = 0; i < c->result_count && status == GT_OK; i++)
        result[i] = c->single ? (double)((float *)c->result)[i] : ((double *)c->result)[i];
    return status;
}

/* ---- what it writes ------------------------------------------------------------------------ */

static bool is_watermark(const gt_function_call *c, size_t i)
{
    return c->single ? ((float *)c->result)[i] == WATERMARK_F32 : ((double *)c->result)[i] == WATERMARK;
}

static void mark(const gt_function_call *c, size_t i)
{
    if (c->single)
        ((float *)c->result)[i] = WATERMARK_F32;
    else
        ((double *)c->result)[i] = WATERMARK;
}

gt_status gt_function_call_watch(gt_function_call *c, const double *x, const double *second,
                                 gt_function_writing *writing, gt_error *error)
{
    size_t all = c->result_count + c->room;
    for (size_t i = 0; i < all; i++)
        mark(c, i);
    gt_status status = call(c, x, second, error);
    writing->count = writing->beyond = 0;
    for (size_t i = 0; i < c->result_count && status == GT_OK; i++) {
        writing->unwritten[i] = is_watermark(c, i);
        writing->count += writing->unwritten[i];
    }
    for (size_t i = c->result_count; i < all && status == GT_OK; i++)
        if (!is_watermark(c, i))
            writing->beyond = i + 1 - c->result_count;
    return status;
}
