/* Inputs, states and parameters: names and sizes. */
#include "lang/parser.h"
#include "lang/repetition.h"

#include <string.h>

/* ---- declarations -------------------------------------------------------------------------- */

/* W(n_a, n_x), W n_a: sizes that are not in brackets. */
static bool fail_sizes(gt_lang_parser *p, const gt_lang_declaration *d)
{
    bool parameter = d->role == GT_LANG_PARAMETER;
    gt_lang_tell(p, &p->token);
    if (gt_lang_at_symbol(p, "(")) {
        gt_lang_parse_fail(p, p->token.place, "sizes stand in brackets [ ]");
        gt_lang_parse_hint(p, parameter ? "%s[n_a, n_x] is a matrix, %s[n_a] a vector" : "write %s[n]", d->name,
                           d->name);
        return false;
    }
    gt_lang_parse_fail(p, d->place, "%s needs a size", d->name);
    gt_lang_parse_hint(p, parameter ? "%s[n_a, n_x] is a matrix, %s[n_a] a vector" : "write %s[n]", d->name, d->name);
    return false;
}

static bool is_batch(const gt_lang_expression *size, gt_lang_role role)
{
    static const char *const names[] = {"m", "batch", "batch_size", "T", "t", "time", "steps", "seq_len", "B", "N"};
    size_t count = sizeof names / sizeof *names - (role == GT_LANG_STATE ? 2 : 0); /* a state may have N of something */
    for (size_t i = 0; i < count && size->kind == GT_LANG_NAME; i++)
        if (strcmp(size->name, names[i]) == 0)
            return true;
    return false;
}

/* x[m, n_x] of PyTorch, x[n_x, batch]: the examples are no size that is declared. The features are understood. */
static bool fail_examples(gt_lang_parser *p, gt_lang_declaration *d, gt_lang_place comma)
{
    if (is_batch(d->axes[0], d->role))
        d->axes[0] = d->axes[1];
    d->axis_count = 1;
    d->rows = d->axes[0];
    gt_lang_parse_fail(p, comma, "%s",
                       d->role == GT_LANG_STATE ? "the examples are no size of a state: they are its columns anyway"
                                                : "an input has one size; its columns are the examples");
    if (d->rows->place.length <= 40)
        gt_lang_parse_hint(p, "write %s[%.*s], with the number of features alone", d->name, (int)d->rows->place.length,
                           p->lexer.text + d->rows->place.offset);
    return true;
}

/* The sizes of a list, of a parameter up to one more, which is its columns. */
static bool parse_list(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_expression *sizes[GT_LANG_MAX_AXES];
    gt_lang_place comma = p->token.place;
    uint32_t count = 0;
    do {
        if (count == GT_LANG_MAX_AXES)
            return gt_lang_parse_fail(p, p->before.place, "%s has at most %d sizes",
                                      d->role == GT_LANG_PARAMETER ? "a parameter" : "a state", GT_LANG_MAX_AXES);
        if (count == 1)
            comma = p->before.place;
        sizes[count] = gt_lang_parse_sum(p);
        if (sizes[count++] == NULL)
            return false;
    } while (gt_lang_accept(p, ",") || (d->role == GT_LANG_PARAMETER && gt_lang_accept(p, ";")));
    d->axis_count = d->role == GT_LANG_PARAMETER && count > 1 ? count - 1 : count;
    d->columns = d->axis_count < count ? sizes[count - 1] : NULL;
    memcpy(d->axes, sizes, sizeof sizes[0] * d->axis_count);
    if (d->role != GT_LANG_PARAMETER && count > 1 &&
        (d->role == GT_LANG_INPUT || is_batch(sizes[0], d->role) || is_batch(sizes[count - 1], d->role)))
        return fail_examples(p, d, comma);
    d->rows = gt_lang_parse_product(p, d->axes, d->axis_count);
    return d->rows != NULL;
}

static bool parse_sizes(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_at_symbol(p, "["))
        return fail_sizes(p, d);
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, "]")) /* x[] */
        return fail_sizes(p, d);
    if (!parse_list(p, d))
        return false;
    if (p->token.kind == GT_TOKEN_NAME && !p->token.first_on_line) {
        gt_lang_parse_fail(p, p->token.place, "sizes have a comma between them");
        gt_lang_parse_hint(p, "write a comma before %.*s", (int)p->token.letters,
                           p->lexer.text + p->token.place.offset);
        return false;
    }
    return gt_lang_expect_close(p, "]", open, "] behind the size");
}

/* Goes on with the next declaration of the line, so that one mistake costs one name alone. */
static bool recover_declaration(gt_lang_parser *p)
{
    uint32_t depth = 0;
    for (; p->token.kind != GT_TOKEN_END && p->token.kind != GT_TOKEN_NEWLINE; gt_lang_pass(p)) {
        if (p->token.place.line > p->statement_line && gt_lang_at_statement(p))
            return false;
        depth += gt_lang_at_symbol(p, "(") || gt_lang_at_symbol(p, "[");
        depth -= depth > 0 && (gt_lang_at_symbol(p, ")") || gt_lang_at_symbol(p, "]"));
        bool inside = p->lexer.open_brackets > 0;
        bool separates = gt_lang_at_symbol(p, ",") && (!inside || (depth == 0 && gt_lang_followed_by_declaration(p)));
        if (separates) {
            p->failed = false;
            p->lexer.open_brackets = 0;
            return true;
        }
    }
    return false;
}

bool gt_lang_keep_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration d)
{
    gt_lang_declaration *room = GT_LANG_GROW(p, cell->declarations, cell->declaration_count);
    if (room == NULL)
        return false;
    *room = d;
    cell->declaration_count++;
    return true;
}

/* R[3][n, n]: what was read as the size is the number of arrays, *count; 0: there is no stack. */
static bool parse_stack(gt_lang_parser *p, gt_lang_declaration *d, uint32_t *count)
{
    double number;
    if (!gt_lang_at_symbol(p, "["))
        return true;
    if (d->role == GT_LANG_INPUT)
        return gt_lang_parse_fail(p, d->place, "a stack is of parameters or of states");
    if (d->columns != NULL || d->axis_count != 1 || !gt_lang_known_number(p, d->rows, &number) ||
        !(number >= 1 && number <= GT_LANG_MOST_STACKED && number == (uint32_t)number)) {
        gt_lang_parse_fail(p, d->place, "the number of arrays of a stack is a whole number from 1 to %d",
                           GT_LANG_MOST_STACKED);
        gt_lang_parse_hint(p, "write %s[3][n_a, n_a] for three, and %s[0], %s[1], %s[2] for each", d->name, d->name,
                           d->name, d->name);
        *count = GT_LANG_MOST_STACKED; /* so that uses of them are not errors, too */
        return false;
    }
    *d = (gt_lang_declaration){.role = d->role, .name = d->name, .place = d->place};
    *count = (uint32_t)number;
    return parse_sizes(p, d);
}

static void keep_stack(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration d, uint32_t count)
{
    const char *name = d.name;
    if (!gt_lang_add_stack(p, name, count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        d.name = gt_lang_stacked_name(p, name, i);
        if (d.name == NULL || !gt_lang_keep_declaration(p, cell, d))
            return;
    }
}

static bool parse_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    gt_lang_declaration d = {.role = role, .place = p->token.place};
    d.name = gt_lang_parse_new_name(p, "a name");
    if (d.name == NULL)
        return false;
    if (gt_lang_is_primed(d.name))
        return gt_lang_parse_fail(p, d.place, "a declared name has no prime");
    uint32_t stacked = 0;
    bool sized = parse_sizes(p, &d) && parse_stack(p, &d, &stacked), understood = sized && gt_lang_parse_initial(p, &d);
    if (!sized)
        d.rows = NULL; /* kept all the same, so that uses of the name are not errors, too */
    if (stacked == 0)
        gt_lang_keep_declaration(p, cell, d);
    else
        keep_stack(p, cell, d, stacked);
    return understood;
}

/* "W[n, k] U[n, n]", "W[n, k]; U[n, n]" */
static bool separated(gt_lang_parser *p)
{
    if (gt_lang_accept(p, ","))
        return true;
    if (gt_lang_at_symbol(p, ";") && gt_lang_followed_by_declaration(p)) {
        gt_lang_parse_fail(p, p->token.place, "names of one line have a comma between them");
        gt_lang_advance(p);
        return true;
    }
    if (p->token.kind != GT_TOKEN_NAME || !gt_lang_followed_by(p, "["))
        return false;
    gt_lang_parse_fail(p, p->token.place, "names of one line have a comma between them");
    gt_lang_parse_hint(p, "write a comma before %.*s", (int)p->token.letters, p->lexer.text + p->token.place.offset);
    return true;
}

bool gt_lang_parse_declarations(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    bool good = true;
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, ":")) {
        gt_lang_parse_fail(p, p->token.place, "the names follow without a colon");
        gt_lang_advance(p);
    }
    do {
        if (!good)
            gt_lang_advance(p); /* the comma */
        good = parse_declaration(p, cell, role);
    } while (good ? separated(p) : recover_declaration(p));
    return good;
}
