/* Files and cells. */
#include "lang/parse.h"

#include "base/utf8.h"
#include "lang/advice.h"
#include "lang/copy.h"
#include "lang/definitions.h"
#include "lang/parser.h"
#include "lang/repetition.h"

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
    if (!gt_lang_at_end(p)) {
        gt_lang_unexpected(p, "an operator or the end of the line");
        gt_lang_advise_end(p);
        return false;
    }
    gt_lang_tell(p, &p->token);
    if (p->token.kind == GT_TOKEN_END)
        return true;
    gt_lang_pass(p);
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
    if (!gt_lang_at_word(p, "backward")) {
        gt_lang_parse_fail(p, place, "the backward pass begins with the word backward");
        gt_lang_parse_hint(p, "write backward");
    }
    gt_lang_advance(p);
    if (gt_lang_at_symbol(p, ":") && gt_lang_followed_by_end(p)) {
        gt_lang_parse_fail(p, p->token.place, "no line ends with a colon");
        gt_lang_advance(p);
    }
    cell->has_backward = true;
    cell->backward_place = place;
    return true;
}

/* A line of its own. */
static bool is_backward_otherwise(const gt_lang_parser *p)
{
    static const char *const words[] = {"backwards", "Backward", "backprop", "gradient", "gradients", "grad"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_lang_at_word(p, words[i]) && (gt_lang_followed_by(p, ":") || gt_lang_followed_by_end(p)))
            return true;
    return false;
}

/* The first equation that is no constant; NULL if there is none so far. */
static const gt_lang_equation *first_equation(const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->equation_count; i++)
        if (!cell->equations[i].constant)
            return &cell->equations[i];
    return NULL;
}

static void check_order(gt_lang_parser *p, const gt_lang_cell *cell)
{
    const gt_lang_equation *first = first_equation(cell);
    if (!cell->has_backward && first == NULL)
        return;
    gt_lang_parse_fail(p, p->token.place, "declarations come before the equations");
    if (first != NULL)
        gt_lang_parse_hint(p, "move it above line %u", first->name_place.line);
}

/* What is there once cannot stand in rounds. */
static bool check_round(gt_lang_parser *p)
{
    gt_lang_role role;
    bool output = gt_lang_at_output(p);
    if (declares(p, &role) || gt_lang_at_constant(p) || gt_lang_at_definition(p) || output ||
        gt_lang_at_word(p, "backward")) {
        gt_lang_parse_fail(p, p->token.place, "in rounds there are equations alone, and this is there once");
        gt_lang_parse_hint(p, "move it %s the repetition", output ? "below" : "above");
        return false;
    }
    return true;
}

static bool parse_statement(gt_lang_parser *p, gt_lang_cell *cell)
{
    gt_lang_role role;
    if (p->token.kind == GT_TOKEN_NEWLINE)
        return true; /* behind a ; */
    if (p->repetitions > 0 && !check_round(p))
        return false;
    if (declares(p, &role)) {
        check_order(p, cell);
        return gt_lang_parse_declarations(p, cell, role);
    }
    if (gt_lang_at_definition(p))
        return gt_lang_parse_definition(p);
    if (gt_lang_at_constant(p)) {
        check_order(p, cell);
        return gt_lang_parse_constants(p, cell);
    }
    if (cell->equations_start == 0)
        cell->equations_start = p->token.place.offset;
    if (gt_lang_at_word(p, "backward") || is_backward_otherwise(p))
        return parse_backward(p, cell);
    bool is_output = gt_lang_at_output(p);
    if (is_output && cell->has_backward)
        return gt_lang_parse_fail(p, p->token.place, "outputs belong before the backward block");
    return gt_lang_parse_equation(p, cell, is_output, cell->has_backward);
}

/* ---- cells --------------------------------------------------------------------------------- */

/* my-cell, c(x, h), c: */
static bool heading_ends(gt_lang_parser *p, const gt_lang_cell *cell)
{
    if (p->token.kind == GT_TOKEN_NEWLINE || p->token.kind == GT_TOKEN_END)
        return true;
    gt_lang_tell(p, &p->token);
    gt_lang_parse_fail(p, p->token.place, "nothing stands behind the name of a cell, which has letters, digits and _");
    if (p->token.kind == GT_TOKEN_NAME || gt_lang_at_symbol(p, "-"))
        gt_lang_parse_hint(p, "join the words of a name with _, as in %s_2", cell->name);
    else
        gt_lang_parse_hint(p, "write cell %s", cell->name);
    return false;
}

static bool parse_heading(gt_lang_parser *p, gt_lang_cell *cell)
{
    uint32_t line_start = p->token.place.offset - (p->token.place.column - 1);
    cell->documentation = join_comment(p, line_start);
    gt_lang_advance(p);
    if (p->token.kind == GT_TOKEN_WRONG || p->token.kind == GT_TOKEN_NUMBER)
        return gt_lang_parse_fail(
            p, p->token.place, "the name of a cell has letters, digits and _, and begins with no digit, not '%.*s'",
            gt_utf8_fit(p->lexer.text + p->token.place.offset, p->token.place.length > 60 ? 60 : p->token.place.length),
            p->lexer.text + p->token.place.offset);
    if (p->token.kind != GT_TOKEN_NAME)
        return gt_lang_unexpected(p, "the name of the cell");
    cell->place = p->token.place;
    cell->name = gt_lang_token_name(p, &p->token);
    if (p->token.primed)
        return gt_lang_parse_fail(p, p->token.place, "the name of a cell has no prime");
    gt_lang_advance(p);
    return cell->name != NULL && heading_ends(p, cell);
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
    p->failed = false;
}

static bool is_declaration(const gt_lang_parser *p)
{
    gt_lang_role role;
    return declares(p, &role);
}

/* Cell, class: what is meant to begin a cell, or what stands in one. */
static bool begins_cell(const gt_lang_parser *p)
{
    static const char *const words[] = {"cell", "Cell", "CELL", "class", "def"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_lang_at_word(p, words[i]))
            return true;
    return is_declaration(p);
}

/* A statement, or rounds of them. */
static void parse_lines(gt_lang_parser *p, gt_lang_cell *cell)
{
    if (gt_lang_at_repetition(p))
        gt_lang_parse_repetition(p, cell, parse_lines);
    else
        parse_line(p, cell, parse_statement);
}

/* Without a heading all that is in the cell is understood all the same. */
static void parse_cell(gt_lang_parser *p, gt_lang_cell *cell)
{
    cell->name = cell->documentation = "";
    cell->place = p->token.place;
    p->cell = cell;
    if (is_declaration(p)) {
        gt_lang_parse_fail(p, p->token.place, "a cell begins with its name, and there is none above");
        gt_lang_parse_hint(p, "write cell NAME in a line above this one");
        p->failed = false;
    } else {
        if (!gt_lang_at_word(p, "cell")) {
            gt_lang_parse_fail(p, p->token.place, "expected cell and a name, with which a cell begins, not '%.*s'",
                               (int)p->token.letters, p->lexer.text + p->token.place.offset);
            gt_lang_parse_hint(p, "write cell and its name");
        }
        parse_line(p, cell, parse_heading);
    }
    while (!finished(p) && !gt_lang_at_word(p, "cell"))
        parse_lines(p, cell);
    gt_lang_add_time(p, cell);
    gt_lang_add_kept(p, cell);
    p->stack_count = p->carried_count = 0;
    p->cell = NULL;
}

static bool parse_definition(gt_lang_parser *p, gt_lang_cell *cell)
{
    (void)cell;
    return gt_lang_parse_definition(p);
}

/* Where they are, for whoever writes a cell out. */
static void keep_definitions(gt_lang_parser *p, gt_lang_file *file)
{
    gt_lang_place *places = gt_pool_new(p->pool, p->definition_count, sizeof *places);
    p->no_memory = p->no_memory || places == NULL;
    for (uint32_t i = 0; places != NULL && i < p->definition_count; i++) {
        places[i] = p->definitions[i].place;
        places[i].offset = p->definitions[i].start;
        places[i].length = p->definitions[i].end - p->definitions[i].start;
    }
    file->definitions = places;
    file->definition_count = places == NULL ? 0 : p->definition_count;
}

static void parse_cells(gt_lang_parser *p, gt_lang_file *file)
{
    while (!finished(p)) {
        if (gt_lang_at_definition(p)) {
            parse_line(p, NULL, parse_definition);
            continue;
        }
        if (!begins_cell(p)) {
            gt_lang_unexpected(p, "cell and a name, with which a cell begins");
            gt_lang_parse_hint(p, "a cell is 'cell NAME', its input, state and param lines and its equations; "
                                  "'gradtape new NAME' writes one");
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
    keep_definitions(p, file);
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
            gt_lang_error(diagnostics,
                          (gt_lang_place){.offset = (uint32_t)start, .length = 1, .line = line, .column = 1},
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
        gt_lang_error(diagnostics, (gt_lang_place){.length = 1, .line = 1, .column = 1},
                      "the text has more than %d bytes", GT_LANG_MAX_SIZE);
        return diagnostics->no_memory ? NULL : file;
    }
    file->name = gt_lang_text(pool, name == NULL ? "cell" : name, strlen(name == NULL ? "cell" : name));
    file->text = gt_lang_text(pool, text, size);
    if (file->name == NULL || file->text == NULL)
        return NULL;
    check_utf8(file, diagnostics);
    gt_lang_parser p = {
        .pool = pool, .diagnostics = diagnostics, .lexer = gt_lang_lexer_start(file->text, (uint32_t)size)};
    p.token = gt_lang_lex(&p.lexer);
    if (diagnostics->error_count == 0)
        parse_cells(&p, file);
    return p.no_memory || diagnostics->no_memory ? NULL : file;
}

const gt_lang_expression *gt_lang_try_formula(gt_pool *pool, const char *text, bool *no_memory)
{
    gt_lang_diagnostics diagnostics = {.pool = pool};
    gt_lang_parser p = {
        .pool = pool, .diagnostics = &diagnostics, .lexer = gt_lang_lexer_start(text, (uint32_t)strlen(text))};
    p.token = gt_lang_lex(&p.lexer);
    const gt_lang_expression *formula = gt_lang_parse_expression(&p);
    *no_memory = p.no_memory || diagnostics.no_memory;
    gt_lang_diagnostics_free(&diagnostics);
    return !p.failed && !*no_memory && gt_lang_at_end(&p) ? formula : NULL;
}

const gt_lang_expression *gt_lang_parse_formula(gt_pool *pool, const char *text)
{
    bool no_memory;
    return gt_lang_try_formula(pool, text, &no_memory);
}
