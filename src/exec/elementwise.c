/*
 * Broadcasting, in one place: an element-by-element op is cut into runs along
 * which every operand either moves by one element or stands still.
 */
#include "base/types.h"
#include "exec/interpreter.h"

#define MOST_OPERANDS 4

typedef struct runs {
    uint32_t operands;
    int axes;                                 /* of the loops around the runs */
    int64_t size[GT_MAX_RANK];                /* of these axes */
    int64_t step[MOST_OPERANDS][GT_MAX_RANK]; /* elements from one entry of an axis to the next */
    size_t count;                             /* elements of a run */
    size_t strides[MOST_OPERANDS];            /* 0 or 1 */
} runs;

/* The steps of operand `a` along each axis of the output: 0 where it stretches. */
static void natural_steps(gt_shape a, gt_shape output, int64_t step[GT_MAX_RANK])
{
    int64_t distance = 1;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        step[axis] = a.size[axis] == 1 && output.size[axis] != 1 ? 0 : distance;
        distance *= a.size[axis];
    }
}

/* May `axis` be appended to runs of `count` elements? For each operand: it goes on, or stands still throughout. */
static bool extends(const runs *r, int64_t step[MOST_OPERANDS][GT_MAX_RANK], int axis)
{
    for (uint32_t k = 0; k < r->operands; k++)
        if (step[k][axis] != (r->strides[k] == 0 ? 0 : (int64_t)r->count))
            return false;
    return true;
}

static void cut(runs *r, const gt_array *inputs, uint32_t input_count, gt_shape output)
{
    int64_t step[MOST_OPERANDS][GT_MAX_RANK];
    *r = (runs){.operands = input_count, .count = 1};
    for (uint32_t k = 0; k < input_count; k++)
        natural_steps(inputs[k].shape, output, step[k]);
    bool begun = false;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        if (output.size[axis] == 1)
            continue;
        if (!begun) {
            /* The first axis of the output: operands are contiguous along it or stretched. */
            for (uint32_t k = 0; k < input_count; k++)
                r->strides[k] = step[k][axis] != 0;
            r->count = (size_t)output.size[axis];
            begun = true;
        } else if (r->axes == 0 && extends(r, step, axis)) {
            r->count *= (size_t)output.size[axis];
        } else {
            r->size[r->axes] = output.size[axis];
            for (uint32_t k = 0; k < input_count; k++)
                r->step[k][r->axes] = step[k][axis];
            r->axes++;
        }
    }
}

static void run_f64(const gt_op *op, const runs *r, const gt_array *inputs, const int64_t *offset, double *output,
                    const int64_t *attributes)
{
    const double *operands[MOST_OPERANDS];
    for (uint32_t k = 0; k < r->operands; k++)
        operands[k] = (const double *)inputs[k].data + offset[k];
    op->run_f64(&(gt_elementwise_f64){r->count, operands, r->strides, output, attributes});
}

static void run_f32(const gt_op *op, const runs *r, const gt_array *inputs, const int64_t *offset, float *output,
                    const int64_t *attributes)
{
    const float *operands[MOST_OPERANDS];
    for (uint32_t k = 0; k < r->operands; k++)
        operands[k] = (const float *)inputs[k].data + offset[k];
    op->run_f32(&(gt_elementwise_f32){r->count, operands, r->strides, output, attributes});
}

bool gt_exec_has_kernel(const gt_op *op, gt_dtype dtype)
{
    GT_FOR_REAL(dtype, return op->run_f64 != NULL, return op->run_f32 != NULL);
    return false;
}

void gt_exec_elementwise(const gt_op *op, const gt_array *inputs, uint32_t input_count, gt_array output,
                         const int64_t *attributes)
{
    runs r;
    cut(&r, inputs, input_count, output.shape);
    int64_t place[GT_MAX_RANK] = {0}, offset[MOST_OPERANDS] = {0};
    for (size_t done = 0;; done += r.count) {
        GT_FOR_REAL(output.dtype, run_f64(op, &r, inputs, offset, (double *)output.data + done, attributes),
                    run_f32(op, &r, inputs, offset, (float *)output.data + done, attributes));
        /* The next run, like an odometer. */
        int axis = 0;
        for (; axis < r.axes; axis++) {
            bool carry = ++place[axis] == r.size[axis];
            for (uint32_t k = 0; k < r.operands; k++)
                offset[k] += carry ? -r.step[k][axis] * (r.size[axis] - 1) : r.step[k][axis];
            if (!carry)
                break;
            place[axis] = 0;
        }
        if (axis == r.axes)
            return;
    }
}
