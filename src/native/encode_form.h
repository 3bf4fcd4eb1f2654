/* How an instruction is written: what the files of the encoder share. */
#ifndef GT_NATIVE_ENCODE_FORM_H
#define GT_NATIVE_ENCODE_FORM_H

#include "native/encode.h"

/* An instruction while it is written; none has more than 15 bytes. */
typedef struct gt_encoding {
    uint8_t bytes[16];
    size_t count;
    bool has_use; /* of a constant: the 4 bytes at `use` are filled in at the end of the function */
    size_t use;
    uint32_t constant;
} gt_encoding;

void gt_encoding_byte(gt_encoding *i, unsigned byte);
void gt_encoding_number(gt_encoding *i, uint32_t number); /* 4 bytes, the lowest first */
/*
 * The bytes ModRM, SIB and displacement. A displacement of one byte counts in
 * units of `unit` bytes, which is 1 except under an EVEX prefix.
 */
void gt_encoding_operands(gt_encoding *i, int reg, const gt_location *place, int unit);
/* Bit `bit` of the number of a register, also of GT_NO_GENERAL, which has none set. */
unsigned gt_number_bit(int number, int bit);
/* Appends the instruction to the function. */
void gt_encode_instruction(gt_encoder *e, const gt_encoding *i);
void gt_encode_bytes(gt_encoder *e, const uint8_t *bytes, size_t count);

/* The constant of that kind, entered if it is new. */
gt_location gt_encode_pool(gt_encoder *e, gt_pool_kind kind, uint64_t bits);

/* ---- instructions of vectors ------------------------------------------------------------------ */

/* The maps of opcodes, and the prefixes that are part of an opcode, by their numbers in VEX and EVEX. */
typedef enum gt_opcode_map { GT_MAP_0F = 1, GT_MAP_0F38 = 2, GT_MAP_0F3A = 3 } gt_opcode_map;
typedef enum gt_opcode_prefix { GT_NO_PREFIX, GT_PREFIX_66, GT_PREFIX_F3, GT_PREFIX_F2 } gt_opcode_prefix;

typedef struct gt_form {
    gt_opcode_map map;
    gt_opcode_prefix prefix;
    uint8_t opcode;
    bool wide, wide_evex; /* the bit W in each encoding */
    int bytes;            /* of a vector: 16 (also for one entry), 32 or 64 */
    int unit;             /* bytes of the operand in memory */
    int mask;             /* number of a mask register; 0 for none */
    bool zeroes;          /* lanes that the mask does not set become 0 */
    bool has_immediate;
    uint8_t immediate;
} gt_form;

/* Of whole vectors of e's entries; with the prefix of pd for GT_F64 and the one of ps for GT_F32. */
gt_form gt_form_packed(const gt_encoder *e, uint8_t opcode);
/* Of whole vectors in another map with prefix 66; W says whether the entries are GT_F64. */
gt_form gt_form_mapped(const gt_encoder *e, gt_opcode_map map, uint8_t opcode);
/* Of the lowest entry: the prefix of ss or sd. */
gt_form gt_form_lowest(const gt_encoder *e, uint8_t opcode);

/* Writes it; `second` is the register in vvvv, 0 where the instruction has none. */
void gt_encode_form(gt_encoder *e, const gt_form *form, int reg, int second, gt_location place);

/* scratch = the upper half of the lowest `bytes` bytes of `from`, 32 or 64 */
void gt_encode_upper_half(gt_encoder *e, int scratch, int from, int bytes);
/* to = mask ? yes : no, per lane, of AVX2 alone. */
void gt_encode_blend(gt_encoder *e, int to, int yes, int no, int mask);
/* Sets a bit of a general register, whose number modulo 64 another one holds. */
void gt_encode_set_bit(gt_encoder *e, gt_general to, gt_general bit);

#endif
