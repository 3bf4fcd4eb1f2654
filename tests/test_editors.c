/*
 * The words that editors highlight are those of the language, all of them and no other; the fuzzer's
 * dictionary has all of them, too.
 */
#include "files.h"

#include "lang/definitions.h"
#include "lang/functions.h"

/* The words behind `start`, up to the end of its list; to be freed. */
static char *list_behind(const char *path, const char *start, const char *end)
{
    file_bytes file = read_file(path);
    file.bytes[file.size] = '\0';
    const char *at = strstr((const char *)file.bytes, start);
    cr_assert_not_null(at, "no %s in %s", start, path);
    at += strlen(start);
    char *list = strndup(at, strcspn(at, end));
    free(file.bytes);
    return list;
}

static bool is_keyword(const char *word)
{
    return gt_lang_is_keyword(word);
}

static bool is_function(const char *word)
{
    gt_lang_function function;
    return gt_lang_function_find(word, &function);
}

/* As many different words as the language has, each of which it has. */
static void check_words(const char *path, const char *start, const char *end, bool (*belongs)(const char *word),
                        int expected)
{
    char *list = list_behind(path, start, end), *rest;
    char *seen[64];
    int count = 0;
    for (char *word = strtok_r(list, " |", &rest); word != NULL; word = strtok_r(NULL, " |", &rest)) {
        cr_expect(belongs(word), "%s: the language has no '%s'", path, word);
        for (int i = 0; i < count; i++)
            cr_expect_str_neq(seen[i], word, "%s: twice", path);
        cr_assert_lt(count, 64);
        seen[count++] = word;
    }
    cr_expect_eq(count, expected, "%s has %d words behind '%s', the language %d", path, count, start, expected);
    free(list);
}

static bool is_composition(const char *word)
{
    for (uint32_t i = 0; gt_lang_composition_at(i, NULL) != NULL; i++)
        if (strcmp(gt_lang_composition_at(i, NULL), word) == 0)
            return true;
    return false;
}

/* Those with a name that no function above has: layernorm with its eps is both. */
static int composition_count(void)
{
    int count = 0;
    for (uint32_t i = 0; gt_lang_composition_at(i, NULL) != NULL; i++)
        count += !is_function(gt_lang_composition_at(i, NULL));
    return count;
}

static int keyword_count(void)
{
    int count = 0;
    while (gt_lang_keyword_at((uint32_t)count) != NULL)
        count++;
    return count;
}

Test(editors, vim)
{
    const char *path = GT_EDITORS "/vim/syntax/cell.vim";
    check_words(path, "syntax keyword cellKeyword ", "\n", is_keyword, keyword_count());
    check_words(path, "syntax keyword cellFunction ", "\n", is_function, GT_LANG_FUNCTION_COUNT);
    check_words(path, "syntax keyword cellComposition ", "\n", is_composition, composition_count());
}

Test(editors, vs_code)
{
    const char *path = GT_EDITORS "/vscode/syntaxes/cell.tmLanguage.json";
    check_words(path, "keyword.control.gradtape-cell\", \"match\": \"\\\\b(", ")", is_keyword, keyword_count());
    check_words(path, "support.function.gradtape-cell\", \"match\": \"\\\\b(", ")", is_function,
                GT_LANG_FUNCTION_COUNT);
    check_words(path, "support.function.composition.gradtape-cell\", \"match\": \"\\\\b(", ")", is_composition,
                composition_count());
}

static void expect_call(const char *dictionary, const char *function)
{
    char call[64];
    snprintf(call, sizeof call, "\"%s(", function);
    cr_expect_not_null(strstr(dictionary, call), "the fuzzer's dictionary has no %s", function);
}

Test(editors, fuzzer)
{
    file_bytes file = read_file(GT_FUZZ_WORDS);
    const char *dictionary = (char *)file.bytes;
    file.bytes[file.size] = '\0';
    for (uint32_t i = 0; gt_lang_keyword_at(i) != NULL; i++)
        cr_expect_not_null(strstr(dictionary, gt_lang_keyword_at(i)), "no %s", gt_lang_keyword_at(i));
    for (uint32_t i = 0; i < GT_LANG_FUNCTION_COUNT; i++)
        expect_call(dictionary, gt_lang_function_at((gt_lang_function)i)->name);
    for (uint32_t i = 0; gt_lang_composition_at(i, NULL) != NULL; i++)
        expect_call(dictionary, gt_lang_composition_at(i, NULL));
    free(file.bytes);
}
