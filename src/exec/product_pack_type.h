/*
 * Packing of elements of PACK_BITS bits, PACK_TYPE, which product_pack.c defines
 * before it includes this; no include guard.
 */
#define PACK_JOIN_(word, bits) word##_##bits
#define PACK_JOIN(word, bits) PACK_JOIN_(word, bits)
#define PACK_NAME(word) PACK_JOIN(word, PACK_BITS)

/* Across is contiguous on both sides. */
static void PACK_NAME(copy)(const PACK_TYPE *from, PACK_TYPE *to, const rectangle *size)
{
    for (int64_t k = 0; k < size->inner; k++)
        memcpy(to + k * size->to_stride, from + k * size->from_leading,
               (size_t)size->across * sizeof *to);
}

/* A square of four by four whose rows become columns, by registers of 16 bytes. */
static inline void PACK_NAME(transpose_square)(const PACK_TYPE *from, int64_t from_leading,
                                               PACK_TYPE *to, int64_t to_stride)
{
#if PACK_BITS == 32 && defined(GT_PACK_SHUFFLES)
    pack_four a, b, c, d;
    memcpy(&a, from, 16);
    memcpy(&b, from + from_leading, 16);
    memcpy(&c, from + 2 * from_leading, 16);
    memcpy(&d, from + 3 * from_leading, 16);
    pack_four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    pack_four ba = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    pack_four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    pack_four dc = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    a = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    c = __builtin_shufflevector(ba, dc, 0, 1, 4, 5);
    d = __builtin_shufflevector(ba, dc, 2, 3, 6, 7);
    memcpy(to, &a, 16);
    memcpy(to + to_stride, &b, 16);
    memcpy(to + 2 * to_stride, &c, 16);
    memcpy(to + 3 * to_stride, &d, 16);
#else
    for (int64_t k = 0; k < 4; k++)
        for (int64_t i = 0; i < 4; i++)
            to[k * to_stride + i] = from[k + i * from_leading];
#endif
}

static void PACK_NAME(transpose_rest)(const PACK_TYPE *from, PACK_TYPE *to, const rectangle *size)
{
    for (int64_t k = 0; k < size->inner; k++)
        for (int64_t i = 0; i < size->across; i++)
            to[k * size->to_stride + i] = from[k + i * size->from_leading];
}

/* Inner is contiguous in memory. Takes a cache line of each row before the next of any. */
static void PACK_NAME(transpose)(const PACK_TYPE *from, PACK_TYPE *to, const rectangle *size)
{
    enum { LINE = 64 / sizeof(PACK_TYPE) };
    int64_t squares = size->across & -4, done = size->inner & -4;
    for (int64_t start = 0; start < done; start += LINE) {
        int64_t end = gt_product_smaller(start + LINE, done);
        for (int64_t i = 0; i < squares; i += 4)
            for (int64_t k = start; k < end; k += 4)
                PACK_NAME(transpose_square)(from + k + i * size->from_leading, size->from_leading,
                                            to + k * size->to_stride + i, size->to_stride);
        rectangle edge = {size->across - squares, end - start, size->from_leading,
                          size->to_stride};
        PACK_NAME(transpose_rest)(from + start + squares * size->from_leading,
                                  to + start * size->to_stride + squares, &edge);
    }
    rectangle rest = {size->across, size->inner - done, size->from_leading, size->to_stride};
    PACK_NAME(transpose_rest)(from + done, to + done * size->to_stride, &rest);
}

static void PACK_NAME(pad)(PACK_TYPE *to, const rectangle *size)
{
    for (int64_t k = 0; k < size->inner; k++)
        for (int64_t i = 0; i < size->across; i++)
            to[k * size->to_stride + i] = 0;
}

static void PACK_NAME(pack)(const packing *p, const PACK_TYPE *from, PACK_TYPE *packed)
{
    int64_t end = p->first_across + p->part_across;
    for (int64_t start = p->first_across, next; start < end; start = next) {
        int64_t panel = start / p->panel * p->panel, rest = p->across - panel;
        int64_t stride = rest >= p->panel ? p->panel : gt_product_round_up(rest, p->unit);
        next = gt_product_smaller(panel + p->panel, end);
        PACK_TYPE *to = packed + panel * p->inner + p->first_inner * stride + start - panel;
        rectangle size = {next - start, p->part_inner, p->leading, stride};
        if (p->contiguous_across)
            PACK_NAME(copy)(from + (start - p->first_across), to, &size);
        else
            PACK_NAME(transpose)(from + (start - p->first_across) * p->leading, to, &size);
        if (next < p->across)
            continue;
        size.across = panel + stride - next;
        PACK_NAME(pad)(to + (next - start), &size);
    }
}

#undef PACK_BITS
#undef PACK_TYPE
#undef PACK_NAME
#undef PACK_JOIN
#undef PACK_JOIN_
