/* What train makes of a text: characters, vocabulary, windows, draws; and its log. */
#include "files.h"
#include "gradtape/train.h"
#include "training/loss_log.h"
#include "training/vocabulary.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

TestSuite(text, .init = make_folder, .fini = remove_folder);

/* ---- files and vocabulary ------------------------------------------------------------------ */

static gt_corpus read_two(bool bytes, double validation)
{
    write_file(path_of("a"), "h\xc3\xa9llo w", 8);
    write_file(path_of("b"), "orld", 4);
    char *names[2] = {strdup(path_of("a")), strdup(path_of("b"))};
    gt_text_list files = {(const char **)names, 2};
    gt_corpus text;
    gt_error error = {0};
    cr_assert(gt_corpus_read(&text, &files, bytes, validation, GT_ANY_SIZE, &error), "%s", error.message);
    free(names[0]);
    free(names[1]);
    return text;
}

Test(text, files_one_after_the_other_with_the_end_of_each_for_validation)
{
    gt_corpus text = read_two(false, 0.25);
    static const uint32_t training[] = {'h', 0xE9, 'l', 'l', 'o', ' ', 'o', 'r', 'l'};
    static const uint32_t validation[] = {'w', 'd'};
    cr_assert(text.training.count == 9 && text.validation.count == 2);
    cr_expect(memcmp(text.training.list, training, sizeof training) == 0);
    cr_expect(memcmp(text.validation.list, validation, sizeof validation) == 0);

    gt_vocabulary vocabulary;
    cr_assert(gt_vocabulary_find(&vocabulary, &text, false, NULL));
    cr_assert(vocabulary.count == 8, "%u", vocabulary.count);
    for (uint32_t i = 1; i < vocabulary.count; i++)
        cr_expect(vocabulary.symbols[i - 1] < vocabulary.symbols[i]);
    cr_expect(gt_vocabulary_token(&vocabulary, 0xE9) == 7);
    cr_expect(gt_vocabulary_token(&vocabulary, 'z') == -1);
    int32_t *tokens = gt_vocabulary_tokens(&vocabulary, &text.training);
    for (int i = 0; i < 9; i++)
        cr_expect(vocabulary.symbols[tokens[i]] == training[i]);
    char symbol[GT_SYMBOL_SIZE];
    cr_expect(gt_vocabulary_text(&vocabulary, 7, symbol) == 2 && strcmp(symbol, "\xc3\xa9") == 0);
    free(tokens);
    gt_vocabulary_free(&vocabulary);
    gt_corpus_free(&text);
}

/* Larger than what is read at once, and from what has no size. */
Test(text, long_files_and_pipes)
{
    static char content[300000];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (char)('a' + i * i % 23);
    write_file(path_of("long"), content, sizeof content);
    cr_assert_eq(mkfifo(path_of("pipe"), 0600), 0);
    const char *names[2] = {strdup(path_of("long")), strdup(path_of("pipe"))};
    for (int i = 0; i < 2; i++) {
        pid_t writer = i == 1 ? fork() : -1;
        if (writer == 0) {
            write_file(names[1], content, sizeof content);
            _exit(0);
        }
        gt_corpus text;
        gt_error error = {0};
        cr_assert(gt_corpus_read(&text, &(gt_text_list){&names[i], 1}, false, 0, GT_ANY_SIZE, &error), "%s",
                  error.message);
        cr_assert_eq(text.training.count, sizeof content);
        for (size_t k = 0; k < sizeof content; k++)
            cr_assert_eq(text.training.list[k], (uint32_t)content[k]);
        gt_corpus_free(&text);
        if (writer > 0)
            cr_expect_eq(waitpid(writer, NULL, 0), writer);
    }
    free((char *)names[0]);
    free((char *)names[1]);
}

Test(text, files_that_cannot_be_read)
{
    const char *names[] = {folder, path_of("none")};
    gt_corpus text;
    gt_error error = {0};
    cr_expect_not(gt_corpus_read(&text, &(gt_text_list){&names[0], 1}, false, 0, GT_ANY_SIZE, &error));
    cr_expect_not_null(strstr(error.message, "cannot be read: Is a directory"), "%s", error.message);
    gt_corpus_free(&text);
    cr_expect_not(gt_corpus_read(&text, &(gt_text_list){&names[1], 1}, false, 0, GT_ANY_SIZE, &error));
    cr_expect_not_null(strstr(error.message, "cannot be opened: No such file"), "%s", error.message);
    gt_corpus_free(&text);
    /* What a model names must be a file of the size that it was. */
    cr_expect_not(gt_corpus_read(&text, &(gt_text_list){&names[0], 1}, false, 0, 100, &error));
    cr_expect_not_null(strstr(error.message, "is not the text it was trained on"), "%s", error.message);
    gt_corpus_free(&text);
    write_file(path_of("longer"), "0123456789", 10);
    const char *longer = path_of("longer");
    cr_expect_not(gt_corpus_read(&text, &(gt_text_list){&longer, 1}, false, 0, 9, &error));
    cr_expect_not_null(strstr(error.message, "at most 9 bytes"), "%s", error.message);
    gt_corpus_free(&text);
    cr_expect(gt_corpus_read(&text, &(gt_text_list){&longer, 1}, false, 0, 10, &error));
    cr_expect_eq(text.training.count, 10);
    gt_corpus_free(&text);
}

Test(text, bytes)
{
    gt_corpus text = read_two(true, 0);
    cr_assert(text.training.count == 12 && text.validation.count == 0);
    cr_expect(text.training.list[1] == 0xC3 && text.training.list[2] == 0xA9);
    gt_corpus_free(&text);
}

Test(text, the_hash_tells_texts_and_splits_apart)
{
    gt_corpus a = read_two(false, 0.25), b = read_two(false, 0.25), c = read_two(false, 0.5), d = read_two(true, 0.25);
    cr_expect(a.hash == b.hash);
    cr_expect(a.hash != c.hash && a.hash != d.hash && c.hash != d.hash);
    gt_corpus_free(&a);
    gt_corpus_free(&b);
    gt_corpus_free(&c);
    gt_corpus_free(&d);
}

/* ---- draws --------------------------------------------------------------------------------- */

Test(sampler, picks_with_the_probabilities_of_softmax)
{
    const double logits[] = {0, log(2), -1000, log(5)};
    double weights[4];
    for (int temperature = 1; temperature <= 2; temperature++) {
        int counts[4] = {0};
        for (int i = 0; i < 8000; i++)
            counts[gt_sampler_pick(logits, 4, temperature, (i + 0.5) / 8000, weights)]++;
        double total = 1 + pow(2, 1.0 / temperature) + pow(5, 1.0 / temperature);
        cr_expect(fabs(counts[0] - 8000 / total) <= 1.01);
        cr_expect(fabs(counts[1] - 8000 * pow(2, 1.0 / temperature) / total) <= 1.01);
        cr_expect(counts[2] == 0);
    }
    for (int i = 0; i < 10; i++)
        cr_expect(gt_sampler_pick(logits, 4, 0, i / 10.0, weights) == 3);
    /* The ends of the interval, tiny temperatures and equal logits are no trouble. */
    cr_expect(gt_sampler_pick(logits, 4, 1, 0, weights) == 0);
    cr_expect(gt_sampler_pick(logits, 4, 1, nextafter(1, 0), weights) == 3);
    cr_expect(gt_sampler_pick(logits, 4, 1e-300, 0.3, weights) == 3);
    const double equal[] = {-5, -5, -5};
    cr_expect(gt_sampler_pick(equal, 3, 0, 0.9, weights) == 0);
    cr_expect(gt_sampler_pick(equal, 3, 100, 0.9, weights) == 2);
}

/* ---- the log ------------------------------------------------------------------------------- */

static void add_rows(gt_loss_log *log, int64_t from, int64_t to)
{
    for (int64_t i = from; i <= to; i++)
        gt_loss_log_add(log, &(gt_loss_log_row){.iteration = i,
                                                .epoch = (double)i / 3,
                                                .loss = 1.0 / (double)i,
                                                .rate = 0.1,
                                                .norm = 2,
                                                .validation = i % 2 == 0 ? 0.5 : (double)NAN});
}

static char *read_log(void)
{
    file_bytes file = read_file(path_of("log"));
    file.bytes[file.size] = '\0';
    return (char *)file.bytes;
}

static const gt_network one_layer = {.cell = &gt_cell_lstm, .layer_count = 1};

Test(text, a_log_is_cut_to_the_iteration_from_which_it_goes_on)
{
    gt_loss_log log;
    gt_error error = {0};
    cr_assert(gt_loss_log_open(&log, path_of("log"), &one_layer, false, 0, &error), "%s", error.message);
    add_rows(&log, 1, 5);
    cr_assert(gt_loss_log_close(&log, &error));
    char *whole = read_log();
    cr_expect(strstr(whole, "\n2,0.666667,0.5,0.5,0.10000000000000001,2\n3,") != NULL, "%s", whole);
    cr_expect(strstr(whole, "\n3,1.000000,0.33333333333333331,,0.1") != NULL, "%s", whole);

    /* From 3 on again, also behind a row that was cut off in the middle. */
    size_t length = strlen(whole);
    for (size_t cut = 0; cut < 60; cut += 10) {
        write_file(path_of("log"), whole, length - cut);
        cr_assert(gt_loss_log_open(&log, path_of("log"), &one_layer, false, 3, &error), "%s", error.message);
        add_rows(&log, 4, 5);
        cr_assert(gt_loss_log_close(&log, &error));
        char *again = read_log();
        cr_expect_str_eq(again, whole);
        free(again);
    }
    free(whole);
}

Test(text, a_log_that_is_none)
{
    gt_loss_log log;
    gt_error error = {0};
    write_file(path_of("log"), "1,2,3\n", 6);
    cr_expect(!gt_loss_log_open(&log, path_of("log"), &one_layer, false, 3, &error));
    cr_expect(error.status == GT_ERROR_FORMAT && strstr(error.message, "is no log") != NULL);
    char *still = read_log();
    cr_expect_str_eq(still, "1,2,3\n");
    free(still);
    /* Without a log from before, one begins here. */
    cr_expect(gt_loss_log_open(&log, path_of("new"), &one_layer, false, 3, &error));
    cr_expect(gt_loss_log_close(&log, &error));
    /* And no log at all is fine. */
    cr_expect(gt_loss_log_open(&log, NULL, &one_layer, false, 0, &error));
    add_rows(&log, 1, 2);
    cr_expect(gt_loss_log_flush(&log, &error) && gt_loss_log_close(&log, &error));
}
