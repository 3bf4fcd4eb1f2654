#include "graph/intern.h"

#include "base/hash.h"

#include <string.h>

struct gt_shape_entry {
    gt_shape shape;
    uint32_t number;
    bool added;
    UT_hash_handle hh;
};

struct gt_text_entry {
    uint32_t number;
    bool added;
    UT_hash_handle hh;
    char text[];
};

struct gt_constant_entry {
    int64_t bits;
    uint32_t node;
    bool added;
    UT_hash_handle hh;
};

bool gt_intern_shape(gt_shape_table *table, gt_shape shape, uint32_t *number)
{
    /* Zeroed, because the padding between rank and sizes is part of the key. */
    gt_shape key;
    memset(&key, 0, sizeof key);
    key.rank = shape.rank;
    memcpy(key.size, shape.size, sizeof key.size);

    gt_shape_entry *entry = NULL;
    HASH_FIND(hh, table->hash, &key, sizeof key, entry);
    if (entry != NULL) {
        *number = entry->number;
        return true;
    }
    if (!GT_RESERVE(table->list, table->capacity, table->count + 1))
        return false;
    entry = gt_memory_new(1, sizeof *entry);
    if (entry == NULL)
        return false;
    memcpy(&entry->shape, &key, sizeof key);
    entry->number = (uint32_t)table->count;
    entry->added = true;
    HASH_ADD(hh, table->hash, shape, sizeof key, entry);
    if (!entry->added) {
        gt_memory_free(entry);
        return false;
    }
    table->list[table->count++] = key;
    *number = entry->number;
    return true;
}

void gt_intern_free_shapes(gt_shape_table *table)
{
    gt_shape_entry *entry, *next;
    HASH_ITER(hh, table->hash, entry, next)
    {
        HASH_DEL(table->hash, entry);
        gt_memory_free(entry);
    }
    gt_memory_free(table->list);
}

bool gt_intern_text(gt_text_table *table, const char *text, uint32_t *number)
{
    *number = 0;
    if (text == NULL || text[0] == '\0')
        return true;
    size_t length = strlen(text);
    gt_text_entry *entry = NULL;
    HASH_FIND(hh, table->hash, text, length, entry);
    if (entry != NULL) {
        *number = entry->number;
        return true;
    }
    size_t count = table->count == 0 ? 1 : table->count;
    if (!GT_RESERVE(table->list, table->capacity, count + 1))
        return false;
    entry = gt_memory_new(1, sizeof *entry + length + 1);
    if (entry == NULL)
        return false;
    memcpy(entry->text, text, length + 1);
    entry->number = (uint32_t)count;
    entry->added = true;
    HASH_ADD_KEYPTR(hh, table->hash, entry->text, length, entry);
    if (!entry->added) {
        gt_memory_free(entry);
        return false;
    }
    table->list[count] = entry;
    table->count = count + 1;
    table->bytes += sizeof *entry + length + 1;
    *number = entry->number;
    return true;
}

const char *gt_intern_text_at(const gt_text_table *table, uint32_t number)
{
    return number == 0 ? "" : table->list[number]->text;
}

void gt_intern_free_texts(gt_text_table *table)
{
    gt_text_entry *entry, *next;
    HASH_ITER(hh, table->hash, entry, next)
    {
        HASH_DEL(table->hash, entry);
        gt_memory_free(entry);
    }
    gt_memory_free(table->list);
}

uint32_t *gt_intern_constant(gt_constant_table *table, int64_t bits)
{
    gt_constant_entry *entry = NULL;
    HASH_FIND(hh, table->hash, &bits, sizeof bits, entry);
    if (entry != NULL)
        return &entry->node;
    entry = gt_memory_new(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->bits = bits;
    entry->added = true;
    HASH_ADD(hh, table->hash, bits, sizeof bits, entry);
    if (!entry->added) {
        gt_memory_free(entry);
        return NULL;
    }
    return &entry->node;
}

void gt_intern_free_constants(gt_constant_table *table)
{
    gt_constant_entry *entry, *next;
    HASH_ITER(hh, table->hash, entry, next)
    {
        HASH_DEL(table->hash, entry);
        gt_memory_free(entry);
    }
}
