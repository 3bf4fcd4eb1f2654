/* Formulas in the language in which they were written. */
#include "diagnose/expression.h"

#include "gradtape/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* How tightly a formula binds; what binds less than its surroundings needs parentheses. */
enum { COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM };

typedef struct writer {
    char *text;
    size_t size, length;
    const char *const *names;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    w->length += gt_utf8_format_list(w->text + w->length, w->size - w->length, format, arguments);
    va_end(arguments);
}

static int binding(const gt_expression *f)
{
    switch (f->kind) {
    case GT_EXPRESSION_COMPARE:
        return COMPARISON;
    case GT_EXPRESSION_ADD:
    case GT_EXPRESSION_SUBTRACT:
        return SUM;
    case GT_EXPRESSION_MULTIPLY:
    case GT_EXPRESSION_DIVIDE:
    case GT_EXPRESSION_MATMUL:
        return PRODUCT;
    case GT_EXPRESSION_NEGATE:
        return SIGN;
    case GT_EXPRESSION_POWER:
        return POWER;
    case GT_EXPRESSION_NUMBER:
        return f->number < 0 ? SIGN : ATOM;
    default:
        return ATOM;
    }
}

static void write(writer *w, const gt_expression *f, int least);

static void write_binary(writer *w, const gt_expression *f, const char *operator)
{
    int own = binding(f);
    write(w, f->operands[0], own);
    put(w, "%s", operator);
    /* a - (b - c), and a @ (b * c): the right operand only without parentheses if it binds more
     * tightly, */
    const gt_expression *right = f->operands[1];
    bool same = f->kind == right->kind && (f->kind == GT_EXPRESSION_ADD || f->kind == GT_EXPRESSION_MULTIPLY);
    write(w, right, same ? own : own + 1); /* except where it makes no difference */
}

static void write_bounds(writer *w, const gt_expression *from, const gt_expression *to)
{
    if (from != NULL)
        write(w, from, SUM);
    put(w, ":");
    if (to != NULL)
        write(w, to, SUM);
}

static void write_slice(writer *w, const gt_expression *f)
{
    write(w, f->operands[0], ATOM);
    put(w, "[");
    write_bounds(w, f->operands[1], f->operands[2]);
    if (f->operands[3] != NULL || f->operands[4] != NULL) {
        put(w, ", ");
        write_bounds(w, f->operands[3], f->operands[4]);
    }
    put(w, "]");
}

static void write_call(writer *w, const gt_expression *f)
{
    put(w, "%s(", gt_lang_function_at((gt_lang_function)f->detail)->name);
    for (uint32_t i = 0; i < f->count; i++) {
        put(w, i == 0 ? "" : ", ");
        write(w, f->operands[i], COMPARISON);
    }
    if ((f->detail == GT_LANG_SUM || f->detail == GT_LANG_MEAN) && f->axis < 2)
        put(w, ", axis=%u", (unsigned)f->axis);
    put(w, ")");
}

static void write_inside(writer *w, const gt_expression *f)
{
    switch (f->kind) {
    case GT_EXPRESSION_NUMBER:
        put(w, "%.12g", f->number);
        break;
    case GT_EXPRESSION_NAME:
        put(w, "%s", w->names[f->name]);
        break;
    case GT_EXPRESSION_NEGATE:
        put(w, "-");
        write(w, f->operands[0], SIGN);
        break;
    case GT_EXPRESSION_ADD:
        write_binary(w, f, " + ");
        break;
    case GT_EXPRESSION_SUBTRACT:
        write_binary(w, f, " - ");
        break;
    case GT_EXPRESSION_MULTIPLY:
        write_binary(w, f, " * ");
        break;
    case GT_EXPRESSION_DIVIDE:
        write_binary(w, f, " / ");
        break;
    case GT_EXPRESSION_MATMUL:
        write_binary(w, f, " @ ");
        break;
    case GT_EXPRESSION_POWER:
        write(w, f->operands[0], ATOM);
        put(w, "**");
        write(w, f->operands[1], SIGN);
        break;
    case GT_EXPRESSION_TRANSPOSE:
        write(w, f->operands[0], ATOM);
        put(w, ".T");
        break;
    case GT_EXPRESSION_SLICE:
        write_slice(w, f);
        break;
    case GT_EXPRESSION_CALL:
        write_call(w, f);
        break;
    case GT_EXPRESSION_COMPARE:
        write(w, f->operands[0], SUM);
        put(w, " %s ", gt_lang_operation_text((gt_lang_operation)f->detail));
        write(w, f->operands[1], SUM);
        break;
    }
}

static void write(writer *w, const gt_expression *f, int least)
{
    bool parentheses = binding(f) < least;
    if (parentheses)
        put(w, "(");
    write_inside(w, f);
    if (parentheses)
        put(w, ")");
}

char *gt_expression_print(const gt_expression *formula, const char *const *names, char *text, size_t size)
{
    writer w = {text, size, 0, names};
    if (size > 0)
        text[0] = '\0';
    write(&w, formula, COMPARISON);
    return text;
}
