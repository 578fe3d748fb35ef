//! Tagged values: small integers, and references to objects of the heap.

/// A tagged word. Without pointer compression: bit 0 clear is a small integer in the upper half; bits
/// `01` are a strong reference, `11` a weak one (`include/v8-internal.h`, all of V8 10.2 to 14.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Value(pub(crate) u64);

impl Value {
    /// The reference to the object at an untagged address.
    pub(crate) fn object(address: u64) -> Self {
        Self(address | 1)
    }

    /// The small integer that a number is; `None`: V8 makes it none.
    pub(crate) fn of_smi(number: f64) -> Option<Self> {
        let integer = number as i32;
        // Not −0, which is no integer for JavaScript.
        let is_smi = f64::from(integer).to_bits() == number.to_bits();
        is_smi.then(|| Self(u64::from(integer.cast_unsigned()) << 32))
    }

    /// Whether it is a small integer.
    pub(crate) fn is_smi(self) -> bool {
        self.0 & 1 == 0
    }

    /// The small integer, where the lower half is zero as V8 writes it; other words with bit 0 clear
    /// are raw data.
    pub(crate) fn exact_smi(self) -> Option<i32> {
        (self.0 & 0xffff_ffff == 0).then_some((self.0 >> 32) as u32 as i32)
    }

    /// The untagged address of the object that it refers to, weakly or strongly.
    pub(crate) fn address(self) -> Option<u64> {
        match self.0 & 3 {
            1 => Some(self.0 & !3),
            // The lower half of a cleared weak reference is 3.
            3 if self.0 & 0xffff_ffff != 3 => Some(self.0 & !3),
            _ => None,
        }
    }

    /// Whether it is a weak reference, cleared or not.
    pub(crate) fn is_weak(self) -> bool {
        self.0 & 3 == 3
    }

    /// The same reference, strong.
    pub(crate) fn strong(self) -> Self {
        if self.is_weak() { Self(self.0 & !2) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart() {
        assert_eq!(Value(0xffff_ffff_0000_0000).exact_smi(), Some(-1));
        assert_eq!(Value::of_smi(-1.0), Some(Value(0xffff_ffff_0000_0000)));
        assert_eq!(
            (Value::of_smi(-0.0), Value::of_smi(0.5), Value::of_smi(1e10)),
            (None, None, None)
        );
        assert_eq!(Value(0x1001).address(), Some(0x1000));
        assert_eq!(Value(0x1003).address(), Some(0x1000));
        assert_eq!(Value(0x1003).strong(), Value(0x1001));
        assert_eq!(Value(0x7fff_0000_0000 | 3).address(), None);
        assert_eq!(Value(0x1000).exact_smi(), None);
        assert_eq!(Value::object(0x1000).exact_smi(), None);
    }
}
