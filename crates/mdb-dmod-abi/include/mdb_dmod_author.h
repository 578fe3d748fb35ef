/* What makes the contract comfortable for authors: macros that declare a dmod, and functions that
 * call the host. Written by hand; mdb_dmod.h includes it.
 *
 * Every function here looks whether the host has what it needs. It answers MDB_UNSUPPORTED where an
 * older mdb, or this kind of target, has it not. So a dmod can be loaded into an older mdb and lacks
 * only what that lacks.
 */
#ifndef MDB_DMOD_AUTHOR_H
#define MDB_DMOD_AUTHOR_H

#include "mdb_dmod.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- declaring a dmod --------------------------------------------------------------------------- */

/** Text in a table: `.name = MDB_STR("sum4")`. In code: mdb_text("..."). */
#define MDB_STR(literal) { literal, sizeof(literal) - 1 }

/** A table as a field of another: `.options = MDB_ARRAY(options)`. */
#define MDB_ARRAY(table) { table, sizeof(table) / sizeof *(table), sizeof *(table) }

/** Leaves the function with the status of a call that failed. */
#define MDB_TRY(call)                           \
  do {                                          \
    mdb_status mdb_try_status = (call);         \
    if (mdb_try_status != MDB_OK)               \
      return mdb_try_status;                    \
  } while (0)

#ifdef __cplusplus
#define MDB_EXTERN_C extern "C"
#else
#define MDB_EXTERN_C extern
#endif

#if defined __clang__
#define MDB_BUILT_WITH "clang " __clang_version__
#elif defined __GNUC__
#define MDB_BUILT_WITH "gcc " __VERSION__
#else
#define MDB_BUILT_WITH "a C compiler"
#endif

#define MDB_NUMBER_TEXT_(number) #number
#define MDB_NUMBER_TEXT(number) MDB_NUMBER_TEXT_(number)

/** The note that tells a dmod from other files: `text` is a sequence of "key=value\0". The section,
 * the owner `MDB` and the type are those that mdb-dmod-abi gives in note.rs. */
#define MDB_NOTE(symbol, text)                                                             \
  __attribute__((section(".note.mdb.dmod"), used, aligned(4))) static const struct {       \
    uint32_t namesz, descsz, type;                                                         \
    char name[4];                                                                          \
    char desc[(sizeof(text) + 3) / 4 * 4];                                                 \
  } symbol = { 4, (sizeof(text) + 3) / 4 * 4, MDB_NOTE_TYPE, "MDB", text }

/** The whole of a dmod with commands and nothing else:
 *
 *     MDB_DMOD(sum4, "trigger=always", dcmds);
 *
 * `name` is the module's name, in lower case. `triggers` says when it loads by itself: "trigger="
 * and one of `always`, `object:GLOB`, `symbol:NAME`, `symbol:PREFIX*`, `section:NAME`, `note:OWNER`;
 * several are separated by "\0"; "" is never. */
#define MDB_DMOD(name, triggers, dcmd_table) \
  MDB_DMOD_WITH(name, "0", triggers, .dcmds = MDB_ARRAY(dcmd_table))

/** A dmod with what else mdb_modinfo has, in the order of its fields:
 *
 *     MDB_DMOD_WITH(lists, "1.2", "trigger=always", .about = MDB_STR("lists"),
 *                   .dcmds = MDB_ARRAY(dcmds), .walkers = MDB_ARRAY(walkers));
 *
 * `version_text` is its own version. In C++ this needs C++20. */
#define MDB_DMOD_WITH(module, version_text, triggers, ...)                                   \
  MDB_NOTE(mdb_note_of_##module,                                                             \
           "abi=" MDB_NUMBER_TEXT(MDB_ABI_MAJOR) "\0minor=" MDB_NUMBER_TEXT(MDB_ABI_MINOR)   \
           "\0min=" MDB_NUMBER_TEXT(MDB_OLDEST_MINOR) "\0name=" #module                      \
           "\0entry=mdb_dmod_" #module "\0version=" version_text "\0" triggers);             \
  static const mdb_modinfo mdb_modinfo_of_##module = {                                       \
    .size = sizeof(mdb_modinfo),                                                             \
    .flags = 0,                                                                              \
    .abi_major = MDB_ABI_MAJOR,                                                              \
    .abi_minor = MDB_ABI_MINOR,                                                              \
    .min_minor = MDB_OLDEST_MINOR,                                                           \
    .reserved = 0,                                                                           \
    .name = MDB_STR(#module),                                                                \
    .version = MDB_STR(version_text),                                                        \
    .built_with = MDB_STR(MDB_BUILT_WITH),                                                   \
    __VA_ARGS__                                                                              \
  };                                                                                         \
  MDB_EXTERN_C __attribute__((visibility("default"))) const mdb_modinfo *mdb_dmod_##module(  \
    uint16_t host_major);                                                                    \
  const mdb_modinfo *mdb_dmod_##module(uint16_t host_major) {                                \
    return host_major == MDB_ABI_MAJOR ? &mdb_modinfo_of_##module : NULL;                    \
  }                                                                                          \
  MDB_EXTERN_C const mdb_modinfo *mdb_dmod_##module(uint16_t host_major)

/* -- what the host has -------------------------------------------------------------------------- */

/** Whether a struct that begins with its size reaches over a field. */
#define MDB_COVERS(type, table, field) \
  ((table)->size >= offsetof(type, field) + sizeof((table)->field))

/** Whether the host has a function: `MDB_HAS(h, memory, search)`. */
#define MDB_HAS(host, group, function)                                           \
  (MDB_COVERS(mdb_host, host, group) && (host)->group != NULL &&                 \
   MDB_COVERS(mdb_##group##_group, (host)->group, function) && (host)->group->function != NULL)

/** Calls a function of the host, or answers MDB_UNSUPPORTED where it has none:
 * `MDB_TRY(MDB_CALL_HOST(h, threads, current, (cx, &thread)))`. */
#define MDB_CALL_HOST(host, group, function, arguments) \
  (MDB_HAS(host, group, function) ? (host)->group->function arguments : (mdb_status)MDB_UNSUPPORTED)

/* -- text --------------------------------------------------------------------------------------- */

/** Text of a given length. */
static inline mdb_str mdb_text_of(const char *data, size_t length) {
  mdb_str text;
  text.data = data;
  text.len = length;
  return text;
}

/** Text that ends with a NUL; NULL is no text. */
static inline mdb_str mdb_text(const char *data) {
  return mdb_text_of(data, data == NULL ? 0 : strlen(data));
}

/** Text in an array of `size` bytes: up to its first NUL, or all of it. */
static inline mdb_str mdb_text_within(const char *array, size_t size) {
  const void *end = memchr(array, 0, size);
  return mdb_text_of(array, end == NULL ? size : (size_t)((const char *)end - array));
}

/** Whether two texts are the same. */
static inline int mdb_same_text(mdb_str one, mdb_str other) {
  return one.len == other.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0);
}

/* -- what a call brings ------------------------------------------------------------------------- */

/** Element `index` of a table of values, by the host's step. NULL: there is none. */
static inline const mdb_value *mdb_value_at(const mdb_value_array *values, uint32_t index) {
  if (index >= values->count || values->items == NULL || values->stride < sizeof(mdb_value))
    return NULL;
  return (const mdb_value *)(const void *)((const char *)(const void *)values->items +
                                           (size_t)index * values->stride);
}

/** Option `index` (in the order in which the dcmd declares them), or NULL where it was not given. */
static inline const mdb_value *mdb_option_at(const mdb_call *call, uint32_t index) {
  const mdb_value *value = mdb_value_at(&call->options, index);
  return value != NULL && (value->flags & MDB_VALUE_GIVEN) ? value : NULL;
}

/** Argument `index`, or NULL where it was not given. */
static inline const mdb_value *mdb_argument_at(const mdb_call *call, uint32_t index) {
  const mdb_value *value = mdb_value_at(&call->arguments, index);
  return value != NULL && (value->flags & MDB_VALUE_GIVEN) ? value : NULL;
}

/** Whether option `index` was given. */
static inline int mdb_flag(const mdb_call *call, uint32_t index) {
  return mdb_option_at(call, index) != NULL;
}

/** The number that a value has, or another one where it was not given: `mdb_number(
 * mdb_option_at(call, 0), 16)`. */
static inline uint64_t mdb_number(const mdb_value *value, uint64_t otherwise) {
  return value == NULL ? otherwise : value->number;
}

/** Item `index` of the whole input of a dcmd with MDB_DCMD_TAKES_ALL_INPUT, or NULL behind the
 * last. */
static inline const mdb_item *mdb_input_at(const mdb_call *call, uint32_t index) {
  const mdb_item_array *input = &call->input;
  if (index >= input->count || input->items == NULL || input->stride < sizeof(mdb_item))
    return NULL;
  return (const mdb_item *)(const void *)((const char *)(const void *)input->items +
                                          (size_t)index * input->stride);
}

/* -- memory ------------------------------------------------------------------------------------- */

/** Reads `length` bytes at `address`, all or none. After ^C it answers MDB_CANCELLED: return that,
 * and every loop that reads can be interrupted. */
static inline mdb_status mdb_read(const mdb_host *h, mdb_cx *cx, uint64_t address, void *buffer,
                                  size_t length) {
  return MDB_CALL_HOST(h, memory, read, (cx, address, buffer, length, NULL));
}

/* `length` bytes as a number, the least significant byte first. */
static inline mdb_status mdb_read_number_(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                          size_t length, uint64_t *value) {
  unsigned char bytes[8];
  uint64_t number = 0;
  size_t i;
  MDB_TRY(mdb_read(h, cx, address, bytes, length));
  for (i = 0; i < length; i++)
    number |= (uint64_t)bytes[i] << (8 * i);
  *value = number;
  return MDB_OK;
}

/** Reads a byte. */
static inline mdb_status mdb_read_u8(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                     uint8_t *value) {
  return mdb_read(h, cx, address, value, 1);
}

/** Reads two bytes, the least significant first. */
static inline mdb_status mdb_read_u16(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                      uint16_t *value) {
  uint64_t number = 0;
  MDB_TRY(mdb_read_number_(h, cx, address, 2, &number));
  *value = (uint16_t)number;
  return MDB_OK;
}

/** Reads four bytes, the least significant first. */
static inline mdb_status mdb_read_u32(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                      uint32_t *value) {
  uint64_t number = 0;
  MDB_TRY(mdb_read_number_(h, cx, address, 4, &number));
  *value = (uint32_t)number;
  return MDB_OK;
}

/** Reads eight bytes, the least significant first: also a pointer. */
static inline mdb_status mdb_read_u64(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                      uint64_t *value) {
  return mdb_read_number_(h, cx, address, 8, value);
}

/** Reads text that ends with a NUL into `buffer` and ends it with one: at most `size - 1` bytes of
 * it. */
static inline mdb_status mdb_read_string(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                         char *buffer, size_t size) {
  size_t got = 0, end;
  mdb_status status;
  if (size == 0)
    return MDB_BAD_ARGUMENT;
  buffer[0] = '\0';
  status = MDB_CALL_HOST(h, memory, read, (cx, address, buffer, size - 1, &got));
  if (status != MDB_OK && status != MDB_FAULT) {
    buffer[0] = '\0';
    return status;
  }
  if (got > size - 1)
    return MDB_HOST_BUG;
  buffer[got] = '\0';
  end = strlen(buffer);
  /* It ends before the place that cannot be read, or the text is as long as the buffer. */
  return end < got || status == MDB_OK ? (mdb_status)MDB_OK : status;
}

/* -- pipes -------------------------------------------------------------------------------------- */

/** A value and the number of its type; 0 is an address of anything. */
static inline mdb_item mdb_item_of(uint64_t value, uint64_t type_id) {
  mdb_item item;
  item.value = value;
  item.type_id = type_id;
  return item;
}

/** Pushes an address into the next stage of the pipe. MDB_CLOSED: it wants no more; return that. */
static inline mdb_status mdb_emit(const mdb_host *h, mdb_cx *cx, uint64_t value) {
  return MDB_CALL_HOST(h, pipe, emit, (cx, mdb_item_of(value, 0)));
}

/* -- output ------------------------------------------------------------------------------------- */

typedef mdb_status (*mdb_text_sink_)(const mdb_host *h, mdb_cx *cx, mdb_str text,
                                     const uint64_t *address);

static inline mdb_status mdb_format_(const mdb_host *h, mdb_cx *cx, mdb_text_sink_ sink,
                                     const uint64_t *address, const char *format,
                                     va_list arguments) {
  char small[512];
  char *text = small;
  size_t length;
  int needed;
  mdb_status status;
  va_list again;
  va_copy(again, arguments);
  needed = vsnprintf(small, sizeof small, format, arguments);
  length = needed < 0 ? 0 : (size_t)needed;
  if (length >= sizeof small) {
    text = (char *)malloc(length + 1);
    if (text == NULL) {
      text = small;
      length = sizeof small - 1;
    } else {
      vsnprintf(text, length + 1, format, again);
    }
  }
  va_end(again);
  status =
    needed < 0 ? (mdb_status)MDB_BAD_ARGUMENT : sink(h, cx, mdb_text_of(text, length), address);
  if (text != small)
    free(text);
  return status;
}

static inline mdb_status mdb_write_(const mdb_host *h, mdb_cx *cx, mdb_str text,
                                    const uint64_t *address) {
  (void)address;
  return MDB_CALL_HOST(h, output, write, (cx, text));
}

static inline mdb_status mdb_warn_(const mdb_host *h, mdb_cx *cx, mdb_str text,
                                   const uint64_t *address) {
  (void)address;
  return MDB_CALL_HOST(h, output, warn, (cx, text));
}

static inline mdb_status mdb_fail_(const mdb_host *h, mdb_cx *cx, mdb_str text,
                                   const uint64_t *address) {
  mdb_status status = MDB_CALL_HOST(h, output, fail, (cx, text, address));
  return status == MDB_UNSUPPORTED ? (mdb_status)MDB_ERROR : status;
}

/** Prints text, with the formats of printf. In a pipe the next stage reads it as expressions, one a
 * line. printf itself would go past the debugger's pager and pipes. */
__attribute__((format(printf, 3, 4))) static inline mdb_status
mdb_printf(const mdb_host *h, mdb_cx *cx, const char *format, ...) {
  mdb_status status;
  va_list arguments;
  va_start(arguments, format);
  status = mdb_format_(h, cx, mdb_write_, NULL, format, arguments);
  va_end(arguments);
  return status;
}

/** Warns: the text is shown beside the output and is no part of it. */
__attribute__((format(printf, 3, 4))) static inline mdb_status
mdb_warn(const mdb_host *h, mdb_cx *cx, const char *format, ...) {
  mdb_status status;
  va_list arguments;
  va_start(arguments, format);
  status = mdb_format_(h, cx, mdb_warn_, NULL, format, arguments);
  va_end(arguments);
  return status;
}

/** Says why the command fails; answers MDB_ERROR: `return mdb_fail(h, cx, "no list at %#lx", at)`. */
__attribute__((format(printf, 3, 4))) static inline mdb_status
mdb_fail(const mdb_host *h, mdb_cx *cx, const char *format, ...) {
  mdb_status status;
  va_list arguments;
  va_start(arguments, format);
  status = mdb_format_(h, cx, mdb_fail_, NULL, format, arguments);
  va_end(arguments);
  return status;
}

static inline mdb_cell mdb_cell_(uint32_t kind, uint64_t number, mdb_str text) {
  mdb_cell cell;
  cell.kind = kind;
  cell.flags = 0;
  cell.number = number;
  cell.text = text;
  return cell;
}

/** A cell that is empty. */
static inline mdb_cell mdb_cell_none(void) {
  return mdb_cell_(MDB_CELL_KIND_NONE, 0, mdb_text(NULL));
}
/** An address. */
static inline mdb_cell mdb_cell_address(uint64_t value) {
  return mdb_cell_(MDB_CELL_KIND_ADDRESS, value, mdb_text(NULL));
}
/** An address that is shown as a symbol. */
static inline mdb_cell mdb_cell_symbol(uint64_t value) {
  return mdb_cell_(MDB_CELL_KIND_SYMBOL, value, mdb_text(NULL));
}
/** A number in hexadecimal. */
static inline mdb_cell mdb_cell_hex(uint64_t value) {
  return mdb_cell_(MDB_CELL_KIND_HEX, value, mdb_text(NULL));
}
/** A number in decimal. */
static inline mdb_cell mdb_cell_unsigned(uint64_t value) {
  return mdb_cell_(MDB_CELL_KIND_UNSIGNED, value, mdb_text(NULL));
}
/** A number in decimal, with a sign. */
static inline mdb_cell mdb_cell_signed(int64_t value) {
  return mdb_cell_(MDB_CELL_KIND_SIGNED, (uint64_t)value, mdb_text(NULL));
}
/** A number of bytes. */
static inline mdb_cell mdb_cell_size(uint64_t value) {
  return mdb_cell_(MDB_CELL_KIND_SIZE, value, mdb_text(NULL));
}
/** Yes or no. */
static inline mdb_cell mdb_cell_boolean(int value) {
  return mdb_cell_(MDB_CELL_KIND_BOOLEAN, value != 0, mdb_text(NULL));
}
/** Text. The host escapes control characters. */
static inline mdb_cell mdb_cell_text(mdb_str text) {
  return mdb_cell_(MDB_CELL_KIND_TEXT, 0, text);
}

/** Gives a row: a cell for each column that the dcmd declares. */
static inline mdb_status mdb_row(const mdb_host *h, mdb_cx *cx, const mdb_cell *cells,
                                 uint32_t count) {
  mdb_cell_array row;
  row.items = cells;
  row.count = count;
  row.stride = sizeof *cells;
  return MDB_CALL_HOST(h, output, row, (cx, &row, NULL));
}

/* -- symbols ------------------------------------------------------------------------------------ */

static inline mdb_status mdb_keep_address_(void *arg, const mdb_symbol *symbol) {
  *(uint64_t *)arg = symbol->address;
  return MDB_OK;
}

/** The address of the symbol `name`; MDB_NOT_FOUND where the target has none. */
static inline mdb_status mdb_symbol_address(const mdb_host *h, mdb_cx *cx, const char *name,
                                            uint64_t *address) {
  return MDB_CALL_HOST(h, symbols, by_name,
                       (cx, mdb_text(NULL), mdb_text(name), mdb_keep_address_, address));
}

struct mdb_buffer_ {
  char *data;
  size_t size;
};

static inline mdb_status mdb_keep_text_(void *arg, const mdb_symbol *symbol) {
  struct mdb_buffer_ *buffer = (struct mdb_buffer_ *)arg;
  size_t length = symbol->text.len < buffer->size - 1 ? symbol->text.len : buffer->size - 1;
  if (length > 0)
    memcpy(buffer->data, symbol->text.data, length);
  buffer->data[length] = '\0';
  return MDB_OK;
}

/** An address as the debugger prints it, `main+0x21`, into `buffer`; MDB_NOT_FOUND where no symbol
 * covers it. */
static inline mdb_status mdb_symbol_text(const mdb_host *h, mdb_cx *cx, uint64_t address,
                                         char *buffer, size_t size) {
  struct mdb_buffer_ into;
  into.data = buffer;
  into.size = size;
  if (size == 0)
    return MDB_BAD_ARGUMENT;
  buffer[0] = '\0';
  return MDB_CALL_HOST(h, symbols, by_address, (cx, address, mdb_keep_text_, &into));
}

/* -- running ------------------------------------------------------------------------------------ */

/** Walks with the walker `name`, from `start` (NULL: it finds its own beginning), and calls
 * `callback` for each item. */
static inline mdb_status mdb_walk(const mdb_host *h, mdb_cx *cx, const char *name,
                                  const uint64_t *start, mdb_item_callback callback, void *arg) {
  mdb_item item = mdb_item_of(start == NULL ? 0 : *start, 0);
  return MDB_CALL_HOST(h, run, walk,
                       (cx, mdb_text(name), start == NULL ? NULL : &item, callback, arg));
}

/** The value of an expression of the debugger. */
static inline mdb_status mdb_evaluate(const mdb_host *h, mdb_cx *cx, const char *text,
                                      uint64_t *value) {
  return MDB_CALL_HOST(h, run, evaluate, (cx, mdb_text(text), value));
}

/** MDB_CANCELLED after ^C, for loops that read no memory and give no output. An mdb too old to tell
 * says MDB_OK. */
static inline mdb_status mdb_cancelled(const mdb_host *h, mdb_cx *cx) {
  mdb_status status = MDB_CALL_HOST(h, run, cancelled, (cx));
  return status == MDB_UNSUPPORTED ? (mdb_status)MDB_OK : status;
}

/** Says how far a long call is; `total` 0: unknown. Answers as mdb_cancelled does. */
static inline mdb_status mdb_progress(const mdb_host *h, mdb_cx *cx, uint64_t done, uint64_t total,
                                      const char *what) {
  mdb_status status = MDB_CALL_HOST(h, run, progress, (cx, done, total, mdb_text(what)));
  return status == MDB_UNSUPPORTED ? (mdb_status)MDB_OK : status;
}

#endif
