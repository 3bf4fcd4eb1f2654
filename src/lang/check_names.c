/* Names that mean nothing, and what may be meant. */
#include "lang/meaning_parts.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"
#include "lang/functions.h"

#include <string.h>

size_t gt_lang_without_time(const char *name)
{
    static const char *const endings[] = {"_t",   "t",    "_prev", "prev", "_old",  "_last", "_tm1",
                                          "_t1",  "_tp1", "_new",  "new",  "_next", "next",  "_in",
                                          "_out", "_now", "_cur",  "_0",   "0"};
    size_t length = strlen(name), longest = 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (ending > longest && length > ending && strcmp(name + length - ending, endings[i]) == 0)
            longest = ending;
    }
    return longest > 0 ? length - longest : 0;
}

const gt_lang_symbol *gt_lang_symbol_of(const gt_lang_checker *c, const char *name, size_t letters, const char *behind)
{
    char text[GT_LANG_MAX_NAME + 3];
    if (letters == 0)
        return NULL;
    gt_utf8_format(text, sizeof text, "%.*s%s", (int)letters, name, behind);
    return gt_lang_symbols_find(&c->meaning->symbols, text);
}

/* Names with an ending of time, gradients without their prime, and W' for W.T. */
static bool advise_time(gt_lang_checker *c, const char *name)
{
    size_t length = strlen(name), letters = gt_lang_without_time(name);
    bool primed = name[length - 1] == '\'';
    const gt_lang_symbol *given = gt_lang_symbol_of(c, name, length, "'"),
                         *before = gt_lang_symbol_of(c, name, letters, "");
    if (given == NULL || given->kind != GT_LANG_SYMBOL_GIVEN)
        given = gt_lang_symbol_of(c, name, letters, "'");
    const gt_lang_symbol *whole = primed ? gt_lang_symbol_of(c, name, length - 1, "") : NULL;
    if (given != NULL && given->kind == GT_LANG_SYMBOL_GIVEN)
        gt_lang_hint(c->diagnostics, "the gradient that reaches %s from outside is %s", given->name + 1, given->name);
    else if (before != NULL && before->kind == GT_LANG_SYMBOL_STATE)
        gt_lang_hint(c->diagnostics, "%s is the state before the step, and %s' the one after it", before->name,
                     before->name);
    else if (before != NULL && before->kind == GT_LANG_SYMBOL_INPUT)
        gt_lang_hint(c->diagnostics, "%s is the input of the step", before->name);
    else if (before != NULL && before->kind != GT_LANG_SYMBOL_DIMENSION && strcmp(name + letters, "_t") == 0)
        gt_lang_hint(c->diagnostics, "a name stands for its value at the step: write %s", before->name);
    else if (whole != NULL && (whole->kind == GT_LANG_SYMBOL_PARAMETER || whole->kind == GT_LANG_SYMBOL_EQUATION))
        gt_lang_hint(c->diagnostics, "the transpose is written %s.T; only a state has a next value", whole->name);
    else if (whole != NULL && whole->kind != GT_LANG_SYMBOL_STATE)
        gt_lang_hint(c->diagnostics, "%s is %s, and only a state has a next value", whole->name,
                     gt_lang_symbol_kind_name(whole->kind));
    else
        return false;
    return true;
}

static void advise_name(gt_lang_checker *c, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    const char *constant = gt_lang_constant_hint(name);
    if (constant != NULL)
        gt_lang_hint(c->diagnostics, "%s", constant);
    if (constant != NULL || advise_time(c, name))
        return;
    for (gt_lang_symbol *s = c->meaning->symbols.table; s != NULL; s = s->hh.next)
        if (s->defined)
            gt_nearest_offer(&nearest, s->name);
    if (nearest.best != NULL)
        gt_lang_hint(c->diagnostics, "did you mean %s?", nearest.best);
    else if (strchr(name, '\'') != NULL)
        gt_lang_hint(c->diagnostics, "only states have a next value");
}

void gt_lang_unknown_name(gt_lang_checker *checker, const char *name, gt_lang_place place)
{
    gt_lang_function function;
    if (gt_lang_function_find(name, &function)) {
        gt_lang_error(checker->diagnostics, place, "%s is a function and needs an argument", name);
        gt_lang_hint(checker->diagnostics, "write %s(u)", name);
    } else if (gt_lang_is_keyword(name)) {
        gt_lang_error(checker->diagnostics, place, "%s is a word of the language, not a value", name);
    } else {
        gt_lang_error(checker->diagnostics, place, "there is no name %s", name);
        advise_name(checker, name);
    }
}
