/* The kernel of an op in single precision against the one in double. */
#include "check/rules.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/function_check.h"

#include <string.h>

/* The op on a tape of either type. */
typedef struct side {
    gt_tape *tape;
    gt_interpreter *run;
    gt_var y, operands[GT_RULE_MOST_OPERANDS];
} side;

typedef struct twin {
    const gt_rule *rule;
    side wide, narrow;
    size_t y_count;
} twin;

static gt_status open_side(side *s, const gt_rule *rule, gt_dtype dtype)
{
    s->tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    s->run = gt_interpreter_new(s->tape);
    if (s->tape == NULL || s->run == NULL)
        return GT_ERROR_MEMORY;
    for (uint32_t i = 0; i < rule->input_count; i++)
        s->operands[i] = gt_input_of(s->tape, "x", dtype, rule->shapes[i]);
    s->y = gt_apply(rule->op, s->operands, rule->input_count, rule->attributes, rule->attribute_count);
    return gt_tape_status(s->tape);
}

static void close_side(side *s)
{
    gt_interpreter_free(s->run);
    gt_tape_free(s->tape);
}

/* x: the operands one behind the other; size: of an entry. NULL: it failed. */
static const void *evaluate(const twin *t, side *s, const void *x, size_t size, gt_status *status)
{
    const char *data = x;
    *status = GT_OK;
    for (uint32_t i = 0; i < t->rule->input_count && *status == GT_OK; i++) {
        *status = gt_interpreter_bind(s->run, s->operands[i], data);
        data += size * (size_t)gt_shape_count(t->rule->shapes[i]);
    }
    if (*status == GT_OK)
        *status = gt_interpreter_evaluate(s->run, &s->y, 1);
    return *status == GT_OK ? gt_interpreter_value(s->run, s->y) : NULL;
}

static gt_status value_f64(void *context, const double *x, double *y, gt_error *error)
{
    twin *t = context;
    gt_status status;
    const void *value = evaluate(t, &t->wide, x, sizeof *x, &status);
    if (value == NULL)
        return gt_error_set(error, status, "check: %s", gt_interpreter_message(t->wide.run));
    memcpy(y, value, t->y_count * sizeof *y);
    return GT_OK;
}

static gt_status value_f32(void *context, const float *x, float *y, gt_error *error)
{
    twin *t = context;
    gt_status status;
    const void *value = evaluate(t, &t->narrow, x, sizeof *x, &status);
    if (value == NULL)
        return gt_error_set(error, status, "check: %s", gt_interpreter_message(t->narrow.run));
    memcpy(y, value, t->y_count * sizeof *y);
    return GT_OK;
}

/* Findings in the words of an op. */
static void describe(const gt_rule *rule, gt_report *report, gt_finding *f)
{
    if (strncmp(f->text, "function_f32", strlen("function_f32")) != 0)
        return; /* a result that is not finite */
    f->text = gt_report_write(report, "run_f32 of the op %s does not give what run_f64 gives at the same point%s",
                              rule->op->name, f->verdict == GT_WRONG ? "" : "; it may be rounding");
}

static gt_status compare(twin *t, const gt_check_options *options, gt_report *report, gt_error *error)
{
    const gt_rule *rule = t->rule;
    gt_check_array arrays[GT_RULE_MOST_OPERANDS];
    size_t count = 0;
    uint32_t before = report->finding_count;
    gt_dtype precision = report->precision;
    for (uint32_t i = 0; i < rule->input_count; i++) {
        arrays[i] = (gt_check_array){"x", rule->shapes[i]};
        count = gt_size_add(count, (size_t)gt_shape_count(rule->shapes[i]));
    }
    double *x = gt_memory_new(count, sizeof *x);
    if (x == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for operands");
    for (uint32_t i = 0, first = 0; i < rule->input_count; i++) {
        memcpy(x + first, rule->operands[i], (size_t)gt_shape_count(rule->shapes[i]) * sizeof *x);
        first += (uint32_t)gt_shape_count(rule->shapes[i]);
    }
    gt_check_gradient mine = {.function = value_f64,
                              .function_f32 = value_f32,
                              .context = t,
                              .arrays = arrays,
                              .array_count = rule->input_count,
                              .x = x,
                              .output_count = t->y_count,
                              .output_shape = gt_var_shape(t->wide.y)};
    gt_status status = gt_function_check_values_of(&mine, options, report, error);
    for (uint32_t i = before; i < report->finding_count; i++)
        describe(rule, report, &report->findings[i]);
    report->precision = precision; /* gradients were compared in double precision */
    gt_memory_free(x);
    return status == GT_OK ? gt_words_status(report, error) : status;
}

gt_status gt_rule_check_single(const gt_rule *rule, const gt_check_options *options, gt_report *report, gt_error *error)
{
    if (rule->op->run_f64 == NULL || rule->op->run_f32 == NULL || rule->dtypes != NULL)
        return GT_OK;
    twin *t = gt_memory_new(1, sizeof *t);
    if (t == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for an op in single precision");
    t->rule = rule;
    gt_status status = open_side(&t->wide, rule, GT_F64);
    if (status == GT_OK)
        status = open_side(&t->narrow, rule, GT_F32);
    if (status != GT_OK) {
        gt_error_set(error, status, "check: op %s cannot be recorded in both precisions", rule->op->name);
    } else {
        t->y_count = (size_t)gt_shape_count(gt_var_shape(t->wide.y));
        status = gt_var_dtype(t->wide.y) == GT_F64 && gt_var_dtype(t->narrow.y) == GT_F32
                     ? compare(t, options, report, error)
                     : GT_OK;
    }
    close_side(&t->wide);
    close_side(&t->narrow);
    gt_memory_free(t);
    return status;
}
