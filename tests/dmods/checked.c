/* A dmod as `mdb --check-dmod` wants it; the tests build it again and again with one thing wrong. */
#include <mdb_dmod.h>

#include <signal.h>
#include <unistd.h>

#ifndef EXAMPLE
#define EXAMPLE "4::twice"
#endif
#ifndef SUMMARY
#define SUMMARY "double a number"
#endif
#ifndef NAME
#define NAME "twice"
#endif
#ifndef TRIGGER
#define TRIGGER "trigger=always"
#endif

static mdb_status twice(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
#ifdef IN_DCMD
  IN_DCMD;
#endif
  return mdb_emit(h, cx, 2 * c->item.value);
}

#ifdef AT_OPEN
__attribute__((constructor)) static void at_open(void) { AT_OPEN; }
#endif

static const mdb_example examples[] = {
  { .command = MDB_STR(EXAMPLE), .help = MDB_STR("eight") },
  { .command = MDB_STR("::walk thread | ::twice"), .help = MDB_STR("of each thread"),
    .flags = MDB_EXAMPLE_NEEDS_TARGET },
};
static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR(NAME), .summary = MDB_STR(SUMMARY), .help = MDB_STR("Emits two times dot."),
    .examples = MDB_ARRAY(examples), .run = twice },
};

MDB_DMOD_WITH(checked, "1.5", TRIGGER, .about = MDB_STR("doubles"), .dcmds = MDB_ARRAY(dcmds));
