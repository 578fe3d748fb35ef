/* The contract between mdb and its dmods, for C and C++.
 *
 * Written by `cargo xtask header` from crates/mdb-dmod-abi: change that instead. The rules:
 *
 * - Strings are a pointer and a length, UTF-8, and end with no NUL. An empty one may have a null
 *   pointer.
 * - Enumerations are integers. A value that the reader does not know is legal and ignored.
 * - Sizes come first, tables grow at the end. A struct that is passed by pointer begins with its own
 *   size; use a field or a function only where the size covers it. The functions of
 *   mdb_dmod_author.h do so.
 * - An array states the size of its elements (`stride`), and the reader steps by that.
 * - Nothing is owned across. What a callback is given is borrowed until the callback returns; what a
 *   dcmd is given, until the dcmd returns.
 * - The host calls in, the dmod calls back. A dmod gets the host's tables and a context, and may use
 *   the context until it returns.
 */

#ifndef MDB_DMOD_H
#define MDB_DMOD_H

#include <stddef.h>
#include <stdint.h>

/* All structs, so that they may refer to each other. */
typedef struct mdb_argument mdb_argument;
typedef struct mdb_block mdb_block;
typedef struct mdb_blocks_provider mdb_blocks_provider;
typedef struct mdb_bytes mdb_bytes;
typedef struct mdb_call mdb_call;
typedef struct mdb_caller_frame mdb_caller_frame;
typedef struct mdb_cell mdb_cell;
typedef struct mdb_column mdb_column;
typedef struct mdb_dcmd mdb_dcmd;
typedef struct mdb_example mdb_example;
typedef struct mdb_explanation mdb_explanation;
typedef struct mdb_frame mdb_frame;
typedef struct mdb_frame_description mdb_frame_description;
typedef struct mdb_frame_provider mdb_frame_provider;
typedef struct mdb_frame_view mdb_frame_view;
typedef struct mdb_graph mdb_graph;
typedef struct mdb_graph_group mdb_graph_group;
typedef struct mdb_host mdb_host;
typedef struct mdb_item mdb_item;
typedef struct mdb_mapping mdb_mapping;
typedef struct mdb_member_info mdb_member_info;
typedef struct mdb_memory_group mdb_memory_group;
typedef struct mdb_memory_run mdb_memory_run;
typedef struct mdb_modinfo mdb_modinfo;
typedef struct mdb_module mdb_module;
typedef struct mdb_note mdb_note;
typedef struct mdb_option mdb_option;
typedef struct mdb_output_group mdb_output_group;
typedef struct mdb_output_info mdb_output_info;
typedef struct mdb_partial mdb_partial;
typedef struct mdb_pipe_group mdb_pipe_group;
typedef struct mdb_printer_provider mdb_printer_provider;
typedef struct mdb_process_info mdb_process_info;
typedef struct mdb_provider mdb_provider;
typedef struct mdb_provider_info mdb_provider_info;
typedef struct mdb_providers_group mdb_providers_group;
typedef struct mdb_register_value mdb_register_value;
typedef struct mdb_root mdb_root;
typedef struct mdb_root_edge mdb_root_edge;
typedef struct mdb_roots_provider mdb_roots_provider;
typedef struct mdb_run_group mdb_run_group;
typedef struct mdb_session_group mdb_session_group;
typedef struct mdb_signal_info mdb_signal_info;
typedef struct mdb_source_line mdb_source_line;
typedef struct mdb_stack_end mdb_stack_end;
typedef struct mdb_stack_sample mdb_stack_sample;
typedef struct mdb_str mdb_str;
typedef struct mdb_styled_piece mdb_styled_piece;
typedef struct mdb_symbol mdb_symbol;
typedef struct mdb_symbol_provider mdb_symbol_provider;
typedef struct mdb_symbols_group mdb_symbols_group;
typedef struct mdb_target_group mdb_target_group;
typedef struct mdb_target_info mdb_target_info;
typedef struct mdb_targets_group mdb_targets_group;
typedef struct mdb_thread mdb_thread;
typedef struct mdb_threads_group mdb_threads_group;
typedef struct mdb_type_info mdb_type_info;
typedef struct mdb_types_group mdb_types_group;
typedef struct mdb_types_provider mdb_types_provider;
typedef struct mdb_value mdb_value;
typedef struct mdb_walk_call mdb_walk_call;
typedef struct mdb_walker mdb_walker;
typedef struct mdb_whatis_provider mdb_whatis_provider;
typedef struct mdb_work_group mdb_work_group;
typedef struct mdb_cx mdb_cx;
typedef struct mdb_argument_array mdb_argument_array;
typedef struct mdb_block_array mdb_block_array;
typedef struct mdb_cell_array mdb_cell_array;
typedef struct mdb_column_array mdb_column_array;
typedef struct mdb_dcmd_array mdb_dcmd_array;
typedef struct mdb_example_array mdb_example_array;
typedef struct mdb_item_array mdb_item_array;
typedef struct mdb_option_array mdb_option_array;
typedef struct mdb_provider_array mdb_provider_array;
typedef struct mdb_register_value_array mdb_register_value_array;
typedef struct mdb_root_edge_array mdb_root_edge_array;
typedef struct mdb_styled_piece_array mdb_styled_piece_array;
typedef struct mdb_value_array mdb_value_array;
typedef struct mdb_walker_array mdb_walker_array;
typedef struct mdb_u32_array mdb_u32_array;
typedef struct mdb_u64_array mdb_u64_array;


/** `mdb_call.flags`: the address was given, by the user or by a pipe; else the item is dot. */
#define MDB_CALL_ADDRESS 1

/** `mdb_call.flags`: one call of several: a pipe's, or a repeat count's. */
#define MDB_CALL_LOOP 2

/** `mdb_call.flags`: the first of them. */
#define MDB_CALL_LOOP_FIRST 4

/** `mdb_call.flags`: the item came through a pipe. */
#define MDB_CALL_PIPE_IN 8

/** `mdb_call.flags`: the output goes to another command. */
#define MDB_CALL_PIPE_OUT 16

/** `mdb_value.flags`: it was given. */
#define MDB_VALUE_GIVEN 1

/** `mdb_dcmd.flags`: an address may be given. Dot is used where none is. */
#define MDB_DCMD_ADDRESS_OPTIONAL 0

/** `mdb_dcmd.flags`: an address must be given. */
#define MDB_DCMD_ADDRESS_REQUIRED 1

/** `mdb_dcmd.flags`: an address must not be given. */
#define MDB_DCMD_ADDRESS_NONE 2

/** `mdb_dcmd.flags`: in a pipe it is called once, at the end, with the whole input. */
#define MDB_DCMD_TAKES_ALL_INPUT 4

/** `mdb_dcmd.flags`: not listed and not completed. */
#define MDB_DCMD_HIDDEN 8

/**
 * Kinds of values of options and arguments.
 *
 * Given or not. Options only.
 */
#define MDB_VALUE_KIND_FLAG 1

/** How often it was given. Options only. */
#define MDB_VALUE_KIND_COUNT 2

/** An expression; plain digits are in the default radix. */
#define MDB_VALUE_KIND_NUMBER 3

/** A number whose plain digits are decimal. */
#define MDB_VALUE_KIND_DECIMAL 4

/** An expression that is an address. Completed with symbols. */
#define MDB_VALUE_KIND_ADDRESS 5

/** A number of bytes: an expression, or decimal digits with `K`, `M`, `G` behind. */
#define MDB_VALUE_KIND_SIZE 6

/** Any text. */
#define MDB_VALUE_KIND_TEXT 7

/** The name of a type of the target; given as text. */
#define MDB_VALUE_KIND_TYPE 8

/** One of `mdb_option.choices`: the number is its index. */
#define MDB_VALUE_KIND_CHOICE 9

/** The name of a file of the host; given as text, completed as a path. */
#define MDB_VALUE_KIND_FILE 10

/** `mdb_option.flags`: may be given more than once (`mdb_value.rest`). */
#define MDB_OPTION_REPEATABLE 1

/** `mdb_option.flags`: neither listed nor completed. */
#define MDB_OPTION_HIDDEN 2

/**
 * `mdb_option.flags`: must be given. The host refuses the call without it, and shows it so in the usage.
 */
#define MDB_OPTION_REQUIRED 4

/** `mdb_argument.flags`: may be left out. So may all that follow. */
#define MDB_ARGUMENT_OPTIONAL 1

/** `mdb_argument.flags`: takes all remaining words (`mdb_value.rest`). The last one only. */
#define MDB_ARGUMENT_REST 2

/** `mdb_column.flags`: this cell is the item that a row becomes in a pipe. One column at most. */
#define MDB_COLUMN_ITEM 1

/** `mdb_column.flags`: not in the text table, only in `--json`. */
#define MDB_COLUMN_DETAIL 2

/** `mdb_column.align`: as fits the kind; numbers to the right, text to the left. */
#define MDB_ALIGN_DEFAULT 0

/** `mdb_column.align`. */
#define MDB_ALIGN_LEFT 1

/** `mdb_column.align`. */
#define MDB_ALIGN_RIGHT 2

/** `mdb_example.flags`: needs a target to be run. */
#define MDB_EXAMPLE_NEEDS_TARGET 1

/**
 * Why memory cannot be read.
 *
 * Another reason; the sentence says which.
 */
#define MDB_FAULT_KIND_OTHER 0

/** Nothing was mapped there. */
#define MDB_FAULT_KIND_UNMAPPED 1

/** Mapped, but not saved in the core. */
#define MDB_FAULT_KIND_NOT_IN_CORE 2

/** The core file ends before. */
#define MDB_FAULT_KIND_TRUNCATED 3

/** The mapping may not be read. */
#define MDB_FAULT_KIND_PROTECTED 4

/** It can be read: there is no fault. */
#define MDB_FAULT_KIND_NONE 5

/** `mdb_mapping.flags`: readable. */
#define MDB_MAPPING_READ 1

/** `mdb_mapping.flags`: writable. */
#define MDB_MAPPING_WRITE 2

/** `mdb_mapping.flags`: executable. */
#define MDB_MAPPING_EXECUTE 4

/** `mdb_mapping.flags`: the three above are known. */
#define MDB_MAPPING_PERMISSIONS_KNOWN 8

/**
 * What a mapping is for.
 *
 * Anonymous memory.
 */
#define MDB_MAPPING_KIND_ANONYMOUS 0

/** A file. */
#define MDB_MAPPING_KIND_FILE 1

/** The stack of a thread. */
#define MDB_MAPPING_KIND_STACK 2

/** The vDSO. */
#define MDB_MAPPING_KIND_VDSO 3

/** The heap that `brk` grows. */
#define MDB_MAPPING_KIND_HEAP 4

/**
 * `mdb_memory_run.flags`: all bytes are zero and the core has none of them (a hole in a sparse file).
 * Work on all memory may pass over it.
 */
#define MDB_RUN_ZERO 1

/** `mdb_memory_run.flags`: the core has none of the bytes; they are those of the mapped file. */
#define MDB_RUN_FILE 2

/** `mdb_modinfo.flags`: built with `panic = "abort"`, so a panic would end the host. Refused. */
#define MDB_MOD_PANIC_ABORTS 1

/** The note's type: the layout described here. */
#define MDB_NOTE_TYPE 1

/** `mdb_output_info.flags`: people look at it. */
#define MDB_OUTPUT_TERMINAL 1

/** `mdb_output_info.flags`: rows become JSON. */
#define MDB_OUTPUT_JSON 2

/** `mdb_output_info.flags`: rows become items of a pipe. */
#define MDB_OUTPUT_PIPE 4

/** `mdb_output_info.flags`: with colours. */
#define MDB_OUTPUT_COLOUR 8

/**
 * Kinds of cells.
 *
 * Nothing: blank in text, left out in JSON, no item in a pipe.
 */
#define MDB_CELL_KIND_NONE 0

/** An address, in hexadecimal. */
#define MDB_CELL_KIND_ADDRESS 1

/** A number in hexadecimal. */
#define MDB_CELL_KIND_HEX 2

/** A number in decimal. */
#define MDB_CELL_KIND_UNSIGNED 3

/** A number in decimal; the bits are those of an `int64_t`. */
#define MDB_CELL_KIND_SIGNED 4

/** Text. */
#define MDB_CELL_KIND_TEXT 5

/** An address that is shown as a symbol. */
#define MDB_CELL_KIND_SYMBOL 6

/** 0 or 1. */
#define MDB_CELL_KIND_BOOLEAN 7

/** A number of bytes. */
#define MDB_CELL_KIND_SIZE 8

/** Text of several lines; in JSON an array of strings. */
#define MDB_CELL_KIND_LINES 9

/**
 * Roles of text: what it is, from which the host chooses how it looks.
 *
 * Plain.
 */
#define MDB_TEXT_ROLE_PLAIN 0

/** An address. */
#define MDB_TEXT_ROLE_ADDRESS 1

/** The name of a function or variable. */
#define MDB_TEXT_ROLE_SYMBOL 2

/** The name of a type. */
#define MDB_TEXT_ROLE_TYPE 3

/** A number. */
#define MDB_TEXT_ROLE_NUMBER 4

/** Text of the target. */
#define MDB_TEXT_ROLE_STRING 5

/** What is less important. */
#define MDB_TEXT_ROLE_FAINT 6

/** What is wrong or doubtful. */
#define MDB_TEXT_ROLE_WARNING 7

/** A heading. */
#define MDB_TEXT_ROLE_HEADING 8

/**
 * Kinds of providers. Each has a table of its own; a host ignores kinds that it does not know.
 *
 * Callers, names and arguments of frames: `mdb_frame_provider`.
 */
#define MDB_PROVIDER_KIND_FRAME 1

/** What is at an address where no ELF symbol is: `mdb_symbol_provider`. */
#define MDB_PROVIDER_KIND_SYMBOL 2

/** Whether an address is yours, and what it is: `mdb_whatis_provider`. */
#define MDB_PROVIDER_KIND_WHATIS 3

/** Every allocated block: `mdb_blocks_provider`. */
#define MDB_PROVIDER_KIND_BLOCKS 4

/** Types by name, types of objects: `mdb_types_provider`. */
#define MDB_PROVIDER_KIND_TYPES 5

/** How to print values of a type: `mdb_printer_provider`. */
#define MDB_PROVIDER_KIND_PRINTER 6

/** Where references from outside the heap are: `mdb_roots_provider`. */
#define MDB_PROVIDER_KIND_ROOTS 7

/**
 * `mdb_frame_view.flags`: the innermost frame, or one that a signal interrupted: `pc` is exact and
 * no return address.
 */
#define MDB_FRAME_VIEW_EXACT 1

/**
 * `mdb_frame_view.flags`: the stack is a copy that was taken earlier (a sample). What is read through
 * the context of the call comes from the copy where that has it.
 */
#define MDB_FRAME_VIEW_SAMPLE 2

/**
 * `mdb_frame_description.flags`: a function that the compiler put into the one that has the frame.
 * It has no code of its own: of `module` and `function_start` those of that one count.
 */
#define MDB_FRAME_DESCRIPTION_INLINED 1

/** Flag of `whatis`: all explanations, not only the most specific one of each provider. */
#define MDB_WHATIS_ALL 1

/** Flag of `whatis`: the address is the identifier of something (a thread's id), not an address. */
#define MDB_WHATIS_IDENTIFIER 2

/** Flag of `whatis`: no details of several lines. */
#define MDB_WHATIS_QUIET 4

/** Flag of `whatis`: prefer what manages a block to the block. */
#define MDB_WHATIS_CONTROL 8

/**
 * States of blocks.
 *
 * In use.
 */
#define MDB_BLOCK_STATE_ALLOCATED 1

/** Given back. */
#define MDB_BLOCK_STATE_FREE 2

/** Given back, but kept at hand (a thread's cache, a fast bin). */
#define MDB_BLOCK_STATE_CACHED 3

/** `mdb_block.flags`: pointers in it do not count as references (it holds no pointers). */
#define MDB_BLOCK_OPAQUE 1

/**
 * Kinds of roots.
 *
 * Another kind; the name says which.
 */
#define MDB_ROOT_KIND_OTHER 0

/** A register of a thread: one value, no memory. */
#define MDB_ROOT_KIND_REGISTER 1

/** The part of a thread's stack that is in use. */
#define MDB_ROOT_KIND_STACK 2

/** A thread's local storage. */
#define MDB_ROOT_KIND_TLS 3

/** Writable data of a module. */
#define MDB_ROOT_KIND_DATA 4

/** A handle of a virtual machine. */
#define MDB_ROOT_KIND_HANDLE 5

/** `mdb_provider_info.flags`: switched on. */
#define MDB_PROVIDER_ENABLED 1

/** Done. */
#define MDB_OK 0

/** Failed; the sentence was given with `output.fail`, or is asked of `session.last_error`. */
#define MDB_ERROR 1

/** The command was used wrongly: the host shows its usage. */
#define MDB_USAGE 2

/** Memory of the target could not be read. */
#define MDB_FAULT 3

/** The user pressed ^C: return at once, with this status. */
#define MDB_CANCELLED 4

/**
 * The receiver wants no more (`::head`), or a walker has no more. No failure: return it, or
 * `MDB_OK`.
 */
#define MDB_CLOSED 5

/** This target, or this host, cannot do that. */
#define MDB_UNSUPPORTED 6

/** There is no such thing. */
#define MDB_NOT_FOUND 7

/** The host has a defect and caught it. */
#define MDB_HOST_BUG 8

/** The dmod has a defect and caught it. */
#define MDB_PANIC 9

/** An argument makes no sense: a null pointer, a column that does not exist. */
#define MDB_BAD_ARGUMENT 10

/** `mdb_symbol.flags`: a function. */
#define MDB_SYMBOL_FUNCTION 1

/** `mdb_symbol.flags`: data. */
#define MDB_SYMBOL_OBJECT 2

/** `mdb_symbol.flags`: thread-local data; the value is an offset. */
#define MDB_SYMBOL_TLS 4

/** `mdb_symbol.flags`: visible outside its module. */
#define MDB_SYMBOL_GLOBAL 8

/** `mdb_module.flags`: the program itself. */
#define MDB_MODULE_EXECUTABLE 1

/** `mdb_module.flags`: the vDSO. */
#define MDB_MODULE_VDSO 2

/** `mdb_module.flags`: its file was not found or is another one. */
#define MDB_MODULE_FILE_MISSING 4

/**
 * Kinds of target.
 *
 * None: expressions only.
 */
#define MDB_TARGET_KIND_NONE 0

/** A file that does not run. */
#define MDB_TARGET_KIND_OBJECT 1

/** A core. */
#define MDB_TARGET_KIND_CORE 2

/** A process. */
#define MDB_TARGET_KIND_LIVE 3

/** `mdb_target_info.flags`: the core was written by gcore. */
#define MDB_TARGET_GCORE 1

/** `mdb_target_info.flags`: a live process that runs: what is read may change meanwhile. */
#define MDB_TARGET_RUNNING 2

/** `mdb_signal_info.flags`: `code` is known. */
#define MDB_SIGNAL_HAS_CODE 1

/** `mdb_signal_info.flags`: `address` is known. */
#define MDB_SIGNAL_HAS_ADDRESS 2

/** `mdb_signal_info.flags`: `sender_pid` and `sender_uid` are known. */
#define MDB_SIGNAL_HAS_SENDER 4

/** `mdb_thread.flags`: the thread that crashed. */
#define MDB_THREAD_CRASHED 1

/**
 * `mdb_frame.flags`: the frame that a signal interrupted lies behind this one: its pc is no return
 * address.
 */
#define MDB_FRAME_SIGNAL 1

/** `mdb_frame.flags`: inlined into the next frame; it has no stack of its own. */
#define MDB_FRAME_INLINED 2

/** `mdb_frame.flags`: found by a guess. */
#define MDB_FRAME_DOUBTFUL 4

/**
 * `mdb_frame.flags`: `pc` is where the frame is, no return address: the innermost, a signal's own, and
 * what a signal interrupted.
 */
#define MDB_FRAME_EXACT 8

/**
 * How a frame was found.
 *
 * Another way; `mdb_frame.found_by_name` says which.
 */
#define MDB_FOUND_BY_OTHER 0

/** The thread's registers. */
#define MDB_FOUND_BY_REGISTERS 1

/** Call frame information. */
#define MDB_FOUND_BY_CFI 2

/** The chain of frame pointers. */
#define MDB_FOUND_BY_FRAME_POINTER 3

/** A word on the stack that looks like a return address. */
#define MDB_FOUND_BY_STACK_SCAN 4

/** A signal frame of the kernel. */
#define MDB_FOUND_BY_SIGNAL_FRAME 5

/** A frame provider. */
#define MDB_FOUND_BY_PROVIDER 6

/**
 * Why a stack ends.
 *
 * Another reason; the sentence says which.
 */
#define MDB_STACK_END_OTHER 0

/** Regularly: the outermost frame was reached. */
#define MDB_STACK_END_OUTERMOST 1

/** The limit of the call was reached. */
#define MDB_STACK_END_LIMIT 2

/** The stack is corrupt or a cycle. */
#define MDB_STACK_END_CORRUPT 3

/** Memory of the stack cannot be read. */
#define MDB_STACK_END_UNREADABLE 4

/** `frames` flag: without inlined functions. */
#define MDB_FRAMES_NO_INLINED 1

/** `frames` flag: without file, line and column (which may have to be searched in DWARF). */
#define MDB_FRAMES_NO_LINES 2

/** `frames` flag: with the registers of each frame. */
#define MDB_FRAMES_REGISTERS 4

/**
 * `frames` flag: without asking frame providers what the frames are. They are asked for callers
 * all the same. For a provider's own commands, which know better.
 */
#define MDB_FRAMES_NO_DESCRIPTIONS 8

/**
 * Kinds of types.
 *
 * Another kind.
 */
#define MDB_TYPE_KIND_OTHER 0

/** An integer without a sign. */
#define MDB_TYPE_KIND_UNSIGNED 1

/** An integer with a sign. */
#define MDB_TYPE_KIND_SIGNED 2

/** A floating-point number. */
#define MDB_TYPE_KIND_FLOAT 3

/** A pointer. */
#define MDB_TYPE_KIND_POINTER 4

/** A struct, class or object. */
#define MDB_TYPE_KIND_STRUCT 5

/** A union. */
#define MDB_TYPE_KIND_UNION 6

/** An array. */
#define MDB_TYPE_KIND_ARRAY 7

/** An enumeration. */
#define MDB_TYPE_KIND_ENUM 8

/** A function. */
#define MDB_TYPE_KIND_FUNCTION 9

/** 0 or 1. */
#define MDB_TYPE_KIND_BOOLEAN 10

/** A character. */
#define MDB_TYPE_KIND_CHARACTER 11

/** `mdb_walker.flags`: may start at an address. */
#define MDB_WALKER_START_OPTIONAL 0

/** `mdb_walker.flags`: must start at an address. */
#define MDB_WALKER_START_REQUIRED 1

/** `mdb_walker.flags`: must not start at an address. */
#define MDB_WALKER_START_NONE 2

/**
 * The major version: what has another one is refused. It stays 0 until the contract is declared
 * stable; until then `MDB_OLDEST_MINOR` says how far back it still reaches.
 */
#define MDB_ABI_MAJOR 0

/** The minor version: raised by every addition. */
#define MDB_ABI_MINOR 2

/**
 * The oldest minor version that a host of this version still understands. Raised, while the major
 * version is 0, by a change that is no addition.
 */
#define MDB_OLDEST_MINOR 1

/**
 * The context of a call: which session, which target, which stage of which pipe. Opaque. It lives
 * until the call returns.
 */
struct mdb_cx;

/** Borrowed UTF-8 text. Receivers replace what is not UTF-8. */
struct mdb_str {
  /** The first byte; may be null where `len` is 0. */
  const char *data;
  /** How many bytes, without any NUL. */
  size_t len;
};

/** An array of the sender, borrowed. */
struct mdb_value_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_value *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** The value of an option or of a positional argument. */
struct mdb_value {
  /** `MDB_VALUE_KIND_*`. */
  uint32_t kind;
  /** `MDB_VALUE_*`. */
  uint32_t flags;
  /** The number: 1 for a flag, how often for a count, the index for a choice. */
  uint64_t number;
  /** The word as it was written (for flags and counts, empty). */
  mdb_str text;
  /** Further values, of a repeated option or of an argument that takes the rest. */
  mdb_value_array rest;
};

/** A typed item: a value and what it is. */
struct mdb_item {
  /** The value. */
  uint64_t value;
  /**
   * The number of its type's name (`mdb_types_group.by_name`); 0 is an address of
   * anything. What a dcmd emits with type 0 gets the dcmd's declared output type.
   */
  uint64_t type_id;
};

/** An array of the sender, borrowed. */
struct mdb_item_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_item *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A call of a command. */
struct mdb_call {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_CALL_*`. */
  uint32_t flags;
  /** The address with its type, or dot. */
  mdb_item item;
  /** One for each declared option, in that order. */
  mdb_value_array options;
  /** One for each declared positional argument, in that order. */
  mdb_value_array arguments;
  /** The whole input of a command with `MDB_DCMD_TAKES_ALL_INPUT`; else empty. */
  mdb_item_array input;
};

/** The beginning of a walk. */
struct mdb_walk_call {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_CALL_ADDRESS` where the walk starts at an address. */
  uint32_t flags;
  /** Where it starts. */
  mdb_item start;
};

/** An option of a command. It has a letter or a long name or both. */
struct mdb_option {
  /** The letter (ASCII) of `-x`, or 0. */
  uint32_t short_name;
  /** `MDB_VALUE_KIND_*`. */
  uint32_t kind;
  /** `MDB_OPTION_*`. */
  uint32_t flags;
  /** 0. */
  uint32_t reserved;
  /** The name of `--name`, or empty. */
  mdb_str long_name;
  /** What the value is called in the usage: `FUNCTION`. */
  mdb_str value_name;
  /** One line. */
  mdb_str help;
  /** The choices, separated by `|`. */
  mdb_str choices;
};

/** A positional argument. */
struct mdb_argument {
  /** `MDB_VALUE_KIND_*`, no flag and no count. */
  uint32_t kind;
  /** `MDB_ARGUMENT_*`. */
  uint32_t flags;
  /** Its name in the usage. */
  mdb_str name;
  /** One line. */
  mdb_str help;
  /** The choices, separated by `|`. */
  mdb_str choices;
};

/**
 * A column of a command's output.
 *
 * A row is one cell for each column, in order. In text it is a line of a table (or the text that
 * the row brings), in `--json` an object, in a pipe the item of its `MDB_COLUMN_ITEM`.
 */
struct mdb_column {
  /** `MDB_CELL_KIND_*` that its cells usually have. */
  uint32_t kind;
  /** `MDB_COLUMN_*`. */
  uint32_t flags;
  /** `MDB_ALIGN_*`. */
  uint32_t align;
  /** The least width, in cells of the terminal. */
  uint32_t width;
  /** The heading: `THREAD`. */
  mdb_str heading;
  /** The key in JSON; empty: the heading in lower case, with `_` for blanks. */
  mdb_str key;
  /** What it shows. */
  mdb_str help;
};

/** An example of use; tests run it. */
struct mdb_example {
  /** `MDB_EXAMPLE_*`. */
  uint32_t flags;
  /** 0. */
  uint32_t reserved;
  /** What is typed. */
  mdb_str command;
  /** What it does. */
  mdb_str help;
};

/**
 * The outcome of a call across the border. An integer, because the other side may send one that
 * we do not know: that counts as `MDB_ERROR`.
 */
typedef uint32_t mdb_status;

/** Borrowed bytes. */
struct mdb_bytes {
  /** The first byte; may be null where `len` is 0. */
  const uint8_t *data;
  /** How many. */
  size_t len;
};

/** One mapping of the target. */
struct mdb_mapping {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_MAPPING_*`. */
  uint32_t flags;
  /** `MDB_MAPPING_KIND_*`. */
  uint32_t kind;
  /** The number (1..N) of the thread whose stack it is, or 0. */
  uint32_t thread;
  /** First address. */
  uint64_t start;
  /** The address behind the last. */
  uint64_t end;
  /** The offset of the first byte in the file. */
  uint64_t offset;
  /** How many bytes the target has of it. */
  uint64_t saved;
  /** The file's path as the process saw it, or empty. */
  mdb_str path;
};

/** Receives a mapping. */
typedef mdb_status (*mdb_mapping_callback)(void *arg, const mdb_mapping *mapping);

/** Receives why memory cannot be read: `MDB_FAULT_KIND_*` and a sentence. */
typedef mdb_status (*mdb_fault_callback)(void *arg, uint32_t kind, mdb_str sentence);

/** Receives an address. `MDB_CLOSED` stops without a failure. */
typedef mdb_status (*mdb_address_callback)(void *arg, uint64_t address);

/** A run of memory that can be read. */
struct mdb_memory_run {
  /** Size of this struct, set by the caller. */
  uint32_t size;
  /** `MDB_RUN_*`. */
  uint32_t flags;
  /** First address. */
  uint64_t start;
  /** The address behind the last. */
  uint64_t end;
};

/** Memory of the target. */
struct mdb_memory_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Copies `length` bytes at `address` to `buffer`. `*got` (may be null) is how many were
   * copied. `MDB_FAULT` means fewer than asked for: the byte at `address + *got` cannot be
   * read. After ^C it answers `MDB_CANCELLED`, so that every loop that reads can be
   * interrupted.
   */
  mdb_status (*read)(mdb_cx *cx, uint64_t address, void *buffer, size_t length, size_t *got);
  /**
   * Lends the bytes at `address`, at most `length`, at least one, until the dcmd returns;
   * `MDB_UNSUPPORTED` where they must be copied with `read`.
   */
  mdb_status (*borrow)(mdb_cx *cx, uint64_t address, size_t length, mdb_bytes *bytes);
  /** The first mapping that ends behind `address`; `MDB_NOT_FOUND` behind the last. */
  mdb_status (*next_mapping)(mdb_cx *cx,
                             uint64_t address,
                             mdb_mapping_callback callback,
                             void *arg);
  /** Why the byte at `address` cannot be read. */
  mdb_status (*describe_fault)(mdb_cx *cx,
                               uint64_t address,
                               mdb_fault_callback callback,
                               void *arg);
  /**
   * Searches bytes in `[start, end)`, in what can be read of it, and gives the address of each
   * place to the callback, in ascending order. Where `mask` has bytes (as many as `pattern`),
   * only its bits are compared; `alignment` 0 and 1: at any address. Matches may overlap.
   */
  mdb_status (*search)(mdb_cx *cx,
                       uint64_t start,
                       uint64_t end,
                       mdb_bytes pattern,
                       mdb_bytes mask,
                       uint32_t alignment,
                       mdb_address_callback callback,
                       void *arg);
  /**
   * The first run of memory at or behind `address` that can be read; it begins at `address` where
   * that can be read. `MDB_NOT_FOUND` behind the last. So whole memory is gone over without
   * asking for what a core does not have, however large it says that it is.
   */
  mdb_status (*next_run)(mdb_cx *cx, uint64_t address, mdb_memory_run *run);
};

/** A symbol. */
struct mdb_symbol {
  /** Size of this struct. */
  uint32_t struct_size;
  /** `MDB_SYMBOL_*`. */
  uint32_t flags;
  /** Its address. */
  uint64_t address;
  /** Its size in bytes; 0: unknown. */
  uint64_t size;
  /** How far behind `address` the address is that was asked for. */
  uint64_t offset;
  /** Its name, demangled as the user has chosen. */
  mdb_str name;
  /** Its name as it is in the file. */
  mdb_str raw_name;
  /** The name of its module. */
  mdb_str module;
  /** How the host would print the address that was asked for: `` libc.so.6`poll+0x4f ``. */
  mdb_str text;
};

/** Receives a symbol. */
typedef mdb_status (*mdb_symbol_callback)(void *arg, const mdb_symbol *symbol);

/** Receives one text. */
typedef mdb_status (*mdb_text_callback)(void *arg, mdb_str text);

/** A module of the target: the program, a library, the vDSO. */
struct mdb_module {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_MODULE_*`. */
  uint32_t flags;
  /** Its number. */
  uint32_t index;
  /** 0. */
  uint32_t reserved;
  /** First address. */
  uint64_t start;
  /** The address behind the last. */
  uint64_t end;
  /** What to add (wrapping) to an address of the file to get one of the target. */
  uint64_t bias;
  /** Its name: the last part of the path. */
  mdb_str name;
  /** Its path as the process saw it. */
  mdb_str path;
  /** Its build-id in hexadecimal, or empty. */
  mdb_str build_id;
};

/** Receives a module. */
typedef mdb_status (*mdb_module_callback)(void *arg, const mdb_module *module);

/** A place in a source file. */
struct mdb_source_line {
  /** Size of this struct. */
  uint32_t size;
  /** The line, from 1; 0: unknown. */
  uint32_t line;
  /** The column, from 1; 0: unknown. */
  uint32_t column;
  /** 0. */
  uint32_t reserved;
  /** The file. */
  mdb_str file;
  /** The function that stands there; for an inlined one, its name. */
  mdb_str function;
};

/** Receives a place in a source file. Called for each inlined function, innermost first. */
typedef mdb_status (*mdb_line_callback)(void *arg, const mdb_source_line *line);

/** Modules and symbols. */
struct mdb_symbols_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** Looks a symbol up by name, in one module or (`module` empty) in all. */
  mdb_status (*by_name)(mdb_cx *cx,
                        mdb_str module,
                        mdb_str name,
                        mdb_symbol_callback callback,
                        void *arg);
  /** The symbol that covers an address. */
  mdb_status (*by_address)(mdb_cx *cx,
                           uint64_t address,
                           mdb_symbol_callback callback,
                           void *arg);
  /** All symbols of one module or (`module` empty) of all. */
  mdb_status (*iterate)(mdb_cx *cx,
                        mdb_str module,
                        mdb_symbol_callback callback,
                        void *arg);
  /** Demangles a name. */
  mdb_status (*demangle)(mdb_cx *cx,
                         mdb_str name,
                         mdb_text_callback callback,
                         void *arg);
  /** The module that covers an address. */
  mdb_status (*module_at)(mdb_cx *cx,
                          uint64_t address,
                          mdb_module_callback callback,
                          void *arg);
  /** All modules. */
  mdb_status (*modules)(mdb_cx *cx, mdb_module_callback callback, void *arg);
  /** Lends the bytes of a section of a module, until the dcmd returns. */
  mdb_status (*section_bytes)(mdb_cx *cx,
                              uint32_t module,
                              mdb_str name,
                              mdb_bytes *bytes);
  /** Where the instruction at an address stands in the source. */
  mdb_status (*line_at)(mdb_cx *cx, uint64_t address, mdb_line_callback callback, void *arg);
};

/** A type. */
struct mdb_type_info {
  /** Size of this struct. */
  uint32_t struct_size;
  /** `MDB_TYPE_KIND_*`. */
  uint32_t kind;
  /** Bytes of a value; 0: unknown. */
  uint64_t size;
  /** For an array, how many elements. */
  uint64_t count;
  /** Its name. */
  mdb_str name;
  /** What a pointer points to, what an array has; or empty. */
  mdb_str target;
};

/** Receives a type. */
typedef mdb_status (*mdb_type_callback)(void *arg, const mdb_type_info *found);

/** A member of a struct or union, or a value of an enumeration. */
struct mdb_member_info {
  /** Size of this struct. */
  uint32_t struct_size;
  /** `MDB_TYPE_KIND_*` of the member's type. */
  uint32_t kind;
  /** Where it is in the struct, in bytes; for an enumeration the value. */
  uint64_t offset;
  /** Bytes of it. */
  uint64_t size;
  /** For a bit field, the first bit counted from bit 0 of the byte at `offset`. */
  uint32_t bit_offset;
  /** For a bit field, how many bits; else 0. */
  uint32_t bit_size;
  /** Its name. */
  mdb_str name;
  /** The name of its type. */
  mdb_str type_name;
};

/** Receives a member. */
typedef mdb_status (*mdb_member_callback)(void *arg, const mdb_member_info *member);

/** Types. */
struct mdb_types_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** The number of a type's name, for `mdb_item.type_id`. Every name gets one. */
  mdb_status (*by_name)(mdb_cx *cx, mdb_str name, uint64_t *id);
  /** The name for a number. */
  mdb_status (*name_of)(mdb_cx *cx, uint64_t id, mdb_text_callback callback, void *arg);
  /** The type of this name. `MDB_NOT_FOUND`: nobody knows it. */
  mdb_status (*describe)(mdb_cx *cx,
                         mdb_str name,
                         mdb_type_callback callback,
                         void *arg);
  /** The member `member` of the type `name`; of no name: all of them, in order. */
  mdb_status (*members)(mdb_cx *cx,
                        mdb_str name,
                        mdb_str member,
                        mdb_member_callback callback,
                        void *arg);
};

/** A thread. */
struct mdb_thread {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_THREAD_*`. */
  uint32_t flags;
  /** 1..N. */
  uint32_t number;
  /** The kernel's thread id. */
  uint32_t tid;
  /** The signal that it was handling or dying of, or 0. */
  int32_t signal;
  /** 0. */
  uint32_t reserved;
  /** Its program counter. */
  uint64_t pc;
  /** Its stack pointer. */
  uint64_t sp;
  /** Where its thread-local storage begins, or 0. */
  uint64_t thread_pointer;
  /** Its name, or empty where the target does not know it. */
  mdb_str name;
};

/** Receives a thread. */
typedef mdb_status (*mdb_thread_callback)(void *arg, const mdb_thread *thread);

/** A register and its value. */
struct mdb_register_value {
  /** Its DWARF number. */
  uint32_t number;
  /** 0. */
  uint32_t reserved;
  /** Its value. */
  uint64_t value;
};

/** An array of the sender, borrowed. */
struct mdb_register_value_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_register_value *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A frame of a stack, innermost first. */
struct mdb_frame {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_FRAME_*`. */
  uint32_t flags;
  /** 0 for the innermost. */
  uint32_t level;
  /** `MDB_FOUND_BY_*`. */
  uint32_t found_by;
  /**
   * The program counter: for all but the innermost (and what a signal interrupted) the return
   * address.
   */
  uint64_t pc;
  /** The stack pointer. */
  uint64_t sp;
  /**
   * The frame's address as `$C` shows it: the frame pointer where the function has one, the
   * canonical frame address otherwise.
   */
  uint64_t fp;
  /** The canonical frame address: the stack pointer before the call. 0: unknown. */
  uint64_t cfa;
  /** Where the function begins, or 0. */
  uint64_t function_start;
  /** How far behind the beginning of the function `pc` is. */
  uint64_t offset;
  /** The line, or 0. */
  uint32_t line;
  /** The column, or 0. */
  uint32_t column;
  /** The function's name, demangled as the user has chosen; empty where unknown. */
  mdb_str function;
  /** The name of its module; empty where unknown. */
  mdb_str module;
  /** The source file; empty where unknown. */
  mdb_str file;
  /** How the host prints the pc: `` libc.so.6`poll+0x4f ``, `main+0x21`, `0x401136`. */
  mdb_str text;
  /** The arguments as text, where somebody knows them. */
  mdb_str arguments;
  /** How it was found, in words: `frame pointer`. */
  mdb_str found_by_name;
  /** The object that stands for the function, where a provider named it (a `JSFunction`); or 0. */
  uint64_t object;
  /** The name of its type, or empty. */
  mdb_str object_type;
  /** The registers whose values in this frame are known; only where `MDB_FRAMES_REGISTERS` asks. */
  mdb_register_value_array registers;
};

/** Receives a frame. `MDB_CLOSED` stops without a failure. */
typedef mdb_status (*mdb_frame_callback)(void *arg, const mdb_frame *frame);

/** The end of a stack. */
struct mdb_stack_end {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_STACK_END_*`. */
  uint32_t kind;
  /** A sentence; empty where the stack ends regularly. */
  mdb_str sentence;
};

/** Receives the end of a stack. */
typedef void (*mdb_stack_end_callback)(void *arg, const mdb_stack_end *end);

/** A copy of a part of a stack, taken while the process ran, with the registers of that moment. */
struct mdb_stack_sample {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t flags;
  /** Where `bytes` were copied from. */
  uint64_t address;
  /** The copy. */
  mdb_bytes bytes;
  /** The registers; at least the program counter and the stack pointer. */
  mdb_register_value_array registers;
};

/** Threads. */
struct mdb_threads_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** All threads, by number. */
  mdb_status (*iterate)(mdb_cx *cx, mdb_thread_callback callback, void *arg);
  /** The thread with this number (1..N) or else with this kernel thread id. */
  mdb_status (*find)(mdb_cx *cx, uint64_t id, mdb_thread_callback callback, void *arg);
  /** A register by its DWARF number. `thread` is a number (1..N). */
  mdb_status (*register_value)(mdb_cx *cx,
                               uint32_t thread,
                               uint32_t register_value,
                               uint64_t *value);
  /** A register by its name. */
  mdb_status (*register_by_name)(mdb_cx *cx,
                                 uint32_t thread,
                                 mdb_str name,
                                 uint64_t *value);
  /**
   * The frames of a thread, innermost first, at most `limit` (0: no limit). `end` (may be null)
   * is called once behind the last.
   */
  mdb_status (*frames)(mdb_cx *cx,
                       uint32_t thread,
                       uint32_t limit,
                       uint32_t flags,
                       mdb_frame_callback callback,
                       mdb_stack_end_callback end,
                       void *arg);
  /** The number of the representative thread. */
  mdb_status (*current)(mdb_cx *cx, uint32_t *thread);
  /** The frames of a copy of a stack; as `frames`. Providers of frames read the copy. */
  mdb_status (*frames_of_sample)(mdb_cx *cx,
                                 const mdb_stack_sample *sample,
                                 uint32_t limit,
                                 uint32_t flags,
                                 mdb_frame_callback callback,
                                 mdb_stack_end_callback end,
                                 void *arg);
};

/** Where output goes. */
struct mdb_output_info {
  /** Size of this struct, set by the caller. */
  uint32_t size;
  /** `MDB_OUTPUT_*`. */
  uint32_t flags;
  /** How many columns; 0: no limit. */
  uint32_t width;
  /** 0. */
  uint32_t reserved;
};

/** A cell of a row. */
struct mdb_cell {
  /** `MDB_CELL_KIND_*`. */
  uint32_t kind;
  /** 0. */
  uint32_t flags;
  /** The number. */
  uint64_t number;
  /** The text. */
  mdb_str text;
};

/** An array of the sender, borrowed. */
struct mdb_cell_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_cell *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A piece of text with its role. */
struct mdb_styled_piece {
  /** `MDB_TEXT_ROLE_*`. */
  uint32_t role;
  /** 0. */
  uint32_t reserved;
  /** The text. */
  mdb_str text;
};

/** An array of the sender, borrowed. */
struct mdb_styled_piece_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_styled_piece *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** Output. */
struct mdb_output_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** Where output goes. */
  mdb_status (*info)(mdb_cx *cx, mdb_output_info *info);
  /** Text outside rows. In a pipe the host reads it as expressions, one a line. */
  mdb_status (*write)(mdb_cx *cx, mdb_str text);
  /**
   * One row, a cell for each declared column. Where `text` is not null, it is what the row looks
   * like in text, in place of a line of the table.
   */
  mdb_status (*row)(mdb_cx *cx,
                    const mdb_cell_array *cells,
                    const mdb_str *text);
  /** A warning: shown beside the output, never part of it. */
  mdb_status (*warn)(mdb_cx *cx, mdb_str text);
  /**
   * Says why this call is going to fail: a sentence, and the address it is about (null: none).
   * Answers `MDB_ERROR`, to be returned.
   */
  mdb_status (*fail)(mdb_cx *cx, mdb_str text, const uint64_t *address);
  /** As `write`, with styles. */
  mdb_status (*write_styled)(mdb_cx *cx, const mdb_styled_piece_array *pieces);
};

/** Pipes. */
struct mdb_pipe_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Pushes one item into the next stage, which runs before this returns. At the end of a
   * pipeline the item is printed. `MDB_CLOSED`: the next stage wants no more;
   * `MDB_CANCELLED`: the user wants no more. Return either.
   */
  mdb_status (*emit)(mdb_cx *cx, mdb_item item);
};

/** Receives an item. `MDB_CLOSED` stops without a failure. */
typedef mdb_status (*mdb_item_callback)(void *arg, mdb_item item);

/** Running things. */
struct mdb_run_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Walks with the walker `name`, from `start` (null: it finds its own). Answers what the
   * callback answered last if that was not `MDB_OK`.
   */
  mdb_status (*walk)(mdb_cx *cx,
                     mdb_str name,
                     const mdb_item *start,
                     mdb_item_callback callback,
                     void *arg);
  /**
   * Runs a line of the language with dot set to `dot` (null: as it is). With a callback, the
   * items of its last stage go there; without one, its output is shown.
   */
  mdb_status (*command)(mdb_cx *cx,
                        mdb_str text,
                        const mdb_item *dot,
                        mdb_item_callback callback,
                        void *arg);
  /** Runs a line of the language and gives its text to the callback, piece by piece. */
  mdb_status (*capture)(mdb_cx *cx,
                        mdb_str text,
                        const mdb_item *dot,
                        mdb_text_callback callback,
                        void *arg);
  /** The value of an expression. */
  mdb_status (*evaluate)(mdb_cx *cx, mdb_str text, uint64_t *value);
  /** `MDB_CANCELLED` after ^C. */
  mdb_status (*cancelled)(mdb_cx *cx);
  /** How far this call is; `total` 0: unknown. Cheap enough to be called often. */
  mdb_status (*progress)(mdb_cx *cx, uint64_t done, uint64_t total, mdb_str what);
};

/** Receives bytes. */
typedef mdb_status (*mdb_bytes_callback)(void *arg, mdb_bytes bytes);

/** Receives a failure: its sentence and (where `has_address` is not 0) the address it is about. */
typedef mdb_status (*mdb_error_callback)(void *arg,
                                         mdb_str sentence,
                                         uint64_t address,
                                         uint32_t has_address);

/** The session. */
struct mdb_session_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** Bytes that were kept under a key, for this dmod and this target. */
  mdb_status (*get)(mdb_cx *cx, mdb_str key, mdb_bytes_callback callback, void *arg);
  /** Keeps a copy of bytes under a key, for this dmod and this target. No bytes: forgets it. */
  mdb_status (*set)(mdb_cx *cx, mdb_str key, mdb_bytes bytes);
  /** The value of an option of the debugger (`::set`), as text. */
  mdb_status (*option)(mdb_cx *cx, mdb_str name, mdb_text_callback callback, void *arg);
  /** The value of a variable. */
  mdb_status (*variable)(mdb_cx *cx, mdb_str name, uint64_t *value);
  /** Sets a variable. */
  mdb_status (*set_variable)(mdb_cx *cx, mdb_str name, uint64_t value);
  /** Writes to the session's log, for the author of the dmod. */
  mdb_status (*log)(mdb_cx *cx, mdb_str text);
  /** Why the host function that this thread called last and that failed did so. */
  mdb_status (*last_error)(mdb_cx *cx, mdb_error_callback callback, void *arg);
};

/** One part of the work. */
typedef mdb_status (*mdb_work_function)(void *arg, uint32_t index);

/** The host's threads. */
struct mdb_work_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Calls `function` for 0..n, from several threads, and returns when all are done; with the
   * first status that is not `MDB_OK`, after which no further ones are begun.
   */
  mdb_status (*parallel)(mdb_cx *cx, uint32_t n, mdb_work_function function, void *arg);
  /** How many threads there are, at least 1: how many parts are worth making. */
  uint32_t (*threads)(mdb_cx *cx);
};

/** What the target is. */
struct mdb_target_info {
  /** Size of this struct, set by the caller. */
  uint32_t size;
  /** `MDB_TARGET_*`. */
  uint32_t flags;
  /** `MDB_TARGET_KIND_*`. */
  uint32_t kind;
  /** The processor, as ELF's `e_machine` numbers it. */
  uint32_t machine;
  /** Bytes in a pointer. */
  uint32_t pointer_size;
  /** 1 where the most significant byte comes first. */
  uint32_t big_endian;
  /** Bytes in a page. */
  uint64_t page_size;
  /** How many threads. */
  uint32_t threads;
  /** 0. */
  uint32_t reserved;
};

/** Why the process died or stopped. */
struct mdb_signal_info {
  /** Size of this struct, set by the caller. */
  uint32_t size;
  /** `MDB_SIGNAL_*`. */
  uint32_t flags;
  /** The signal. */
  int32_t signal;
  /** `si_code`. */
  int32_t code;
  /** `si_errno`. */
  int32_t errno;
  /** Who sent it. */
  uint32_t sender_pid;
  /** As which user. */
  uint32_t sender_uid;
  /** 0. */
  uint32_t reserved;
  /** The faulting address. */
  uint64_t address;
};

/** Who the process was. What is not known is 0 or empty; ids are -1. */
struct mdb_process_info {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t flags;
  /** Process id. */
  int64_t pid;
  /** The parent's. */
  int64_t ppid;
  /** Real user id. */
  int64_t uid;
  /** Real group id. */
  int64_t gid;
  /** The short name. */
  mdb_str name;
  /** The beginning of the arguments. */
  mdb_str arguments;
  /** The executable's path. */
  mdb_str executable;
  /** The file that was opened. */
  mdb_str path;
};

/** Receives who the process was. */
typedef mdb_status (*mdb_process_callback)(void *arg, const mdb_process_info *process);

/** Receives an entry of the auxiliary vector with its name (`AT_PHDR`), which may be empty. */
typedef mdb_status (*mdb_auxv_callback)(void *arg,
                                        uint64_t kind,
                                        uint64_t value,
                                        mdb_str name);

/** A raw note of a core. */
struct mdb_note {
  /** Size of this struct. */
  uint32_t size;
  /** `n_type`. */
  uint32_t kind;
  /** The number of the thread that it belongs to, or 0. */
  uint32_t thread;
  /** 0. */
  uint32_t reserved;
  /** Where its contents begin in the file. */
  uint64_t offset;
  /** `CORE`, `LINUX`, ... */
  mdb_str owner;
  /** The name of its kind (`NT_PRSTATUS`), or empty. */
  mdb_str name;
  /** Its contents. */
  mdb_bytes data;
};

/** Receives a note. */
typedef mdb_status (*mdb_note_callback)(void *arg, const mdb_note *note);

/** What is being debugged. */
struct mdb_target_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** What it is. */
  mdb_status (*info)(mdb_cx *cx, mdb_target_info *info);
  /** Why it died; `MDB_NOT_FOUND` where that is unknown. */
  mdb_status (*signal)(mdb_cx *cx, mdb_signal_info *info);
  /** Who it was. */
  mdb_status (*process)(mdb_cx *cx, mdb_process_callback callback, void *arg);
  /** Its auxiliary vector. */
  mdb_status (*auxv)(mdb_cx *cx, mdb_auxv_callback callback, void *arg);
  /** Its notes. */
  mdb_status (*notes)(mdb_cx *cx, mdb_note_callback callback, void *arg);
  /**
   * Stops a live process, so that what is read fits together. Calls nest.
   * `MDB_UNSUPPORTED` where the target is no live process: it stands still anyway.
   */
  mdb_status (*stop)(mdb_cx *cx);
  /** Lets it run again, when as many calls were made as of `stop`. */
  mdb_status (*resume)(mdb_cx *cx);
};

/** A registered provider. */
struct mdb_provider_info {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_PROVIDER_ENABLED`. */
  uint32_t flags;
  /** `MDB_PROVIDER_KIND_*`. */
  uint32_t kind;
  /** The higher, the earlier it is asked. */
  int32_t priority;
  /** Its name. */
  mdb_str name;
  /** The dmod that has it; empty: the host itself. */
  mdb_str dmod;
  /** One line. */
  mdb_str about;
};

/** Receives a registered provider. */
typedef mdb_status (*mdb_provider_callback)(void *arg, const mdb_provider_info *provider);

/** An array of the sender, borrowed. */
struct mdb_u64_array {
  /** The first element; may be null where `count` is 0. */
  const uint64_t *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** One thing that an address is. */
struct mdb_explanation {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t flags;
  /** Where the thing begins that the address is in. */
  uint64_t base;
  /** How long it is in bytes; 0: unknown. */
  uint64_t length;
  /**
   * The more specific it is, the higher: a variable in a frame in a stack in a mapping. The host's
   * own are 10 (mapping), 20 (segment), 30 (stack), 40 (frame), 50 (symbol), 60 (thread object);
   * an allocated block is 55.
   */
  uint32_t rank;
  /** The thread (1..N) whose it is, or 0. */
  uint32_t thread;
  /** One word: `block`, `tls`. */
  mdb_str kind;
  /** What it is: `allocated block of 32 bytes`. The host puts the address before it. */
  mdb_str text;
  /** The name of its type, or empty. */
  mdb_str type_name;
  /** Further lines, or empty. */
  mdb_str details;
};

/** Receives an explanation of address `index` of those that were asked for. */
typedef mdb_status (*mdb_explanation_callback)(void *arg,
                                               uint32_t index,
                                               const mdb_explanation *explanation);

/** A block of an allocator. */
struct mdb_block {
  /** Where the user's bytes begin. */
  uint64_t address;
  /** How many bytes the user may use. */
  uint64_t size;
  /** `MDB_BLOCK_STATE_*`. */
  uint32_t state;
  /** `MDB_BLOCK_*`. */
  uint32_t flags;
};

/** An array of the sender, borrowed. */
struct mdb_block_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_block *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** Receives many blocks at once. `MDB_CLOSED` stops without a failure. */
typedef mdb_status (*mdb_blocks_callback)(void *arg, const mdb_block_array *blocks);

/** Something outside the blocks that may refer to them: a range of memory, or one value. */
struct mdb_root {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_ROOT_KIND_*`. */
  uint32_t kind;
  /** The thread (1..N) whose it is, or 0. */
  uint32_t thread;
  /** 0. */
  uint32_t flags;
  /** First address; 0 where it is no memory. */
  uint64_t start;
  /** The address behind the last; equal to `start` where it is no memory. */
  uint64_t end;
  /** The value, where it is no memory. */
  uint64_t value;
  /** What it is called: `rax`, `libc.so.6 .data`. */
  mdb_str name;
};

/** Receives a root. */
typedef mdb_status (*mdb_root_callback)(void *arg, const mdb_root *root);

/**
 * The group `providers`: asks whoever provides something. Only from the thread that runs the dcmd.
 */
struct mdb_providers_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** All registered providers of a kind (0: of all kinds), in the order in which they are asked. */
  mdb_status (*list)(mdb_cx *cx, uint32_t kind, mdb_provider_callback callback, void *arg);
  /** What the addresses are. `flags`: `MDB_WHATIS_*`. A provider that fails is a warning. */
  mdb_status (*whatis)(mdb_cx *cx,
                       const mdb_u64_array *addresses,
                       uint32_t flags,
                       mdb_explanation_callback callback,
                       void *arg);
  /** All blocks of all allocators. `MDB_NOT_FOUND`: nobody provides any. */
  mdb_status (*blocks)(mdb_cx *cx, mdb_blocks_callback callback, void *arg);
  /**
   * All roots: the host's own (registers, stacks, local storage, writable data), then those of
   * the providers.
   */
  mdb_status (*roots)(mdb_cx *cx, mdb_root_callback callback, void *arg);
  /** The type of the object at an address. */
  mdb_status (*object_type)(mdb_cx *cx,
                            uint64_t address,
                            mdb_type_callback callback,
                            void *arg);
  /** The text of the value of a type at an address. `MDB_NOT_FOUND`: nobody can print it. */
  mdb_status (*print)(mdb_cx *cx,
                      mdb_str type_name,
                      uint64_t address,
                      mdb_text_callback callback,
                      void *arg);
};

/** An array of the sender, borrowed. */
struct mdb_u32_array {
  /** The first element; may be null where `count` is 0. */
  const uint32_t *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A reference from a root. */
struct mdb_root_edge {
  /** The number of the root, in the order in which `providers.roots` gives them. */
  uint32_t root;
  /** The node that it refers to. */
  uint32_t node;
  /** Where the reference lies; for a register 0. */
  uint64_t at;
};

/** An array of the sender, borrowed. */
struct mdb_root_edge_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_root_edge *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/**
 * The graph of all allocated blocks: nodes are numbered by address. The edges of node `n` are
 * `edges[first_edge[n]..first_edge[n + 1]]`; likewise its referrers. An edge is a word (aligned to
 * the size of a pointer) in a block whose value is an address inside of another block, also one
 * that is not the block's first byte. Lent until the dcmd returns; may be read by many threads.
 */
struct mdb_graph {
  /** Size of this struct, set by the caller. */
  uint32_t size;
  /** 0. */
  uint32_t flags;
  /** The blocks, by address. They do not overlap. */
  mdb_block_array nodes;
  /** One more than there are nodes. */
  mdb_u32_array first_edge;
  /** Numbers of nodes, for each node ascending and each once. */
  mdb_u32_array edges;
  /** One more than there are nodes. */
  mdb_u32_array first_referrer;
  /** Numbers of nodes, for each node ascending and each once. */
  mdb_u32_array referrers;
  /** References from roots, by root. */
  mdb_root_edge_array roots;
  /** Bytes of blocks that could not be read. */
  uint64_t unreadable;
  /** Blocks that were left out because they overlap others. */
  uint64_t overlapping;
};

/** The memory graph. Only from the thread that runs the dcmd. */
struct mdb_graph_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * The graph; it is made when it is asked for first, with the host's threads, and kept. `flags`
   * is 0. `MDB_NOT_FOUND`: nobody provides blocks.
   */
  mdb_status (*get)(mdb_cx *cx, uint32_t flags, mdb_graph *graph);
  /** The node that covers an address; `MDB_NOT_FOUND` if none does. */
  mdb_status (*node_at)(mdb_cx *cx, uint64_t address, uint32_t *node);
};

/**
 * Runs with another target: all that is asked through this context is asked of that target.
 * Output goes to where the caller's own goes.
 */
typedef mdb_status (*mdb_target_callback)(void *arg, const mdb_host *host, mdb_cx *cx);

/** Further targets. Only from the thread that runs the dcmd. */
struct mdb_targets_group {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Opens a core, or an executable, and gives it a number from 1. The same path has the same
   * number. It stays open until it is closed or the session ends.
   */
  mdb_status (*open)(mdb_cx *cx, mdb_str path, uint32_t *target);
  /** Calls the callback with a context of that target; 0 is the session's own. */
  mdb_status (*with)(mdb_cx *cx, uint32_t target, mdb_target_callback callback, void *arg);
  /** Closes a target. While a call works with it that is an error. */
  mdb_status (*close)(mdb_cx *cx, uint32_t target);
};

/**
 * The host's tables. A new group is appended here, a new function to its group; either raises the
 * minor version. A group may be null.
 */
struct mdb_host {
  /** Size of this struct. */
  uint32_t size;
  /** The host's `MDB_ABI_MAJOR`. */
  uint16_t abi_major;
  /** The host's `MDB_ABI_MINOR`. */
  uint16_t abi_minor;
  /** Memory of the target. From any thread. */
  const mdb_memory_group *memory;
  /** Modules and symbols of the target. */
  const mdb_symbols_group *symbols;
  /** Types. */
  const mdb_types_group *types;
  /** Threads of the target. */
  const mdb_threads_group *threads;
  /** Rows, text, warnings. */
  const mdb_output_group *output;
  /** Items. */
  const mdb_pipe_group *pipe;
  /** Other commands, walkers and expressions. */
  const mdb_run_group *run;
  /** What is kept from call to call. */
  const mdb_session_group *session;
  /** The host's threads. */
  const mdb_work_group *work;
  /** What the target is. */
  const mdb_target_group *target;
  /** What dmods provide for each other. */
  const mdb_providers_group *providers;
  /** Which block refers to which. */
  const mdb_graph_group *graph;
  /** Further targets. */
  const mdb_targets_group *targets;
};

/** Runs a command. */
typedef mdb_status (*mdb_dcmd_run)(const mdb_host *host,
                                   mdb_cx *cx,
                                   const mdb_call *call);

/** A word that is being typed. */
struct mdb_partial {
  /** Size of this struct. */
  uint32_t size;
  /** The index of the option that it belongs to, or `UINT32_MAX`. */
  uint32_t option;
  /** The index of the positional argument that it is, or `UINT32_MAX`. */
  uint32_t argument;
  /** 0. */
  uint32_t reserved;
  /** The word up to the cursor. */
  mdb_str word;
};

/** Offers completions for a word. */
typedef mdb_status (*mdb_dcmd_complete)(const mdb_host *host,
                                        mdb_cx *cx,
                                        const mdb_partial *partial,
                                        mdb_text_callback offer,
                                        void *arg);

/** An array of the sender, borrowed. */
struct mdb_option_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_option *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** An array of the sender, borrowed. */
struct mdb_argument_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_argument *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** An array of the sender, borrowed. */
struct mdb_column_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_column *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** An array of the sender, borrowed. */
struct mdb_example_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_example *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A command. */
struct mdb_dcmd {
  /** Its name, without `::`. */
  mdb_str name;
  /** One line, lower case, without a full stop. */
  mdb_str summary;
  /** Markdown. */
  mdb_str help;
  /** The name of the type of the items it takes; empty: addresses of anything. */
  mdb_str input_type;
  /** The name of the type of the items it emits; empty: addresses of anything. */
  mdb_str output_type;
  /** `MDB_DCMD_*`. */
  uint32_t flags;
  /** 0. */
  uint32_t reserved;
  /** Its options. */
  mdb_option_array options;
  /** Its positional arguments. */
  mdb_argument_array arguments;
  /** The columns of its rows. */
  mdb_column_array columns;
  /** Examples. */
  mdb_example_array examples;
  /** The command itself. */
  mdb_dcmd_run run;
  /** May be null. */
  mdb_dcmd_complete complete;
};

/** An array of the sender, borrowed. */
struct mdb_dcmd_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_dcmd *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** Begins a walk and answers with a state of the walker's own. */
typedef mdb_status (*mdb_walk_init)(const mdb_host *host,
                                    mdb_cx *cx,
                                    const mdb_walk_call *call,
                                    void **state);

/** The next item, or `MDB_CLOSED` at the end. */
typedef mdb_status (*mdb_walk_step)(const mdb_host *host,
                                    mdb_cx *cx,
                                    void *state,
                                    mdb_item *item);

/** Ends a walk. Called exactly once for each successful `mdb_walk_init`. */
typedef void (*mdb_walk_fini)(const mdb_host *host, mdb_cx *cx, void *state);

/**
 * A whole walk: calls `each` for every item and stops with the status that it answers, if that is
 * not `MDB_OK`.
 */
typedef mdb_status (*mdb_walk_each)(const mdb_host *host,
                                    mdb_cx *cx,
                                    const mdb_walk_call *call,
                                    mdb_item_callback each,
                                    void *arg);

/** A walker: either `init`, `step` and `fini`, or `each`. */
struct mdb_walker {
  /** Its name. */
  mdb_str name;
  /** One line. */
  mdb_str summary;
  /** Markdown. */
  mdb_str help;
  /** The name of the type that it starts at; empty: an address of anything. */
  mdb_str input_type;
  /** The name of the type of its items; empty: addresses of anything. */
  mdb_str output_type;
  /** The walker whose items it starts at when it is given no start, or empty. */
  mdb_str layered_on;
  /** `MDB_WALKER_*`. */
  uint32_t flags;
  /** 0. */
  uint32_t reserved;
  /** See `mdb_walk_init`. */
  mdb_walk_init init;
  /** See `mdb_walk_step`. */
  mdb_walk_step step;
  /** See `mdb_walk_fini`; may be null. */
  mdb_walk_fini fini;
  /** See `mdb_walk_each`; used where `step` is null. */
  mdb_walk_each each;
};

/** An array of the sender, borrowed. */
struct mdb_walker_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_walker *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/** A provider. */
struct mdb_provider {
  /** `MDB_PROVIDER_KIND_*`. */
  uint32_t kind;
  /** `MDB_PROVIDER_*`; none are defined yet. */
  uint32_t flags;
  /** The higher, the earlier it is asked. */
  int32_t priority;
  /** 0. */
  uint32_t reserved;
  /** Its name. */
  mdb_str name;
  /** One line. */
  mdb_str about;
  /** The table of its kind, which begins with its own size (`u32`). */
  const void *table;
};

/** An array of the sender, borrowed. */
struct mdb_provider_array {
  /** The first element; may be null where `count` is 0. */
  const mdb_provider *items;
  /** How many elements. */
  uint32_t count;
  /** The size of one element **as the sender knows it**; the step from one to the next. */
  uint32_t stride;
};

/**
 * A dmod's description. It, and all that it points to, must be static data of the dmod: the host
 * checks that, and reads all of it once.
 */
struct mdb_modinfo {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_MOD_*`. */
  uint32_t flags;
  /** The major version it was built for. */
  uint16_t abi_major;
  /** The minor version it was built for. */
  uint16_t abi_minor;
  /** The oldest minor version of a host that it can work with. */
  uint16_t min_minor;
  /** 0. */
  uint16_t reserved;
  /** Its name, as in the note. */
  mdb_str name;
  /** Its version. */
  mdb_str version;
  /** The compiler, for `::dmods -v`. */
  mdb_str built_with;
  /** One line about it. */
  mdb_str about;
  /** Its commands. */
  mdb_dcmd_array dcmds;
  /** Its walkers. */
  mdb_walker_array walkers;
  /** Its providers. */
  mdb_provider_array providers;
  /** A target is open. Where this fails, the dmod is listed as loaded but not usable. */
  mdb_status (*attach)(const mdb_host *host, mdb_cx *cx);
  /** The target goes away, or the dmod does. */
  mdb_status (*detach)(const mdb_host *host, mdb_cx *cx);
};

/**
 * The one function that a dmod exports, `mdb_dmod_NAME`. It gets the host's major version and
 * answers with static data, or null if it cannot work with that version.
 */
typedef const mdb_modinfo *(*mdb_entry)(uint16_t host_major);

/** The registers of the caller that a `mdb_frame_provider` found. */
struct mdb_caller_frame {
  /** Size of this struct, set by the host. */
  uint32_t size;
  /** 0. */
  uint32_t flags;
  /** The return address; 0: the frame that was asked for is the outermost. */
  uint64_t pc;
  /** The caller's stack pointer. */
  uint64_t sp;
  /** The caller's frame pointer register; used where `has_fp` is not 0. */
  uint64_t fp;
  /** Whether `fp` is known. */
  uint32_t has_fp;
  /** Further registers that are known, by DWARF number: how many of `registers` are used. */
  uint32_t count;
  /** Their DWARF numbers. */
  uint32_t registers[8];
  /** Their values. */
  uint64_t values[8];
};

/** What a `mdb_frame_provider` says of a frame. All texts may be empty. */
struct mdb_frame_description {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_FRAME_DESCRIPTION_*`. */
  uint32_t flags;
  /** The line, or 0. */
  uint32_t line;
  /** The column, or 0. */
  uint32_t column;
  /** Where the function's code begins, or 0: frames of one function have the same. */
  uint64_t function_start;
  /** The object that stands for the function (a `JSFunction`), or 0. */
  uint64_t object;
  /** The function's name. */
  mdb_str function;
  /** What its module is called. */
  mdb_str module;
  /** The source file. */
  mdb_str file;
  /** The arguments, ready to be shown between parentheses. */
  mdb_str arguments;
  /** The name of the type of `object`. */
  mdb_str object_type;
};

/** Receives what a frame is. */
typedef mdb_status (*mdb_frame_description_callback)(void *arg,
                                                     const mdb_frame_description *frame);

/** A frame as a `mdb_frame_provider` gets it. */
struct mdb_frame_view {
  /** Size of this struct. */
  uint32_t size;
  /** `MDB_FRAME_VIEW_*`. */
  uint32_t flags;
  /** 0 for the innermost. */
  uint32_t level;
  /** Whether `fp` is known. */
  uint32_t has_fp;
  /** The program counter. */
  uint64_t pc;
  /** The stack pointer. */
  uint64_t sp;
  /** The frame pointer register (`rbp`, `x29`). */
  uint64_t fp;
  /** All registers whose value in this frame is known. */
  mdb_register_value_array registers;
};

/**
 * The table of a provider of frames. It reads memory **only through the context it is given**: a
 * copy of a stack may stand behind it.
 */
struct mdb_frame_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Finds the caller of a frame that no unwind table describes. `MDB_NOT_FOUND`: the frame
   * is none of its own.
   */
  mdb_status (*caller)(const mdb_host *host,
                       mdb_cx *cx,
                       const mdb_frame_view *frame,
                       mdb_caller_frame *caller);
  /**
   * Says what a frame is. `MDB_NOT_FOUND`: none of its own.
   *
   * Where the compiler put functions into others, the frame has several. The callback is called
   * for each: for the inlined ones first, flagged `MDB_FRAME_DESCRIPTION_INLINED`, the innermost
   * of them before the others, and at last for the function that has the frame.
   */
  mdb_status (*describe)(const mdb_host *host,
                         mdb_cx *cx,
                         const mdb_frame_view *frame,
                         mdb_frame_description_callback callback,
                         void *arg);
};

/** The table of a provider of symbols. */
struct mdb_symbol_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * The symbol that covers an address; `MDB_NOT_FOUND` if there is none. Only `address`,
   * `size`, `name` and `module` of it are used.
   */
  mdb_status (*at)(const mdb_host *host,
                   mdb_cx *cx,
                   uint64_t address,
                   mdb_symbol_callback callback,
                   void *arg);
  /** The symbol of this name; may be null. */
  mdb_status (*by_name)(const mdb_host *host,
                        mdb_cx *cx,
                        mdb_str name,
                        mdb_symbol_callback callback,
                        void *arg);
};

/** The table of a provider of explanations. */
struct mdb_whatis_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Explains those of the addresses that are its own: all at once, so that one pass does for all.
   */
  mdb_status (*explain)(const mdb_host *host,
                        mdb_cx *cx,
                        const mdb_u64_array *addresses,
                        uint32_t flags,
                        mdb_explanation_callback callback,
                        void *arg);
};

/** The table of a provider of blocks. */
struct mdb_blocks_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** Gives all blocks, in any order, a few thousand at a time. */
  mdb_status (*each)(const mdb_host *host,
                     mdb_cx *cx,
                     mdb_blocks_callback callback,
                     void *arg);
};

/** The table of a provider of roots. */
struct mdb_roots_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** Gives all roots that it knows besides the host's own. */
  mdb_status (*each)(const mdb_host *host,
                     mdb_cx *cx,
                     mdb_root_callback callback,
                     void *arg);
};

/** The table of a provider of types. */
struct mdb_types_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /** The type of this name; `MDB_NOT_FOUND` if it has none. */
  mdb_status (*by_name)(const mdb_host *host,
                        mdb_cx *cx,
                        mdb_str name,
                        mdb_type_callback callback,
                        void *arg);
  /** The members of the type of this name, in order. */
  mdb_status (*members)(const mdb_host *host,
                        mdb_cx *cx,
                        mdb_str name,
                        mdb_member_callback callback,
                        void *arg);
  /** The type of the object at an address; may be null. */
  mdb_status (*of_object)(const mdb_host *host,
                          mdb_cx *cx,
                          uint64_t address,
                          mdb_type_callback callback,
                          void *arg);
};

/** The table of a provider of printers. */
struct mdb_printer_provider {
  /** Size of this struct. */
  uint32_t size;
  /** 0. */
  uint32_t reserved;
  /**
   * Prints the value of a type at an address: the text goes to the callback in pieces.
   * `MDB_NOT_FOUND`: a type of somebody else.
   */
  mdb_status (*print)(const mdb_host *host,
                      mdb_cx *cx,
                      mdb_str type_name,
                      uint64_t address,
                      mdb_text_callback callback,
                      void *arg);
};

#endif  /* MDB_DMOD_H */

#include "mdb_dmod_author.h"
