//! What real processes of the five versions had in memory, and what V8 printed of it.
