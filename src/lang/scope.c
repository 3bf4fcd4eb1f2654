/* Names and what they stand for while a cell is recorded: see lang/record.h. */
#include "lang/record.h"

#include "base/hash.h"

#include <string.h>

typedef struct scope_entry {
    char *name;
    gt_var v;
    double number;
    bool is_number, added;
    UT_hash_handle hh;
} scope_entry;

struct gt_lang_scope {
    gt_tape *tape;
    scope_entry *entries;
    const struct gt_lang_meaning *meaning;
};

gt_lang_scope *gt_lang_scope_new(gt_tape *tape)
{
    gt_lang_scope *scope = gt_memory_new(1, sizeof *scope);
    if (scope != NULL)
        scope->tape = tape;
    return scope;
}

void gt_lang_scope_set_meaning(gt_lang_scope *scope, const struct gt_lang_meaning *meaning)
{
    scope->meaning = meaning;
}

void gt_lang_scope_free(gt_lang_scope *scope)
{
    if (scope == NULL)
        return;
    scope_entry *entry, *next;
    HASH_ITER(hh, scope->entries, entry, next)
    {
        HASH_DEL(scope->entries, entry);
        gt_memory_free(entry->name);
        gt_memory_free(entry);
    }
    gt_memory_free(scope);
}

static scope_entry *find(const gt_lang_scope *scope, const char *name)
{
    scope_entry *entry;
    HASH_FIND_STR(scope->entries, name, entry);
    return entry;
}

static scope_entry *find_or_add(gt_lang_scope *scope, const char *name)
{
    scope_entry *entry = find(scope, name);
    if (entry != NULL)
        return entry;
    entry = gt_memory_new(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->name = gt_memory_text(name);
    entry->added = entry->name != NULL;
    if (entry->added)
        HASH_ADD_KEYPTR(hh, scope->entries, entry->name, strlen(entry->name), entry);
    if (entry->added)
        return entry;
    gt_memory_free(entry->name);
    gt_memory_free(entry);
    return NULL;
}

bool gt_lang_scope_set(gt_lang_scope *scope, const char *name, gt_var v)
{
    scope_entry *entry = find_or_add(scope, name);
    if (entry == NULL)
        return false;
    entry->v = v;
    entry->is_number = false;
    return true;
}

bool gt_lang_scope_set_number(gt_lang_scope *scope, const char *name, double value)
{
    scope_entry *entry = find_or_add(scope, name);
    if (entry == NULL)
        return false;
    entry->number = value;
    entry->is_number = true;
    return true;
}

gt_var gt_lang_scope_find(const gt_lang_scope *scope, const char *name)
{
    scope_entry *entry = find(scope, name);
    if (entry == NULL)
        return GT_NONE;
    return entry->is_number ? gt_constant(scope->tape, entry->number) : entry->v;
}

/* ---- as an environment --------------------------------------------------------------------- */

static gt_var variable(void *context, const char *name)
{
    return gt_lang_scope_find(context, name);
}

static bool number(void *context, const char *name, double *value)
{
    scope_entry *entry = find(context, name);
    if (entry == NULL || !entry->is_number)
        return false;
    *value = entry->number;
    return true;
}

gt_lang_environment gt_lang_scope_environment(gt_lang_scope *scope)
{
    return (gt_lang_environment){
        .tape = scope->tape, .context = scope, .variable = variable, .number = number, .meaning = scope->meaning};
}

void gt_lang_record_equation(gt_lang_scope *scope, const gt_lang_equation *equation)
{
    gt_lang_environment environment = gt_lang_scope_environment(scope);
    double value;
    bool set;
    if (gt_lang_number(&environment, equation->value, &value)) {
        set = gt_lang_scope_set_number(scope, equation->name, value);
    } else {
        gt_var v = gt_lang_record(&environment, equation->value);
        /* "b = a" gives the var of a second name, which is not to hide the first. */
        if (gt_var_valid(v) && *gt_var_name(v) == '\0')
            gt_name(v, equation->name);
        set = gt_lang_scope_set(scope, equation->name, v);
    }
    if (!set)
        gt_tape_fail(scope->tape, GT_ERROR_MEMORY, "no memory for the names of a cell");
}
