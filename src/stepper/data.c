/* What the page's program reads, as JSON inside of HTML; docs/teaching.md says what the page shows of it. */
#include "base/entry.h"
#include "base/memory.h"
#include "stepper/stepping.h"

#include <stdlib.h>
#include <string.h>

enum { HIDDEN = 6, BACKWARD = 8, MOST_OPS = 512 };

/* Operations and shapes are written once. */
typedef struct table {
    gt_var list[MOST_OPS];
    uint32_t count;
} table;

/* "<" never stands in the text, so that nothing in it can end the element around it. */
static void write_string(gt_text *text, const char *words)
{
    gt_text_put(text, "\"", 1);
    for (; *words != '\0'; words++) {
        unsigned char letter = (unsigned char)*words;
        if (letter < 32 || letter == '<' || letter == '>' || letter == '&' || letter == '"' || letter == '\\')
            gt_text_print(text, "\\u%04x", letter);
        else
            gt_text_put(text, words, 1);
    }
    gt_text_put(text, "\"", 1);
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Doubles in base 64, the lowest byte first: exact, and shorter than digits. */
typedef struct encoder {
    gt_text *text;
    unsigned char bytes[3];
    int count;
} encoder;

static void encode_three(encoder *e)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t all = (uint32_t)e->bytes[0] << 16 | (uint32_t)e->bytes[1] << 8 | e->bytes[2];
    char four[4];
    for (int i = 0; i < 4; i++)
        four[i] = i > e->count ? '=' : letters[all >> (18 - 6 * i) & 63];
    gt_text_put(e->text, four, 4);
    memset(e->bytes, 0, sizeof e->bytes);
    e->count = 0;
}

static void encode(encoder *e, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    for (int i = 0; i < 8; i++) {
        e->bytes[e->count++] = (unsigned char)(bits >> 8 * i);
        if (e->count == 3)
            encode_three(e);
    }
}

static void finish(encoder *e)
{
    if (e->count > 0)
        encode_three(e);
}

static double number_at(gt_array array, int64_t k)
{
    return gt_entry_at(array.data, array.dtype, k);
}

static void write_numbers(const gt_stepping *s, gt_text *text)
{
    encoder e = {.text = text};
    gt_text_print(text, ",\n\"numbers\":\"");
    for (size_t i = 0; i < s->item_count; i++) {
        gt_array array = gt_interpreter_array(s->run, s->items[i].var);
        for (int64_t k = 0; k < gt_shape_count(array.shape); k++)
            encode(&e, number_at(array, k));
    }
    finish(&e);
    gt_text_print(text, "\"");
}

static void write_list(const gt_stepping *s, gt_text *text, const char *name, const double *list)
{
    encoder e = {.text = text};
    gt_text_print(text, ",\n\"%s\":\"", name);
    for (size_t k = 0; list != NULL && k < s->problem->x_count; k++)
        encode(&e, list[k]);
    finish(&e);
    gt_text_print(text, "\"");
}

/* ---- tables -------------------------------------------------------------------------------- */

static bool same_op(gt_var a, gt_var b)
{
    if (gt_var_op(a) != gt_var_op(b) || gt_var_attribute_count(a) != gt_var_attribute_count(b))
        return false;
    for (uint32_t i = 0; i < gt_var_attribute_count(a); i++)
        if (gt_var_attribute(a, i) != gt_var_attribute(b, i))
            return false;
    return true;
}

static bool same_shape(gt_var a, gt_var b)
{
    return gt_var_shape(a).rank == gt_var_shape(b).rank && gt_shape_equal(gt_var_shape(a), gt_var_shape(b));
}

/* A tape with more kinds than the table has room for shows the last for the rest: no cell has. */
static uint32_t place_in(table *t, gt_var v, bool (*same)(gt_var, gt_var))
{
    for (uint32_t i = 0; i < t->count; i++)
        if (same(t->list[i], v))
            return i;
    if (t->count == MOST_OPS)
        return MOST_OPS - 1;
    t->list[t->count] = v;
    return t->count++;
}

static void write_op(gt_var v, gt_text *text)
{
    const gt_op *op = gt_var_op(v);
    char detail[64] = "";
    if (op->detail != NULL)
        op->detail(v, detail, sizeof detail);
    gt_text_print(text, "[");
    write_string(text, op->name);
    gt_text_print(text, ",");
    write_string(text, op->label != NULL ? op->label : op->name);
    gt_text_print(text, ",");
    write_string(text, detail);
    gt_text_print(text, ",%d", (int)op->op_class);
    /* Those of moving and summing are places and axes; real numbers would not survive as these. */
    bool places = op->op_class == GT_CLASS_VIEW || op->op_class == GT_CLASS_REDUCTION ||
                  op->op_class == GT_CLASS_MATRIX_PRODUCT || op->op_class == GT_CLASS_PART ||
                  (op->op_class == GT_CLASS_OTHER && op->axes == GT_AXES_ALONG);
    for (uint32_t i = 0; places && i < gt_var_attribute_count(v); i++)
        gt_text_print(text, ",%lld", (long long)gt_var_attribute(v, i));
    gt_text_print(text, "]");
}

static void write_shape(gt_var v, gt_text *text)
{
    gt_shape shape = gt_var_shape(v);
    gt_text_print(text, "[");
    for (int32_t i = 0; i < shape.rank; i++)
        gt_text_print(text, "%s%lld", i > 0 ? "," : "", (long long)shape.size[i]);
    gt_text_print(text, "]");
}

static void write_table(const table *t, gt_text *text, const char *name, void (*write)(gt_var, gt_text *))
{
    gt_text_print(text, ",\n\"%s\":[", name);
    for (uint32_t i = 0; i < t->count; i++) {
        gt_text_print(text, i > 0 ? "," : "");
        write(t->list[i], text);
    }
    gt_text_print(text, "]");
}

/* ---- items --------------------------------------------------------------------------------- */

/* The item to whose adjoint a backward one contributes, or -1. */
static int64_t target_of(const gt_stepping *s, gt_var v)
{
    int32_t slot;
    gt_var origin = gt_var_origin(v, &slot);
    return gt_var_valid(origin) && slot >= 0 ? gt_stepping_item(s, gt_var_input(origin, (uint32_t)slot)) : -1;
}

static void write_item(const gt_stepping *s, size_t i, table *shapes, table *ops, gt_text *text)
{
    const gt_item *item = &s->items[i];
    const gt_graph_node *node = gt_graph_node_at(s->graph, item->node);
    int kind = node == NULL ? HIDDEN : (int)node->kind;
    bool backward = node != NULL ? node->backward : item->var.index > s->forward;
    uint32_t operands = gt_var_op(item->var)->op_class == GT_CLASS_LEAF ? 0 : gt_var_input_count(item->var);
    gt_text_print(text, "%s[%lld,%d,%d,%u,%u,%lld", i > 0 ? ",\n" : "", node == NULL ? -1LL : (long long)item->node,
                  kind + (backward ? BACKWARD : 0), node == NULL ? -1 : (int)node->step,
                  (unsigned)place_in(shapes, item->var, same_shape), (unsigned)place_in(ops, item->var, same_op),
                  (long long)target_of(s, item->var));
    for (uint32_t k = 0; k < operands; k++)
        gt_text_print(text, ",%lld", (long long)gt_stepping_item(s, gt_var_input(item->var, k)));
    gt_text_print(text, "]");
}

static void write_items(const gt_stepping *s, table *shapes, table *ops, gt_text *text)
{
    gt_text_print(text, ",\n\"items\":[");
    for (size_t i = 0; i < s->item_count; i++)
        write_item(s, i, shapes, ops, text);
    gt_text_print(text, "]");
}

/* Of what has no row in the table of steps. */
static void write_names(const gt_stepping *s, gt_text *text)
{
    bool first = true;
    gt_text_print(text, ",\n\"names\":{");
    for (size_t i = 0; i < s->item_count; i++) {
        if (s->items[i].node != GT_GRAPH_NONE)
            continue;
        gt_text_print(text, "%s\"%zu\":", first ? "" : ",", i);
        write_string(text, s->names[s->items[i].var.index].text);
        first = false;
    }
    gt_text_print(text, "}");
}

static long long item_at(const gt_stepping *s, uint32_t index)
{
    return index == 0 ? -1 : (long long)gt_stepping_item(s, gt_tape_var(s->record.tape, index - 1));
}

/* What is shown as what it is a mere reshaping of has no sum of its own. */
static bool is_shown_as_another(const gt_stepping *s, uint32_t index)
{
    return index != 0 && s->item_of[index] == 0 && item_at(s, index) >= 0;
}

/* The op that it comes from: behind a reshaping, what reads that. */
static uint32_t source_of(const gt_stepping *s, const gt_addend *a)
{
    if (!is_shown_as_another(s, a->by))
        return a->by;
    for (size_t i = 0; i < s->addend_count; i++)
        if (s->addends[i].target == a->by)
            return source_of(s, &s->addends[i]);
    return a->by;
}

static void write_addends(const gt_stepping *s, gt_text *text)
{
    bool first = true;
    gt_text_print(text, ",\n\"addends\":[");
    for (size_t i = 0; i < s->addend_count; i++) {
        const gt_addend *a = &s->addends[i];
        long long target = item_at(s, a->target);
        if (target < 0 || is_shown_as_another(s, a->target))
            continue;
        gt_text_print(text, "%s[%lld,%lld,%lld,%lld]", first ? "" : ",", target, item_at(s, source_of(s, a)),
                      item_at(s, a->value), item_at(s, a->sum));
        first = false;
    }
    gt_text_print(text, "]");
}

static void write_given(const gt_stepping *s, gt_text *text)
{
    static const char *const kinds[] = {"input", "state", "parameter"};
    gt_text_print(text, ",\n\"given\":[");
    for (uint32_t i = 0; i < s->problem->differentiated; i++) {
        const gt_problem_array *array = &s->problem->arrays[i];
        gt_text_print(text, i > 0 ? ",[" : "[");
        write_string(text, array->name);
        gt_text_print(text, ",\"%s\",%lld,%lld]", kinds[array->kind],
                      (long long)gt_stepping_item(s, s->record.arrays[i]),
                      s->options.forward_only ? -1LL : (long long)gt_stepping_item(s, s->gradients[i]));
    }
    gt_text_print(text, "]");
}

/* Those that are drawn as lines: number, start and end. */
static void write_edges(const gt_graph *graph, const char *picture, gt_text *text)
{
    static const char start[] = "<g id=\"e";
    bool first = true;
    gt_text_print(text, "\"edges\":[");
    for (const char *at = strstr(picture, start); at != NULL; at = strstr(at + 1, start)) {
        uint32_t i = (uint32_t)strtoul(at + sizeof start - 1, NULL, 10);
        const gt_graph_edge *edge = gt_graph_edge_at(graph, i);
        if (edge == NULL)
            continue;
        gt_text_print(text, "%s%u,%u,%u", first ? "" : ",", (unsigned)i, (unsigned)edge->from, (unsigned)edge->to);
        first = false;
    }
    gt_text_print(text, "]");
}

/* What is carried from step to step: the value after a step, the state that it is in the next. */
static void write_carried(const gt_graph *graph, gt_text *text)
{
    bool first = true;
    gt_text_print(text, ",\"carried\":[");
    for (uint32_t i = 0; i < gt_graph_edge_count(graph); i++) {
        const gt_graph_edge *edge = gt_graph_edge_at(graph, i);
        if (edge->kind != GT_GRAPH_NEXT)
            continue;
        gt_text_print(text, "%s%u,%u", first ? "" : ",", (unsigned)edge->from, (unsigned)edge->to);
        first = false;
    }
    gt_text_print(text, "]");
}

/* The nodes that stand for the items, by item. */
static void write_view(const gt_stepping *s, const char *name, const gt_stepping_view *view, gt_text *text)
{
    if (view->graph == NULL)
        return;
    gt_text_print(text, "%s\"%s\":{\"of\":[", view == &s->cell ? "" : ",\n", name);
    for (size_t i = 0; i < s->item_count; i++) {
        uint32_t node = s->items[i].node, of = node == GT_GRAPH_NONE ? node : view->of[node];
        gt_text_print(text, "%s%lld", i > 0 ? "," : "", of == GT_GRAPH_NONE ? -1LL : (long long)of);
    }
    gt_text_print(text, "],");
    write_edges(view->graph, view->picture, text);
    write_carried(view->graph, text);
    gt_text_print(text, "}");
}

/* What the page's address is taken for if it names no place. */
static void write_start(const gt_stepping *s, gt_text *text)
{
    int64_t item = s->options.start != NULL ? gt_stepping_find_start(s) : -1;
    if (item >= 0)
        gt_text_print(text, ",\n\"start\":\"#item=%lld&entry=%llu\"", (long long)item,
                      (unsigned long long)s->options.start->entry);
}

/* By line of the derivation: its name, the right formula, wrong ones with what is wrong. */
static void write_quiz(const gt_stepping *s, gt_text *text)
{
    gt_text_print(text, ",\n\"quiz\":[");
    for (uint32_t i = 0; i < s->options.question_count; i++) {
        const gt_quiz_question *q = &s->options.questions[i];
        gt_text_print(text, i > 0 ? ",\n[" : "[");
        write_string(text, q->name);
        for (int k = 0; k < GT_QUIZ_ANSWERS; k++) {
            gt_text_print(text, k == 0 ? "," : ",[");
            write_string(text, q->answers[k].formula);
            if (k == 0)
                continue;
            gt_text_print(text, ",");
            write_string(text, q->answers[k].why);
            gt_text_print(text, "]");
        }
        gt_text_print(text, "]");
    }
    gt_text_print(text, "]");
}

void gt_stepping_write_data(const gt_stepping *s, gt_text *text)
{
    table *tables = gt_memory_new(2, sizeof *tables);
    if (tables == NULL) {
        text->failed = true;
        return;
    }
    gt_text_print(text, "{\"version\":1,\"steps\":%lld,\"examples\":%lld,\"cell\":", (long long)s->problem->steps,
                  (long long)s->problem->examples);
    write_string(text, s->problem->cell->name);
    write_items(s, &tables[0], &tables[1], text);
    write_table(&tables[0], text, "shapes", write_shape);
    write_table(&tables[1], text, "ops", write_op);
    write_names(s, text);
    write_addends(s, text);
    write_given(s, text);
    write_start(s, text);
    gt_text_print(text, ",\n\"views\":{");
    write_view(s, "cell", &s->cell, text);
    write_view(s, "rolled", &s->rolled, text);
    gt_text_print(text, "},\n");
    write_edges(s->graph, s->picture, text);
    write_numbers(s, text);
    write_list(s, text, "derivatives", s->derivatives);
    write_list(s, text, "errors", s->errors);
    write_quiz(s, text);
    gt_text_print(text, "}\n");
    gt_memory_free(tables);
}
