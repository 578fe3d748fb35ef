//! What a signal handler can say: no allocation, no lock, write(2) alone (signal-safety(7)).

/// Text without the heap. What does not fit is left out.
pub(crate) struct Words {
    bytes: [u8; 1024],
    length: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }
}

impl Words {
    pub(crate) fn add(&mut self, text: &[u8]) {
        for byte in text {
            if let Some(slot) = self.bytes.get_mut(self.length) {
                // Paths are anybody's; a terminal gets only text.
                *slot = if byte.is_ascii_control() && *byte != b'\n' { b'?' } else { *byte };
                self.length += 1;
            }
        }
    }

    pub(crate) fn add_hex(&mut self, value: usize) {
        self.add(b"0x");
        let digits = (usize::BITS - value.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            let nibble = (value >> (digit * 4)) & 0xf;
            self.add(b"0123456789abcdef".get(nibble..=nibble).unwrap_or_default());
        }
    }

    pub(crate) fn write(&self) {
        let text = self.bytes.get(..self.length).unwrap_or_default();
        if !text.is_empty() {
            // SAFETY: the pointer and the length are of one slice. If it fails, nothing can be
            // done.
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_without_the_heap() {
        let mut words = Words::default();
        words.add(b"a\x1b[2Jb ");
        words.add_hex(0);
        words.add_hex(0x12_3456_789a);
        words.add_hex(usize::MAX);
        assert_eq!(&words.bytes[..words.length], b"a?[2Jb 0x00x123456789a0xffffffffffffffff");
        words.add(&[b'x'; 2000]);
        assert_eq!(words.length, 1024);
    }
}
