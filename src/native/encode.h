/*
 * Encodes the instructions of x86-64 that compiled groups consist of, for AVX2
 * with FMA (registers of 32 bytes, 16 of them) and for AVX-512 (64 bytes, 32 of
 * them; F, DQ, BW and VL). Source: Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2.
 *
 * An encoder that runs out of memory is marked as failed, and encodes nothing
 * from then on; one check at the end suffices.
 */
#ifndef GT_NATIVE_ENCODE_H
#define GT_NATIVE_ENCODE_H

#include "gradtape/tape.h"

/* General registers by their numbers. */
typedef enum gt_general {
    GT_RAX,
    GT_RCX,
    GT_RDX,
    GT_RBX,
    GT_RSP,
    GT_RBP,
    GT_RSI,
    GT_RDI,
    GT_R8,
    GT_R9,
    GT_R10,
    GT_R11,
    GT_R12,
    GT_R13,
    GT_R14,
    GT_R15,
    GT_NO_GENERAL = -1
} gt_general;

/* An operand in a vector register or in memory. */
typedef enum gt_location_kind {
    GT_LOCATION_REGISTER,
    GT_LOCATION_MEMORY,  /* base + index + offset */
    GT_LOCATION_CONSTANT /* of the encoder's pool: a whole vector of it */
} gt_location_kind;

typedef struct gt_location {
    gt_location_kind kind;
    int number;             /* of the vector register, or of the constant */
    gt_general base, index; /* index may be GT_NO_GENERAL, and is never GT_RSP */
    int32_t offset;         /* in bytes */
} gt_location;

typedef enum gt_vector_op {
    GT_VECTOR_ADD,
    GT_VECTOR_SUB,
    GT_VECTOR_MUL,
    GT_VECTOR_DIV,
    GT_VECTOR_MIN, /* a < b ? a : b */
    GT_VECTOR_MAX, /* a > b ? a : b */
    GT_VECTOR_AND,
    GT_VECTOR_OR,
    GT_VECTOR_XOR,
    GT_VECTOR_ADD_BITS /* whole numbers of the entries' width */
} gt_vector_op;

/* Which operands of a fused multiplication and addition are multiplied. */
typedef enum gt_fused_form {
    GT_FUSED_132, /* to = to * from + second */
    GT_FUSED_213, /* to = second * to + from */
    GT_FUSED_231  /* to = second * from + to */
} gt_fused_form;

/* A constant of the pool, and where its place in an instruction is, to be filled in at the end. */
typedef struct gt_pool_use {
    size_t position, end; /* of the 4 bytes; of the instruction */
    uint32_t constant;
} gt_pool_use;

/* What the lanes of a constant are. */
typedef enum gt_pool_kind {
    GT_POOL_ENTRY, /* each has these bits */
    GT_POOL_MASK,  /* all bits are set in so many of the lowest, none in the others */
    GT_POOL_LANES  /* the number of the lane, as a whole number */
} gt_pool_kind;

typedef struct gt_pool_constant {
    gt_pool_kind kind;
    uint64_t bits; /* or the count of lanes */
} gt_pool_constant;

typedef struct gt_encoder {
    gt_dtype dtype; /* of the entries: GT_F32 or GT_F64 */
    bool avx512;    /* or AVX2 */
    uint8_t *bytes;
    size_t count, capacity;
    gt_pool_constant *constants; /* of the function that has begun */
    size_t constant_count, constant_capacity;
    gt_pool_use *uses;
    size_t use_count, use_capacity;
    bool failed;
} gt_encoder;

/* The encoder appends to what it holds; set dtype and avx512 before each function (gt_encode_begin). */
void gt_encoder_init(gt_encoder *e, bool avx512);
void gt_encoder_free(gt_encoder *e);
/*
 * Begins a function for entries of that type, aligned to 64 bytes; returns where. What it
 * holds may be put at any address that is a multiple of 64: all distances are within the function.
 */
size_t gt_encode_begin(gt_encoder *e, gt_dtype dtype);
/* Entries of 8 bytes rather than 4, which is all that instructions know of types. */
static inline bool gt_encode_is_wide(const gt_encoder *e)
{
    return gt_dtype_size(e->dtype) == sizeof(double);
}
/* Ends it: writes its constants behind it, each a whole vector, and fills in where they are. */
void gt_encode_end(gt_encoder *e);

/* ---- vectors ------------------------------------------------------------------------------- */

/*
 * An operand of which each entry has these bits; the same bits are the same constant. It belongs
 * to the function that has begun: take it anew in the next.
 */
gt_location gt_encode_constant(gt_encoder *e, uint64_t bits);
gt_location gt_location_register(int number);
gt_location gt_location_memory(gt_general base, gt_general index, int32_t offset);

void gt_encode_move(gt_encoder *e, int to, gt_location from); /* a whole vector, memory unaligned */
void gt_encode_store(gt_encoder *e, gt_location to, int from);
/* Past the caches, to a multiple of the vector's bytes: for what nobody reads soon. Other threads see it behind a
 * fence. */
void gt_encode_store_past(gt_encoder *e, gt_location to, int from);
void gt_encode_spread(gt_encoder *e, int to, gt_location from); /* one entry of memory to all lanes */
void gt_encode_zero(gt_encoder *e, int to);
void gt_encode_binary(gt_encoder *e, gt_vector_op op, int to, int first, gt_location second);
void gt_encode_sqrt(gt_encoder *e, int to, gt_location from);
void gt_encode_fused(gt_encoder *e, gt_fused_form form, int to, int second, gt_location from);
/* The entries' bits by so many places, zeros shifted in; 0 for as many places as they have bits, or more. */
void gt_encode_shift(gt_encoder *e, bool left, int to, int from, uint32_t places);
/*
 * to = first COMPARISON second ? yes : no, per lane. `comparison` is the immediate of vcmpps. `scratch`
 * is a register that no operand uses (with AVX-512 it stays as it is; mask register 2 is taken there).
 */
void gt_encode_select(gt_encoder *e, uint8_t comparison, int to, int first, gt_location second, int yes, int no,
                      int scratch);

/*
 * Masks, for the last entries of an array. With AVX-512 mask register 1 holds it, and the number of a
 * mask is ignored; with AVX2 vector register `mask` does. Sets the lowest `lanes` lanes; changes GT_RAX.
 */
void gt_encode_set_mask(gt_encoder *e, int mask, uint32_t lanes);
/*
 * The same, of as many lanes as `lanes` (a general register other than GT_RAX; less than
 * a vector's lanes) says; changes GT_RAX and the flags.
 */
void gt_encode_set_mask_by(gt_encoder *e, int mask, gt_general lanes);
void gt_encode_move_masked(gt_encoder *e, int to, gt_location from, int mask); /* memory; other lanes become 0 */
void gt_encode_store_masked(gt_encoder *e, gt_location to, int from, int mask);
/*
 * The lowest lanes alone, at least one and fewer than a vector has, of which the mask sets as many. AVX2 stores them in
 * pieces of 16, 8 and 4 bytes: by a mask it takes as long as many stores. Scratch changes.
 */
void gt_encode_store_some(gt_encoder *e, gt_location to, int from, uint32_t lanes, int mask, int scratch);
/* sum += from on the mask's lanes; scratch as above. */
void gt_encode_add_masked(gt_encoder *e, int sum, int from, int mask, int scratch);
/*
 * The sum of all lanes of `from` becomes the lowest lane of `from`; its other lanes and scratch
 * change. The upper half is added to the lower one until one lane is left.
 */
void gt_encode_add_lanes(gt_encoder *e, int from, int scratch);
/* The lowest lane of `to` times a constant; and that lane to memory, and from there. */
void gt_encode_scale_lowest(gt_encoder *e, int to, gt_location constant);
void gt_encode_store_lowest(gt_encoder *e, gt_location to, int from);
void gt_encode_load_lowest(gt_encoder *e, int to, gt_location from); /* memory; the other lanes become 0 */
void gt_encode_clear_upper(gt_encoder *e);                           /* vzeroupper */

/*
 * ---- general registers, all of 64 bits -------------------------------------------------------
 * The flags, which jumps look at, are changed by sums, AND, comparisons and gt_encode_set_mask_by alone.
 */

void gt_encode_push(gt_encoder *e, gt_general from);
void gt_encode_pop(gt_encoder *e, gt_general to);
void gt_encode_return(gt_encoder *e);
void gt_encode_number(gt_encoder *e, gt_general to, int64_t value);
void gt_encode_copy(gt_encoder *e, gt_general to, gt_general from);
void gt_encode_load(gt_encoder *e, gt_general to, gt_location from); /* 8 bytes of memory */
void gt_encode_save(gt_encoder *e, gt_location to, gt_general from);
void gt_encode_add_number(gt_encoder *e, gt_general to, int32_t value);
void gt_encode_and_number(gt_encoder *e, gt_general to, int32_t value);
void gt_encode_compare_number(gt_encoder *e, gt_general a, int32_t value);
void gt_encode_compare(gt_encoder *e, gt_general a, gt_general b);
void gt_encode_prefetch(gt_encoder *e, gt_location from); /* to the first-level cache */

/* Conditions of jumps, after a comparison of a with b as signed numbers. */
typedef enum gt_condition { GT_IF_EQUAL = 4, GT_IF_NOT_EQUAL = 5, GT_IF_LESS = 0xc, GT_IF_NOT_LESS = 0xd } gt_condition;

/* Jumps back to a position that e->count once was. */
void gt_encode_jump_back(gt_encoder *e, gt_condition condition, size_t target);
/* Calls the function that begins at that position of the encoder, in front of this one. */
void gt_encode_call(gt_encoder *e, size_t target);
/* Jumps forward to where gt_encode_land is called with what this returns. */
size_t gt_encode_jump_ahead(gt_encoder *e, gt_condition condition);
void gt_encode_land(gt_encoder *e, size_t jump);

#endif
