/* A dmod in C. The tests build it again and again, each time with one thing wrong. */
#include <mdb_dmod.h>

#ifndef NOTE_TEXT
#define NOTE_TEXT "abi=0\0minor=1\0min=1\0name=sum\0entry=mdb_dmod_sum\0version=1.0\0trigger=always\0"
#endif
#ifndef MAJOR
#define MAJOR 0
#endif
#ifndef MIN_MINOR
#define MIN_MINOR 1
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef NAME
#define NAME "sum"
#endif
#ifndef DCMD_NAME
#define DCMD_NAME "sum"
#endif
#ifndef OPTION_KIND
#define OPTION_KIND 3
#endif
#ifndef DCMDS
#define DCMDS MDB_ARRAY(dcmds)
#endif
#ifndef RUN
#define RUN sum
#endif
#ifndef INFO_SIZE
#define INFO_SIZE sizeof(mdb_modinfo)
#endif

MDB_NOTE(note, NOTE_TEXT);

static mdb_status sum(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  uint64_t total = 0, word;
  const uint64_t n = mdb_number(mdb_option_at(c, 0), 4);
  for (uint64_t i = 0; i < n; i++) {
    MDB_TRY(mdb_read_u64(h, cx, c->item.value + 8 * i, &word));
    total += word;
  }
  return mdb_emit(h, cx, total);
}

static mdb_status begin(const mdb_host *h, mdb_cx *cx, const mdb_walk_call *c, void **state) {
  (void)h; (void)cx;
  *state = (void *)(uintptr_t)c->start.value;
  return c->start.value == 0 ? MDB_CLOSED : MDB_OK;
}
static int ended;
static mdb_status next(const mdb_host *h, mdb_cx *cx, void *state, mdb_item *item) {
  (void)h; (void)cx;
  static uint64_t at;
  if (ended) { ended = 0; at = 0; }
  if (at == (uintptr_t)state) { at = 0; return MDB_CLOSED; }
  *item = mdb_item_of(at++, 0);
  return MDB_OK;
}
static void finish(const mdb_host *h, mdb_cx *cx, void *state) {
  (void)state;
  ended = 1;
  mdb_printf(h, cx, "fini\n");
}

static const mdb_option options[] = {
  { .short_name = 'n', .kind = OPTION_KIND, .value_name = MDB_STR("COUNT"), .help = MDB_STR("how many") },
};
static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR(DCMD_NAME), .summary = MDB_STR("sum words"), .options = MDB_ARRAY(options), .run = RUN },
#ifdef TWICE
  { .name = MDB_STR(DCMD_NAME), .summary = MDB_STR("sum words"), .run = RUN },
#endif
};
static const mdb_walker walkers[] = {
  { .name = MDB_STR("upto"), .summary = MDB_STR("numbers"), .init = begin, .step = next, .fini = finish },
};
static const mdb_modinfo info = {
  .size = INFO_SIZE, .flags = FLAGS, .abi_major = MAJOR, .abi_minor = 1, .min_minor = MIN_MINOR,
  .name = MDB_STR(NAME), .version = MDB_STR("1.0"), .built_with = MDB_STR("cc"), .about = MDB_STR("sums"),
  .dcmds = DCMDS, .walkers = MDB_ARRAY(walkers),
};

#ifdef CONSTRUCTOR
/* Shows that a file was opened by the dynamic linker. */
#include <stdlib.h>
__attribute__((constructor)) static void opened(void) { setenv("MDB_TEST_OPENED", "1", 1); }
#endif

const mdb_modinfo *mdb_dmod_sum(uint16_t host_major);
const mdb_modinfo *mdb_dmod_sum(uint16_t host_major) {
  return host_major == 0 ? &info : NULL;
}
