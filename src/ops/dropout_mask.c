/* Attributes 0 to 4: the shape; 5: the rate; 6: the stream. */
#include "base/entry.h"
#include "gradtape/random.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

enum { RATE = GT_SHAPE_ATTRIBUTES, STREAM, ATTRIBUTES };

/*
 * Entry i is word i mod 4 of Philox at counter i div 4, under the key (key,
 * stream). It is dropped if the word is below rate * 2^32, so the rate is kept
 * to within 2^-33.
 */
static gt_status dropout_mask_evaluate(const gt_kernel *kernel)
{
    const gt_array *output = &kernel->outputs[0];
    double rate = gt_unpack_double(kernel->attributes[RATE]);
    double kept = 1.0 / (1.0 - rate);
    uint64_t threshold = (uint64_t)(rate * 4294967296.0 + 0.5);
    uint32_t key[2] = {(uint32_t) * (const int32_t *)kernel->inputs[0].data, (uint32_t)kernel->attributes[STREAM]};
    uint64_t count = (uint64_t)gt_shape_count(output->shape);
    uint32_t words[4];
    for (uint64_t i = 0; i < count; i++) {
        uint32_t counter[4] = {(uint32_t)(i / 4), (uint32_t)(i / 4 >> 32), 0, 0};
        if (i % 4 == 0)
            gt_random_philox(key, counter, words);
        double value = words[i % 4] < threshold ? 0.0 : kept;
        gt_entry_set(output->data, output->dtype, (int64_t)i, value);
    }
    return GT_OK;
}

static bool dropout_mask_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, ATTRIBUTES) || !gt_rule_whole(query, 0))
        return false;
    double rate = gt_unpack_double(query->attributes[RATE]);
    if (!(rate >= 0 && rate < 1))
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "the rate is %g and must be at least 0 and below 1", rate);
    if (gt_shape_count(gt_var_shape(query->inputs[0])) != 1)
        return gt_shape_fail(query, GT_ERROR_SHAPE, "the key must have exactly one element");
    query->dtype = gt_tape_dtype(query->tape);
    return gt_rule_answer(query, gt_shape_from_attributes(query->attributes));
}

const gt_op gt_op_dropout_mask = {
    .name = "dropout_mask",
    .onnx_form = GT_ONNX_NONE,
    .label = "mask",
    .latex = "\\operatorname{mask}(#1)",
    .documentation = "0 with a given probability and 1 / (1 - probability) otherwise, from an "
                     "integer key and the "
                     "place of the entry alone (Philox4x32-10).",
    .arity = 1,
    .op_class = GT_CLASS_OTHER,
    .shape = dropout_mask_shape,
    .evaluate = dropout_mask_evaluate,
};

gt_var gt_dropout_mask(gt_var key, gt_shape shape, double rate, uint32_t stream)
{
    int64_t attributes[ATTRIBUTES];
    gt_shape_to_attributes(shape, attributes);
    attributes[RATE] = gt_pack_double(rate);
    attributes[STREAM] = stream;
    return gt_apply(&gt_op_dropout_mask, &key, 1, attributes, ATTRIBUTES);
}

gt_var gt_dropout(gt_var x, gt_var key, double rate, uint32_t stream)
{
    if (!gt_var_valid(x))
        return gt_mul(x, key); /* which says so */
    return gt_mul(x, gt_dropout_mask(key, gt_var_shape(x), rate, stream));
}
