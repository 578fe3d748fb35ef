/* What mdb_dmod_author.h does on hosts of all ages: a host of our own, whose tables are cut. Prints
   nothing and exits with 0, or names the line that is wrong. */
#include <mdb_dmod.h>

#define CHECK(what)                                            \
  do {                                                         \
    if (!(what)) {                                             \
      fprintf(stderr, "author.c:%d: %s\n", __LINE__, #what);   \
      exit(1);                                                 \
    }                                                          \
  } while (0)

/* Bytes that can be read at 0x1000. */
static const char memory[] = "\x01\x02\x03\x04\x05\x06\x07\x88" "text\0no end";
static char written[4096];
static size_t written_length;
static uint64_t emitted, failed_at;
static char failure[256];

static mdb_status host_read(mdb_cx *cx, uint64_t address, void *buffer, size_t length, size_t *got) {
  size_t there = 0;
  (void)cx;
  if (address == 0xc)
    return MDB_CANCELLED;
  if (address >= 0x1000 && address < 0x1000 + sizeof memory - 1)
    there = (size_t)(0x1000 + sizeof memory - 1 - address);
  if (there > length)
    there = length;
  memcpy(buffer, memory + (there > 0 ? address - 0x1000 : 0), there);
  if (got != NULL)
    *got = there;
  return there == length ? MDB_OK : MDB_FAULT;
}
static mdb_status host_emit(mdb_cx *cx, mdb_item item) {
  (void)cx;
  emitted = item.value;
  return item.value == 13 ? MDB_CLOSED : MDB_OK;
}
static mdb_status host_write(mdb_cx *cx, mdb_str text) {
  (void)cx;
  CHECK(text.len < sizeof written);
  memcpy(written, text.data, text.len);
  written_length = text.len;
  return MDB_OK;
}
static mdb_status host_fail(mdb_cx *cx, mdb_str text, const uint64_t *address) {
  (void)cx;
  snprintf(failure, sizeof failure, "%.*s", (int)text.len, text.data);
  failed_at = address == NULL ? 0 : *address;
  return MDB_ERROR;
}
static mdb_status host_row(mdb_cx *cx, const mdb_cell_array *cells, const mdb_str *text) {
  (void)cx;
  CHECK(text == NULL && cells->stride == sizeof(mdb_cell));
  written_length = cells->count;
  return MDB_OK;
}
static mdb_status host_cancelled(mdb_cx *cx) {
  (void)cx;
  return MDB_CANCELLED;
}

static mdb_memory_group memory_group = { .size = sizeof(mdb_memory_group), .read = host_read };
static mdb_pipe_group pipe_group = { .size = sizeof(mdb_pipe_group), .emit = host_emit };
static mdb_output_group output_group = {
  .size = sizeof(mdb_output_group), .write = host_write, .fail = host_fail, .row = host_row };
static mdb_run_group run_group = { .size = sizeof(mdb_run_group), .cancelled = host_cancelled };
static mdb_host host = { .size = sizeof(mdb_host), .memory = &memory_group, .pipe = &pipe_group,
                         .output = &output_group, .run = &run_group };

static mdb_status tries(mdb_status status) {
  MDB_TRY(status);
  return MDB_NOT_FOUND;
}

static void a_host_that_has_all(void) {
  uint8_t one = 0;
  uint16_t two = 0;
  uint32_t four = 0;
  uint64_t eight = 0;
  char text[8], long_text[600];
  CHECK(mdb_read_u8(&host, NULL, 0x1000, &one) == MDB_OK && one == 1);
  CHECK(mdb_read_u16(&host, NULL, 0x1000, &two) == MDB_OK && two == 0x0201);
  CHECK(mdb_read_u32(&host, NULL, 0x1000, &four) == MDB_OK && four == 0x04030201);
  CHECK(mdb_read_u64(&host, NULL, 0x1000, &eight) == MDB_OK && eight == 0x8807060504030201u);
  CHECK(mdb_read_u64(&host, NULL, 0x2000, &eight) == MDB_FAULT && eight == 0x8807060504030201u);
  CHECK(mdb_read_u64(&host, NULL, 0xc, &eight) == MDB_CANCELLED);

  CHECK(mdb_read_string(&host, NULL, 0x1008, text, sizeof text) == MDB_OK);
  CHECK(strcmp(text, "text") == 0);
  /* As long as the buffer: cut. */
  CHECK(mdb_read_string(&host, NULL, 0x1008, text, 3) == MDB_OK && strcmp(text, "te") == 0);
  /* It ends where memory does, without a NUL: what was read, and the fault. */
  CHECK(mdb_read_string(&host, NULL, 0x1010, text, sizeof text) == MDB_FAULT);
  CHECK(strcmp(text, "end") == 0);
  CHECK(mdb_read_string(&host, NULL, 0x2000, text, sizeof text) == MDB_FAULT && text[0] == '\0');
  CHECK(mdb_read_string(&host, NULL, 0x1008, text, 0) == MDB_BAD_ARGUMENT);

  CHECK(mdb_emit(&host, NULL, 7) == MDB_OK && emitted == 7);
  CHECK(mdb_emit(&host, NULL, 13) == MDB_CLOSED);
  CHECK(tries(MDB_CLOSED) == MDB_CLOSED && tries(MDB_OK) == MDB_NOT_FOUND);

  CHECK(mdb_printf(&host, NULL, "%d %s", 42, "words") == MDB_OK);
  CHECK(written_length == 8 && memcmp(written, "42 words", 8) == 0);
  memset(long_text, 'x', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = '\0';
  CHECK(mdb_printf(&host, NULL, "%s.", long_text) == MDB_OK);
  CHECK(written_length == sizeof long_text && written[sizeof long_text - 1] == '.');
  CHECK(mdb_fail(&host, NULL, "no list at %d", 5) == MDB_ERROR);
  CHECK(strcmp(failure, "no list at 5") == 0 && failed_at == 0);
  {
    const mdb_cell cells[] = { mdb_cell_hex(1), mdb_cell_text(mdb_text("a")) };
    CHECK(mdb_row(&host, NULL, cells, 2) == MDB_OK && written_length == 2);
  }
  CHECK(mdb_cancelled(&host, NULL) == MDB_CANCELLED);
}

/* Functions, groups and the root are cut one after the other: what is gone is MDB_UNSUPPORTED, and
   nothing behind the end is looked at. */
static void older_hosts(void) {
  uint64_t value = 0;
  mdb_host old = host;
  mdb_memory_group older = memory_group;
  old.memory = &older;
  older.size = offsetof(mdb_memory_group, read) + sizeof older.read;
  CHECK(mdb_read_u64(&old, NULL, 0x1000, &value) == MDB_OK);
  CHECK(MDB_HAS(&old, memory, read) && !MDB_HAS(&old, memory, search));
  older.size -= 1;
  CHECK(mdb_read_u64(&old, NULL, 0x1000, &value) == MDB_UNSUPPORTED);
  older.size = sizeof older;
  older.read = NULL;
  CHECK(mdb_read_u64(&old, NULL, 0x1000, &value) == MDB_UNSUPPORTED);
  old.memory = NULL;
  CHECK(mdb_read_u64(&old, NULL, 0x1000, &value) == MDB_UNSUPPORTED);

  old = host;
  old.size = offsetof(mdb_host, run);
  /* Nobody can know what lies behind. */
  old.run = (const mdb_run_group *)(uintptr_t)8;
  CHECK(mdb_evaluate(&old, NULL, "1", &value) == MDB_UNSUPPORTED);
  CHECK(mdb_cancelled(&old, NULL) == MDB_OK);
  CHECK(mdb_progress(&old, NULL, 1, 2, "words") == MDB_OK);
  CHECK(mdb_walk(&old, NULL, "thread", NULL, NULL, NULL) == MDB_UNSUPPORTED);
  CHECK(mdb_symbol_address(&old, NULL, "main", &value) == MDB_UNSUPPORTED);
  old.output = NULL;
  CHECK(mdb_printf(&old, NULL, "x") == MDB_UNSUPPORTED);
  CHECK(mdb_fail(&old, NULL, "x") == MDB_ERROR);
}

/* A newer host's values are longer than ours. */
static void newer_values(void) {
  struct {
    mdb_value value;
    uint64_t more[3];
  } values[2];
  mdb_call call;
  memset(values, 0xff, sizeof values);
  memset(&call, 0, sizeof call);
  values[0].value.flags = 0;
  values[1].value.flags = MDB_VALUE_GIVEN;
  values[1].value.number = 42;
  call.options.items = &values[0].value;
  call.options.count = 2;
  call.options.stride = sizeof values[0];
  CHECK(mdb_option_at(&call, 0) == NULL && !mdb_flag(&call, 0));
  CHECK(mdb_number(mdb_option_at(&call, 1), 0) == 42);
  CHECK(mdb_option_at(&call, 2) == NULL && mdb_number(mdb_option_at(&call, 2), 9) == 9);
  CHECK(mdb_argument_at(&call, 0) == NULL && mdb_input_at(&call, 0) == NULL);
}

static void texts(void) {
  static const char full[4] = { 'a', 'b', 'c', 'd' };
  CHECK(mdb_text(NULL).len == 0 && mdb_text("ab").len == 2);
  CHECK(mdb_text_within(full, sizeof full).len == 4 && mdb_text_within("ab\0d", 4).len == 2);
  CHECK(mdb_same_text(mdb_text("a"), mdb_text_of("ab", 1)));
  CHECK(!mdb_same_text(mdb_text("a"), mdb_text("b")) && mdb_same_text(mdb_text(NULL), mdb_text("")));
}

int main(void) {
  a_host_that_has_all();
  older_hosts();
  newer_values();
  texts();
  return 0;
}
