/* Attribute 0: the exponent, a real number. */
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <math.h>

/* Computed in double also for f32: a whole exponent then stays whole, and so keeps its sign rule.
 */
static inline double power(double x, double exponent)
{
    return exponent == 2 ? x * x : pow(x, exponent);
}

static void pow_f64(const gt_elementwise_f64 *run)
{
    double exponent = gt_unpack_double(run->attributes[0]);
    for (size_t i = 0; i < run->count; i++)
        run->output[i] = power(run->inputs[0][i * run->strides[0]], exponent);
}

static void pow_f32(const gt_elementwise_f32 *run)
{
    double exponent = gt_unpack_double(run->attributes[0]);
    for (size_t i = 0; i < run->count; i++)
        run->output[i] = (float)power(run->inputs[0][i * run->strides[0]], exponent);
}

static bool pow_shape(gt_shape_query *query)
{
    return gt_rule_attributes(query, 1) && gt_shape_rule_elementwise(query);
}

/* g * p * x ** (p - 1) */
static gt_var pow_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    double exponent = gt_unpack_double(gt_reverse_attribute(r, 0));
    gt_var g = gt_reverse_cotangent(r), x = gt_reverse_input(r, 0);
    if (exponent == 0)
        return GT_NONE;
    if (exponent == 1)
        return g;
    gt_var power = exponent == 2 ? x : gt_pow(x, exponent - 1);
    return gt_mul(g, gt_mul(gt_reverse_number(r, exponent), power));
}

const gt_op gt_op_pow = {
    .name = "pow",
    .label = "xᵖ",
    .onnx = "Pow",
    .documentation = "x to a constant power; x > 0 unless the exponent is a whole number. 0 to the "
                     "power 0 is 1.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.low = 0.3, .high = 2}},
    .shape = pow_shape,
    .run_f64 = pow_f64,
    .run_f32 = pow_f32,
    .reverse = pow_reverse,
};

gt_var gt_pow(gt_var x, double exponent)
{
    const int64_t attributes[] = {gt_pack_double(exponent)};
    return gt_apply(&gt_op_pow, &x, 1, attributes, 1);
}
