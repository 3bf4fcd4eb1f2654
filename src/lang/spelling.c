#include "lang/spelling.h"

#include "base/utf8.h"

#include <string.h>

#define PRIME "write the prime of the keyboard, as in h'"
#define PRODUCT "write * element by element, and @ for the product of matrices"
#define COMMENT "a comment begins with #"
#define POWER "a power is written **, as in h**2"
#define AND "a product of masks is 1 where both hold: (u > 0) * (v > 0)"
#define OR "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)"

/* One line for each: */
/* clang-format off */
static const gt_lang_spelling spellings[] = {
    /* primes */
    {"’", "'", "a typographic apostrophe", PRIME}, {"‘", "'", "a quotation mark", PRIME},
    {"‛", "'", "a quotation mark", PRIME}, {"′", "'", "a typographic prime", PRIME},
    {"ʹ", "'", "a typographic prime", PRIME}, {"ʼ", "'", "a typographic apostrophe", PRIME},
    {"´", "'", "an accent", PRIME}, {"＇", "'", "a full-width apostrophe", PRIME},
    {"`", "'", "a ` is no prime", PRIME},
    /* operators */
    {"−", "-", "a typographic minus", "write -"}, {"–", "-", "a dash", "write -"}, {"—", "-", "a dash", "write -"},
    {"‐", "-", "a typographic hyphen", "write -"}, {"‑", "-", "a typographic hyphen", "write -"},
    {"﹣", "-", "a typographic hyphen", "write -"},
    {"×", "*", "a multiplication sign", PRODUCT}, {"·", "*", "a multiplication dot", PRODUCT},
    {"⋅", "*", "a multiplication dot", PRODUCT}, {"∙", "*", "a multiplication dot", PRODUCT},
    {"•", "*", "a bullet", PRODUCT}, {"∗", "*", "a typographic asterisk", PRODUCT},
    {"⊙", "*", "the product element by element", "write *"}, {"∘", "*", "the product element by element", "write *"},
    {"⨀", "*", "the product element by element", "write *"}, {"⊗", "*", "a product", PRODUCT},
    {"÷", "/", "a division sign", "write /"}, {"∕", "/", "a typographic slash", "write /"},
    {"⁄", "/", "a typographic slash", "write /"}, {"⊕", "+", "a sum", "write +"},
    {"≤", "<=", "a comparison", "write <="}, {"≥", ">=", "a comparison", "write >="},
    {"⩽", "<=", "a comparison", "write <="}, {"⩾", ">=", "a comparison", "write >="},
    {"≠", "!=", "a comparison", "write !="}, {"≡", "==", "a comparison", "write =="},
    {"←", "=", "an arrow", "write ="}, {"≔", "=", "an assignment", "write ="}, {"⇐", "=", "an arrow", "write ="},
    {"→", NULL, "an arrow", "an equation is written name = expression"},
    {"²", NULL, "a superscript", POWER}, {"³", NULL, "a superscript", POWER}, {"¹", NULL, "a superscript", POWER},
    {"⁻", NULL, "a superscript", POWER}, {"½", NULL, "a fraction", "write 0.5"},
    {"ᵀ", NULL, "a transpose", "the transpose is written W.T"}, {"⊤", NULL, "a transpose", "the transpose is written W.T"},
    {"√", NULL, "a root", "write sqrt(u)"}, {"∑", NULL, "a sum", "write sum(u, axis=0), over the features"},
    {"∏", NULL, "a product", "the product of a column is exp(sum(log(u), axis=0)), for positive u"},
    {"∂", NULL, "a derivative", "the gradient with respect to N is dN, in a backward block"},
    {"∇", NULL, "a gradient", "the gradient with respect to N is dN, in a backward block"},
    {"∞", NULL, "infinity", "numbers are finite: write a large one, such as 1e30"},
    {"‖", NULL, "a norm", "write sqrt(sum(u**2, axis=0))"}, {"…", NULL, "an ellipsis", "write each term"},
    {"“", NULL, "a quotation mark", "there are no strings in a cell; " COMMENT},
    {"”", NULL, "a quotation mark", "there are no strings in a cell; " COMMENT},
    {"„", NULL, "a quotation mark", "there are no strings in a cell; " COMMENT},
    {"«", NULL, "a quotation mark", "there are no strings in a cell; " COMMENT},
    {"»", NULL, "a quotation mark", "there are no strings in a cell; " COMMENT},
    /* brackets and stops of other scripts; the full-width forms of ASCII are found by their number */
    {"【", "[", "a bracket", "write ["}, {"】", "]", "a bracket", "write ]"}, {"、", ",", "a comma", "write ,"},
    /* what other languages write */
    {"//", NULL, "there is no // in a cell", COMMENT "; a quotient is rounded down by floor(u / v)"},
    {"/*", NULL, "there is no /* in a cell", COMMENT}, {"%", NULL, "there is no % in a cell", COMMENT "; a remainder is written u % v"},
    {"\"\"\"", NULL, "there are no strings in a cell", COMMENT}, {"\"", NULL, "there are no strings in a cell", COMMENT},
    {"<>", "!=", "there is no <> in a cell", "write !="}, {"=>", ">=", "there is no => in a cell", "write >="},
    {"=<", "<=", "there is no =< in a cell", "write <="}, {":=", "=", "an equation is written with =", "write = in place of :="},
    {".*", "*", "there is no .* in a cell", "* is element by element; the product of matrices is @"},
    {"./", "/", "there is no ./ in a cell", "/ is element by element"}, {".^", "**", "there is no .^ in a cell", POWER},
    {"->", NULL, "there is no -> in a cell", "an equation is written name = expression"},
    {"@@", "@", "there is no @@ in a cell", "the product of matrices is @"},
    {"...", NULL, "there is no ... in a cell", "everything is a matrix: parts are W[i:j, k:l]"},
    {"&&", NULL, "there is no && in a cell", AND}, {"&", NULL, "there is no & in a cell", AND},
    {"||", NULL, "there is no || in a cell", OR}, {"|", NULL, "there is no | in a cell", "the magnitude is abs(u); " OR},
    {"!", NULL, "there is no ! in a cell", "1 - mask is 1 where the mask is 0"},
    {"?", NULL, "there is no ?: in a cell", "where(mask, u, v) is u where the mask is not 0, and v elsewhere"},
    {"^-1", NULL, "a power is written **, as in x**2", "u**-1 is 1 / u, element by element; a matrix has no inverse here"},
    {"^T", NULL, "the transpose is not written ^T", "write W.T"},
    {"^", NULL, "a power is written **, as in x**2", NULL},
    {";", ";", "one statement per line, without ;", NULL},
    {"{", NULL, "there are no braces in a cell", "expressions have parentheses ( ), sizes have brackets [ ]"},
    {"}", NULL, "there are no braces in a cell", "a cell ends where the next begins, or with the file"},
    {"$", NULL, "there is no $ in a cell", "formulas are written as NumPy has them"},
};

static const struct {
    const char *letter, *name;
} letters[] = {
    {"α", "alpha"}, {"β", "beta"}, {"γ", "gamma"}, {"δ", "delta"}, {"ε", "epsilon"}, {"ϵ", "epsilon"}, {"ζ", "zeta"},
    {"η", "eta"}, {"θ", "theta"}, {"κ", "kappa"}, {"λ", "lambda_"}, {"μ", "mu"}, {"µ", "mu"}, {"ν", "nu"}, {"ξ", "xi"},
    {"π", "pi"}, {"ρ", "rho"}, {"σ", "sigma"}, {"τ", "tau"}, {"φ", "phi"}, {"ϕ", "phi"}, {"χ", "chi"}, {"ψ", "psi"},
    {"ω", "omega"}, {"Γ", "Gamma"}, {"Δ", "Delta"}, {"Θ", "Theta"}, {"Λ", "Lambda"}, {"Σ", "Sigma"}, {"Φ", "Phi"},
    {"Ψ", "Psi"}, {"Ω", "Omega"}, {"ℓ", "l"}, {"₀", "_0"}, {"₁", "_1"}, {"₂", "_2"}, {"₃", "_3"}, {"₄", "_4"}, {"₅", "_5"},
};
/* clang-format on */

/* The forms of ASCII as wide as a Chinese character, U+FF01 to U+FF5E, that are symbols of the language. */
static const gt_lang_spelling wide[] = {
    {"（", "(", "a full-width bracket", "write ("},
    {"）", ")", "a full-width bracket", "write )"},
    {"［", "[", "a full-width bracket", "write ["},
    {"］", "]", "a full-width bracket", "write ]"},
    {"，", ",", "a full-width comma", "write ,"},
    {"：", ":", "a full-width colon", "write :"},
    {"．", ".", "a full-width point", "write ."},
    {"＝", "=", "a full-width =", "write ="},
    {"＋", "+", "a full-width +", "write +"},
    {"－", "-", "a full-width -", "write -"},
    {"＊", "*", "a full-width *", "write *"},
    {"／", "/", "a full-width /", "write /"},
    {"＠", "@", "a full-width @", "write @"},
    {"＜", "<", "a full-width <", "write <"},
    {"＞", ">", "a full-width >", "write >"},
    {"～", "~", "a full-width ~", "write ~"},
    {"；", ";", "a full-width semicolon", "one statement per line"},
};

static const gt_lang_spelling *longest(const gt_lang_spelling *list, size_t count, const char *text, size_t size)
{
    const gt_lang_spelling *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].written[0] != text[0])
            continue;
        size_t length = strlen(list[i].written);
        if (length <= most || length > size || memcmp(list[i].written, text, length) != 0)
            continue;
        best = &list[i];
        most = length;
    }
    return best;
}

const gt_lang_spelling *gt_lang_spelling_find(const char *text, size_t size)
{
    const gt_lang_spelling *found = longest(spellings, sizeof spellings / sizeof *spellings, text, size);
    return found != NULL ? found : longest(wide, sizeof wide / sizeof *wide, text, size);
}

const char *gt_lang_letter_name(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strlen(letters[i].letter) == size && memcmp(letters[i].letter, text, size) == 0)
            return letters[i].name;
    return NULL;
}

bool gt_lang_is_blank(unsigned code)
{
    return code == ' ' || code == '\t' || code == '\f' || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool gt_lang_is_invisible(unsigned code)
{
    return code == 0xAD || code == 0x61C || (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF;
}

size_t gt_lang_character(const char *text, size_t size, unsigned *code)
{
    size_t place = 0;
    uint32_t character = (unsigned char)text[0];
    bool good = gt_utf8_decode(text, size, &place, &character);
    *code = character;
    return good ? place : 1;
}
