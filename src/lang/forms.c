/* How operations on arrays of several sizes are recorded: see lang/meaning.h. */
#include "base/hash.h"
#include "lang/meaning.h"

struct gt_lang_form_entry {
    const gt_lang_expression *operation;
    unsigned form;
    bool added;
    UT_hash_handle hh;
};

static gt_lang_form_entry *find(const gt_lang_meaning *meaning, const gt_lang_expression *operation)
{
    gt_lang_form_entry *entry;
    HASH_FIND_PTR(meaning->forms, &operation, entry);
    return entry;
}

unsigned gt_lang_form_of(const gt_lang_meaning *meaning, const gt_lang_expression *operation)
{
    const gt_lang_form_entry *entry = meaning == NULL ? NULL : find(meaning, operation);
    return entry == NULL ? 0 : entry->form;
}

void gt_lang_note_form(gt_lang_checker *checker, const gt_lang_expression *operation, unsigned form)
{
    gt_lang_meaning *meaning = checker->meaning;
    gt_lang_form_entry *entry = find(meaning, operation);
    if (entry == NULL) {
        entry = gt_pool_new(meaning->symbols.pool, 1, sizeof *entry);
        if (entry != NULL) {
            *entry = (gt_lang_form_entry){.operation = operation, .added = true};
            HASH_ADD_PTR(meaning->forms, operation, entry);
        }
        if (entry == NULL || !entry->added) {
            checker->no_memory = true;
            return;
        }
    }
    entry->form |= form;
}

void gt_lang_forms_free(gt_lang_meaning *meaning)
{
    HASH_CLEAR(hh, meaning->forms);
}

bool gt_lang_has_several_sizes(const gt_lang_meaning *meaning)
{
    return meaning->has_axes || meaning->forms != NULL;
}
