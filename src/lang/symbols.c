#include "lang/symbols.h"

#include <string.h>

gt_lang_symbol *gt_lang_symbols_find(const gt_lang_symbols *symbols, const char *name)
{
    gt_lang_symbol *symbol;
    HASH_FIND_STR(symbols->table, name, symbol);
    return symbol;
}

gt_lang_symbol *gt_lang_symbols_add(gt_lang_symbols *symbols, gt_lang_symbol symbol)
{
    gt_lang_symbol *kept = gt_pool_new(symbols->pool, 1, sizeof *kept);
    if (kept == NULL)
        return NULL;
    *kept = symbol;
    kept->place_in_list = symbols->count;
    kept->added = true;
    HASH_ADD_KEYPTR(hh, symbols->table, kept->name, strlen(kept->name), kept);
    if (!kept->added)
        return NULL;
    symbols->count++;
    return kept;
}

void gt_lang_symbols_free(gt_lang_symbols *symbols)
{
    HASH_CLEAR(hh, symbols->table);
}

const char *gt_lang_symbol_kind_name(gt_lang_symbol_kind kind)
{
    switch (kind) {
    case GT_LANG_SYMBOL_DIMENSION:
        return "a dimension";
    case GT_LANG_SYMBOL_EXAMPLES:
        return "the number of examples";
    case GT_LANG_SYMBOL_INPUT:
        return "an input";
    case GT_LANG_SYMBOL_STATE:
        return "a state";
    case GT_LANG_SYMBOL_PARAMETER:
        return "a parameter";
    case GT_LANG_SYMBOL_EQUATION:
        return "a name of the forward pass";
    case GT_LANG_SYMBOL_GIVEN:
        return "given to the backward block";
    case GT_LANG_SYMBOL_BACKWARD:
        return "a name of the backward block";
    }
    return "a name";
}
