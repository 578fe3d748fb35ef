//! Deoptimisation translations: how the frame of optimised code is made of the frames of the functions
//! that were inlined into it, and where their values are
//! (`src/deoptimizer/translation-array.cc` up to 11.3, `frame-translation-builder.cc` from 12.4,
//! `translated-state.cc`).
//!
//! A translation is a list of instructions: BEGIN, then for each frame, outermost first, a frame
//! instruction and the values of the frame in order. [`opcodes`] has the instructions of each version,
//! [`reader`] their encodings, [`frames`] what they mean, [`values`] the values.
//!
//! V8 can be told to compress all translations with zlib (`--turbo-compress-translation-arrays`, from
//! 12.4 on `--turbo-compress-frame-translations`; `src/flags/flag-definitions.h`: false by default in all
//! five versions, read-only false in builds without zlib). Such bytes do not begin with a BEGIN and are
//! refused as malformed.

pub(crate) mod frames;
pub(crate) mod opcodes;
pub(crate) mod reader;
pub(crate) mod values;
