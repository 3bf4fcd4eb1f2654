/*
 * A derivation as two C functions of one step, on a struct of arrays that the caller makes room for.
 *
 * Matrix products, sums and the like get loops of their own and, inside an expression, an array for what
 * they give; what is left is element by element, and its entries are written as the entries of names.
 */
#include "base/utf8.h"
#include "derive/c_entries.h"
#include "derive/forms.h"
#include "lang/copy.h"
#include "lang/functions.h"
#include "lang/meaning_parts.h"
#include "lang/print.h"

#include <string.h>

static const struct {
    gt_lang_function function;
    const char *text;
} helpers[] = {
    {GT_LANG_SIGMOID, "static double sigmoid(double u)\n{\n    return 1 / (1 + exp(-u));\n}\n"},
    {GT_LANG_RELU, "static double relu(double u)\n{\n    return u > 0 ? u : 0;\n}\n"},
    {GT_LANG_SOFTPLUS, "static double softplus(double u)\n{\n    return (u > 0 ? u : 0) + log1p(exp(-fabs(u)));\n}\n"},
    {GT_LANG_GELU, "static double gelu(double u)\n{\n"
                   "    return u / (1 + exp(-1.5957691216057308 * (u + 0.044715 * u * u * u)));\n}\n"},
    {GT_LANG_MAXIMUM, "static double larger(double u, double v)\n{\n    return u > v || u != u ? u : v;\n}\n"},
    {GT_LANG_MINIMUM, "static double smaller(double u, double v)\n{\n    return u < v || u != u ? u : v;\n}\n"},
    {GT_LANG_WHERE, "static double chosen(double mask, double u, double v)\n{\n    return mask != 0 ? u : v;\n}\n"},
};

/* Words that no member of a struct can be called. */
static const char *const reserved[] = {"auto",    "break",  "case",     "char",   "const",    "continue", "default",
                                       "do",      "double", "else",     "enum",   "extern",   "float",    "for",
                                       "goto",    "if",     "inline",   "int",    "long",     "register", "restrict",
                                       "return",  "short",  "signed",   "sizeof", "static",   "struct",   "switch",
                                       "typedef", "union",  "unsigned", "void",   "volatile", "while",    NULL};

static void emit(gt_c_writer *w, const char *name, gt_expr e);

/* ---- arrays on the way --------------------------------------------------------------------- */

static bool has_loops(gt_expr e)
{
    return gt_build_is_binary(e, GT_LANG_MATMUL) ||
           (e->kind == GT_LANG_CALL && (gt_lang_function_at(e->function)->has_axis || e->function == GT_LANG_CONCAT ||
                                        gt_lang_goes_down(e->function)));
}

/* A member of the struct; its place behind the others. */
static void add_array(gt_c_writer *w, const char *name, const gt_lang_shape *shape, const char *words)
{
    const char *code = gt_derive_code_name(&w->naming, name), *rows = gt_c_grouped(w, gt_c_size(w, &shape->rows));
    char text[400];
    gt_text_print(&w->members, "    double *%s; /* (%s, ", code,
                  gt_lang_size_format(&shape->rows, true, text, sizeof text));
    gt_text_print(&w->members, "%s)%s */\n", gt_lang_size_format(&shape->columns, true, text, sizeof text), words);
    gt_text_print(&w->places, "    s->%s = memory == NULL ? NULL : memory + count;\n    count += %s * %s;\n", code,
                  rows, gt_c_grouped(w, gt_c_size(w, &shape->columns)));
}

/* An array of its own for what an expression gives. */
static gt_expr stored(gt_c_writer *w, gt_expr e)
{
    gt_lang_shape shape = gt_build_shape(w->d, e);
    const char *name = gt_derive_new_name(w->d, "t", "");
    if (name == NULL || w->d->no_memory)
        return NULL;
    gt_lang_define(&w->d->checker,
                   (gt_lang_symbol){.name = name, .kind = GT_LANG_SYMBOL_BACKWARD, .defined = true, .shape = shape});
    add_array(w, name, &shape, ", on the way");
    emit(w, name, e);
    return gt_build_name(w->d, name);
}

/* The expression with arrays in place of what needs loops of its own. */
static gt_expr prepared(gt_c_writer *w, gt_expr e)
{
    if (e->argument_count == 0 || w->d->no_memory)
        return e;
    if (has_loops(e))
        return stored(w, e);
    gt_lang_expression *copy = gt_pool_new(&w->d->pool, 1, sizeof *copy);
    gt_lang_expression **arguments = gt_pool_new(&w->d->pool, e->argument_count, sizeof *arguments);
    for (uint32_t k = 0; arguments != NULL && k < e->argument_count; k++)
        arguments[k] = (gt_lang_expression *)prepared(w, e->arguments[k]);
    w->d->no_memory = w->d->no_memory || copy == NULL || arguments == NULL;
    if (w->d->no_memory)
        return NULL;
    *copy = *e;
    copy->arguments = arguments;
    if (e->kind == GT_LANG_BINARY)
        return gt_build_joined(w->d, e->operation, arguments[0], arguments[1]);
    return copy;
}

/* An operand that is read more than once: a name, perhaps turned or cut. */
static gt_expr operand(gt_c_writer *w, gt_expr e)
{
    gt_expr inside = e;
    while (inside->kind == GT_LANG_TRANSPOSE || inside->kind == GT_LANG_SLICE)
        inside = inside->arguments[0];
    return inside->kind == GT_LANG_NAME ? e : stored(w, e);
}

/* ---- loops --------------------------------------------------------------------------------- */

/* "for (size_t j = 0; j < s->m; j++)", which is nothing along an axis of size 1; returns how deep what follows is. */
static int put_loop(gt_c_writer *w, int depth, const char *index, const gt_lang_size *size)
{
    if (gt_c_is_one(size))
        return depth;
    gt_text_print(&w->body, "%*sfor (size_t %s = 0; %s < %s; %s++)\n", 4 * depth, "", index, index, gt_c_size(w, size),
                  index);
    return depth + 1;
}

static int put_loops(gt_c_writer *w, const gt_lang_shape *shape)
{
    return put_loop(w, put_loop(w, 1, "j", &shape->columns), "i", &shape->rows);
}

static void put_text(gt_c_writer *w, int depth, const char *text)
{
    gt_text_print(&w->body, "%*s%s", 4 * depth, "", text);
}

static void put_assignment(gt_c_writer *w, int depth, const char *place, gt_expr value)
{
    put_text(w, depth, place);
    gt_text_print(&w->body, " = ");
    gt_c_put_element(w, value, "i", "j");
    gt_text_print(&w->body, ";\n");
}

static void emit_elements(gt_c_writer *w, const char *name, gt_expr e)
{
    gt_lang_shape shape = gt_build_shape(w->d, e);
    e = prepared(w, e);
    if (e != NULL)
        put_assignment(w, put_loops(w, &shape), gt_c_entry(w, name, &shape, "i", "j"), e);
}

/* { double sum = 0; ...; place = sum; } around loops that add up; returns how deep those are. */
static int open_sum(gt_c_writer *w, int depth)
{
    put_text(w, depth, "{\n");
    put_text(w, depth + 1, "double sum = 0;\n");
    return depth + 1;
}

static void close_sum(gt_c_writer *w, int depth, const char *place, const char *behind)
{
    put_text(w, depth + 1, "");
    gt_text_print(&w->body, "%s = sum%s;\n", place, behind);
    put_text(w, depth, "}\n");
}

static void emit_matmul(gt_c_writer *w, const char *name, gt_expr e)
{
    gt_expr a = operand(w, e->arguments[0]), b = operand(w, e->arguments[1]);
    gt_lang_shape shape = gt_build_shape(w->d, e), inner = gt_build_shape(w->d, a);
    if (a == NULL || b == NULL)
        return;
    int depth = put_loops(w, &shape);
    put_text(w, put_loop(w, open_sum(w, depth), "k", &inner.columns), "sum += ");
    gt_c_put_element(w, a, "i", "k");
    gt_text_print(&w->body, " * ");
    gt_c_put_element(w, b, "k", "j");
    gt_text_print(&w->body, ";\n");
    close_sum(w, depth, gt_c_entry(w, name, &shape, "i", "j"), "");
}

/* What is reduced gets the loops along its axes inside those of the result. */
static void emit_reduction(gt_c_writer *w, const char *name, gt_expr e)
{
    gt_expr u = prepared(w, e->arguments[0]);
    gt_lang_shape shape = gt_build_shape(w->d, e), inner = gt_build_shape(w->d, u);
    gt_lang_size one = gt_lang_size_number(1);
    const char *count = "";
    if (u == NULL)
        return;
    int depth = put_loops(w, &shape), inside = open_sum(w, depth);
    inside = put_loop(w, inside, "l", e->axis == 0 ? &one : &inner.columns);
    put_text(w, put_loop(w, inside, "k", e->axis == 1 ? &one : &inner.rows), "sum += ");
    gt_c_put_element(w, u, e->axis == 1 ? "i" : "k", e->axis == 0 ? "j" : "l");
    gt_text_print(&w->body, ";\n");
    if (e->function == GT_LANG_MEAN && e->axis != 1)
        count = gt_c_printed(w, " / (double)%s", gt_c_grouped(w, gt_c_size(w, &inner.rows)));
    if (e->function == GT_LANG_MEAN && e->axis != 0)
        count = gt_c_printed(w, "%s / (double)%s", count, gt_c_grouped(w, gt_c_size(w, &inner.columns)));
    close_sum(w, depth, gt_c_entry(w, name, &shape, "i", "j"), count);
}

static void emit_concat(gt_c_writer *w, const char *name, gt_expr e)
{
    gt_lang_shape whole = gt_build_shape(w->d, e);
    gt_lang_size from = gt_lang_size_number(0);
    for (uint32_t k = 0; k < e->argument_count; k++) {
        gt_expr part = prepared(w, e->arguments[k]);
        gt_lang_shape shape = gt_build_shape(w->d, part);
        if (part == NULL)
            return;
        const char *i = gt_c_is_one(&shape.rows) ? "0" : "i";
        const char *place = from.term_count == 0 ? i : gt_c_printed(w, "%s + %s", i, gt_c_size(w, &from));
        put_assignment(w, put_loops(w, &shape), gt_c_entry(w, name, &whole, place, "j"), part);
        gt_lang_size_add(&from, &shape.rows, 1, &from);
    }
}

/* A column of u with something done to each entry, whose place is `own`. */
static void put_column(gt_c_writer *w, int depth, const char *own, const char *before, gt_expr u, const char *behind)
{
    put_text(w, depth, own);
    gt_text_print(&w->body, "%s", before);
    gt_c_put_element(w, u, "i", "j");
    gt_text_print(&w->body, "%s;\n", behind);
}

/* A loop over columns, in which a function of whole ones is written out. */
typedef struct column_loop {
    gt_expr u; /* the argument, of one entry */
    gt_lang_shape shape;
    const char *own; /* the entry of the result */
    int depth;       /* of what is in the loop */
} column_loop;

static bool open_columns(gt_c_writer *w, const char *name, gt_expr e, column_loop *loop)
{
    *loop = (column_loop){.u = operand(w, e->arguments[0]), .shape = gt_build_shape(w->d, e)};
    loop->own = gt_c_entry(w, name, &loop->shape, gt_c_is_one(&loop->shape.rows) ? "0" : "i", "j");
    if (loop->u == NULL)
        return false;
    loop->depth = put_loop(w, 1, "j", &loop->shape.columns) + 1;
    put_text(w, loop->depth - 1, "{\n");
    return true;
}

/* A loop over the rows of a column; what is in it is so deep. */
static int over_rows(gt_c_writer *w, const column_loop *loop)
{
    return put_loop(w, loop->depth, "i", &loop->shape.rows);
}

/* exp(u - largest) over its sum */
static void emit_softmax(gt_c_writer *w, const char *name, gt_expr e)
{
    column_loop loop;
    if (!open_columns(w, name, e, &loop))
        return;
    put_text(w, loop.depth, "double largest = -INFINITY, sum = 0;\n");
    put_column(w, over_rows(w, &loop), "largest", " = fmax(largest, ", loop.u, ")");
    put_column(w, over_rows(w, &loop), loop.own, " = exp(", loop.u, " - largest)");
    put_text(w, over_rows(w, &loop), gt_c_printed(w, "sum += %s;\n", loop.own));
    put_text(w, over_rows(w, &loop), gt_c_printed(w, "%s /= sum;\n", loop.own));
    put_text(w, loop.depth - 1, "}\n");
}

static void emit_cumsum(gt_c_writer *w, const char *name, gt_expr e)
{
    column_loop loop;
    if (!open_columns(w, name, e, &loop))
        return;
    put_text(w, loop.depth, "double sum = 0;\n");
    put_column(w, over_rows(w, &loop), loop.own, " = sum += ", loop.u, "");
    put_text(w, loop.depth - 1, "}\n");
}

/* (u - mean) / sqrt(variance + 1e-5), for each column */
static void emit_layernorm(gt_c_writer *w, const char *name, gt_expr e)
{
    gt_expr u = operand(w, e->arguments[0]);
    gt_lang_shape shape = gt_build_shape(w->d, e);
    const char *own = gt_c_entry(w, name, &shape, gt_c_is_one(&shape.rows) ? "0" : "i", "j");
    const char *share = gt_c_printed(w, " / (double)%s", gt_c_grouped(w, gt_c_size(w, &shape.rows)));
    if (u == NULL)
        return;
    int depth = put_loop(w, 1, "j", &shape.columns);
    put_text(w, depth, "{\n");
    put_text(w, depth + 1, "double mean = 0, variance = 0;\n");
    put_column(w, put_loop(w, depth + 1, "i", &shape.rows), "mean", " += ", u, share);
    put_column(w, put_loop(w, depth + 1, "i", &shape.rows), own, " = ", u, " - mean");
    put_text(w, put_loop(w, depth + 1, "i", &shape.rows), gt_c_printed(w, "variance += %s * %s%s;\n", own, own, share));
    put_text(w, put_loop(w, depth + 1, "i", &shape.rows), gt_c_printed(w, "%s /= sqrt(variance + 1e-5);\n", own));
    put_text(w, depth, "}\n");
}

static void emit(gt_c_writer *w, const char *name, gt_expr e)
{
    if (w->d->no_memory)
        return;
    if (gt_build_is_binary(e, GT_LANG_MATMUL))
        emit_matmul(w, name, e);
    else if (!has_loops(e))
        emit_elements(w, name, e);
    else if (e->function == GT_LANG_CONCAT)
        emit_concat(w, name, e);
    else if (e->function == GT_LANG_SOFTMAX)
        emit_softmax(w, name, e);
    else if (e->function == GT_LANG_CUMSUM)
        emit_cumsum(w, name, e);
    else if (e->function == GT_LANG_LAYERNORM)
        emit_layernorm(w, name, e);
    else
        emit_reduction(w, name, e);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void emit_equation(gt_c_writer *w, const char *name, gt_expr e)
{
    static const gt_formula_job job = {.reader = &gt_lang_formula_reader, .notation = &gt_notation_cell};
    gt_lang_shape shape = gt_build_shape(w->d, e);
    gt_text_print(&w->body, "\n    /* %s = ", name);
    gt_derive_put(w->d, &w->body, &job, e);
    gt_text_print(&w->body, " */\n");
    if (shape.number) {
        gt_text_print(&w->members, "    double %s;\n", gt_derive_code_name(&w->naming, name));
        gt_text_print(&w->body, "    %s = ", gt_c_member(w, name));
        gt_c_put_element(w, e, "0", "0");
        gt_text_print(&w->body, ";\n");
        return;
    }
    add_array(w, name, &shape, "");
    emit(w, name, e);
}

static void put_given(gt_c_writer *w)
{
    const gt_lang_cell *cell = w->d->cell;
    char rows[400], columns[400];
    gt_text_print(&w->members, "    /* The caller's. */\n    size_t ");
    for (uint32_t i = 0; i < w->d->meaning.dimension_count; i++)
        gt_text_print(&w->members, "%s, ", gt_derive_code_name(&w->naming, w->d->meaning.dimensions[i]));
    gt_text_print(&w->members, "%s;\n", w->examples);
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        gt_lang_shape shape = gt_lang_symbols_find(&w->d->meaning.symbols, cell->declarations[i].name)->shape;
        gt_text_print(&w->members, "    const double *%s; /* (%s, %s) */\n",
                      gt_derive_code_name(&w->naming, cell->declarations[i].name),
                      gt_lang_size_format(&shape.rows, true, rows, sizeof rows),
                      gt_lang_size_format(&shape.columns, true, columns, sizeof columns));
    }
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        const gt_lang_equation *e = &cell->equations[i];
        const char *name = e->target == GT_LANG_LOCAL ? NULL : gt_lang_joined(&w->d->checker, "d", e->name, "");
        if (name != NULL)
            gt_text_print(&w->members, "    const double *%s; /* what reaches %s from outside of the step */\n",
                          gt_derive_code_name(&w->naming, name), gt_derive_code_name(&w->naming, e->name));
    }
    gt_text_print(&w->members, "    /* Computed. */\n");
}

/* Zeros for what nothing depends on. */
static void emit_unreached(gt_c_writer *w)
{
    for (uint32_t i = 0; i < w->d->cell->declaration_count; i++) {
        const char *of = w->d->cell->declarations[i].name;
        if (gt_derivation_reaches(w->d, of))
            continue;
        gt_lang_shape shape = gt_lang_symbols_find(&w->d->meaning.symbols, of)->shape;
        const char *name = gt_derive_gradient_name(w->d, of);
        if (name == NULL)
            return;
        gt_text_print(&w->body, "\n    /* no gradient reaches %s */\n", of);
        add_array(w, name, &shape, "");
        put_assignment(w, put_loops(w, &shape), gt_c_entry(w, name, &shape, "i", "j"), gt_build_number(w->d, 0));
    }
}

static void put_functions(gt_c_writer *w)
{
    const char *cell = w->d->cell->name;
    gt_text_print(&w->body, "void %s_forward(%s *s)\n{", cell, cell);
    for (uint32_t i = 0; i < w->d->cell->equation_count; i++)
        emit_equation(w, w->d->cell->equations[i].name, w->d->cell->equations[i].value);
    gt_text_print(&w->body, "}\n\nvoid %s_backward(%s *s)\n{", cell, cell);
    for (uint32_t i = 0; i < w->d->line_count; i++)
        emit_equation(w, w->d->lines[i].name, w->d->lines[i].value);
    emit_unreached(w);
    gt_text_print(&w->body, "}\n");
}

static void put_file(gt_c_writer *w, gt_text *text)
{
    const char *cell = w->d->cell->name;
    gt_text_print(text,
                  "/*\n * The cell %s and its backward pass, one time step, derived by gradtape.\n *\n"
                  " * Arrays are column-major: entry (i, j) of an array of n rows is at [i + n * j]. Fill in what is\n"
                  " * the caller's; %s_place lays the other arrays out in memory and returns how many doubles they\n"
                  " * are (memory NULL: only that). Then call %s_forward, and %s_backward.\n */\n"
                  "#include <math.h>\n#include <stddef.h>\n\ntypedef struct %s {\n",
                  cell, cell, cell, cell, cell);
    gt_text_put(text, w->members.bytes, w->members.count);
    gt_text_print(
        text, "} %s;\n\nsize_t %s_place(%s *s, double *memory);\nvoid %s_forward(%s *s);\nvoid %s_backward(%s *s);\n\n",
        cell, cell, cell, cell, cell, cell, cell);
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
        if (gt_derive_calls(w->d, helpers[i].function))
            gt_text_print(text, "%s\n", helpers[i].text);
    gt_text_print(text, "size_t %s_place(%s *s, double *memory)\n{\n    size_t count = 0;\n", cell, cell);
    gt_text_put(text, w->places.bytes, w->places.count);
    gt_text_print(text, "    return count;\n}\n\n");
    gt_text_put(text, w->body.bytes, w->body.count);
}

void gt_derive_write_c(gt_derivation *d, const gt_derive_options *options, gt_text *text)
{
    const gt_lang_symbol *m = gt_lang_symbols_find(&d->meaning.symbols, GT_LANG_EXAMPLES);
    bool free = m == NULL || m->kind == GT_LANG_SYMBOL_EXAMPLES;
    gt_c_writer w = {.d = d, .naming = {d, reserved}, .examples = free ? "m" : "examples"};
    put_given(&w);
    put_functions(&w);
    if (options->fragment)
        gt_text_put(text, w.body.bytes, w.body.count);
    else
        put_file(&w, text);
    text->failed = text->failed || w.body.failed || w.members.failed || w.places.failed;
    gt_text_free(&w.body);
    gt_text_free(&w.members);
    gt_text_free(&w.places);
}
