/* What a pass did, found by comparing the program before it with the program after it. */
#include "plan/describe/describe.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "ops/descriptors.h"
#include "plan/describe/description.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- text ---------------------------------------------------------------------------------- */

void gt_plan_text_add(gt_plan_text *t, const char *format, ...)
{
    enum { FIRST = 120 };
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || (t->capacity > 0 && t->text == NULL))
        return;
    if (t->used + (size_t)length + 1 > t->capacity) {
        size_t capacity = 2 * t->capacity + (size_t)length + FIRST;
        char *text = gt_pool_new(t->pool, capacity, 1);
        if (text != NULL && t->used > 0)
            memcpy(text, t->text, t->used);
        t->text = text;
        t->capacity = capacity;
        if (text == NULL)
            return;
    }
    va_start(arguments, format);
    gt_utf8_format_list(t->text + t->used, t->capacity - t->used, format, arguments);
    va_end(arguments);
    t->used += (size_t)length;
}

/* ---- what is in a program ------------------------------------------------------------------ */

typedef struct product_label {
    char text[2 * GT_LABEL_SIZE + 8];
    bool in_loop;
} product_label;

typedef struct census {
    uint32_t nodes[2]; /* outside of loops, in loops */
    uint32_t products[2];
    uint32_t states; /* that loops carry */
    product_label *labels;
    size_t label_count, label_capacity;
} census;

/* No names of larger programs: they would be too many to read. */
enum { MOST_LABELS = 500 };

static bool add_label(census *c, gt_var v, bool in_loop)
{
    if (c->label_count == MOST_LABELS)
        return true;
    if (!GT_RESERVE(c->labels, c->label_capacity, c->label_count + 1))
        return false;
    char left[GT_LABEL_SIZE], right[GT_LABEL_SIZE];
    product_label *label = &c->labels[c->label_count++];
    label->in_loop = in_loop;
    gt_utf8_format(label->text, sizeof label->text, "%s%s @ %s%s", gt_label(gt_var_input(v, 0), left),
                   gt_var_attribute(v, 0) != 0 ? "ᵀ" : "", gt_label(gt_var_input(v, 1), right),
                   gt_var_attribute(v, 1) != 0 ? "ᵀ" : "");
    return true;
}

static bool count(census *c, gt_tape *tape, bool in_loop)
{
    bool good = true;
    for (uint32_t i = 1; i <= tape->node_count && good; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        c->nodes[in_loop] += node->op->op_class != GT_CLASS_LEAF;
        if (node->op == &gt_op_matmul) {
            c->products[in_loop]++;
            good = add_label(c, gt_tape_at(tape, i), in_loop);
        } else if (node->op->op_class == GT_CLASS_SCAN) {
            const gt_scan *scan = gt_node_scan(tape, node);
            c->states += (uint32_t)scan->carry_count;
            good = count(c, scan->body, true);
        }
    }
    return good;
}

/* ---- the difference ------------------------------------------------------------------------ */

static bool has_label(const census *c, const char *text, bool in_loop)
{
    for (size_t i = 0; i < c->label_count; i++)
        if (c->labels[i].in_loop == in_loop && strcmp(c->labels[i].text, text) == 0)
            return true;
    return false;
}

static void write_change(gt_plan_text *t, const char *what, uint32_t before, uint32_t after)
{
    bool more = t->used > 0 && t->text != NULL && t->text[t->used - 1] != ' ';
    if (before != after)
        gt_plan_text_add(t, "%s%s %u → %u", more ? ", " : "", what, (unsigned)before, (unsigned)after);
}

/* Products in loops of `a` that are not in loops of `b`, and are, or are not, outside of the loops of `b`. */
static void write_products(gt_plan_text *t, const char *what, const census *a, const census *b, bool outside_of_b)
{
    enum { MOST = 12 };
    uint32_t listed = 0;
    for (size_t i = 0; i < a->label_count; i++) {
        const product_label *label = &a->labels[i];
        if (!label->in_loop || has_label(b, label->text, true) || has_label(b, label->text, false) != outside_of_b)
            continue;
        if (listed < MOST)
            gt_plan_text_add(t, "%s%s", listed > 0 ? ", " : what, label->text);
        listed++;
    }
    if (listed > MOST)
        gt_plan_text_add(t, " and %u more", (unsigned)(listed - MOST));
}

static void write_all(gt_plan_text *t, const census *before, const census *after)
{
    write_change(t, "nodes outside of loops", before->nodes[0], after->nodes[0]);
    write_change(t, "nodes in loops", before->nodes[1], after->nodes[1]);
    write_change(t, "products in loops", before->products[1], after->products[1]);
    write_change(t, "products outside", before->products[0], after->products[0]);
    write_change(t, "carried states", before->states, after->states);
    if (t->used == 0)
        gt_plan_text_add(t, "nothing to do");
    write_products(t, "; out of a loop: ", before, after, true);
    write_products(t, "; in a loop no more: ", before, after, false);
    write_products(t, "; in a loop now: ", after, before, false);
}

/* Whether the loops of a program have been cut before: then there are some of that length within others. */
static bool is_cut(const gt_program *program)
{
    const gt_tape *tape = program->tape;
    for (size_t i = 0; i < tape->scan_count; i++)
        for (size_t k = 0; k < tape->scans[i]->body->scan_count; k++)
            if (tape->scans[i]->body->scans[k]->steps == program->segments.steps[0])
                return true;
    return false;
}

/* "100000 steps: 34 segments of 2941, and 6 more". */
static void write_segments(gt_plan_text *t, const gt_program *before)
{
    bool again = is_cut(before);
    int64_t steps = again ? before->segments.steps[0] : gt_longest_loop(before->tape);
    int64_t segment = before->segments.steps[again];
    if (steps <= segment)
        return;
    int64_t count = gt_segments_of(steps, segment);
    bool keeps_last = before->segments.keeps_last && again + 1 == (int)before->segments.count;
    gt_plan_text_add(t,
                     "%s%lld steps: %lld segments of %lld, and %lld more; what a gradient reads is computed again%s; ",
                     again ? "of each segment, " : "", (long long)steps, (long long)count, (long long)segment,
                     (long long)(steps - count * segment), keeps_last ? ", but for the last segment" : "");
}

void gt_change_log_pass(void *context, const char *pass, const gt_program *before, const gt_program *after)
{
    gt_change_log *log = context;
    census a = {0}, b = {0};
    gt_plan_text text = {.pool = log->pool}, program = {.pool = log->pool};
    bool good = count(&a, before->tape, false) && count(&b, after->tape, false) &&
                GT_RESERVE(log->list, log->capacity, log->count + 1);
    if (good && strcmp(pass, "segment") == 0)
        write_segments(&text, before);
    if (good)
        write_all(&text, &a, &b);
    if (good && log->programs)
        gt_program_write(after, &program);
    gt_memory_free(a.labels);
    gt_memory_free(b.labels);
    if (good && text.text != NULL && (program.text != NULL || !log->programs))
        log->list[log->count++] = (gt_plan_change){pass, text.text, log->programs ? program.text : ""};
    else
        log->failed = true;
}
