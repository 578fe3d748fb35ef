//! What an iterator of a walker may give.

use crate::{Address, Item, Result};

/// What becomes an item of a walk: an [`Item`], an address, or a `Result` of one.
pub trait IntoItem {
    /// The item.
    ///
    /// # Errors
    /// The walk ends here, with this error.
    fn into_item(self) -> Result<Item>;
}

impl IntoItem for Item {
    fn into_item(self) -> Result<Item> {
        Ok(self)
    }
}

impl IntoItem for u64 {
    fn into_item(self) -> Result<Item> {
        Ok(Item::address(self))
    }
}

impl IntoItem for Address {
    fn into_item(self) -> Result<Item> {
        Ok(Item::address(self.0))
    }
}

impl<T: IntoItem> IntoItem for Result<T> {
    fn into_item(self) -> Result<Item> {
        self?.into_item()
    }
}
