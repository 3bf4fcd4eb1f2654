#include "derive/names.h"

#include "base/utf8.h"
#include "lang/copy.h"

#include <string.h>

static bool is_reserved(const gt_derive_naming *naming, const char *name)
{
    for (const char *const *word = naming->reserved; *word != NULL; word++)
        if (strcmp(*word, name) == 0)
            return true;
    return false;
}

const char *gt_derive_code_name(const gt_derive_naming *naming, const char *name)
{
    char text[3 * GT_LANG_MAX_NAME];
    size_t letters = strcspn(name, "'");
    bool primed = name[letters] == '\'';
    gt_utf8_format(text, sizeof text - 8, "%.*s%s", (int)letters, name, primed ? "_next" : "");
    while (is_reserved(naming, text) || (primed && gt_lang_symbols_find(&naming->d->meaning.symbols, text) != NULL &&
                                         strlen(text) < sizeof text - 2))
        gt_utf8_append(text, sizeof text, "_");
    const char *copy = gt_lang_text(&naming->d->pool, text, strlen(text));
    naming->d->no_memory = naming->d->no_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

/* ---- what is used -------------------------------------------------------------------------- */

typedef bool look_at(const gt_lang_expression *e, const void *wanted);

static bool is_name(const gt_lang_expression *e, const void *wanted)
{
    return e->kind == GT_LANG_NAME && strcmp(e->name, wanted) == 0;
}

static bool is_call(const gt_lang_expression *e, const void *wanted)
{
    return e->kind == GT_LANG_CALL && e->function == *(const gt_lang_function *)wanted;
}

static bool is_comparison(const gt_lang_expression *e, const void *wanted)
{
    (void)wanted;
    return e->kind == GT_LANG_BINARY && e->operation <= GT_LANG_NOT_EQUAL;
}

static bool has(const gt_lang_expression *e, look_at *look, const void *wanted)
{
    if (e == NULL)
        return false;
    bool found = look(e, wanted);
    for (uint32_t i = 0; !found && i < e->argument_count; i++)
        found = has(e->arguments[i], look, wanted);
    for (uint32_t i = 0; !found && i < 4; i++)
        found = has(e->bounds[i], look, wanted);
    return found;
}

static bool forward_has(const gt_derivation *d, look_at *look, const void *wanted)
{
    for (uint32_t i = 0; i < d->cell->equation_count; i++)
        if (has(d->cell->equations[i].value, look, wanted))
            return true;
    return false;
}

static bool lines_have(const gt_derivation *d, look_at *look, const void *wanted)
{
    for (uint32_t i = 0; i < d->line_count; i++)
        if (has(d->lines[i].value, look, wanted))
            return true;
    return false;
}

bool gt_derive_forward_reads(const gt_derivation *d, const char *name)
{
    return forward_has(d, is_name, name);
}

bool gt_derive_lines_read(const gt_derivation *d, const char *name)
{
    return lines_have(d, is_name, name);
}

bool gt_derive_calls(const gt_derivation *d, gt_lang_function function)
{
    return forward_has(d, is_call, &function) || lines_have(d, is_call, &function);
}

bool gt_derive_compares(const gt_derivation *d)
{
    return forward_has(d, is_comparison, NULL) || lines_have(d, is_comparison, NULL);
}
