/*
 * compute.c - kernels that compute, as gcc -O2 -m32 compiles them. Each
 * starts from the same data every round.
 */
#include "kernels.h"

static uint8_t bytes[2][65536];
static uint32_t words[65536];
static uint32_t crc_table[256];

uint32_t sieve(uint32_t n)
{
    uint32_t primes = 0, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes[0][i] = 1;
    for (uint32_t i = 2; i < n; i++) {
        if (!bytes[0][i])
            continue;
        primes++;
        sum += i;
        for (uint32_t j = 2 * i; j < n; j += i)
            bytes[0][j] = 0;
    }
    return primes << 20 ^ sum;
}

__attribute__((noinline)) uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

void crc_prepare(uint32_t n)
{
    uint32_t seed = 1;
    for (uint32_t i = 0; i < n; i++)
        bytes[0][i] = (uint8_t)(random_next(&seed) >> 24);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t v = i;
        for (int bit = 0; bit < 8; bit++)
            v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
        crc_table[i] = v;
    }
}

static uint32_t crc32(const uint8_t *at, uint32_t n)
{
    uint32_t crc = ~0u;
    while (n--)
        crc = crc >> 8 ^ crc_table[(crc ^ *at++) & 255];
    return ~crc;
}

uint32_t crc_copy(uint32_t n)
{
    uint32_t sum = crc32(bytes[0], n);
    const uint32_t *from = (const uint32_t *)bytes[0];
    volatile uint32_t *to = (volatile uint32_t *)bytes[1];
    for (uint32_t i = 0; i < n / 4; i++)
        to[i] = from[i];
    return sum ^ crc32(bytes[1], n / 2);
}

static void quicksort(uint32_t *v, int32_t low, int32_t high)
{
    while (low < high) {
        uint32_t pivot = v[(low + high) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                uint32_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        quicksort(v, low, j);
        low = i;
    }
}

uint32_t sort(uint32_t n)
{
    uint32_t seed = 42, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        words[i] = random_next(&seed);
    quicksort(words, 0, (int32_t)n - 1);
    for (uint32_t i = 0; i < n; i += 64)
        sum = sum * 31 + words[i];
    return sum;
}

uint32_t matmul(uint32_t n)
{
    uint32_t *a = words, *b = a + n * n, *c = b + n * n, sum = 0;
    for (uint32_t i = 0; i < n * n; i++) {
        a[i] = i * 7 + 1;
        b[i] = i ^ 5;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            uint32_t dot = 0;
            for (uint32_t k = 0; k < n; k++)
                dot += a[i * n + k] * b[k * n + j];
            c[i * n + j] = dot;
        }
    for (uint32_t i = 0; i < n * n; i++)
        sum = (sum << 1 | sum >> 31) ^ c[i];
    return sum;
}

/* ------------------------------------------------------------ integer mix */

#define NODES 512u
#define TEXT 4096u
static struct node {
    struct node *next;
    uint32_t value;
} nodes[NODES];
static char text[TEXT];

void mix_prepare(uint32_t argument)
{
    uint32_t seed = 7;
    crc_prepare(65536);
    for (uint32_t i = 0; i < NODES; i++)
        nodes[i].value = random_next(&seed) >> 16;
    for (uint32_t i = 0; i < TEXT; i++)
        text[i] = "0123456789+-.eE, x;"[(random_next(&seed) >> 16) % 19];
    (void)argument;
}

/* Link all nodes in an order that visits each once, reverse, and walk. */
static uint32_t list(void)
{
    struct node *head = 0, *back = 0;
    uint32_t sum = 0, key = 0;
    for (uint32_t i = 0; i < NODES; i++) {
        struct node *n = &nodes[key = (key + 197) % NODES];
        n->next = head;
        head = n;
    }
    for (struct node *n = head, *next; n; n = next) {
        next = n->next;
        n->next = back;
        back = n;
    }
    for (struct node *n = back; n; n = n->next)
        sum = sum * 3 + (n->value & 1 ? n->value : ~n->value);
    return sum;
}

/* How many numbers, signs, exponents and faults a text of them has. */
static uint32_t scan(void)
{
    enum { START, SIGN, DIGITS, FRACTION, EXPONENT, BAD } state = START;
    uint32_t seen[6] = {0}, sum = 0;
    for (uint32_t i = 0; i < TEXT; i++) {
        char c = text[i];
        uint32_t digit = c >= '0' && c <= '9';
        if (c == ',' || c == ';' || c == ' ')
            state = START;
        else
            switch (state) {
            case START:
                state = digit ? DIGITS : c == '+' || c == '-' ? SIGN : BAD;
                break;
            case SIGN:
                state = digit ? DIGITS : BAD;
                break;
            case DIGITS:
                if (!digit)
                    state = c == '.' ? FRACTION : c == 'e' ? EXPONENT : BAD;
                break;
            case FRACTION:
                if (!digit)
                    state = c == 'e' || c == 'E' ? EXPONENT : BAD;
                break;
            case EXPONENT:
                if (!digit && c != '-' && c != '+')
                    state = BAD;
                break;
            case BAD:
                break;
            }
        seen[state]++;
    }
    for (int i = 0; i < 6; i++)
        sum = sum * 1021 + seen[i];
    return sum;
}

uint32_t mix(uint32_t argument)
{
    uint32_t sum = argument;
    for (int i = 0; i < 20; i++) {
        sum = sum * 5 + list();
        sum ^= matmul(12);
        sum = sum * 5 + scan();
        sum ^= crc32(bytes[0], 4096);
    }
    return sum;
}
