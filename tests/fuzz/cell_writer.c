#include "cell_writer.h"

#include "cell_writer_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const size_names[SIZES] = {"1", "n_x", "n_a", "n_b", "n_a + n_x", "m"};

void put(text *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t left = to->used < to->capacity ? to->capacity - to->used : 0;
    int written = vsnprintf(left > 0 ? to->at + to->used : NULL, left, format, arguments);
    va_end(arguments);
    to->used += written > 0 ? (size_t)written : 0;
}

/* ---- leaves -------------------------------------------------------------------------------- */

/* A value of these sizes that has been made before, counted from the last. */
static const named *find(writer *w, size rows, size columns)
{
    uint32_t skip = fuzz_choose(w->bytes, 4);
    const named *found = NULL;
    for (uint32_t i = w->value_count; i-- > 0;) {
        if (w->values[i].rows != rows || w->values[i].columns != columns)
            continue;
        found = &w->values[i];
        if (skip-- == 0)
            break;
    }
    return found;
}

/* A parameter of these sizes, an old one or a new one; NULL if there are too many. */
static const named *parameter(writer *w, size rows, size columns)
{
    bool old = fuzz_choose(w->bytes, 3) == 1;
    for (uint32_t i = 0; i < w->parameter_count && old; i++)
        if (w->parameters[i].rows == rows && w->parameters[i].columns == columns)
            return &w->parameters[i];
    if (w->parameter_count == MOST_PARAMETERS)
        return NULL;
    named *p = &w->parameters[w->parameter_count];
    snprintf(p->name, sizeof p->name, "W%u", w->parameter_count++);
    p->rows = rows;
    p->columns = columns;
    return p;
}

static void write_number(writer *w)
{
    static const char *const numbers[] = {"0.5", "1", "2", "-0.25", "n_a", "1 / n_x", "0", "0.1 * n_b", "3"};
    put(&w->body, "(%s)", numbers[fuzz_choose(w->bytes, sizeof numbers / sizeof *numbers)]);
}

/* Something of these sizes, always. */
static void write_leaf(writer *w, size rows, size columns)
{
    const named *found = find(w, rows, columns);
    if (found != NULL && fuzz_choose(w->bytes, 4) != 3) {
        put(&w->body, "%s", found->name);
    } else if (rows == M && columns == M) {
        put(&w->body, "(x.T @ x)");
    } else if (rows == M) {
        write_leaf(w, columns, M);
        put(&w->body, ".T");
    } else if (columns == M && rows == BOTH) {
        put(&w->body, "concat(a, x)");
    } else if (columns == M && rows == ONE) {
        put(&w->body, "sum(x, axis=0)");
    } else if (columns == M && rows == NB) {
        put(&w->body, "(W_b @ a)");
    } else if (columns == M) {
        put(&w->body, rows == NX ? "x" : "a");
    } else {
        const named *p = parameter(w, rows, columns);
        if (p != NULL)
            put(&w->body, "%s", p->name);
        else
            put(&w->body, "(W_b[:1, :1] * 0)"); /* it stretches, or the cell has an error */
    }
}

/* ---- expressions --------------------------------------------------------------------------- */

static void write_function(writer *w, size rows, size columns, int depth)
{
    static const char *const functions[] = {"tanh", "sigmoid", "relu",   "softplus", "exp",       "abs",          "sin",
                                            "cos",  "softmax", "cumsum", "-",        "layernorm", "stop_gradient"};
    const char *f = functions[fuzz_choose(w->bytes, sizeof functions / sizeof *functions)];
    put(&w->body, strcmp(f, "-") == 0 ? "(%s" : "%s(", f);
    write_expression(w, rows, columns, depth);
    put(&w->body, ")");
}

/* Where it is defined and has a derivative. */
static void write_positive(writer *w, size rows, size columns, int depth)
{
    static const char *const before[] = {"log(1 + ", "sqrt(0.5 + ", "1 / (0.5 + ", "(1 + "};
    static const char *const after[] = {"**2)", "**2)", "**2)", "**2)**0.5"};
    uint32_t k = fuzz_choose(w->bytes, 4);
    put(&w->body, "%s(", before[k]);
    write_expression(w, rows, columns, depth);
    put(&w->body, ")%s", after[k]);
}

/* An operand that has these sizes, or stretches to them. */
static void write_stretched(writer *w, size rows, size columns, int depth)
{
    switch (fuzz_choose(w->bytes, 8)) {
    case 1:
        write_number(w);
        break;
    case 2:
        write_expression(w, ONE, columns, depth);
        break;
    case 3:
        write_expression(w, rows, ONE, depth);
        break;
    case 4:
        write_expression(w, ONE, ONE, depth);
        break;
    default:
        write_expression(w, rows, columns, depth);
    }
}

static void write_pair(writer *w, size rows, size columns, int depth)
{
    static const char *const operations[] = {"+", "*", "-"};
    bool first = fuzz_choose(w->bytes, 2) == 0;
    const char *operation = operations[fuzz_choose(w->bytes, sizeof operations / sizeof *operations)];
    put(&w->body, "(");
    if (first)
        write_expression(w, rows, columns, depth);
    else
        write_stretched(w, rows, columns, depth);
    put(&w->body, " %s ", operation);
    if (first)
        write_stretched(w, rows, columns, depth);
    else
        write_expression(w, rows, columns, depth);
    put(&w->body, ")");
}

static void write_choice(writer *w, size rows, size columns, int depth)
{
    static const char *const functions[] = {"maximum(", "minimum(", "where("};
    uint32_t k = fuzz_choose(w->bytes, 3);
    put(&w->body, "%s", functions[k]);
    if (k == 2) {
        write_stretched(w, rows, columns, depth);
        put(&w->body, " > 0.1234, ");
    }
    write_expression(w, rows, columns, depth);
    put(&w->body, ", ");
    write_stretched(w, rows, columns, depth);
    put(&w->body, ")");
}

static void write_product(writer *w, size rows, size columns, int depth)
{
    size inner = (size)(1 + fuzz_choose(w->bytes, SIZES - 1));
    put(&w->body, "(");
    write_expression(w, rows, inner, depth);
    put(&w->body, " @ ");
    write_expression(w, inner, columns, depth);
    put(&w->body, ")");
}

static void write_sum(writer *w, size rows, size columns, int depth)
{
    const char *function = fuzz_choose(w->bytes, 2) == 0 ? "sum" : "mean";
    size inner = (size)(1 + fuzz_choose(w->bytes, SIZES - 1));
    if (rows != ONE && columns != ONE) {
        write_function(w, rows, columns, depth);
        return;
    }
    put(&w->body, "%s(", function);
    write_expression(w, rows == ONE ? inner : rows, rows == ONE ? columns : inner, depth);
    put(&w->body, rows == ONE ? ", axis=0)" : ", axis=1)");
}

/* Parts put together, or a part of what has been. */
static void write_parts(writer *w, size rows, size columns, int depth)
{
    if (rows == BOTH) {
        put(&w->body, "concat(");
        write_expression(w, NA, columns, depth);
        put(&w->body, ", ");
        write_expression(w, NX, columns, depth);
        put(&w->body, ")");
    } else if (rows == NA || rows == NX) {
        write_expression(w, BOTH, columns, depth);
        put(&w->body, rows == NA ? "[:n_a]" : "[-n_x:]");
    } else if (rows == ONE) {
        write_expression(w, (size)(NX + fuzz_choose(w->bytes, 3)), columns, depth);
        put(&w->body, "[:1]");
    } else {
        write_expression(w, columns, rows, depth);
        put(&w->body, ".T");
    }
}

void write_expression(writer *w, size rows, size columns, int depth)
{
    if (depth == 0 || w->body.used > CELL_TEXT / 2) {
        write_leaf(w, rows, columns);
        return;
    }
    switch (fuzz_choose(w->bytes, w->forms ? 13 : 10)) {
    case 1:
    case 2:
        write_pair(w, rows, columns, depth - 1);
        break;
    case 3:
    case 4:
        write_product(w, rows, columns, depth - 1);
        break;
    case 5:
        write_function(w, rows, columns, depth - 1);
        break;
    case 6:
        write_sum(w, rows, columns, depth - 1);
        break;
    case 7:
        write_parts(w, rows, columns, depth - 1);
        break;
    case 8:
        write_choice(w, rows, columns, depth - 1);
        break;
    case 9:
        write_positive(w, rows, columns, depth - 1);
        break;
    case 10:
        write_composition(w, rows, columns, depth - 1);
        break;
    case 11:
        write_call(w, rows, columns, depth - 1);
        break;
    case 12:
        write_of_time(w, rows, columns, depth - 1);
        break;
    default:
        write_leaf(w, rows, columns);
    }
}

/* ---- the cell ------------------------------------------------------------------------------ */

void add_value(writer *w, const char *name, size rows, size columns)
{
    named *v = &w->values[w->value_count++];
    snprintf(v->name, sizeof v->name, "%s", name);
    v->rows = rows;
    v->columns = columns;
}

static void write_equation(writer *w, uint32_t number)
{
    char name[16];
    bool wide = fuzz_choose(w->bytes, 4) != 3;
    size rows = (size)(fuzz_choose(w->bytes, BOTH + 1)), columns = wide ? M : (size)fuzz_choose(w->bytes, BOTH);
    snprintf(name, sizeof name, "v%u", number);
    put(&w->body, "  %s = ", name);
    write_expression(w, rows, columns, 1 + (int)fuzz_choose(w->bytes, DEEPEST));
    put(&w->body, "\n");
    add_value(w, name, rows, columns);
}

/* Squashed, or not: what grows then is not compared. */
static void write_state(writer *w, const char *state, size rows)
{
    char next[16];
    bool squashed = fuzz_choose(w->bytes, 4) != 3;
    snprintf(next, sizeof next, "%s'", state);
    put(&w->body, squashed ? "  %s = tanh(" : "  %s = 0.5 * (", next);
    write_expression(w, rows, M, (int)fuzz_choose(w->bytes, DEEPEST));
    put(&w->body, ")\n");
    add_value(w, next, rows, M);
}

static void write_parameters(writer *w, text *all)
{
    for (uint32_t i = 0; i < w->parameter_count; i++) {
        const named *p = &w->parameters[i];
        const char *initial = w->forms ? initial_value(w) : "";
        put(all, "  param %s[%s, %s]%s\n", p->name, size_names[p->rows], size_names[p->columns], initial);
    }
}

/* Writes the cell with a NUL; its length, or 0 if it does not fit. */
static size_t write_cell(fuzz_bytes *bytes, bool forms, char text_out[CELL_TEXT])
{
    static writer w; /* too large for a stack under a sanitizer */
    bool second = fuzz_choose(bytes, 2) == 1, output = fuzz_choose(bytes, 3) == 1;
    w.bytes = bytes;
    w.forms = forms;
    w.value_count = w.parameter_count = w.stacks = w.memory = 0;
    w.body = (text){.at = w.body_text, .capacity = CELL_TEXT};
    add_value(&w, "x", NX, M);
    add_value(&w, "a", NA, M);
    if (second)
        add_value(&w, "b", NB, M);
    uint32_t equations = fuzz_choose(bytes, 8);
    for (uint32_t i = 0; i < equations; i++)
        if (!forms || !write_statement(&w, i))
            write_equation(&w, i);
    write_state(&w, "a", NA);
    if (second)
        write_state(&w, "b", NB);
    if (output) {
        put(&w.body, forms ? "  hidden y = " : "  output y = ");
        write_expression(&w, (size)(NX + fuzz_choose(bytes, 3)), M, 3);
        put(&w.body, "\n");
    }
    text all = {.at = text_out, .capacity = CELL_TEXT};
    if (forms)
        write_definitions(&w, &all);
    put(&all, "cell f\n  input x[n_x]\n  state a[n_a]%s\n  param W_b[n_b, n_a]\n", second ? ", b[n_b] = 0.5" : "");
    if (forms)
        write_declarations(&w, &all);
    write_parameters(&w, &all);
    put(&all, "%s", w.body.used < CELL_TEXT ? w.body_text : "");
    return all.used < CELL_TEXT && w.body.used < CELL_TEXT ? all.used : 0;
}

/* ---- what targets are given ---------------------------------------------------------------- */

/* With the forms of cell_forms.c; what was kept before there were any begins with other bytes, and means what it did.
 */
static bool wants_forms(uint8_t first)
{
    return (first & 0xf0) == 0xb0;
}

cell_source cell_begin(fuzz_bytes all, fuzz_bytes made)
{
    bool empty = all.next == all.end;
    if (!empty && *all.next >= ' ' && *all.next <= '~')
        return (cell_source){.choices = made, .text = (const char *)all.next, .size = (size_t)(all.end - all.next)};
    return (cell_source){.choices = {all.next + !empty, all.end}, .forms = !empty && wants_forms(*all.next)};
}

bool cell_end(cell_source *source)
{
    static char made[CELL_TEXT];
    if (source->text != NULL)
        return true;
    source->text = made;
    source->size = write_cell(&source->choices, source->forms, made);
    return source->size > 0;
}
