#include "plan/describe/describe.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "graph/scan.h"
#include "ops/descriptors.h"
#include "plan/describe/description.h"

#include <stdio.h>
#include <string.h>

/* A description being written. */
typedef struct describing {
    gt_plan_description *to;
    gt_label_numbers *numbers;
    uint32_t depth;
    double times;
    bool failed; /* for want of memory */
} describing;

/* ---- lines --------------------------------------------------------------------------------- */

static const char *finish(describing *d, const gt_plan_text *text)
{
    if (text->text == NULL && text->capacity > 0)
        d->failed = true;
    return text->text == NULL ? "" : text->text;
}

static gt_plan_line *add_line(describing *d, gt_plan_line_kind kind)
{
    static gt_plan_line lost; /* never read: the description is given up */
    gt_plan_description *to = d->to;
    if (!GT_RESERVE(to->lines, to->line_capacity, to->line_count + 1)) {
        d->failed = true;
        return &lost;
    }
    gt_plan_line *line = &to->lines[to->line_count++];
    *line = (gt_plan_line){.kind = kind, .depth = d->depth, .times = d->times, .result = "", .text = "", .detail = ""};
    return line;
}

static const char *label_of(describing *d, gt_var v)
{
    char label[GT_LABEL_SIZE];
    gt_plan_text text = {.pool = &d->to->pool};
    gt_plan_text_add(&text, "%s", gt_var_valid(v) ? gt_label_numbered(d->numbers, v, label) : "");
    return finish(d, &text);
}

static const char *computation_of(describing *d, gt_var v)
{
    char label[GT_LABEL_SIZE];
    gt_plan_text text = {.pool = &d->to->pool};
    gt_plan_text_add(&text, "%s", gt_label_computation(d->numbers, v, label));
    return finish(d, &text);
}

static void set_cost(gt_plan_line *line, const gt_instruction *instruction)
{
    gt_plan_cost cost = {0};
    gt_instruction_cost(instruction, &cost);
    line->flops = cost.product_flops + cost.other_flops;
    line->bytes = cost.bytes;
}

/* Where a result is: it says what a program stores. */
static void set_storage(gt_plan_line *line, const gt_operand *o)
{
    line->detail = "stored";
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        if (o->address.step[depth] != 0) {
            line->detail = "stored for every step";
            line->stored = (double)gt_shape_count(o->shape) * (double)gt_dtype_size(o->dtype);
        }
}

/* ---- instructions -------------------------------------------------------------------------- */

/* In strips steps differ in their rows. */
static const char *storage_of_step(describing *d, const gt_group *group, const gt_group_step *step, const char *storage)
{
    gt_plan_text text = {.pool = &d->to->pool};
    if (!group->strips || step->rows == group->rows)
        return storage;
    gt_plan_text_add(&text, "(%lld, %lld)%s%s", (long long)step->rows, (long long)group->columns,
                     storage[0] != '\0' ? ", " : "", storage);
    return finish(d, &text);
}

static uint32_t compiled_loops(const gt_group *group)
{
    uint32_t loops = 0;
    for (uint32_t n = 0; n < group->span_count; n++)
        loops += group->spans[n].run != NULL;
    return loops;
}

static gt_shape shape_of(const gt_group *group, int64_t rows)
{
    return group->turned ? GT_SHAPE(rows * group->columns, 1) : GT_SHAPE(rows, group->columns);
}

static void describe_group(describing *d, const gt_instruction *instruction)
{
    const gt_group *group = instruction->group;
    gt_plan_text reads = {.pool = &d->to->pool}, size = {.pool = &d->to->pool};
    char label[GT_LABEL_SIZE];
    for (uint32_t s = 0; s < group->source_count; s++) {
        gt_var v = group->sources[s].operand.var;
        gt_plan_text_add(&reads, "%s%s", s > 0 ? ", " : "",
                         gt_var_valid(v) ? gt_label_numbered(d->numbers, v, label) : "(spread)");
    }
    gt_plan_text_add(&size, "%u op%s", (unsigned)group->op_count, group->op_count == 1 ? "" : "s");
    uint32_t loops = compiled_loops(group);
    if (loops > 0)
        gt_plan_text_add(&size, " in %u compiled loop%s", (unsigned)loops, loops == 1 ? "" : "s");
    gt_plan_line *line = add_line(d, GT_PLAN_RUN);
    line->text = finish(d, &reads);
    line->detail = finish(d, &size);
    line->shape = shape_of(group, group->rows);
    set_cost(line, instruction);
    d->depth++;
    for (uint32_t k = 0; k < group->op_count; k++) {
        const gt_group_step *step = &group->ops[k];
        const char *result = label_of(d, step->output.var), *text = computation_of(d, step->output.var);
        if (strcmp(result, text) == 0)
            continue; /* rows without a name are called by what they are cut from wherever they are read */
        line = add_line(d, GT_PLAN_RUN_STEP);
        line->result = result;
        line->text = text;
        if (step->written)
            set_storage(line, &step->output);
        line->detail = storage_of_step(d, group, step, line->detail);
        line->shape = shape_of(group, step->rows);
        line->flops = gt_step_flops(group, step);
    }
    d->depth--;
}

static void describe_product(describing *d, const gt_instruction *instruction)
{
    const gt_multiplication *m = instruction->multiplication;
    const gt_product *p = &m->product;
    gt_plan_text detail = {.pool = &d->to->pool};
    gt_plan_text_add(&detail, "(%lld, %lld) @ (%lld, %lld)%s%s", (long long)p->rows, (long long)p->inner,
                     (long long)p->inner, (long long)p->columns, m->left_layout == GT_PRODUCT_PACKED ? ", packed" : "",
                     p->accumulate ? ", added" : "");
    int64_t columns = gt_product_columns_at_once(p, m->left_layout, m->right_layout);
    if (columns < p->columns)
        gt_plan_text_add(&detail, ", in blocks of %lld columns", (long long)columns);
    if (m->also_count > 0)
        gt_plan_text_add(&detail, ", as one with the next %u", (unsigned)m->also_count);
    if (m->compiled != NULL)
        gt_plan_text_add(&detail, ", compiled");
    if (m->has_left_sums)
        gt_plan_text_add(&detail, ", in passing %s", label_of(d, m->left_sums.var));
    const char *text = computation_of(d, m->var), *result = label_of(d, m->output.var);
    if (m->has_addend) {
        gt_plan_text sum = {.pool = &d->to->pool};
        gt_plan_text_add(&sum, "%s + %s", label_of(d, m->addend.var), text);
        text = finish(d, &sum);
    }
    gt_plan_line *line = add_line(d, GT_PLAN_PRODUCT);
    line->result = result;
    line->text = text;
    line->detail = finish(d, &detail);
    line->shape = GT_SHAPE(p->rows, p->columns);
    set_cost(line, instruction);
}

static void describe_packing(describing *d, const gt_instruction *instruction)
{
    const gt_packing *p = instruction->packing;
    const char *text = label_of(d, p->from.var);
    gt_plan_line *line = add_line(d, GT_PLAN_PACKING);
    line->text = text;
    line->detail = p->transposed ? "transposed" : "";
    line->shape = p->from.shape;
    set_cost(line, instruction);
}

static void describe_kernel(describing *d, const gt_instruction *instruction)
{
    const gt_kernel_call *call = instruction->kernel;
    const gt_operand *output = &call->operands[call->input_count];
    gt_plan_text text = {.pool = &d->to->pool};
    char label[GT_LABEL_SIZE];
    bool known = gt_var_valid(output->var), constant = known && gt_var_input_count(output->var) == 0;
    if (constant) {
        gt_plan_text_add(&text, "%s %s", call->op->name, gt_label_numbered(d->numbers, output->var, label));
    } else if (known && call->output_count == 1) {
        gt_plan_text_add(&text, "%s", gt_label_computation(d->numbers, output->var, label));
    } else {
        gt_plan_text_add(&text, "%s(", call->op->name);
        for (uint32_t k = 0; k < call->input_count; k++)
            gt_plan_text_add(&text, "%s%s", k > 0 ? ", " : "",
                             gt_label_numbered(d->numbers, call->operands[k].var, label));
        gt_plan_text_add(&text, ")");
    }
    const char *result = !known ? "(spread)" : constant ? "" : label_of(d, output->var);
    gt_plan_line *line = add_line(d, GT_PLAN_KERNEL);
    line->result = result;
    line->text = finish(d, &text);
    set_storage(line, output);
    line->shape = output->shape;
    set_cost(line, instruction);
}

static void describe_block(describing *d, const gt_block *block);

static void describe_copy(describing *d, const gt_operand *from, const char *why)
{
    const char *text = label_of(d, from->var);
    gt_plan_line *line = add_line(d, GT_PLAN_COPY);
    line->result = text;
    line->text = text;
    line->detail = why;
    line->shape = from->shape;
    line->bytes = 2 * (double)gt_shape_count(from->shape) * (double)gt_dtype_size(from->dtype);
}

static void describe_loop(describing *d, const gt_loop *loop)
{
    gt_plan_text text = {.pool = &d->to->pool}, states = {.pool = &d->to->pool};
    char label[GT_LABEL_SIZE];
    double times = d->times;
    gt_plan_text_add(&text, "%lld steps%s", (long long)loop->steps, loop->backward ? ", backward" : "");
    for (uint32_t k = 0; k < loop->carried_count; k++)
        gt_plan_text_add(&states, "%s%s", k > 0 ? ", " : "carries ",
                         gt_label_numbered(d->numbers, loop->carried[k].after.var, label));
    if (loop->batch > 1)
        gt_plan_text_add(&states, "%s%lld pieces for threads", loop->carried_count > 0 ? "; " : "",
                         (long long)loop->batch);
    if (loop->leading + loop->following > 0)
        gt_plan_text_add(&states, "%s%u products beside it on other threads", states.used > 0 ? "; " : "",
                         (unsigned)(loop->leading + loop->following));
    if (loop->compiled != NULL)
        gt_plan_text_add(&states, "%sone compiled function", states.used > 0 ? "; " : "");
    gt_plan_line *line = add_line(d, GT_PLAN_LOOP);
    line->text = finish(d, &text);
    line->detail = finish(d, &states);
    d->depth++;
    d->times *= (double)loop->steps;
    describe_block(d, &loop->body);
    for (uint32_t k = 0; k < loop->copy_count; k++)
        describe_copy(d, &loop->copies[k].from, "to its place in the stack");
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (loop->carried[k].carrying == GT_CARRY_COPIED)
            describe_copy(d, &loop->carried[k].after, "to the state's own memory");
    d->times = times;
    d->depth--;
    for (uint32_t k = 0; k < loop->final_count; k++)
        describe_copy(d, &loop->finals[k], "the last value");
}

static void describe_block(describing *d, const gt_block *block)
{
    for (uint32_t i = 0; i < block->count && !d->failed; i++) {
        const gt_instruction *instruction = &block->list[i];
        switch (instruction->kind) {
        case GT_INSTRUCTION_KERNEL:
            describe_kernel(d, instruction);
            break;
        case GT_INSTRUCTION_GROUP:
            describe_group(d, instruction);
            break;
        case GT_INSTRUCTION_MULTIPLICATION:
            describe_product(d, instruction);
            break;
        case GT_INSTRUCTION_PACKING:
            describe_packing(d, instruction);
            break;
        case GT_INSTRUCTION_LOOP:
            describe_loop(d, instruction->loop);
            break;
        }
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

/* Behind reshapes, the node that computes v. */
static gt_var computed(gt_var v)
{
    while (gt_var_name(v)[0] == '\0' && gt_var_op(v) == &gt_op_reshape)
        v = gt_var_input(v, 0);
    return v;
}

static void name_if_computed(gt_var v, const char *name)
{
    if (gt_var_name(v)[0] == '\0' && gt_var_input_count(v) > 0 && gt_var_op(v)->op_class != GT_CLASS_PART)
        gt_name(v, name);
}

/* The parts of a concat, which are written to their places in it: "dW[:, 0:5]". */
static void name_parts(gt_var concat, const char *name)
{
    int64_t axis = gt_var_attribute(concat, 0), start = 0;
    for (uint32_t k = 0; k < gt_var_input_count(concat); k++) {
        gt_var part = gt_var_input(concat, k);
        int64_t stop = start + gt_var_shape(part).size[axis];
        char text[GT_LABEL_SIZE];
        gt_utf8_format(text, sizeof text, "%.*s[%s%lld:%lld]", gt_utf8_fit(name, 30), name,
                       axis == 0   ? ""
                       : axis == 1 ? ":, "
                                   : ":, :, ",
                       (long long)start, (long long)stop);
        name_if_computed(computed(part), text);
        start = stop;
    }
}

/* The outputs are called as the user calls them; the passes may have put nodes without a name in their places. */
static void name_outputs(gt_plan *plan, const gt_var *outputs)
{
    for (uint32_t i = 0; i < plan->output_count; i++) {
        gt_var v = computed(plan->program.outputs[i]);
        char name[GT_LABEL_SIZE];
        const char *given = gt_var_name(outputs[i]);
        if (given[0] != '\0')
            gt_utf8_format(name, sizeof name, "%.*s", gt_utf8_fit(given, 40), given);
        else
            snprintf(name, sizeof name, "output %u", (unsigned)i);
        name_if_computed(v, name);
        if (gt_var_op(v) == &gt_op_concat)
            name_parts(v, name);
    }
}

gt_plan_description *gt_plan_describe(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                                      bool programs, gt_error *error)
{
    gt_plan_description *description = gt_memory_new(1, sizeof *description);
    describing d = {.to = description, .numbers = gt_label_numbers_new(), .times = 1};
    gt_error problem = {0};
    if (description != NULL && d.numbers != NULL) {
        description->changes.pool = &description->pool;
        description->changes.programs = programs;
        const gt_pipeline_watch watch = {gt_change_log_pass, &description->changes};
        description->plan = gt_plan_new_watched(outputs, output_count, options, &watch, &problem);
        if (description->plan != NULL) {
            name_outputs(description->plan, outputs);
            describe_block(&d, &description->plan->code.block);
        }
        if (description->plan != NULL &&
            (d.failed || description->changes.failed || gt_label_numbers_failed(d.numbers) ||
             description->plan->program.tape->error.status != GT_OK))
            gt_error_set(&problem, GT_ERROR_MEMORY, "no memory to describe a plan");
    } else {
        gt_error_set(&problem, GT_ERROR_MEMORY, "no memory to describe a plan");
    }
    gt_label_numbers_free(d.numbers);
    if (problem.status == GT_OK)
        return description;
    gt_plan_description_free(description);
    gt_error_set(error, problem.status, "%s", problem.message);
    return NULL;
}

void gt_plan_description_free(gt_plan_description *description)
{
    if (description == NULL)
        return;
    gt_plan_free(description->plan);
    gt_memory_free(description->changes.list);
    gt_memory_free(description->lines);
    gt_pool_free(&description->pool);
    gt_memory_free(description);
}

const gt_plan_line *gt_plan_description_line(const gt_plan_description *description, uint32_t i)
{
    return description != NULL && i < description->line_count ? &description->lines[i] : NULL;
}

const gt_plan_change *gt_plan_description_change(const gt_plan_description *description, uint32_t i)
{
    return description != NULL && i < description->changes.count ? &description->changes.list[i] : NULL;
}

const gt_plan *gt_plan_description_plan(const gt_plan_description *description)
{
    return description == NULL ? NULL : description->plan;
}
