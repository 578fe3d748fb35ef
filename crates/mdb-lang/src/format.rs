//! Format characters: the table, one value as text, and the columns of a line.

mod layout;
mod render;
mod table;
mod time;

pub use layout::{LEFT_MARGIN, Layout};
pub use render::{RenderOptions, escape_bytes, in_radix, render, swap_bytes, truncate};
pub use table::{FORMATS, FormatChar, FormatRole, FormatSize, default_items, lookup};
pub use time::local_time;
