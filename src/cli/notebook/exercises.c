#include "cli/notebook/exercises.h"

/* Tables: */
/* clang-format off */

#define COUNT(LIST) (uint32_t)(sizeof LIST / sizeof *LIST)

/* Sizes that all exercises share. */
enum { N_X = 3, N_A = 5, N_Y = 2, N_Z = N_A + N_X, M = 10 };

/* ---- inputs: the order of the draws differs from exercise to exercise ------------------------ */

#define DRAW_X(T) {"x", {N_X, M, T}, false}
#define DRAW_STATE(NAME) {NAME, {N_A, M}, false}
#define DRAW(NAME, ROWS, COLUMNS) {NAME, {ROWS, COLUMNS}, false}
#define ZEROS(NAME, ROWS, COLUMNS) {NAME, {ROWS, COLUMNS}, true}

#define DRAW_RNN_FORWARD                                                                           \
    DRAW("Waa", N_A, N_A), DRAW("Wax", N_A, N_X), DRAW("Wya", N_Y, N_A), DRAW("ba", N_A, 1),       \
        DRAW("by", N_Y, 1)
#define DRAW_RNN_BACKWARD                                                                          \
    DRAW("Wax", N_A, N_X), DRAW("Waa", N_A, N_A), DRAW("Wya", N_Y, N_A), DRAW("ba", N_A, 1),       \
        DRAW("by", N_Y, 1)
#define DRAW_GATE(W, B) DRAW(W, N_A, N_Z), DRAW(B, N_A, 1)
#define DRAW_GATES                                                                                 \
    DRAW_GATE("Wf", "bf"), DRAW_GATE("Wi", "bi"), DRAW_GATE("Wo", "bo"), DRAW_GATE("Wc", "bc")
#define DRAW_LSTM DRAW_GATES, DRAW("Wy", N_Y, N_A), DRAW("by", N_Y, 1)

static const gt_exercise_draw rnn_cell_forward_draws[] = {DRAW_X(0), DRAW_STATE("a0"),
                                                          DRAW_RNN_FORWARD};
static const gt_exercise_draw rnn_forward_draws[] = {DRAW_X(4), DRAW_STATE("a0"), DRAW_RNN_FORWARD};
static const gt_exercise_draw lstm_cell_forward_draws[] = {DRAW_X(0), DRAW_STATE("a0"),
                                                           DRAW_STATE("c0"), DRAW_LSTM};
/* The cell state starts from zero: c0 is no argument of the notebook's function. */
static const gt_exercise_draw lstm_forward_draws[] = {DRAW_X(7), DRAW_STATE("a0"), DRAW_LSTM};
static const gt_exercise_draw rnn_cell_backward_draws[] = {DRAW_X(0), DRAW_STATE("a0"),
                                                           DRAW_RNN_BACKWARD, DRAW_STATE("da")};
static const gt_exercise_draw rnn_backward_draws[] = {
    DRAW_X(4), DRAW_STATE("a0"), DRAW_RNN_BACKWARD, {"da", {N_A, M, 4}, false}};
static const gt_exercise_draw lstm_cell_backward_draws[] = {
    DRAW_X(0), DRAW_STATE("a0"), DRAW_STATE("c0"), DRAW_LSTM, DRAW_STATE("da"), DRAW_STATE("dc")};
/* Seven steps, but an upstream gradient for four of them, and an output layer of zeros. */
static const gt_exercise_draw lstm_backward_draws[] = {
    DRAW_X(7), DRAW_STATE("a0"), DRAW_GATES, ZEROS("Wy", N_Y, N_A), ZEROS("by", N_Y, 1),
    {"da", {N_A, M, 4}, false}};

/* ---- what is printed ------------------------------------------------------------------------ */

#define PRINT(LABEL, ARRAY, VALUES, SHAPE, ...)                                                    \
    {.label = LABEL, .array = ARRAY, .place = {__VA_ARGS__},                                       \
     .place_count = (int)(sizeof(int[]){__VA_ARGS__} / sizeof(int)), .values = VALUES,             \
     .shape = SHAPE}
#define UNPRINTED {0}
#define OF_X(...) {N_X, M, __VA_ARGS__}
#define OF_A(...) {N_A, M, __VA_ARGS__}
#define OF_Y(...) {N_Y, M, __VA_ARGS__}
#define OF_WAX {N_A, N_X}
#define OF_WAA {N_A, N_A}
#define OF_W {N_A, N_Z}
#define OF_B {N_A, 1}

static const gt_exercise_print rnn_cell_forward_prints[] = {
    PRINT("a_next[4]", "a",
        "0.59584544 0.18141802 0.61311866 0.99808218 0.85016201 0.99980978 "
        "-0.18887155 0.99815551 0.6531151 0.82872037", OF_A(0), 4),
    PRINT("yt_pred[1]", "y",
        "0.9888161 0.01682021 0.21140899 0.36817467 0.98988387 0.88945212 "
        "0.36920224 0.9966312 0.9982559 0.17746526", OF_Y(0), 1),
};

static const gt_exercise_print rnn_forward_prints[] = {
    PRINT("a[4][1]", "a", "-0.99999375 0.77911235 -0.99861469 -0.99833267", OF_A(4), 4, 1),
    PRINT("y_pred[1][3]", "y", "0.79560373 0.86224861 0.11118257 0.81515947", OF_Y(4), 1, 3),
    PRINT("caches[1][1][3]", "x", "-1.1425182 -0.34934272 -0.20889423 0.58662319", UNPRINTED, 1, 3),
};

static const gt_exercise_print lstm_cell_forward_prints[] = {
    PRINT("a_next[4]", "a",
        "-0.66408471 0.0036921 0.02088357 0.22834167 -0.85575339 0.00138482 "
        "0.76566531 0.34631421 -0.00215674 0.43827275", OF_A(0), 4),
    PRINT("c_next[2]", "c",
        "0.63267805 1.00570849 0.35504474 0.20690913 -1.64566718 0.11832942 "
        "0.76449811 -0.0981561 -0.74348425 -0.26810932", OF_A(0), 2),
    PRINT("yt[1]", "y",
        "0.79913913 0.15986619 0.22412122 0.15606108 0.97057211 0.31146381 "
        "0.00943007 0.12666353 0.39380172 0.07828381", OF_Y(0), 1),
    PRINT("cache[1][3]", "c",
        "-0.16263996 1.03729328 0.72938082 -0.54101719 0.02752074 -0.30821874 "
        "0.07651101 -1.03752894 1.41219977 -0.37647422", UNPRINTED, 3),
};

static const gt_exercise_print lstm_forward_prints[] = {
    PRINT("a[4][3][6]", "a", "0.17211776753291672", OF_A(7), 4, 3, 6),
    PRINT("y[1][4][3]", "y", "0.9508734618501101", OF_Y(7), 1, 4, 3),
    PRINT("caches[1][1][1]", "x",
        "0.82797464 0.23009474 0.76201118 -0.22232814 -0.20075807 0.18656139 0.41005165",
        UNPRINTED, 1, 1),
    PRINT("c[1][2][1]", "c", "-0.8555449167181981", UNPRINTED, 1, 2, 1),
};

static const gt_exercise_print rnn_cell_backward_prints[] = {
    PRINT("dxt[1][2]", "dx", "-1.3872130506020925", OF_X(0), 1, 2),
    PRINT("da_prev[2][3]", "da0", "-0.15239949377395495", OF_A(0), 2, 3),
    PRINT("dWax[3][1]", "dWax", "0.4107728249354584", OF_WAX, 3, 1),
    PRINT("dWaa[1][2]", "dWaa", "1.1503450668497135", OF_WAA, 1, 2),
    PRINT("dba[4]", "dba", "0.20023491", OF_B, 4),
};

static const gt_exercise_print rnn_backward_prints[] = {
    PRINT("dx[1][2]", "dx", "-2.07101689 -0.59255627 0.02466855 0.01483317", OF_X(4), 1, 2),
    PRINT("da0[2][3]", "da0", "-0.31494237512664996", OF_A(0), 2, 3),
    PRINT("dWax[3][1]", "dWax", "11.264104496527777", OF_WAX, 3, 1),
    PRINT("dWaa[1][2]", "dWaa", "2.303333126579893", OF_WAA, 1, 2),
    PRINT("dba[4]", "dba", "-0.74747722", OF_B, 4),
};

static const gt_exercise_print lstm_cell_backward_prints[] = {
    PRINT("dxt[1][2]", "dx", "3.2305591151091875", OF_X(0), 1, 2),
    PRINT("da_prev[2][3]", "da0", "-0.06396214197109236", OF_A(0), 2, 3),
    PRINT("dc_prev[2][3]", "dc0", "0.7975220387970015", OF_A(0), 2, 3),
    PRINT("dWf[3][1]", "dWf", "-0.1479548381644968", OF_W, 3, 1),
    PRINT("dWi[1][2]", "dWi", "1.0574980552259903", OF_W, 1, 2),
    PRINT("dWc[3][1]", "dWc", "2.3045621636876668", OF_W, 3, 1),
    PRINT("dWo[1][2]", "dWo", "0.3313115952892109", OF_W, 1, 2),
    PRINT("dbf[4]", "dbf", "0.18864637", OF_B, 4),
    PRINT("dbi[4]", "dbi", "-0.40142491", OF_B, 4),
    PRINT("dbc[4]", "dbc", "0.25587763", OF_B, 4),
    PRINT("dbo[4]", "dbo", "0.13893342", OF_B, 4),
};

static const gt_exercise_print lstm_backward_prints[] = {
    PRINT("dx[1][2]", "dx", "0.00218254 0.28205375 -0.48292508 -0.43281115", OF_X(4), 1, 2),
    PRINT("da0[2][3]", "da0", "0.3127703102572603", OF_A(0), 2, 3),
    PRINT("dWf[3][1]", "dWf", "-0.08098023109383466", OF_W, 3, 1),
    PRINT("dWi[1][2]", "dWi", "0.4051243309298186", OF_W, 1, 2),
    PRINT("dWc[3][1]", "dWc", "-0.07937467355121491", OF_W, 3, 1),
    PRINT("dWo[1][2]", "dWo", "0.03894877576298697", OF_W, 1, 2),
    PRINT("dbf[4]", "dbf", "-0.15745657", OF_B, 4),
    PRINT("dbi[4]", "dbi", "-0.50848333", OF_B, 4),
    PRINT("dbc[4]", "dbc", "-0.42510818", OF_B, 4),
    PRINT("dbo[4]", "dbo", "-0.17958196", OF_B, 4),
};

/* ---- all ----------------------------------------------------------------------------------- */

#define EXERCISE(NAME, CELL, BACKWARD, TITLE, ASIDE)                                               \
    {#NAME, TITLE, CELL, BACKWARD, NAME##_draws, COUNT(NAME##_draws), NAME##_prints,               \
     COUNT(NAME##_prints), ASIDE}

static const gt_exercise exercises[GT_EXERCISE_COUNT] = {
    EXERCISE(rnn_cell_forward, "rnn", false, "one step of the RNN", NULL),
    EXERCISE(rnn_forward, "rnn", false, "the RNN over 4 steps", "len(caches) = 2"),
    EXERCISE(lstm_cell_forward, "lstm", false, "one step of the LSTM", "len(cache) = 10"),
    EXERCISE(lstm_forward, "lstm", false, "the LSTM over 7 steps", "len(caches) = 2"),
    EXERCISE(rnn_cell_backward, "rnn", true, "gradient of one step of the RNN", NULL),
    EXERCISE(rnn_backward, "rnn", true, "gradient of the RNN over 4 steps", NULL),
    EXERCISE(lstm_cell_backward, "lstm", true, "gradient of one step of the LSTM", NULL),
    EXERCISE(lstm_backward, "lstm", true,
             "gradient of the LSTM over 7 steps, upstream gradient at the first 4", NULL),
};

/* clang-format on */

const gt_exercise *gt_exercise_at(uint32_t i)
{
    return i < GT_EXERCISE_COUNT ? &exercises[i] : NULL;
}
