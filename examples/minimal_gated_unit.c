#include <gradtape.h>
#include <stdio.h>

/* The minimal gated unit (Zhou et al. 2016): f = sigmoid(Wf [a; x]), g = tanh(Wg [f a; x]). */
static void step(gt_cell_step *s)
{
    gt_var a = s->states[0], x = s->inputs[0], Wf = s->parameters[0], Wg = s->parameters[1];
    gt_var f = gt_sigmoid(gt_matmul(Wf, gt_concat((gt_var[]){a, x}, 2, 0)));
    gt_var g = gt_tanh(gt_matmul(Wg, gt_concat((gt_var[]){gt_mul(f, a), x}, 2, 0)));
    s->next_states[0] = gt_add(a, gt_mul(f, gt_sub(g, a))); /* (1 - f) a + f g */
}

static const gt_cell_array x_row = {.name = "x", .rows = "n_x"}, a_row = {.name = "a", .rows = "n_a"};
static const gt_cell_array W_rows[] = {{.name = "Wf", .rows = "n_a", .columns = "n_a + n_x"},
                                       {.name = "Wg", .rows = "n_a", .columns = "n_a + n_x"}};
static const gt_cell unit = {.name = "unit",
                             .step = step,
                             .inputs = &x_row,
                             .input_count = 1,
                             .states = &a_row,
                             .state_count = 1,
                             .parameters = W_rows,
                             .parameter_count = 2};

int main(void)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 10, 50)); /* 10 examples, 50 steps */
    gt_var W[] = {gt_parameter(tape, "Wf", GT_SHAPE(5, 8)), gt_parameter(tape, "Wg", GT_SHAPE(5, 8))};
    gt_var a0 = gt_fill(tape, GT_SHAPE(5, 10), 0), a, dW[2];
    gt_sequence_record(&(gt_sequence){&unit, .inputs = &x, .initial = &a0, .parameters = W, .finals = &a});
    gt_var loss = gt_mean(gt_mul(a, a), GT_ALL_AXES);
    gt_grad(&loss, NULL, 1, W, 2, dW); /* backpropagation through time */
    static double numbers[3 * 10 * 50];
    static gt_random random;
    gt_random_seed(&random, 1);
    gt_random_fill_normal(&random, GT_SHAPE(3 * 10 * 50), numbers);
    gt_interpreter *run = gt_interpreter_new(tape);
    for (int i = 0; i < 3; i++)
        gt_interpreter_bind(run, (gt_var[]){x, W[0], W[1]}[i], numbers);
    if (gt_interpreter_evaluate(run, (gt_var[]){loss, dW[0], dW[1]}, 3) != GT_OK)
        return puts(gt_interpreter_message(run)), 1;
    printf("loss %g, ", *(const double *)gt_interpreter_value(run, loss));
    printf("its derivative by Wf[0, 0] %g\n", *(const double *)gt_interpreter_value(run, dW[0]));
    gt_interpreter_free(run), gt_tape_free(tape);
}
