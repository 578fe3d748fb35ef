#include <mdb_dmod.h>

static mdb_status sum4(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  uint64_t total = 0, word;
  for (int i = 0; i < 4; i++) {
    MDB_TRY(mdb_read_u64(h, cx, c->item.value + 8 * i, &word));
    total += word;
  }
  return mdb_emit(h, cx, total);
}

static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR("sum4"), .summary = MDB_STR("sum four words"), .run = sum4 },
};

MDB_DMOD(sum4, "trigger=always", dcmds);
