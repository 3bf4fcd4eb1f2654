#include "diagnose/arena.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

enum { LEAST_BLOCK = 1 << 16 };

struct gt_arena_block {
    gt_arena_block *next;
    size_t size, used;
    max_align_t data[];
};

static gt_arena_block *new_block(gt_arena *arena, size_t bytes)
{
    size_t size = bytes > LEAST_BLOCK ? bytes : LEAST_BLOCK;
    gt_arena_block *block = gt_memory_new(1, sizeof *block + size);
    if (block == NULL) {
        arena->failed = true;
        return NULL;
    }
    block->size = size;
    /* Behind the current one: those that a return to a mark left unused stay after it. */
    if (arena->current == NULL) {
        block->next = arena->first;
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

void *gt_arena_new(gt_arena *arena, size_t count, size_t size)
{
    if (arena->failed || (size != 0 && count > (SIZE_MAX / 4) / size)) {
        arena->failed = true;
        return NULL;
    }
    size_t align = sizeof(max_align_t), bytes = (count * size + align - 1) / align * align;
    gt_arena_block *block = arena->current == NULL ? arena->first : arena->current;
    while (block != NULL && block->size - block->used < bytes) {
        block = block->next;
        if (block != NULL)
            block->used = 0;
    }
    if (block == NULL)
        block = new_block(arena, bytes);
    if (block == NULL)
        return NULL;
    arena->current = block;
    void *piece = (char *)block->data + block->used;
    block->used += bytes;
    return piece;
}

char *gt_arena_print(gt_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : gt_arena_new(arena, (size_t)length + 1, 1);
    if (text != NULL)
        gt_utf8_format_list(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

gt_arena_mark gt_arena_here(const gt_arena *arena)
{
    return (gt_arena_mark){arena->current, arena->current == NULL ? 0 : arena->current->used};
}

void gt_arena_return(gt_arena *arena, gt_arena_mark mark)
{
    arena->current = mark.block;
    if (mark.block != NULL)
        mark.block->used = mark.used;
    else if (arena->first != NULL)
        arena->first->used = 0;
}

void gt_arena_free(gt_arena *arena)
{
    for (gt_arena_block *block = arena->first, *next; block != NULL; block = next) {
        next = block->next;
        gt_memory_free(block);
    }
    *arena = (gt_arena){0};
}
