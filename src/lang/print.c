#include "lang/print.h"

#include "lang/functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct printer {
    char *text;
    size_t size, used; /* used may pass size: what did not fit is counted */
    const gt_lang_expression *marked;
    const char *before, *after;
} printer;

static void put(printer *p, const char *words)
{
    size_t length = strlen(words);
    if (p->used < p->size) {
        size_t room = p->size - p->used - 1;
        memcpy(p->text + p->used, words, length < room ? length : room);
        p->text[p->used + (length < room ? length : room)] = '\0';
    }
    p->used += length;
}

void gt_lang_print_number(double number, char text[32])
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    /* Whatever the locale writes between the digits. */
    for (char *c = text; *c != '\0'; c++)
        if (*c == ',')
            *c = '.';
}

/* ---- strengths ----------------------------------------------------------------------------- */

static int strength_of(const gt_lang_expression *e)
{
    switch (e->kind) {
    case GT_LANG_NUMBER:
        return signbit(e->number) ? GT_LANG_BINDS_NEGATION : GT_LANG_BINDS_POSTFIX;
    case GT_LANG_NEGATE:
        return GT_LANG_BINDS_NEGATION;
    case GT_LANG_BINARY:
        return gt_lang_operation_strength(e->operation);
    case GT_LANG_NAME:
    case GT_LANG_TRANSPOSE:
    case GT_LANG_SLICE:
    case GT_LANG_CALL:
        break;
    }
    return GT_LANG_BINDS_POSTFIX;
}

static void print(printer *p, const gt_lang_expression *e);

/* In parentheses unless it binds at least as strongly as its place needs. */
static void print_in(printer *p, const gt_lang_expression *e, int needed)
{
    bool enclosed = strength_of(e) < needed;
    if (enclosed)
        put(p, "(");
    print(p, e);
    if (enclosed)
        put(p, ")");
}

/* ---- the kinds ----------------------------------------------------------------------------- */

/* Whether the left operand needs parentheses: sums and products group to the left, comparisons not at all. */
static bool encloses_left(const gt_lang_expression *e)
{
    int strength = gt_lang_operation_strength(e->operation);
    bool power = e->operation == GT_LANG_POWER, comparison = strength == GT_LANG_BINDS_COMPARISON;
    return strength_of(e->arguments[0]) < (power ? GT_LANG_BINDS_POSTFIX : comparison ? strength + 1 : strength);
}

/* The operator and what stands behind it; x**-y needs no parentheses. */
static void print_right(printer *p, const gt_lang_expression *e)
{
    bool power = e->operation == GT_LANG_POWER;
    if (!power)
        put(p, " ");
    put(p, gt_lang_operation_text(e->operation));
    if (!power)
        put(p, " ");
    print_in(p, e->arguments[1], power ? GT_LANG_BINDS_NEGATION : gt_lang_operation_strength(e->operation) + 1);
}

/* What opens before the first operand, from the last operator to the first; then each operator closes it. */
static void print_chain(printer *p, const gt_lang_expression *e)
{
    for (uint32_t i = e->chain_length; i-- > 0;) {
        if (e->chain[i] == p->marked && i + 1 < e->chain_length)
            put(p, p->before);
        if (encloses_left(e->chain[i]))
            put(p, "(");
    }
    print(p, gt_lang_operand(e, 0));
    for (uint32_t i = 0; i < e->chain_length; i++) {
        if (encloses_left(e->chain[i]))
            put(p, ")");
        print_right(p, e->chain[i]);
        if (e->chain[i] == p->marked && i + 1 < e->chain_length)
            put(p, p->after);
    }
}

static void print_slice(printer *p, const gt_lang_expression *e)
{
    print_in(p, e->arguments[0], GT_LANG_BINDS_POSTFIX);
    put(p, "[");
    for (uint32_t axis = 0; axis < e->axis_count; axis++) {
        const gt_lang_expression *start = e->bounds[2 * axis], *stop = e->bounds[2 * axis + 1];
        if (axis > 0)
            put(p, ", ");
        if (start != NULL)
            print(p, start);
        put(p, ":");
        if (stop != NULL)
            print(p, stop);
    }
    put(p, "]");
}

static void print_call(printer *p, const gt_lang_expression *e)
{
    const gt_lang_function_entry *function = gt_lang_function_at(e->function);
    put(p, function->name);
    put(p, "(");
    for (uint32_t i = 0; i < e->argument_count; i++) {
        if (i > 0)
            put(p, ", ");
        print(p, e->arguments[i]);
    }
    if (function->has_axis && e->axis != GT_LANG_ALL_AXES)
        put(p, e->axis == 0 ? ", axis=0" : ", axis=1");
    put(p, ")");
}

static void print(printer *p, const gt_lang_expression *e)
{
    char number[32];
    if (e == p->marked)
        put(p, p->before);
    switch (e->kind) {
    case GT_LANG_NUMBER:
        gt_lang_print_number(e->number, number);
        put(p, number);
        break;
    case GT_LANG_NAME:
        put(p, e->name);
        break;
    case GT_LANG_NEGATE:
        put(p, "-");
        print_in(p, e->arguments[0], GT_LANG_BINDS_NEGATION);
        break;
    case GT_LANG_BINARY:
        print_chain(p, e);
        break;
    case GT_LANG_TRANSPOSE:
        print_in(p, e->arguments[0], GT_LANG_BINDS_POSTFIX);
        put(p, ".T");
        break;
    case GT_LANG_SLICE:
        print_slice(p, e);
        break;
    case GT_LANG_CALL:
        print_call(p, e);
        break;
    }
    if (e == p->marked)
        put(p, p->after);
}

size_t gt_lang_print_marked(const gt_lang_expression *expression, const gt_lang_expression *marked, const char *before,
                            const char *after, char *text, size_t size)
{
    printer p = {.text = text, .size = size, .marked = marked, .before = before, .after = after};
    if (size > 0)
        text[0] = '\0';
    print(&p, expression);
    return p.used;
}

size_t gt_lang_print(const gt_lang_expression *expression, char *text, size_t size)
{
    return gt_lang_print_marked(expression, NULL, "", "", text, size);
}
