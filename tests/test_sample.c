/* gradtape sample, as a user runs it. */
#include "training.h"

#include <ctype.h>

TestSuite(sample, .init = make_folder, .fini = remove_folder, .timeout = 1200);

static void train_small(void)
{
    name_paths();
    expect_success(TRAIN("--text", text, "--save", model, "--iterations", "60", SMALL));
}

Test(sample, the_seed_decides)
{
    train_small();
    program_run a = RUN("sample", "--model", model, "--length", "200");
    program_run b = RUN("sample", "--model", model, "--length", "200", "--seed", "1");
    program_run c = RUN("sample", "--model", model, "--length", "200", "--seed", "2");
    cr_assert_eq(a.status, 0, "%s", a.errors);
    cr_expect_eq(strlen(a.output), 201u);
    cr_expect_str_eq(a.output, b.output);
    cr_expect(strcmp(a.output, c.output) != 0);
    free_run(a);
    free_run(b);
    free_run(c);
}

Test(sample, only_what_the_text_has_and_the_prompt_first)
{
    train_small();
    program_run run =
        RUN("sample", "--model", model, "--prompt", "the gate", "--length", "300", "--temperature", "100");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    cr_expect_eq(strncmp(run.output, "the gate", 8), 0);
    cr_expect_eq(strlen(run.output), 309u);
    char *all = read_text(text);
    for (char *c = run.output; *c != '\0'; c++)
        cr_expect_not_null(strchr(all, *c));
    free(all);
    free_run(run);
}

Test(sample, json)
{
    train_small();
    program_run plain = RUN("sample", "--model", model, "--prompt", "cell", "--length", "30");
    program_run json = RUN("sample", "--model", model, "--prompt", "cell", "--length", "30", "--json");
    cr_assert_eq(json.status, 0, "%s", json.errors);
    cr_expect_not_null(strstr(json.output, "\"encoding\": \"utf-8\""));
    cr_expect_not_null(strstr(json.output, "\"text\": \"cell"));
    cr_expect_not_null(strstr(json.output, "\"symbols\": ["));
    int numbers = 0;
    for (const char *c = strstr(json.output, "\"symbols\""); *c != '\0' && *c != ']'; c++)
        numbers += isdigit((unsigned char)c[0]) && !isdigit((unsigned char)c[1]);
    cr_expect_eq(numbers, 34);
    cr_expect_eq(strlen(plain.output), 35u);
    free_run(plain);
    free_run(json);
}

Test(sample, bytes)
{
    name_paths();
    char binary[2000];
    for (int i = 0; i < 2000; i++)
        binary[i] = (char)(128 + i % 7);
    write_file(text, binary, sizeof binary);
    expect_success(TRAIN("--text", text, "--save", model, "--bytes", "--iterations", "200", "--lr", "0.02", SMALL));
    program_run run = RUN("sample", "--model", model, "--temperature", "0", "--length", "20");
    cr_assert_eq(run.status, 0, "%s", run.errors);
    for (int i = 1; i < 20; i++)
        cr_expect_eq((unsigned char)run.output[i], 128 + ((unsigned char)run.output[i - 1] - 128 + 1) % 7);
    free_run(run);
    run = RUN("sample", "--model", model, "--length", "5", "--json");
    cr_expect_not_null(strstr(run.output, "\"encoding\": \"bytes\""), "%s", run.output);
    free_run(run);
    expect_failure(RUN("sample", "--model", model, "--prompt", "A"), 2, "character 1, 'A' 0x0041");
}

Test(sample, what_is_refused)
{
    train_small();
    expect_failure(RUN("sample"), 2, "--model FILE is missing");
    expect_failure(RUN("sample", "--model", path_of("none")), 2, "none");
    expect_failure(RUN("sample", "--model", text), 2, "text");
    expect_failure(RUN("sample", "--model", model, "--prompt", "the Q"), 2,
                   "character 5, 'Q' U+0051, does not occur in the text that the model was trained on");
    expect_failure(RUN("sample", "--model", model, "--prompt", "caf\xc3\xa9"), 2, "character 4, '\xc3\xa9' U+00E9");
    expect_failure(RUN("sample", "--model", model, "--prompt", "\x01"), 2, "character 1, U+0001");
    expect_failure(RUN("sample", "--model", model, "--prompt", "a\xff"), 2, "--prompt is not UTF-8");
    expect_failure(RUN("sample", "--model", model, "--temperature", "-1"), 2, "--temperature expects a number");
    expect_failure(run_program(((const char *const[]){"sample", "--model", model, NULL}), "/dev/full"), 2,
                   "standard output could not be written");
}
