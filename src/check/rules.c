#include "check/rules.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/function_check.h"
#include "check/gradients.h"
#include "check/report.h"
#include "gradtape/grad.h"
#include "gradtape/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one rule ------------------------------------------------------------------------------ */

/* A tape with the one op on it, and its gradients for a random cotangent. */
typedef struct rule_tape {
    gt_tape *tape;
    gt_var operands[GT_RULE_MOST_OPERANDS]; /* all, in order */
    gt_var real[GT_RULE_MOST_OPERANDS], gradients[GT_RULE_MOST_OPERANDS];
    char names[GT_RULE_MOST_OPERANDS][24];
    gt_check_array arrays[GT_RULE_MOST_OPERANDS];
    uint32_t real_count;
    gt_var output, cotangent;
    size_t x_count, y_count;
    double *x, *weights, *exact;
    double *doubled, *numbers, *bars; /* for twice the cotangent; of the comparison */
} rule_tape;

static gt_dtype dtype_of(const gt_rule *rule, uint32_t i)
{
    return rule->dtypes != NULL ? rule->dtypes[i] : GT_F64;
}

static gt_status record(const gt_rule *rule, rule_tape *t, gt_error *error)
{
    t->tape = gt_tape_new(NULL);
    if (t->tape == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a tape");
    for (uint32_t i = 0; i < rule->input_count; i++) {
        snprintf(t->names[i], sizeof *t->names, "x%u", i + 1);
        t->operands[i] = gt_input_of(t->tape, t->names[i], dtype_of(rule, i), rule->shapes[i]);
        if (dtype_of(rule, i) != GT_F64)
            continue;
        t->arrays[t->real_count] = (gt_check_array){t->names[i], rule->shapes[i]};
        t->real[t->real_count++] = t->operands[i];
    }
    t->output = gt_apply(rule->op, t->operands, rule->input_count, rule->attributes, rule->attribute_count);
    t->cotangent = gt_input(t->tape, "cotangent", gt_var_shape(t->output));
    gt_status status = gt_grad(&t->output, &t->cotangent, 1, t->real, t->real_count, t->gradients);
    if (status != GT_OK)
        return gt_error_set(error, status, "check: %s", gt_tape_message(t->tape));
    t->x_count = gt_forward_entries(t->real, t->real_count);
    t->y_count = gt_forward_entries(&t->output, 1);
    t->x = gt_memory_new(t->x_count, sizeof *t->x);
    t->exact = gt_memory_new((uint64_t)t->x_count * 4, sizeof *t->exact);
    t->weights = gt_memory_new(t->y_count, sizeof *t->weights);
    if (t->x == NULL || t->exact == NULL || t->weights == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a rule");
    t->doubled = t->exact + t->x_count;
    t->numbers = t->doubled + t->x_count;
    t->bars = t->numbers + t->x_count;
    return GT_OK;
}

static void gather_operands(const gt_rule *rule, rule_tape *t)
{
    double *x = t->x;
    for (uint32_t i = 0; i < rule->input_count; i++) {
        size_t count = gt_forward_entries(&t->operands[i], 1);
        if (dtype_of(rule, i) != GT_F64)
            continue;
        memcpy(x, rule->operands[i], count * sizeof *x);
        x += count;
    }
}

static void describe(const gt_rule *rule, gt_report *report, gt_finding *f)
{
    bool named = rule->name != NULL && rule->name[0] != '\0';
    f->kind = GT_CHECK_RULE;
    f->gate = gt_words_keep(report, rule->op->name);
    f->text = gt_report_write(report, "the reverse rule of the op %s%s%s%s%s", rule->op->name,
                              named ? ", at the node " : "", named ? rule->name : "", named ? "," : "",
                              f->verdict == GT_WRONG ? " does not give the derivative of what the op computes" : "");
    if (rule->op->reverse == NULL && f->verdict == GT_WRONG)
        gt_finding_append(report, f, "it has none, so that no gradient flows through it");
    if (f->step < 0)
        f->step = rule->time;
}

/* All that is known of the gradients of all operands. */
typedef struct rule_tables {
    gt_argument arguments[GT_RULE_MOST_OPERANDS];
    gt_array given[GT_RULE_MOST_OPERANDS], expected[GT_RULE_MOST_OPERANDS];
    size_t first[GT_RULE_MOST_OPERANDS];
} rule_tables;

static void fill_tables(const rule_tape *t, rule_tables *tables)
{
    size_t first = 0;
    for (uint32_t i = 0; i < t->real_count; i++) {
        gt_shape shape = t->arrays[i].shape;
        tables->first[i] = first;
        tables->arguments[i] = (gt_argument){t->arrays[i].name, {t->x + first, GT_F64, shape}};
        tables->given[i] = (gt_array){t->exact + first, GT_F64, shape};
        tables->expected[i] = (gt_array){isnan(t->numbers[first]) ? NULL : t->numbers + first, GT_F64, shape};
        first += (size_t)gt_shape_count(shape);
    }
}

static double tolerance_of(const rule_tape *t, size_t first, size_t count, const gt_check_options *options)
{
    double scale = gt_arrays_largest(t->numbers + first, count);
    double bar = 2 * gt_arrays_largest(t->bars + first, count);
    return scale > 0 ? fmax(options->tolerance, bar / scale) : options->tolerance;
}

static gt_status diagnose_one(const gt_rule *rule, const rule_tape *t, const rule_tables *tables,
                              const gt_check_options *options, uint32_t real, gt_report *report, gt_finding *f,
                              gt_error *error)
{
    uint32_t slot = 0;
    while (t->operands[slot].index != t->real[real].index)
        slot++;
    size_t first = tables->first[real], count = (size_t)gt_shape_count(t->arrays[real].shape);
    gt_evidence evidence = {.finding = f,
                            .report = report,
                            .equation = slot,
                            .steps = 1,
                            .examples = 1,
                            .given = tables->given,
                            .expected = tables->expected,
                            .tolerance = tolerance_of(t, first, count, options),
                            .op = rule->op,
                            .shapes = rule->shapes,
                            .shape_count = rule->input_count,
                            .attributes = rule->attributes,
                            .attribute_count = rule->attribute_count,
                            .arguments = tables->arguments,
                            .argument_count = t->real_count,
                            .wrong = real,
                            .result_count = t->y_count,
                            .cotangent_power = gt_function_check_power(t->exact + first, t->doubled + first, count)};
    gt_diagnosis diagnosis = {0};
    gt_status status = options->diagnose(&evidence, &diagnosis);
    gt_words_keep_diagnosis(report, &diagnosis);
    f->diagnosis = diagnosis;
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "check: no memory for a diagnosis");
}

static gt_status double_cotangent(rule_tape *t, gt_forward *forward, gt_error *error)
{
    for (size_t i = 0; i < t->y_count; i++)
        t->weights[i] *= 2;
    gt_status status = gt_forward_values(forward, t->gradients, t->real_count, t->doubled, error);
    for (size_t i = 0; i < t->y_count; i++)
        t->weights[i] /= 2;
    return status;
}

/* Asks for the likely mistake behind each wrong gradient. */
static gt_status diagnose(const gt_rule *rule, rule_tape *t, gt_forward *forward, const gt_check_options *options,
                          gt_report *report, uint32_t before, gt_error *error)
{
    rule_tables *tables = gt_memory_new(1, sizeof *tables);
    gt_status status = tables != NULL ? double_cotangent(t, forward, error)
                                      : gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a diagnosis");
    if (status == GT_OK)
        fill_tables(t, tables);
    for (uint32_t i = before; i < report->finding_count && status == GT_OK; i++) {
        gt_finding *f = &report->findings[i];
        uint32_t real = 0;
        while (real < t->real_count && strcmp(t->arrays[real].name, f->of) != 0)
            real++;
        if (f->verdict == GT_WRONG && real < t->real_count)
            status = diagnose_one(rule, t, tables, options, real, report, f, error);
    }
    gt_memory_free(tables);
    return status;
}

static gt_status compare(const gt_rule *rule, rule_tape *t, const gt_check_options *options, gt_report *report,
                         gt_error *error)
{
    gt_forward forward = {0};
    gt_status status = gt_forward_open(&forward, &t->output, 1, t->real, t->real_count, t->x, false, error);
    for (uint32_t i = 0; i < rule->input_count && status == GT_OK; i++)
        if (dtype_of(rule, i) != GT_F64)
            status = gt_forward_bind(&forward, t->operands[i], rule->operands[i], error);
    if (status == GT_OK)
        status = gt_forward_bind(&forward, t->cotangent, t->weights, error);
    if (status == GT_OK)
        status = gt_forward_values(&forward, t->gradients, t->real_count, t->exact, error);
    uint32_t before = report->finding_count;
    if (status == GT_OK) {
        gt_gradients problem = {.function = gt_forward_call,
                                .context = &forward,
                                .x = t->x,
                                .output_count = t->y_count,
                                .weights = t->weights,
                                .step = rule->step,
                                .arrays = t->arrays,
                                .array_count = t->real_count,
                                .forms = &(gt_gradient_form){NULL, t->exact},
                                .form_count = 1,
                                .numbers = t->numbers,
                                .bars = t->bars,
                                .kind = GT_CHECK_RULE};
        status = gt_gradients_check(&problem, options, report, error);
    }
    bool wrong = false;
    for (uint32_t i = before; i < report->finding_count; i++) {
        describe(rule, report, &report->findings[i]);
        wrong = wrong || report->findings[i].verdict == GT_WRONG;
    }
    if (wrong && status == GT_OK && rule->op->reverse != NULL && options != NULL && options->diagnose != NULL)
        status = diagnose(rule, t, &forward, options, report, before, error);
    gt_forward_close(&forward);
    return status == GT_OK ? gt_words_status(report, error) : status;
}

gt_status gt_rule_check(const gt_rule *rule, const gt_check_options *options, gt_report *report, gt_error *error)
{
    if (rule->input_count > GT_RULE_MOST_OPERANDS)
        return gt_error_set(error, GT_ERROR_SIZE, "check: op %s has more than %d operands", rule->op->name,
                            GT_RULE_MOST_OPERANDS);
    rule_tape *t = gt_memory_new(1, sizeof *t);
    if (t == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a rule");
    gt_status status = record(rule, t, error);
    if (status == GT_OK && t->real_count > 0) {
        gather_operands(rule, t);
        gt_random random;
        gt_random_seed(&random, options != NULL ? options->seed : 0);
        for (size_t i = 0; i < t->y_count; i++)
            t->weights[i] = gt_random_normal(&random);
        status = compare(rule, t, options, report, error);
    }
    gt_memory_free(t->x);
    gt_memory_free(t->exact);
    gt_memory_free(t->weights);
    gt_tape_free(t->tape);
    gt_memory_free(t);
    return status;
}

/* ---- gt_check_op --------------------------------------------------------------------------- */

/*
 * Entries of operand `slot`, from the op's domain. Where that wants them apart,
 * they lie on a grid of which every operand has its own lines, and 0 none.
 */
static void draw(gt_random *random, gt_domain domain, uint32_t slot, uint32_t slots, double *x, size_t count)
{
    double low = domain.low, high = domain.high;
    if (low == 0 && high == 0) {
        low = -2;
        high = 2;
    }
    double spacing = domain.apart * (slots + 1);
    for (size_t i = 0; i < count; i++) {
        x[i] = low + (high - low) * gt_random_uniform(random);
        if (domain.apart > 0)
            x[i] = floor(x[i] / spacing) * spacing + (slot + 1) * domain.apart;
    }
}

static gt_status check_shapes(const gt_op *op, const gt_shape *shapes, uint32_t count, gt_error *error)
{
    if (op == NULL || count == 0 || count > GT_RULE_MOST_OPERANDS)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: an op and 1 to %d shapes are needed",
                            GT_RULE_MOST_OPERANDS);
    for (uint32_t i = 0; i < count; i++)
        if (gt_shape_count(shapes[i]) < 1)
            return gt_error_set(error, GT_ERROR_SHAPE, "check: op %s: operand %u: impossible shape", op->name, i + 1);
    return GT_OK;
}

/* The rule, and if it is right, its derivative; and the other kernel. */
static gt_status check_all(const gt_rule *rule, const gt_check_options *options, gt_report *report, gt_error *error)
{
    bool stopped;
    uint32_t before = report->finding_count;
    gt_status status = gt_rule_look(rule, report, &stopped, error);
    if (status == GT_OK && !stopped)
        status = gt_rule_check(rule, options, report, error);
    if (status == GT_OK && !stopped && options->second_order && report->finding_count == before)
        status = gt_rule_check_second(rule, options, report, error);
    return status == GT_OK ? gt_rule_check_single(rule, options, report, error) : status;
}

gt_status gt_check_op(const gt_op *op, const gt_shape *shapes, uint32_t input_count, const int64_t *attributes,
                      uint32_t attribute_count, const gt_check_options *options, gt_report *report, gt_error *error)
{
    gt_status status = check_shapes(op, shapes, input_count, error);
    if (status != GT_OK)
        return status;
    gt_check_options o = gt_check_options_complete(options);
    double *operands[GT_RULE_MOST_OPERANDS] = {NULL}, step = 0;
    gt_random random;
    gt_random_seed(&random, o.seed);
    for (uint32_t i = 0; i < input_count && status == GT_OK; i++) {
        size_t count = (size_t)gt_shape_count(shapes[i]);
        gt_domain domain = i < 3 ? op->domain[i] : (gt_domain){0};
        operands[i] = gt_memory_new(count, sizeof *operands[i]);
        if (operands[i] == NULL)
            status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for operands");
        else
            draw(&random, domain, i, input_count, operands[i], count);
        if (domain.apart > 0 && (step == 0 || domain.apart / 4 < step))
            step = fmin(0x1p-4, domain.apart / 4);
    }
    if (status == GT_OK) {
        gt_rule rule = {.op = op,
                        .shapes = shapes,
                        .operands = (const void *const *)operands,
                        .input_count = input_count,
                        .attributes = attributes,
                        .attribute_count = attribute_count,
                        .step = step,
                        .time = -1};
        status = check_all(&rule, &o, report, error);
    }
    for (uint32_t i = 0; i < input_count; i++)
        gt_memory_free(operands[i]);
    return status;
}

/* ---- all rules of a tape ------------------------------------------------------------------- */

enum { MOST_NODES = 4096 };

/*
 * Leaves and what has no derivative have no rule. An op of a user's own that has none may
 * have been forgotten: its derivative then must be 0.
 */
static bool has_rule(gt_var v)
{
    const gt_op *op = gt_var_op(v);
    return gt_var_input_count(v) > 0 && (op->reverse != NULL || gt_op_find(op->name) != op);
}

static bool is_checkable(gt_var v)
{
    const gt_op *op = gt_var_op(v);
    if (gt_var_input_count(v) > GT_RULE_MOST_OPERANDS || gt_var_attribute_count(v) > GT_MAX_ATTRIBUTES)
        return false;
    return op->op_class == GT_CLASS_ELEMENTWISE || op->op_class == GT_CLASS_COLUMN_PARALLEL ||
           op->op_class == GT_CLASS_MATRIX_PRODUCT || op->op_class == GT_CLASS_REDUCTION ||
           op->op_class == GT_CLASS_VIEW || op->op_class == GT_CLASS_OTHER;
}

static gt_status check_node(gt_forward *forward, gt_var v, const gt_check_options *options, gt_report *report,
                            gt_error *error)
{
    gt_shape shapes[GT_RULE_MOST_OPERANDS];
    gt_dtype dtypes[GT_RULE_MOST_OPERANDS];
    const void *operands[GT_RULE_MOST_OPERANDS];
    int64_t attributes[GT_MAX_ATTRIBUTES];
    gt_rule rule = {.op = gt_var_op(v),
                    .shapes = shapes,
                    .dtypes = dtypes,
                    .operands = operands,
                    .input_count = gt_var_input_count(v),
                    .attributes = attributes,
                    .attribute_count = gt_var_attribute_count(v),
                    .name = gt_var_name(v),
                    .time = gt_var_step(v)};
    for (uint32_t i = 0; i < rule.attribute_count; i++)
        attributes[i] = gt_var_attribute(v, i);
    for (uint32_t i = 0; i < rule.input_count; i++) {
        gt_var operand = gt_var_input(v, i);
        shapes[i] = gt_var_shape(operand);
        dtypes[i] = gt_var_dtype(operand);
        operands[i] = gt_interpreter_value(forward->run, operand);
        if (operands[i] == NULL)
            return GT_OK; /* the outputs do not depend on it */
    }
    return gt_rule_check(&rule, options, report, error);
}

static bool lies_at_kink(const gt_report *one)
{
    bool all = one->verdict == GT_UNDECIDABLE;
    for (uint32_t i = 0; i < one->finding_count; i++)
        all = all && (one->findings[i].kink || one->findings[i].jump != 0);
    return all;
}

/* What is not wrong would only hide what is. */
static void keep_wrong(gt_report *all, const gt_report *one, gt_verdict *verdict, gt_error *error, gt_status *status)
{
    gt_check_count *count = &all->counts[GT_CHECK_RULE];
    const gt_check_count *more = &one->counts[GT_CHECK_RULE];
    count->arrays += more->arrays;
    count->entries += more->entries;
    count->projections += more->projections;
    count->wrong += more->wrong;
    for (uint32_t i = 0; i < one->finding_count && *status == GT_OK; i++)
        if (one->findings[i].verdict == GT_WRONG)
            *status = gt_report_add(all, &one->findings[i], error);
    if (one->verdict == GT_WRONG || (one->verdict == GT_UNDECIDABLE && *verdict == GT_RIGHT))
        *verdict = one->verdict;
}

gt_status gt_rules_check_tape(gt_forward *forward, const gt_check_options *options, gt_report *report,
                              gt_verdict *verdict, bool *kinks, gt_error *error)
{
    uint32_t undecided = 0, at_kinks = 0;
    gt_status status = gt_interpreter_evaluate(forward->run, forward->outputs, forward->output_count);
    if (status != GT_OK)
        return gt_error_set(error, status, "check: %s", gt_interpreter_message(forward->run));
    gt_tape *tape = forward->outputs[0].tape;
    uint32_t checked = 0;
    *verdict = GT_RIGHT;
    for (uint32_t i = gt_tape_node_count(tape); i-- > 0 && status == GT_OK && *verdict != GT_WRONG;) {
        gt_var v = gt_tape_var(tape, i);
        if (gt_interpreter_value(forward->run, v) == NULL || !has_rule(v))
            continue;
        if (!is_checkable(v) || checked++ >= MOST_NODES) {
            *verdict = GT_UNDECIDABLE;
            undecided++;
            continue;
        }
        gt_report one = {0};
        status = check_node(forward, v, options, &one, error);
        if (status == GT_OK)
            keep_wrong(report, &one, verdict, error, &status);
        undecided += one.verdict == GT_UNDECIDABLE;
        at_kinks += lies_at_kink(&one);
        gt_report_free(&one);
    }
    *kinks = *verdict == GT_UNDECIDABLE && at_kinks == undecided;
    return status;
}
