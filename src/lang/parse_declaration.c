/* Inputs, states and parameters: names and sizes. */
#include "lang/parser.h"

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

static bool is_batch(const gt_lang_expression *size)
{
    static const char *const names[] = {"m", "batch", "batch_size", "B", "N", "T", "t", "time", "steps", "seq_len"};
    for (size_t i = 0; i < sizeof names / sizeof *names && size->kind == GT_LANG_NAME; i++)
        if (strcmp(size->name, names[i]) == 0)
            return true;
    return false;
}

/* x[m, n_x] of PyTorch, x[n_x, batch]: the examples are no size that is declared. The features are understood. */
static bool fail_second_size(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_token comma = p->token;
    gt_lang_pass(p);
    gt_lang_expression *second = gt_lang_parse_sum(p);
    if (second == NULL)
        return false;
    if (is_batch(d->rows))
        d->rows = second;
    gt_lang_parse_fail(p, comma.place, "an input or a state has one size; its columns are the examples");
    if (d->rows->place.length <= 40)
        gt_lang_parse_hint(p, "write %s[%.*s], with the number of features alone", d->name, (int)d->rows->place.length,
                           p->lexer.text + d->rows->place.offset);
    return true;
}

static bool parse_sizes(gt_lang_parser *p, gt_lang_declaration *d)
{
    gt_lang_place open = p->token.place;
    if (!gt_lang_at_symbol(p, "["))
        return fail_sizes(p, d);
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, "]")) /* x[] */
        return fail_sizes(p, d);
    d->rows = gt_lang_parse_sum(p);
    if (d->rows == NULL)
        return false;
    if (d->role != GT_LANG_PARAMETER && gt_lang_at_symbol(p, ",") && !fail_second_size(p, d))
        return false;
    if (gt_lang_accept(p, ",") || gt_lang_accept(p, ";")) {
        d->columns = gt_lang_parse_sum(p);
        if (d->columns == NULL)
            return false;
        if (gt_lang_at_symbol(p, ","))
            return gt_lang_parse_fail(p, p->token.place, "a parameter has at most two sizes");
    }
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

static void keep_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration d)
{
    gt_lang_declaration *room = GT_LANG_GROW(p, cell->declarations, cell->declaration_count);
    if (room == NULL)
        return;
    *room = d;
    cell->declaration_count++;
}

static bool parse_declaration(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_role role)
{
    gt_lang_declaration d = {.role = role, .place = p->token.place};
    d.name = gt_lang_parse_new_name(p, "a name");
    if (d.name == NULL)
        return false;
    if (gt_lang_is_primed(d.name))
        return gt_lang_parse_fail(p, d.place, "a declared name has no prime");
    bool sized = parse_sizes(p, &d), understood = sized && gt_lang_parse_initial(p, &d);
    if (!sized)
        d.rows = NULL; /* kept all the same, so that uses of the name are not errors, too */
    keep_declaration(p, cell, d);
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
    if (p->token.kind != GT_TOKEN_NAME || p->token.first_on_line || !gt_lang_followed_by(p, "["))
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
