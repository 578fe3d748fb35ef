//! The general registers of a thread or of a frame.

use crate::Arch;

/// A register by its DWARF number (psABI of the architecture). Numbers from
/// [`RegisterId::PRIVATE`] on are ours: registers that DWARF has no number for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegisterId(pub u16);

impl RegisterId {
    /// The first number that DWARF does not use and that a [`RegisterSet`] can hold.
    pub const PRIVATE: u16 = 68;
}

/// A name that users write, and the bits of the register that it means.
#[derive(Clone, Copy, Debug)]
pub struct RegisterName {
    /// The name, without `%`.
    pub name: &'static str,
    /// The register it is, or is a part of.
    pub id: RegisterId,
    /// How far right the part is to be shifted, in bits.
    pub shift: u8,
    /// How wide the part is, in bits.
    pub bits: u8,
}

impl RegisterName {
    /// Whether the name means the whole register.
    pub fn is_whole(&self) -> bool {
        self.shift == 0 && self.bits == 64
    }
}

const SLOTS: usize = 72;

/// The values of the registers that are known, by DWARF number.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterSet {
    arch: Arch,
    known: u128,
    values: [u64; SLOTS],
}

impl RegisterSet {
    /// A set in which nothing is known.
    pub fn new(arch: Arch) -> Self {
        Self { arch, known: 0, values: [0; SLOTS] }
    }

    /// The architecture.
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// The value of a register, if it is known.
    #[inline]
    pub fn get(&self, id: RegisterId) -> Option<u64> {
        let slot = usize::from(id.0);
        let value = self.values.get(slot)?;
        (self.known >> slot & 1 == 1).then_some(*value)
    }

    /// Makes a register known. A number that no set can hold is ignored.
    #[inline]
    pub fn set(&mut self, id: RegisterId, value: u64) {
        if let Some(slot) = self.values.get_mut(usize::from(id.0)) {
            *slot = value;
            self.known |= 1 << id.0;
        }
    }

    /// Makes a register unknown.
    #[inline]
    pub fn forget(&mut self, id: RegisterId) {
        if usize::from(id.0) < SLOTS {
            self.known &= !(1 << id.0);
        }
    }

    /// The part of a register that a name means, if the register is known.
    pub fn by_name(&self, name: &RegisterName) -> Option<u64> {
        let value = self.get(name.id)?.checked_shr(u32::from(name.shift)).unwrap_or(0);
        Some(if name.bits >= 64 { value } else { value & ((1 << name.bits) - 1) })
    }

    /// The program counter.
    #[inline]
    pub fn pc(&self) -> Option<u64> {
        self.get(self.arch.pc())
    }

    /// The stack pointer.
    #[inline]
    pub fn sp(&self) -> Option<u64> {
        self.get(self.arch.sp())
    }

    /// The frame pointer.
    #[inline]
    pub fn fp(&self) -> Option<u64> {
        self.get(self.arch.fp())
    }

    /// The known registers with their values.
    pub fn iter(&self) -> impl Iterator<Item = (RegisterId, u64)> + '_ {
        Known { set: self, left: self.known }
    }
}

/// The known registers of a set. Few of the slots are used, and frames are many.
struct Known<'a> {
    set: &'a RegisterSet,
    /// Those that are still to come.
    left: u128,
}

impl Iterator for Known<'_> {
    type Item = (RegisterId, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let slot = self.left.trailing_zeros();
        let value = self.set.values.get(slot as usize)?;
        // Without the lowest bit.
        self.left &= self.left.wrapping_sub(1);
        Some((RegisterId(slot as u16), *value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.left.count_ones() as usize;
        (left, Some(left))
    }
}

impl std::fmt::Debug for RegisterSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter().map(|(id, v)| (id.0, format!("{v:#x}")))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_registers_in_order() {
        let mut set = RegisterSet::new(Arch::X86_64);
        assert_eq!(set.iter().count(), 0);
        for number in [71, 0, 16, 72, u16::MAX] {
            set.set(RegisterId(number), u64::from(number) + 1);
        }
        set.forget(RegisterId(16));
        let all = set.iter();
        assert_eq!(all.size_hint(), (2, Some(2)));
        assert_eq!(all.collect::<Vec<_>>(), [(RegisterId(0), 1), (RegisterId(71), 72)]);
    }
}
