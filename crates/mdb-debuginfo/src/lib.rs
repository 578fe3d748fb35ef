//! The modules of a target and what their files say: symbols, lines, unwind sections.
