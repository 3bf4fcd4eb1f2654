#include <gradtape.h>
#include <stdio.h>
#include <string.h>

static const char text[] = "cell leaky\n"
                           "  input x[n_x]\n"
                           "  state a[n_a]\n"
                           "  param W[n_a, n_x]\n"
                           "  a' = 0.9 * a + 0.1 * tanh(W @ x)\n";

int main(void)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), &(gt_cell_parse_options){.file = "leaky.cell"});
    if (gt_parsed_cell_status(parsed, &error) != GT_OK)
        return puts(error.message), 1; /* "leaky.cell:5:29: matmul: ..." */

    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 10, 50)); /* 10 examples, 50 steps */
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(5, 3)), a0 = gt_fill(tape, GT_SHAPE(5, 10), 0), a;
    gt_sequence_record(
        &(gt_sequence){gt_parsed_cell_get(parsed), .inputs = &x, .initial = &a0, .parameters = &W, .finals = &a});
    gt_parsed_cell_free(parsed); /* what was recorded does not need it */
    printf("%u nodes, %s\n", gt_tape_node_count(tape), gt_status_name(gt_tape_status(tape)));
    int status = gt_tape_status(tape) == GT_OK ? 0 : 1;
    gt_tape_free(tape);
    return status;
}
