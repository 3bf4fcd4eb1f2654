/*
 * Packing of elements of PACK_BITS bits, PACK_TYPE, which product_pack.c defines
 * before it includes this; no include guard.
 */
#define PACK_JOIN_(word, bits) word##_##bits
#define PACK_JOIN(word, bits) PACK_JOIN_(word, bits)
#define PACK_NAME(word) PACK_JOIN(word, PACK_BITS)

/* Of a constant number of elements, moved by the instructions that this takes, not by a call. */
#define PACK_COPY_OF(count)                                                                                            \
    for (int64_t k = 0; k < size->inner; k++)                                                                          \
    memcpy(to + k * size->to_stride, from + k * size->from_leading, (count) * sizeof *to)

/* Across is contiguous on both sides. */
static void PACK_NAME(copy)(const PACK_TYPE *from, PACK_TYPE *to, const rectangle *size)
{
    if (size->across == 6)
        PACK_COPY_OF(6);
    else if (size->across == 64)
        PACK_COPY_OF(64);
    else
        PACK_COPY_OF((size_t)size->across);
}
#undef PACK_COPY_OF

/* A square of four by four whose rows become columns. */
static inline void PACK_NAME(transpose_square)(const PACK_TYPE *from, int64_t from_leading, PACK_TYPE *to,
                                               int64_t to_stride)
{
#ifdef GT_PACK_SHUFFLES
    PACK_NAME(shuffle_square)(from, from_leading, to, to_stride);
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
        for (int64_t i = 0; i < size->across && end < done; i++)
            __builtin_prefetch(from + end + i * size->from_leading, 0, 3);
        for (int64_t i = 0; i < squares; i += 4)
            for (int64_t k = start; k < end; k += 4)
                PACK_NAME(transpose_square)
        (from + k + i * size->from_leading, size->from_leading, to + k * size->to_stride + i, size->to_stride);
        rectangle edge = {size->across - squares, end - start, size->from_leading, size->to_stride};
        PACK_NAME(transpose_rest)
        (from + start + squares * size->from_leading, to + start * size->to_stride + squares, &edge);
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

static void PACK_NAME(pack_panels)(const packing *p, const PACK_TYPE *from, PACK_TYPE *packed)
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

/* Fetches rows that are packed after those at hand; they are whole in memory, however narrow panels
 * are. */
static void PACK_NAME(fetch_rows)(const packing *p, const PACK_TYPE *from, int64_t count)
{
    for (int64_t k = 0; k < count; k++)
        for (int64_t i = 0; i < p->part_across; i += 64 / (int64_t)sizeof(PACK_TYPE))
            __builtin_prefetch(from + k * p->leading + i, 0, 2);
}

/* Narrow panels take a few rows at a time, so that memory is read in its order, and once. */
static void PACK_NAME(pack)(const packing *p, const PACK_TYPE *from, PACK_TYPE *packed)
{
    enum { ROWS = 16 };
    if (!p->contiguous_across || p->panel >= 16) {
        PACK_NAME(pack_panels)(p, from, packed);
        return;
    }
    packing rows = *p;
    for (int64_t k = 0; k < p->part_inner; k += ROWS) {
        rows.first_inner = p->first_inner + k;
        rows.part_inner = gt_product_smaller(ROWS, p->part_inner - k);
        PACK_NAME(fetch_rows)
        (p, from + (k + ROWS) * p->leading, gt_product_smaller(ROWS, p->part_inner - k - ROWS));
        PACK_NAME(pack_panels)(&rows, from + k * p->leading, packed);
    }
}

#undef PACK_BITS
#undef PACK_TYPE
#undef PACK_NAME
#undef PACK_JOIN
#undef PACK_JOIN_
