#include "exec/frame.h"

#include "base/memory.h"

#include <string.h>

gt_frame *gt_frame_new(gt_tape *tape)
{
    gt_frame *frame = gt_memory_new(1, sizeof *frame);
    if (frame != NULL)
        frame->tape = tape;
    return frame;
}

void gt_frame_free(gt_frame *frame)
{
    if (frame == NULL)
        return;
    for (uint32_t i = 1; i <= frame->count; i++) {
        gt_memory_free(frame->own[i]);
        gt_frame_free(frame->bodies[i]);
    }
    gt_memory_free(frame->data);
    gt_memory_free(frame->placed);
    gt_memory_free(frame->own);
    gt_memory_free(frame->bound);
    gt_memory_free(frame->wanted);
    gt_memory_free(frame->chain);
    gt_memory_free(frame->bodies);
    gt_memory_free(frame);
}

/* A larger copy of an array with zeros behind it; the old one stays with the caller. */
static void *larger_copy(const void *old, size_t old_count, size_t count, size_t size)
{
    void *copy = gt_memory_new(count, size);
    if (copy != NULL && old != NULL)
        memcpy(copy, old, old_count * size);
    return copy;
}

static bool grow(gt_frame *frame, uint32_t count)
{
    size_t old = frame->count == 0 ? 0 : (size_t)frame->count + 1, now = (size_t)count + 1;
    gt_frame larger = {
        .tape = frame->tape,
        .count = count,
        .data = larger_copy(frame->data, old, now, sizeof *frame->data),
        .placed = larger_copy(frame->placed, old, now, sizeof *frame->placed),
        .own = larger_copy(frame->own, old, now, sizeof *frame->own),
        .bound = larger_copy(frame->bound, old, now, sizeof *frame->bound),
        .wanted = larger_copy(frame->wanted, old, now, sizeof *frame->wanted),
        .chain = larger_copy(frame->chain, old, now, sizeof *frame->chain),
        .bodies = larger_copy(frame->bodies, old, now, sizeof *frame->bodies),
    };
    bool grown = larger.data != NULL && larger.placed != NULL && larger.own != NULL && larger.bound != NULL &&
                 larger.wanted != NULL && larger.chain != NULL && larger.bodies != NULL;
    gt_frame *discarded = grown ? frame : &larger;
    gt_memory_free(discarded->data);
    gt_memory_free(discarded->placed);
    gt_memory_free(discarded->own);
    gt_memory_free(discarded->bound);
    gt_memory_free(discarded->wanted);
    gt_memory_free(discarded->chain);
    gt_memory_free(discarded->bodies);
    if (grown)
        *frame = larger;
    return grown;
}

/* Backward, so that the parts of each tuple are in the order of recording. */
static void link_parts(gt_frame *frame)
{
    memset(frame->chain, 0, ((size_t)frame->count + 1) * sizeof *frame->chain);
    for (uint32_t i = frame->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(frame->tape, i);
        if (node->op->op_class != GT_CLASS_PART)
            continue;
        uint32_t tuple = gt_node_inputs(frame->tape, node)[0];
        frame->chain[i] = frame->chain[tuple];
        frame->chain[tuple] = i;
    }
}

bool gt_frame_begin(gt_frame *frame)
{
    uint32_t count = (uint32_t)frame->tape->node_count;
    if (count != frame->count || frame->data == NULL) {
        if (!grow(frame, count))
            return false;
        link_parts(frame);
    }
    memset(frame->data, 0, ((size_t)count + 1) * sizeof *frame->data);
    memset(frame->placed, 0, ((size_t)count + 1) * sizeof *frame->placed);
    memset(frame->wanted, 0, (size_t)count + 1);
    return true;
}

void gt_frame_mark(gt_frame *frame)
{
    for (uint32_t i = frame->count; i >= 1; i--) {
        if (!frame->wanted[i])
            continue;
        const gt_node *node = gt_tape_node(frame->tape, i);
        const uint32_t *inputs = gt_node_inputs(frame->tape, node);
        for (uint32_t k = 0; k < node->input_count; k++)
            frame->wanted[inputs[k]] = 1;
    }
}

size_t gt_frame_bytes(const gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    return (size_t)gt_shape_count(gt_node_shape(frame->tape, node)) * gt_dtype_size((gt_dtype)node->dtype);
}

void *gt_frame_memory(gt_frame *frame, uint32_t index)
{
    void *memory = frame->placed[index];
    if (memory == NULL) {
        if (frame->own[index] == NULL)
            frame->own[index] = gt_memory_new(gt_frame_bytes(frame, index), 1);
        memory = frame->own[index];
    }
    return memory;
}

gt_array gt_frame_array(const gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    /* The cast drops const: kernels get their inputs as gt_array and do not write them. */
    return (gt_array){(void *)(uintptr_t)frame->data[index], (gt_dtype)node->dtype, gt_node_shape(frame->tape, node)};
}
