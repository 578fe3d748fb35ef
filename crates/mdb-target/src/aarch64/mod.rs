//! Facts of 64-bit Arm.
pub mod fpregs;
pub mod registers;
