/* A dmod for fixtures/src/queue.c: walks its list of jobs and shows one. */
#include <mdb_dmod.h>

/* The program's own struct, with types that are as large everywhere. */
struct job {
  uint64_t next;
  int64_t id;
  char name[16];
};

/* `::walk job`, from the variable `jobs`; `ADDRESS::walk job`, from a job on. A list that ends in a
   cycle is walked until ^C: mdb_read_u64 then answers MDB_CANCELLED, and MDB_TRY returns that. */
static mdb_status walk_jobs(const mdb_host *h, mdb_cx *cx, const mdb_walk_call *c,
                            mdb_item_callback each, void *arg) {
  uint64_t job = c->start.value;
  if (!(c->flags & MDB_CALL_ADDRESS)) {
    uint64_t variable;
    if (mdb_symbol_address(h, cx, "jobs", &variable) != MDB_OK)
      return mdb_fail(h, cx, "this program has no variable 'jobs'");
    MDB_TRY(mdb_read_u64(h, cx, variable, &job));
  }
  while (job != 0) {
    MDB_TRY(each(arg, mdb_item_of(job, 0)));
    MDB_TRY(mdb_read_u64(h, cx, job + offsetof(struct job, next), &job));
  }
  return MDB_OK;
}

static const mdb_option job_options[] = {
  { .short_name = 'i', .kind = MDB_VALUE_KIND_DECIMAL, .value_name = MDB_STR("ID"),
    .help = MDB_STR("only the job with this id") },
};
static const mdb_column job_columns[] = {
  { .heading = MDB_STR("JOB"), .kind = MDB_CELL_KIND_ADDRESS, .flags = MDB_COLUMN_ITEM },
  { .heading = MDB_STR("ID"), .kind = MDB_CELL_KIND_SIGNED },
  { .heading = MDB_STR("NAME"), .kind = MDB_CELL_KIND_TEXT },
};
static const mdb_example job_examples[] = {
  { .command = MDB_STR("::walk job | ::job"), .help = MDB_STR("all jobs"),
    .flags = MDB_EXAMPLE_NEEDS_TARGET },
};

/* `ADDRESS::job [-i ID]` */
static mdb_status show_job(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  const mdb_value *id = mdb_option_at(c, 0);
  struct job job;
  mdb_cell cells[3];
  MDB_TRY(mdb_read(h, cx, c->item.value, &job, sizeof job));
  if (id != NULL && (int64_t)id->number != job.id)
    return MDB_OK;
  cells[0] = mdb_cell_address(c->item.value);
  cells[1] = mdb_cell_signed(job.id);
  cells[2] = mdb_cell_text(mdb_text_within(job.name, sizeof job.name));
  return mdb_row(h, cx, cells, 3);
}

static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR("job"), .summary = MDB_STR("show a job of the queue"),
    .help = MDB_STR("Shows the id and the name of the job at ADDRESS."),
    .flags = MDB_DCMD_ADDRESS_REQUIRED, .options = MDB_ARRAY(job_options),
    .columns = MDB_ARRAY(job_columns), .examples = MDB_ARRAY(job_examples), .run = show_job },
};
static const mdb_walker walkers[] = {
  { .name = MDB_STR("job"), .summary = MDB_STR("the jobs of the queue"),
    .help = MDB_STR("Begins at the variable `jobs`, or at the job at ADDRESS."),
    .each = walk_jobs },
};

MDB_DMOD_WITH(jobs, "1.0", "trigger=symbol:jobs", .about = MDB_STR("the queue of jobs"),
              .dcmds = MDB_ARRAY(dcmds), .walkers = MDB_ARRAY(walkers));
