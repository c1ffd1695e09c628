/* The command streamer: follows the commands of a submission and performs those through which a driver learns
 * how far the GPU is: stores to memory, and the little arithmetic on registers that precedes them. Commands
 * that make pictures are stepped over. Encodings as in the command reference of Intel's Programmer's
 * Reference Manuals. */
#include "shim.h"

#include <string.h>

enum {
    MAX_COMMANDS = 1 << 20, /* of one submission: then it hangs in a loop */
    MAX_DEPTH = 4,          /* of batches called by batches */
    MAX_REGISTERS = 128,
    GPR_COUNT = 16,
    /* Registers, from the start of an engine's. */
    GPR_0 = 0x600,
    CODED_BYTES =
        0x8a0, /* the length of the picture that was encoded last: there is none, but drivers want one */
    CODED_BYTES_VALUE = 1024
};

/* Bits 28 to 23 of memory interface commands. */
enum mi {
    MI_BATCH_BUFFER_END = 0x0a,
    MI_FIRST_WITH_LENGTH = 0x10, /* those below are one word long */
    MI_MATH = 0x1a,
    MI_STORE_DATA_IMM = 0x20,
    MI_LOAD_REGISTER_IMM = 0x22,
    MI_STORE_REGISTER_MEM = 0x24,
    MI_FLUSH_DW = 0x26,
    MI_LOAD_REGISTER_MEM = 0x29,
    MI_LOAD_REGISTER_REG = 0x2a,
    MI_COPY_MEM_MEM = 0x2e,
    MI_ATOMIC = 0x2f,
    MI_BATCH_BUFFER_START = 0x31
};

struct streamer {
    const struct shim_span *spans;
    uint32_t span_count;
    struct {
        uint32_t number, value;
    } registers[MAX_REGISTERS];
    unsigned register_count;
    unsigned commands;
};

/* `bytes` of memory at a GPU address; NULL where the submission has none. */
static uint8_t *memory_at(const struct streamer *s, uint64_t address, uint64_t bytes)
{
    address &= ((uint64_t)1 << 48) - 1;
    for (uint32_t i = 0; i < s->span_count; i++) {
        const struct shim_span *span = &s->spans[i];
        if (address >= span->address && address - span->address < span->size)
            return span->size - (address - span->address) >= bytes ? span->bytes + (address - span->address)
                                                                   : NULL;
    }
    return NULL;
}

/* Addresses are two words of a command; the two lowest bits of the first mean other things. */
static uint8_t *operand(const struct streamer *s, const uint32_t *words, uint64_t bytes)
{
    return memory_at(s, ((uint64_t)words[1] << 32 | words[0]) & ~(uint64_t)3, bytes);
}

/* General purpose registers are named from the start of their engine's or from the start of all. */
static uint32_t canonical(uint32_t number)
{
    return (number & 0xf80) == GPR_0 ? number & 0xfff : number;
}

static uint32_t get_register(const struct streamer *s, uint32_t number)
{
    number = canonical(number);
    for (unsigned i = 0; i < s->register_count; i++)
        if (s->registers[i].number == number)
            return s->registers[i].value;
    return (number & 0xfff) == CODED_BYTES ? CODED_BYTES_VALUE : 0;
}

static void set_register(struct streamer *s, uint32_t number, uint32_t value)
{
    number = canonical(number);
    unsigned i = 0;
    while (i < s->register_count && s->registers[i].number != number)
        i++;
    if (i == MAX_REGISTERS)
        return;
    s->register_count += i == s->register_count;
    s->registers[i].number = number;
    s->registers[i].value = value;
}

static uint64_t get_gpr(const struct streamer *s, uint32_t index)
{
    return get_register(s, GPR_0 + 8 * index) | (uint64_t)get_register(s, GPR_0 + 8 * index + 4) << 32;
}

static void set_gpr(struct streamer *s, uint32_t index, uint64_t value)
{
    set_register(s, GPR_0 + 8 * index, (uint32_t)value);
    set_register(s, GPR_0 + 8 * index + 4, (uint32_t)(value >> 32));
}

/* The arithmetic unit's own registers, beside the general purpose ones. */
enum alu_register {
    SOURCE_A = 0x20,
    SOURCE_B = 0x21,
    ACCUMULATOR = 0x31,
    ZERO_FLAG = 0x32,
    CARRY_FLAG = 0x33,
    ALU_REGISTERS = 0x40
};

static void calculate(uint64_t v[ALU_REGISTERS], uint32_t operation)
{
    uint64_t a = v[SOURCE_A], b = v[SOURCE_B], result;
    bool carry = false;
    switch (operation) {
    case 0x100:
        result = a + b;
        carry = result < a;
        break;
    case 0x101:
        result = a - b;
        carry = a < b;
        break;
    case 0x102:
        result = a & b;
        break;
    case 0x103:
        result = a | b;
        break;
    case 0x104:
        result = a ^ b;
        break;
    default:
        return;
    }
    v[ACCUMULATOR] = result;
    v[ZERO_FLAG] = result ? 0 : ~(uint64_t)0;
    v[CARRY_FLAG] = carry ? ~(uint64_t)0 : 0;
}

static void do_math(struct streamer *s, const uint32_t *words, uint32_t count)
{
    uint64_t v[ALU_REGISTERS] = {0};
    for (uint32_t i = 0; i < GPR_COUNT; i++)
        v[i] = get_gpr(s, i);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t operation = words[i] >> 20, to = words[i] >> 10 & 0x3f, from = words[i] & 0x3f;
        switch (operation) {
        case 0x080: /* load */
        case 0x180: /* store */
            v[to] = v[from];
            break;
        case 0x480: /* the same, inverted */
        case 0x580:
            v[to] = ~v[from];
            break;
        case 0x081: /* load 0, load 1: all bits */
            v[to] = 0;
            break;
        case 0x481:
            v[to] = ~(uint64_t)0;
            break;
        default:
            calculate(v, operation);
        }
    }
    for (uint32_t i = 0; i < GPR_COUNT; i++)
        if (v[i] != get_gpr(s, i))
            set_gpr(s, i, v[i]);
}

static uint64_t atomic_result(uint32_t operation, uint64_t memory, uint64_t source)
{
    switch (operation) {
    case 1:
        return memory & source;
    case 2:
        return memory | source;
    case 3:
        return memory ^ source;
    case 4:
        return source;
    case 5:
        return memory + 1;
    case 6:
        return memory - 1;
    case 7:
        return memory + source;
    case 8:
        return memory - source;
    case 9:
        return source - memory;
    default:
        return memory;
    }
}

static void do_atomic(struct streamer *s, const uint32_t *words, uint32_t length)
{
    uint32_t operation = words[0] >> 8 & 0xff;
    bool is_inline = words[0] >> 18 & 1;
    size_t bytes = operation & 0x20 ? 8 : 4;
    uint8_t *at = operand(s, words + 1, bytes);
    if (!at || (is_inline && length < 4))
        return;
    uint64_t memory = 0;
    memcpy(&memory, at, bytes);
    memory = atomic_result(operation & 0x1f, memory, is_inline ? words[3] : get_gpr(s, 0));
    memcpy(at, &memory, bytes);
}

static void store(const struct streamer *s, const uint32_t *address, const void *value, size_t bytes)
{
    uint8_t *at = operand(s, address, bytes);
    shim_log(3, "vfa-i915:   store of %zu bytes at %08x%08x%s", bytes, address[1], address[0],
             at ? "" : ": nowhere");
    if (at)
        memcpy(at, value, bytes);
}

static void do_load_register(struct streamer *s, const uint32_t *words)
{
    uint32_t value;
    const uint8_t *at = operand(s, words + 2, sizeof value);
    if (!at)
        return;
    memcpy(&value, at, sizeof value);
    set_register(s, words[1], value);
}

static void do_copy(const struct streamer *s, const uint32_t *words)
{
    const uint8_t *from = operand(s, words + 3, sizeof(uint32_t));
    uint32_t value;
    if (!from)
        return;
    memcpy(&value, from, sizeof value);
    store(s, words + 1, &value, sizeof value);
}

/* The least words with which each of these makes sense. */
static uint32_t needed_words(uint32_t opcode)
{
    switch (opcode) {
    case MI_STORE_DATA_IMM:
    case MI_STORE_REGISTER_MEM:
    case MI_LOAD_REGISTER_MEM:
        return 4;
    case MI_COPY_MEM_MEM:
        return 5;
    case MI_ATOMIC:
    case MI_LOAD_REGISTER_REG:
    case MI_BATCH_BUFFER_START:
        return 3;
    default:
        return 1;
    }
}

static void do_memory_interface(struct streamer *s, const uint32_t *words, uint32_t length)
{
    uint32_t opcode = words[0] >> 23 & 0x3f, value;
    if (length < needed_words(opcode))
        return;
    switch (opcode) {
    case MI_MATH:
        do_math(s, words + 1, length - 1);
        break;
    case MI_STORE_DATA_IMM:
        store(s, words + 1, words + 3, words[0] >> 21 & 1 && length >= 5 ? 8 : 4);
        break;
    case MI_LOAD_REGISTER_IMM:
        for (uint32_t i = 1; i + 1 < length; i += 2)
            set_register(s, words[i], words[i + 1]);
        break;
    case MI_STORE_REGISTER_MEM:
        value = get_register(s, words[1]);
        store(s, words + 2, &value, sizeof value);
        break;
    case MI_FLUSH_DW: /* with "write immediate" as what is done after it */
        if ((words[0] >> 14 & 3) == 1 && length >= 4)
            store(s, words + 1, words + 3, length >= 5 ? 8 : 4);
        break;
    case MI_LOAD_REGISTER_MEM:
        do_load_register(s, words);
        break;
    case MI_LOAD_REGISTER_REG:
        set_register(s, words[2], get_register(s, words[1]));
        break;
    case MI_COPY_MEM_MEM:
        do_copy(s, words);
        break;
    case MI_ATOMIC:
        do_atomic(s, words, length);
        break;
    default:
        break;
    }
}

enum {
    TYPE_MEMORY_INTERFACE = 0,
    TYPE_PIPELINE = 3,
    PIPE_CONTROL = 0x7a00,
    PIPELINE_SELECT = 0x6904,
    MFX_WAIT = 0x6800
};

/* In words, the first one included. */
static uint32_t length_of(uint32_t word)
{
    uint32_t opcode = word >> 23 & 0x3f;
    switch (word >> 29) {
    case TYPE_MEMORY_INTERFACE:
        if (opcode < MI_FIRST_WITH_LENGTH)
            return 1;
        return (word & (opcode == MI_FLUSH_DW ? 0x3f : 0xff)) + 2;
    case TYPE_PIPELINE:
        if (word >> 16 == MFX_WAIT || word >> 16 == PIPELINE_SELECT)
            return 1;
        if ((word >> 27 & 3) == 2) /* media: longer ones */
            return (word & ((word >> 24 & 7) == 0 ? 0xffff : 0xfff)) + 2;
        return (word & 0xff) + 2;
    default:
        return (word & 0xff) + 2;
    }
}

/* Runs a batch to its end. A chained batch (level 1) takes the place of the one that starts it; a called one
 * (level 2) comes back. */
static void run_batch(struct streamer *s, uint64_t address, unsigned depth)
{
    const void *at;
    while (s->commands++ < MAX_COMMANDS && (at = memory_at(s, address, sizeof(uint32_t)))) {
        const uint32_t *words = at;
        uint32_t length = length_of(words[0]), opcode = words[0] >> 23 & 0x3f;
        if (!memory_at(s, address, length * sizeof *words))
            break;
        shim_log(3, "vfa-i915:  %012llx: %08x, %u words", (unsigned long long)address, words[0], length);
        address += (uint64_t)length * 4;
        if (words[0] >> 16 == PIPE_CONTROL) {
            if (length >= 6 && (words[1] >> 14 & 3) == 1)
                store(s, words + 2, words + 4, 8);
        } else if (words[0] >> 29 != TYPE_MEMORY_INTERFACE) {
            continue;
        } else if (opcode == MI_BATCH_BUFFER_END) {
            return;
        } else if (opcode == MI_BATCH_BUFFER_START && length >= needed_words(opcode)) {
            uint64_t target = ((uint64_t)words[2] << 32 | words[1]) & ~(uint64_t)3;
            if (!(words[0] >> 22 & 1))
                address = target;
            else if (depth < MAX_DEPTH)
                run_batch(s, target, depth + 1);
        } else {
            do_memory_interface(s, words, length);
        }
    }
    shim_log(1, "vfa-i915: commands without an end at %012llx", (unsigned long long)address);
}

void shim_run_commands(const struct shim_span *spans, uint32_t count, uint64_t address)
{
    struct streamer s = {.spans = spans, .span_count = count};
    run_batch(&s, address, 0);
}
