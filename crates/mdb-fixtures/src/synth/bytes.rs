//! Pushes integers in a byte order and a word size.

/// Word size (elf(5) `EI_CLASS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// ELFCLASS32
    Bits32,
    /// ELFCLASS64
    Bits64,
}

/// Byte order (elf(5) `EI_DATA`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// ELFDATA2LSB
    Little,
    /// ELFDATA2MSB
    Big,
}

/// What every layout depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Word size.
    pub class: Class,
    /// Byte order.
    pub order: Order,
    /// `e_machine`; the ones that layouts are known for are in [`super::machine`].
    pub machine: u16,
}

impl Format {
    /// x86-64, little-endian, 64 bits.
    pub const X86_64: Self = Self { class: Class::Bits64, order: Order::Little, machine: 62 };
    /// AArch64, little-endian, 64 bits.
    pub const AARCH64: Self = Self { class: Class::Bits64, order: Order::Little, machine: 183 };
    /// i386, little-endian, 32 bits.
    pub const I386: Self = Self { class: Class::Bits32, order: Order::Little, machine: 3 };
    /// s390x, big-endian, 64 bits.
    pub const S390X: Self = Self { class: Class::Bits64, order: Order::Big, machine: 22 };
    /// RISC-V, little-endian, 64 bits.
    pub const RISCV64: Self = Self { class: Class::Bits64, order: Order::Little, machine: 243 };
}

/// The fields of an ELF header that differ from core to core.
pub(super) struct ElfHeader {
    pub(super) file_type: u16,
    pub(super) program_headers_at: u64,
    pub(super) program_header_size: u16,
    pub(super) program_headers: u16,
    pub(super) section_headers_at: u64,
    pub(super) section_header_size: u16,
    pub(super) section_headers: u16,
}

/// Bytes that grow.
pub(super) struct Writer {
    format: Format,
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(format: Format) -> Self {
        Self { format, bytes: Vec::new() }
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Zeros up to an offset.
    pub(super) fn pad_to(&mut self, offset: u64) -> &mut Self {
        self.bytes.resize(self.bytes.len().max(offset as usize), 0);
        self
    }

    /// Zeros up to a multiple of 4.
    pub(super) fn align4(&mut self) -> &mut Self {
        self.pad_to(self.bytes.len().next_multiple_of(4) as u64)
    }

    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        match self.format.order {
            Order::Little => self.bytes(&value.to_le_bytes()),
            Order::Big => self.bytes(&value.to_be_bytes()),
        }
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        match self.format.order {
            Order::Little => self.bytes(&value.to_le_bytes()),
            Order::Big => self.bytes(&value.to_be_bytes()),
        }
    }

    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        match self.format.order {
            Order::Little => self.bytes(&value.to_le_bytes()),
            Order::Big => self.bytes(&value.to_be_bytes()),
        }
    }

    /// 4 or 8 bytes, by class.
    pub(super) fn word(&mut self, value: u64) -> &mut Self {
        match self.format.class {
            Class::Bits32 => self.u32(value as u32),
            Class::Bits64 => self.u64(value),
        }
    }

    /// Text in a field of fixed size, cut so that a NUL remains.
    pub(super) fn text(&mut self, text: &str, size: usize) -> &mut Self {
        let end = self.bytes.len() + size;
        self.bytes.extend(text.bytes().take(size.saturating_sub(1)));
        self.pad_to(end as u64)
    }

    /// `Elf32_Ehdr` or `Elf64_Ehdr` (elf(5)).
    pub(super) fn elf_header(&mut self, header: &ElfHeader) -> &mut Self {
        let class = if self.format.class == Class::Bits32 { 1 } else { 2 };
        let order = if self.format.order == Order::Little { 1 } else { 2 };
        let header_size = if self.format.class == Class::Bits32 { 52 } else { 64 };
        self.bytes(b"\x7fELF").u8(class).u8(order).u8(1).pad_to(16);
        let machine = self.format.machine;
        self.u16(header.file_type).u16(machine).u32(1);
        self.word(0).word(header.program_headers_at).word(header.section_headers_at);
        self.u32(0).u16(header_size);
        self.u16(header.program_header_size).u16(header.program_headers);
        self.u16(header.section_header_size).u16(header.section_headers).u16(0)
    }

    /// `Elf32_Phdr` or `Elf64_Phdr` (elf(5)): `p_flags` stands elsewhere in each.
    #[allow(clippy::too_many_arguments, reason = "the fields of the structure, in its order")]
    pub(super) fn program_header(
        &mut self,
        kind: u32,
        flags: u32,
        offset: u64,
        address: u64,
        file_size: u64,
        memory_size: u64,
        alignment: u64,
    ) -> &mut Self {
        self.u32(kind);
        if self.format.class == Class::Bits64 {
            self.u32(flags);
        }
        self.word(offset).word(address).word(0).word(file_size).word(memory_size);
        if self.format.class == Class::Bits32 {
            self.u32(flags);
        }
        self.word(alignment)
    }
}
