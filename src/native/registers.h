/*
 * Which value is in which vector register while the body of a loop is written.
 * One register is put aside as scratch. Of the values that are in registers the
 * one that is needed last is driven out first (Belady): constants and entries of
 * arrays come back from where they were, others from the stack.
 */
#ifndef GT_NATIVE_REGISTERS_H
#define GT_NATIVE_REGISTERS_H

#include "native/compile.h"

#define GT_VECTOR_REGISTERS 32
/* So many values at most live on the stack. */
#define GT_MOST_SPILLED 64

typedef struct gt_registers {
    gt_encoder *e;
    const gt_compiled_loop *loop;
    bool masked;                        /* the body for the last entries is being written */
    uint32_t position;                  /* of the instruction that is being written */
    uint32_t *last;                     /* of each value: the last instruction that reads it; 0: none does */
    int8_t *in_register;                /* of each value: -1 if it is in none */
    int8_t *on_stack;                   /* of each value: its place there; -1 if it has none */
    gt_lane holds[GT_VECTOR_REGISTERS]; /* 0: nothing */
    uint32_t busy[GT_VECTOR_REGISTERS]; /* the instruction that is using it */
    bool fixed[GT_VECTOR_REGISTERS];    /* for the whole loop: constants, numbers of columns, sums, masks */
    int count;                          /* of registers that values may be in */
    int scratch, mask;
    uint32_t rest; /* lanes of the mask, where that is known beforehand; 0: it is not */
    uint32_t spilled;
    bool failed;            /* more than a loop has */
    gt_general pointers[8]; /* of the first slots */
} gt_registers;

/* Frees all registers but the fixed ones, before a body is written. */
void gt_registers_begin(gt_registers *r, bool masked);
/* The register of a value, which is brought there if need be. */
int gt_registers_bring(gt_registers *r, gt_lane value);
/* Where an instruction can read a value from: a register, or memory where that serves as well. */
gt_location gt_registers_place(gt_registers *r, gt_lane value);
/* A register for a result; preferably one of an operand that is not needed any more. */
int gt_registers_take(gt_registers *r, gt_lane value);
/* A free register for the rest of the instruction. */
int gt_registers_free_one(gt_registers *r);
bool gt_registers_is_dying(const gt_registers *r, gt_lane value);
/* From now on the register holds that value instead. */
void gt_registers_rename(gt_registers *r, int number, gt_lane value);
/* Gives back what no later instruction reads. */
void gt_registers_release(gt_registers *r);
/* The place of entry `index` (GT_RCX) of a slot; its pointer may be brought to GT_R11. */
gt_location gt_registers_entries(gt_registers *r, uint32_t slot);

#endif
