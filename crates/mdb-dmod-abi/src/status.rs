//! What a call came to.

use crate::Plain;

/// The outcome of a call across the border. An integer, because the other side may send one that
/// we do not know: that counts as [`Status::ERROR`].
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Status(pub u32);

// SAFETY: an integer.
unsafe impl Plain for Status {}

impl Status {
    /// Done.
    pub const OK: Self = Self(0);
    /// Failed; the sentence was given with `output.fail`, or is asked of `session.last_error`.
    pub const ERROR: Self = Self(1);
    /// The command was used wrongly: the host shows its usage.
    pub const USAGE: Self = Self(2);
    /// Memory of the target could not be read.
    pub const FAULT: Self = Self(3);
    /// The user pressed ^C: return at once, with this status.
    pub const CANCELLED: Self = Self(4);
    /// The receiver wants no more (`::head`), or a walker has no more. No failure: return it, or
    /// [`Status::OK`].
    pub const CLOSED: Self = Self(5);
    /// This target, or this host, cannot do that.
    pub const UNSUPPORTED: Self = Self(6);
    /// There is no such thing.
    pub const NOT_FOUND: Self = Self(7);
    /// The host has a defect and caught it.
    pub const HOST_BUG: Self = Self(8);
    /// The dmod has a defect and caught it.
    pub const PANIC: Self = Self(9);
    /// An argument makes no sense: a null pointer, a column that does not exist.
    pub const BAD_ARGUMENT: Self = Self(10);

    /// Whether this is [`Status::OK`].
    pub const fn is_ok(self) -> bool {
        self.0 == 0
    }
}
