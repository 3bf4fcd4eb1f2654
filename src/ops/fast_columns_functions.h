/*
 * The functions of fast_columns.h, included once for each type with REAL, INDEX
 * and LANE(name) defined. No include guard.
 */

GT_LANE void LANE(exp_loop)(REAL *output, size_t count, const bool fused, const size_t width)
{
    const REAL *x = output;
    GT_VECTOR_LOOP(REAL, INDEX, LANE(exp)(x[i], fused), x += whole);
}

/*
 * Up to `across` columns next to each other: entry i of column k goes to
 * piece[i * across + k], so that maxima and sums run across columns. Lanes
 * without a column hold zeros. greatest[k] and sum[k] are those of column k, and
 * the piece is left with exp(x - greatest).
 */
GT_LANE void LANE(short_columns)(const REAL *x, size_t rows, size_t columns, REAL *piece, REAL *greatest, double *sum,
                                 const size_t across, const bool fused, const size_t width)
{
    for (size_t k = 0; k < across; k++)
        for (size_t i = 0; i < rows; i++)
            piece[i * across + k] = k < columns ? x[k * rows + i] : 0;
    for (size_t k = 0; k < across; k++) {
        greatest[k] = piece[k];
        sum[k] = 0;
    }
    for (size_t i = 1; i < rows; i++) {
        GT_EACH_ENTRY
        for (size_t k = 0; k < across; k++) {
            REAL entry = piece[i * across + k];
            greatest[k] = entry > greatest[k] ? entry : greatest[k];
        }
    }
    for (size_t i = 0; i < rows; i++) {
        GT_EACH_ENTRY
        for (size_t k = 0; k < across; k++)
            piece[i * across + k] -= greatest[k];
    }
    LANE(exp_loop)(piece, rows * across, fused, width);
    for (size_t i = 0; i < rows; i++) {
        GT_EACH_ENTRY
        for (size_t k = 0; k < across; k++)
            sum[k] += piece[i * across + k];
    }
}

/* Copies entries of a long column; fills up whole rows of lanes with what exp makes 0. */
GT_LANE size_t LANE(take)(const REAL *x, size_t count, REAL *piece)
{
    size_t padded = (count + GT_COLUMN_LANES - 1) / GT_COLUMN_LANES * GT_COLUMN_LANES;
    GT_EACH_ENTRY
    for (size_t i = 0; i < count; i++)
        piece[i] = x[i];
    for (size_t i = count; i < padded; i++)
        piece[i] = -(REAL)INFINITY;
    return padded;
}

/* The greatest entry that is not NaN. */
GT_LANE REAL LANE(piece_greatest)(const REAL *piece, size_t padded)
{
    REAL best[GT_COLUMN_LANES], result = -(REAL)INFINITY;
    for (size_t k = 0; k < GT_COLUMN_LANES; k++)
        best[k] = result;
    for (size_t i = 0; i < padded; i += GT_COLUMN_LANES) {
        GT_EACH_ENTRY
        for (size_t k = 0; k < GT_COLUMN_LANES; k++)
            best[k] = piece[i + k] > best[k] ? piece[i + k] : best[k];
    }
    for (size_t k = 0; k < GT_COLUMN_LANES; k++)
        result = best[k] > result ? best[k] : result;
    return result;
}

/* In double, so that a long column of floats loses nothing. */
GT_LANE double LANE(piece_sum)(const REAL *piece, size_t padded)
{
    double sums[GT_COLUMN_LANES] = {0}, result = 0;
    for (size_t i = 0; i < padded; i += GT_COLUMN_LANES) {
        GT_EACH_ENTRY
        for (size_t k = 0; k < GT_COLUMN_LANES; k++)
            sums[k] += piece[i + k];
    }
    for (size_t k = 0; k < GT_COLUMN_LANES; k++)
        result += sums[k];
    return result;
}

/* One column of any length: its greatest entry and sum, and the exponentials if wanted. */
GT_LANE void LANE(long_column)(const REAL *x, size_t rows, REAL *exponentials, REAL *piece, REAL *greatest, double *sum,
                               const bool fused, const size_t width)
{
    REAL most = -(REAL)INFINITY;
    *sum = 0;
    for (size_t start = 0, count; start < rows; start += count) {
        count = rows - start < GT_COLUMN_PIECE ? rows - start : GT_COLUMN_PIECE;
        REAL here = LANE(piece_greatest)(piece, LANE(take)(x + start, count, piece));
        most = here > most ? here : most;
    }
    for (size_t start = 0, count; start < rows; start += count) {
        count = rows - start < GT_COLUMN_PIECE ? rows - start : GT_COLUMN_PIECE;
        size_t padded = LANE(take)(x + start, count, piece);
        GT_EACH_ENTRY
        for (size_t i = 0; i < padded; i++)
            piece[i] -= most;
        LANE(exp_loop)(piece, padded, fused, width);
        *sum += LANE(piece_sum)(piece, padded);
        for (size_t i = 0; exponentials != NULL && i < count; i++)
            exponentials[start + i] = piece[i];
    }
    *greatest = most;
}

/* output[i] = e[i * step] * factor */
GT_LANE void LANE(multiply)(const REAL *e, size_t step, REAL factor, REAL *output, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        output[i] = e[i * step] * factor;
}

/* output[i] = (x[i] - a) - b */
GT_LANE void LANE(subtract)(const REAL *x, REAL a, REAL b, REAL *output, size_t rows)
{
    GT_EACH_ENTRY
    for (size_t i = 0; i < rows; i++)
        output[i] = (x[i] - a) - b;
}
