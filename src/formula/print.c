#include "formula/print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct printer {
    const gt_formula_job *job;
    char *text;
    size_t size, used; /* used may pass size: what did not fit is counted */
} printer;

static void put(printer *p, const char *words)
{
    size_t length = words == NULL ? 0 : strlen(words);
    if (p->used < p->size && length > 0) {
        size_t room = p->size - p->used - 1;
        memcpy(p->text + p->used, words, length < room ? length : room);
        p->text[p->used + (length < room ? length : room)] = '\0';
    }
    p->used += length;
}

void gt_formula_print_number(double number, int digits, char text[32])
{
    snprintf(text, 32, "%.*g", digits, number);
    for (int more = 1; digits == 0 && more <= 17; more++) {
        snprintf(text, 32, "%.*g", more, number);
        if (strtod(text, NULL) == number)
            break;
    }
    /* Whatever the locale writes between the digits. */
    for (char *c = text; *c != '\0'; c++)
        if (*c == ',')
            *c = '.';
}

/* ---- trees --------------------------------------------------------------------------------- */

static gt_formula_node look(const printer *p, const void *node)
{
    return p->job->reader->look(node);
}

static const void *operand(const printer *p, const void *node, uint32_t i)
{
    return p->job->reader->operand(node, i);
}

static bool is_binary(gt_formula_kind kind)
{
    return kind <= GT_FORMULA_POWER;
}

static bool is_number(const printer *p, const void *node)
{
    return look(p, node).kind == GT_FORMULA_NUMBER;
}

/* The marks of an operator. */
static const gt_formula_marks *marks_of(const printer *p, const void *node, gt_formula_kind kind)
{
    const gt_notation *n = p->job->notation;
    bool scales = kind == GT_FORMULA_MULTIPLY && n->scaled.between != NULL &&
                  (is_number(p, operand(p, node, 0)) || is_number(p, operand(p, node, 1)));
    return scales ? &n->scaled : &n->operators[kind];
}

static int strength_of(const printer *p, const void *node)
{
    gt_formula_node seen = look(p, node);
    if (seen.kind == GT_FORMULA_NUMBER && signbit(seen.number))
        return GT_FORMULA_BINDS_NEGATION;
    if (seen.kind == GT_FORMULA_NAME && seen.strength > 0)
        return seen.strength;
    if (seen.kind < GT_FORMULA_SLICE && marks_of(p, node, seen.kind)->encloses)
        return GT_FORMULA_BINDS_POSTFIX;
    return gt_formula_strength(seen.kind);
}

static void print(printer *p, const void *node);

/* In parentheses unless it binds at least as strongly as its place needs. */
static void print_in(printer *p, const void *node, int needed)
{
    bool enclosed = strength_of(p, node) < needed;
    if (enclosed)
        put(p, p->job->notation->open);
    print(p, node);
    if (enclosed)
        put(p, p->job->notation->close);
}

/* ---- the kinds ----------------------------------------------------------------------------- */

/* Whether the left operand needs parentheses: sums and products group to the left, comparisons not at all. */
static bool encloses_left(const printer *p, const void *node)
{
    gt_formula_kind kind = look(p, node).kind;
    int strength = gt_formula_strength(kind);
    bool power = kind == GT_FORMULA_POWER, comparison = strength == GT_FORMULA_BINDS_COMPARISON;
    if (marks_of(p, node, kind)->encloses)
        return false;
    return strength_of(p, operand(p, node, 0)) < (power        ? GT_FORMULA_BINDS_POSTFIX
                                                  : comparison ? strength + 1
                                                               : strength);
}

/* What the right operand must bind; x**-y needs no parentheses. */
static int needed_right(const printer *p, const void *node, gt_formula_kind kind)
{
    bool same = look(p, operand(p, node, 1)).kind == kind;
    if (marks_of(p, node, kind)->encloses)
        return 0;
    if (kind == GT_FORMULA_POWER)
        return GT_FORMULA_BINDS_NEGATION;
    if (p->job->regroups && same && (kind == GT_FORMULA_ADD || kind == GT_FORMULA_MULTIPLY))
        return gt_formula_strength(kind);
    return gt_formula_strength(kind) + 1;
}

static void open_left(printer *p, const void *node)
{
    put(p, marks_of(p, node, look(p, node).kind)->before);
    if (encloses_left(p, node))
        put(p, p->job->notation->open);
}

static void close_left(printer *p, const void *node)
{
    gt_formula_kind kind = look(p, node).kind;
    const gt_formula_marks *marks = marks_of(p, node, kind);
    if (encloses_left(p, node))
        put(p, p->job->notation->close);
    put(p, marks->between);
    print_in(p, operand(p, node, 1), needed_right(p, node, kind));
    put(p, marks->behind);
}

/* What opens before the first operand, from the last operator to the first; then each operator closes it. */
static void print_chain(printer *p, const void *node, uint32_t length)
{
    const gt_formula_reader *reader = p->job->reader;
    for (uint32_t i = length; i-- > 0;) {
        const void *link = reader->link(node, i);
        if (link == p->job->marked && i + 1 < length)
            put(p, p->job->before);
        open_left(p, link);
    }
    print(p, operand(p, reader->link(node, 0), 0));
    for (uint32_t i = 0; i < length; i++) {
        const void *link = reader->link(node, i);
        close_left(p, link);
        if (link == p->job->marked && i + 1 < length)
            put(p, p->job->behind);
    }
}

static void print_slice(printer *p, const void *node, uint32_t axis_count)
{
    const gt_notation *n = p->job->notation;
    print_in(p, operand(p, node, 0), GT_FORMULA_BINDS_POSTFIX);
    put(p, n->bounds.before);
    for (uint32_t axis = 0; axis < axis_count; axis++) {
        const void *start = operand(p, node, 1 + 2 * axis), *stop = operand(p, node, 2 + 2 * axis);
        if (axis > 0)
            put(p, n->bounds.between);
        if (start != NULL)
            print(p, start);
        put(p, n->to);
        if (stop != NULL)
            print(p, stop);
    }
    put(p, n->bounds.behind);
}

static const gt_formula_function *find_function(const gt_notation *n, const char *name, int axis)
{
    for (const gt_formula_function *f = n->functions; f != NULL && f->name != NULL; f++)
        if (strcmp(f->name, name) == 0 && f->axis == axis)
            return f;
    return NULL;
}

static void print_call(printer *p, const void *node, const gt_formula_node *seen)
{
    const gt_formula_job *job = p->job;
    const gt_notation *n = job->notation_of != NULL ? job->notation_of(job->naming, node) : job->notation;
    const gt_formula_function *function = find_function(n, seen->name, seen->axis);
    const gt_formula_marks *marks = function != NULL ? &function->marks : &n->call;
    if (function == NULL) {
        put(p, n->function[0]);
        put(p, seen->name);
        put(p, n->function[1]);
    }
    put(p, marks->before);
    for (uint32_t i = 0; i < seen->count; i++) {
        if (i > 0)
            put(p, marks->between);
        print(p, operand(p, node, i));
    }
    if (function == NULL && seen->axis >= 0)
        put(p, n->axes[seen->axis]);
    put(p, marks->behind);
}

static void print_number(printer *p, double number)
{
    const gt_notation *n = p->job->notation;
    char text[32];
    gt_formula_print_number(number, p->job->digits, text);
    char *e = n->exponent[0] != NULL ? strchr(text, 'e') : NULL;
    if (e != NULL)
        *e = '\0';
    put(p, n->number[0]);
    put(p, text);
    if (e != NULL) { /* its sign is kept, its zeros are not */
        put(p, n->exponent[0]);
        put(p, e[1] == '-' ? "-" : "");
        put(p, e + 1 + strspn(e + 1, "+-0"));
        put(p, n->exponent[1]);
    }
    if (n->fractional && strcspn(text, ".en") == strlen(text))
        put(p, ".0");
    put(p, n->number[1]);
}

static void print_kind(printer *p, const void *node)
{
    gt_formula_node seen = look(p, node);
    const gt_notation *n = p->job->notation;
    if (is_binary(seen.kind)) {
        print_chain(p, node, seen.chain_length);
    } else if (seen.kind == GT_FORMULA_NUMBER) {
        print_number(p, seen.number);
    } else if (seen.kind == GT_FORMULA_NAME) {
        put(p, p->job->name == NULL ? seen.name : p->job->name(p->job->naming, &seen));
    } else if (seen.kind == GT_FORMULA_SLICE) {
        print_slice(p, node, seen.axis_count);
    } else if (seen.kind == GT_FORMULA_CALL) {
        print_call(p, node, &seen);
    } else {
        const gt_formula_marks *marks = &n->operators[seen.kind];
        put(p, marks->before);
        print_in(p, operand(p, node, 0), marks->encloses ? 0 : gt_formula_strength(seen.kind));
        put(p, marks->behind);
    }
}

static void print(printer *p, const void *node)
{
    bool marked = node == p->job->marked;
    if (marked)
        put(p, p->job->before);
    print_kind(p, node);
    if (marked)
        put(p, p->job->behind);
}

size_t gt_formula_print(const gt_formula_job *job, const void *formula, char *text, size_t size)
{
    printer p = {.job = job, .text = text, .size = size};
    if (size > 0)
        text[0] = '\0';
    print(&p, formula);
    return p.used;
}
