#include "plan/describe/label.h"

#include "base/hash.h"
#include "graph/scan.h"
#include "ops/descriptors.h"

#include <stdio.h>
#include <string.h>

enum { DEEPEST = 2 };

/* Text that grows until it is full. */
typedef struct writing {
    char *text;
    size_t used;
    bool whole;
    gt_label_numbers *numbers; /* may be NULL */
} writing;

/* ---- numbers ------------------------------------------------------------------------------- */

typedef struct numbered {
    gt_var key;
    uint32_t number;
    bool added;
    UT_hash_handle hh;
} numbered;

struct gt_label_numbers {
    numbered *hash;
    bool failed;
};

bool gt_label_numbers_failed(const gt_label_numbers *numbers)
{
    return numbers->failed;
}

gt_label_numbers *gt_label_numbers_new(void)
{
    return gt_memory_new(1, sizeof(gt_label_numbers));
}

void gt_label_numbers_free(gt_label_numbers *numbers)
{
    if (numbers == NULL)
        return;
    numbered *each, *next;
    HASH_ITER(hh, numbers->hash, each, next)
    {
        HASH_DEL(numbers->hash, each);
        gt_memory_free(each);
    }
    gt_memory_free(numbers);
}

/* 0 on no memory. */
static uint32_t number_of(gt_label_numbers *numbers, gt_var v)
{
    gt_var key;
    numbered *found;
    memset(&key, 0, sizeof key);
    key.tape = v.tape;
    key.index = v.index;
    HASH_FIND(hh, numbers->hash, &key, sizeof key, found);
    if (found != NULL)
        return found->number;
    found = gt_memory_new(1, sizeof *found);
    if (found == NULL) {
        numbers->failed = true;
        return 0;
    }
    memcpy(&found->key, &key, sizeof key);
    found->number = HASH_COUNT(numbers->hash) + 1;
    found->added = true;
    HASH_ADD(hh, numbers->hash, key, sizeof key, found);
    if (found->added)
        return found->number;
    numbers->failed = true;
    gt_memory_free(found);
    return 0;
}

static void write_text(writing *w, const char *text)
{
    size_t room = GT_LABEL_SIZE - 1 - w->used, length = strlen(text);
    if (length > room) {
        /* Cut between characters. */
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(w->text + w->used, text, length);
    w->used += length;
    w->text[w->used] = '\0';
}

/* ---- where a value comes from -------------------------------------------------------------- */

/* The var outside of a scan that an input of its body stands for; GT_NONE for a carried state. */
static gt_var outside_of(gt_var v)
{
    const gt_scan *scan = v.tape->owner;
    if (scan == NULL)
        return GT_NONE;
    const gt_scan_link *link = gt_scan_find_input(scan, v.index);
    link = link != NULL ? link : gt_scan_find_invariant(scan, v.index);
    return link != NULL ? gt_tape_at(scan->outer, link->outside) : GT_NONE;
}

/* The var of a scan's body that a stack or a final value shows outside. */
static gt_var inside_of(gt_var v)
{
    gt_scan *scan = gt_var_scan(v);
    if (scan == NULL || gt_var_op(v)->op_class != GT_CLASS_PART)
        return GT_NONE;
    uint32_t of = (uint32_t)gt_var_attribute(v, 0);
    return gt_var_op(v) == &gt_op_scan_stack ? gt_tape_at(scan->body, of) : gt_scan_carry_before(scan, of);
}

static bool moves_nothing(const gt_op *op)
{
    return op == &gt_op_reshape || op == &gt_op_broadcast;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_var(writing *w, gt_var v, int depth);

static void write_slice(writing *w, gt_var v, int depth)
{
    char part[48];
    long long axis = gt_var_attribute(v, 0), start = gt_var_attribute(v, 1), stop = gt_var_attribute(v, 2);
    write_var(w, gt_var_input(v, 0), depth);
    if (w->whole)
        return;
    write_text(w, "[");
    for (long long k = 0; k < axis; k++)
        write_text(w, ":, ");
    snprintf(part, sizeof part, "%lld:%lld]", start, stop);
    write_text(w, part);
}

static void write_number(writing *w, gt_var v)
{
    char number[32];
    snprintf(number, sizeof number, "%g", gt_unpack_double(gt_var_attribute(v, gt_var_attribute_count(v) - 1)));
    write_text(w, number);
}

static void write_application(writing *w, gt_var v, int depth)
{
    const gt_op *op = gt_var_op(v);
    bool product = op == &gt_op_matmul;
    if (!product)
        write_text(w, op->name);
    if (depth == DEEPEST) {
        write_text(w, product ? "product" : "(…)");
        return;
    }
    if (!product)
        write_text(w, "(");
    for (uint32_t k = 0; k < gt_var_input_count(v); k++) {
        if (k > 0)
            write_text(w, product ? " @ " : ", ");
        write_var(w, gt_var_input(v, k), depth + 1);
        if (product && gt_var_attribute(v, k) != 0)
            write_text(w, "ᵀ");
    }
    if (!product)
        write_text(w, ")");
}

static bool write_numbered(writing *w, gt_var v)
{
    char text[16];
    uint32_t number = number_of(w->numbers, v);
    if (number == 0)
        return false;
    snprintf(text, sizeof text, "t%u", (unsigned)number);
    write_text(w, text);
    return true;
}

static void write_var(writing *w, gt_var v, int depth)
{
    gt_var other = GT_NONE;
    if (!gt_var_valid(v))
        write_text(w, "?");
    else if (gt_var_name(v)[0] != '\0')
        write_text(w, gt_var_name(v));
    else if ((other = outside_of(v)).tape != NULL || (other = inside_of(v)).tape != NULL)
        write_var(w, other, depth);
    else if (moves_nothing(gt_var_op(v)))
        write_var(w, gt_var_input(v, 0), depth);
    else if (gt_var_op(v) == &gt_op_slice)
        write_slice(w, v, depth);
    else if (gt_var_op(v) == &gt_op_fill)
        write_number(w, v);
    else if (w->numbers == NULL || !write_numbered(w, v))
        write_application(w, v, depth);
}

char *gt_label(gt_var v, char text[GT_LABEL_SIZE])
{
    writing w = {.text = text};
    text[0] = '\0';
    write_var(&w, v, 0);
    return text;
}

char *gt_label_whole(gt_var v, char text[GT_LABEL_SIZE])
{
    writing w = {.text = text, .whole = true};
    text[0] = '\0';
    write_var(&w, v, 0);
    return text;
}

char *gt_label_numbered(gt_label_numbers *numbers, gt_var v, char text[GT_LABEL_SIZE])
{
    writing w = {.text = text, .numbers = numbers};
    text[0] = '\0';
    write_var(&w, v, 0);
    return text;
}

char *gt_label_computation(gt_label_numbers *numbers, gt_var v, char text[GT_LABEL_SIZE])
{
    writing w = {.text = text, .numbers = numbers};
    text[0] = '\0';
    if (gt_var_op(v) == NULL || gt_var_input_count(v) == 0 || gt_var_op(v)->op_class == GT_CLASS_PART)
        write_var(&w, v, 0);
    else if (gt_var_op(v) == &gt_op_slice)
        write_slice(&w, v, 0);
    else
        write_application(&w, v, 0);
    return text;
}
