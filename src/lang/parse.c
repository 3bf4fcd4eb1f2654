/* Files and cells. */
#include "lang/parse.h"

#include "gradtape/utf8.h"
#include "lang/copy.h"
#include "lang/parser.h"

#include <string.h>

/* ---- documentation ------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/* The lines of a comment as one: without their #, with single spaces. */
static const char *join_comment(gt_lang_parser *p, uint32_t line_start)
{
    size_t length, used = 0;
    const char *comment = gt_lang_comment_above(&p->lexer, line_start, &length);
    char *text = gt_pool_new(p->pool, length + 1, 1);
    if (text == NULL) {
        p->no_memory = true;
        return NULL;
    }
    bool line_begins = true;
    for (size_t i = 0; i < length; i++) {
        char c = comment[i];
        bool mark = line_begins && c == '#';
        line_begins = line_begins ? is_space(c) || mark : c == '\n' || c == '\r';
        if (!mark && !is_space(c))
            text[used++] = c;
        else if (used > 0 && text[used - 1] != ' ')
            text[used++] = ' ';
    }
    if (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
    return text;
}

/* ---- statements ---------------------------------------------------------------------------- */

static bool parse_end(gt_lang_parser *p)
{
    if (p->token.kind == GT_TOKEN_END)
        return true;
    if (p->token.kind != GT_TOKEN_NEWLINE)
        return gt_lang_unexpected(p, "an operator or the end of the line");
    gt_lang_advance(p);
    return true;
}

static bool declares(const gt_lang_parser *p, gt_lang_role *role)
{
    static const char *const words[] = {"input", "state", "param"};
    for (int i = 0; i < 3; i++) {
        if (!gt_lang_at_word(p, words[i]))
            continue;
        *role = (gt_lang_role)i;
        return true;
    }
    return false;
}

static bool parse_backward(gt_lang_parser *p, gt_lang_cell *cell)
{
    gt_lang_place place = p->token.place;
    if (cell->has_backward)
        return gt_lang_parse_fail(p, place, "the cell has a backward block already");
    gt_lang_advance(p);
    cell->has_backward = true;
    cell->backward_place = place;
    return true;
}

static bool parse_statement(gt_lang_parser *p, gt_lang_cell *cell)
{
    gt_lang_role role;
    if (declares(p, &role)) {
        if (cell->has_backward || cell->equation_count > 0)
            gt_lang_parse_fail(p, p->token.place, "declarations come before the equations");
        return gt_lang_parse_declarations(p, cell, role) && !p->failed;
    }
    if (gt_lang_at_word(p, "backward"))
        return parse_backward(p, cell);
    bool is_output = gt_lang_at_word(p, "output");
    if (is_output && cell->has_backward)
        return gt_lang_parse_fail(p, p->token.place, "outputs belong before the backward block");
    return gt_lang_parse_equation(p, cell, is_output, cell->has_backward);
}

/* ---- cells --------------------------------------------------------------------------------- */

static bool parse_heading(gt_lang_parser *p, gt_lang_cell *cell)
{
    uint32_t line_start = p->token.place.offset - (p->token.place.column - 1);
    cell->documentation = join_comment(p, line_start);
    gt_lang_advance(p);
    if (p->token.kind != GT_TOKEN_NAME)
        return gt_lang_unexpected(p, "the name of the cell");
    cell->place = p->token.place;
    cell->name = gt_lang_place_text(p, p->token.place);
    if (cell->name != NULL && strchr(cell->name, '\'') != NULL)
        return gt_lang_parse_fail(p, p->token.place, "the name of a cell has no prime");
    gt_lang_advance(p);
    return cell->name != NULL;
}

static bool finished(const gt_lang_parser *p)
{
    return p->token.kind == GT_TOKEN_END || p->no_memory || gt_lang_enough(p->diagnostics);
}

static void parse_line(gt_lang_parser *p, gt_lang_cell *cell, bool (*parse)(gt_lang_parser *, gt_lang_cell *))
{
    p->statement_line = p->token.place.line;
    p->depth = 0;
    if (!parse(p, cell) || !parse_end(p))
        gt_lang_recover(p);
}

static void parse_cell(gt_lang_parser *p, gt_lang_cell *cell)
{
    cell->name = cell->documentation = "";
    cell->place = p->token.place;
    parse_line(p, cell, parse_heading);
    while (!finished(p) && !gt_lang_at_word(p, "cell"))
        parse_line(p, cell, parse_statement);
}

static void parse_cells(gt_lang_parser *p, gt_lang_file *file)
{
    while (!finished(p)) {
        if (p->token.kind == GT_TOKEN_NEWLINE) {
            gt_lang_advance(p);
            continue;
        }
        if (!gt_lang_at_word(p, "cell")) {
            gt_lang_unexpected(p, "cell and a name, with which a cell begins");
            while (!finished(p) && !(gt_lang_at_word(p, "cell") && p->token.first_on_line))
                gt_lang_advance(p);
            p->failed = false;
            p->lexer.open_brackets = 0;
            continue;
        }
        gt_lang_cell *cell = GT_LANG_GROW(p, file->cells, file->cell_count);
        if (cell == NULL)
            return;
        *cell = (gt_lang_cell){0};
        parse_cell(p, cell);
        file->cell_count++;
    }
    if (file->cell_count == 0 && p->diagnostics->error_count == 0)
        gt_lang_error(p->diagnostics, p->token.place, "there is no cell in this text");
}

/* ---- files --------------------------------------------------------------------------------- */

/* Comments may hold any character, but it must be one. */
static void check_utf8(gt_lang_file *file, gt_lang_diagnostics *diagnostics)
{
    uint32_t line = 1;
    if (gt_utf8_valid(file->text, file->size))
        return;
    for (size_t start = 0; start < file->size; line++) {
        const char *end = memchr(file->text + start, '\n', file->size - start);
        size_t length = end == NULL ? file->size - start : (size_t)(end - file->text) - start;
        if (!gt_utf8_valid(file->text + start, length)) {
            gt_lang_error(diagnostics, (gt_lang_place){(uint32_t)start, 1, line, 1},
                          "this line is not UTF-8");
            return;
        }
        start += length + 1;
    }
}

gt_lang_file *gt_lang_parse(gt_pool *pool, const char *name, const char *text, size_t size,
                            gt_lang_diagnostics *diagnostics)
{
    gt_lang_file *file = gt_pool_new(pool, 1, sizeof *file);
    if (file == NULL)
        return NULL;
    *file = (gt_lang_file){.size = size, .pool = pool};
    if (size > GT_LANG_MAX_SIZE) {
        file->text = file->name = "";
        file->size = 0;
        gt_lang_error(diagnostics, (gt_lang_place){0, 1, 1, 1}, "the text has more than %d bytes",
                      GT_LANG_MAX_SIZE);
        return diagnostics->no_memory ? NULL : file;
    }
    file->name = gt_lang_text(pool, name == NULL ? "cell" : name, strlen(name == NULL ? "cell" : name));
    file->text = gt_lang_text(pool, text, size);
    if (file->name == NULL || file->text == NULL)
        return NULL;
    check_utf8(file, diagnostics);
    gt_lang_parser p = {.pool = pool, .diagnostics = diagnostics,
                        .lexer = gt_lang_lexer_start(file->text, (uint32_t)size)};
    p.token = gt_lang_lex(&p.lexer);
    if (diagnostics->error_count == 0)
        parse_cells(&p, file);
    return p.no_memory || diagnostics->no_memory ? NULL : file;
}
