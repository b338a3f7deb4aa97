//! Little-endian numbers and length-prefixed strings: the alphabet of every file in this room.

/// Appends fields to a buffer.
pub(super) trait Put {
    fn put_u32(&mut self, value: u32);
    fn put_u64(&mut self, value: u64);
    fn put_str(&mut self, text: &str);
    fn put_opt(&mut self, text: Option<&str>);
}

impl Put for Vec<u8> {
    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_str(&mut self, text: &str) {
        self.put_u32(len32(text.len()));
        self.extend_from_slice(text.as_bytes());
    }

    fn put_opt(&mut self, text: Option<&str>) {
        self.push(u8::from(text.is_some()));
        text.into_iter().for_each(|text| self.put_str(text));
    }
}

/// A length as it is written. What exceeds `u32` is refused by the size limits before it is written.
pub(super) fn len32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A `u32` length or count as an index.
pub(super) fn index(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// Reads fields from a slice; `None` once it is too short or a field is not as it would be written.
pub(super) struct Take<'a>(pub &'a [u8]);

impl<'a> Take<'a> {
    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn str(&mut self) -> Option<&'a str> {
        let len = self.u32()?;
        std::str::from_utf8(self.bytes(index(len))?).ok()
    }

    /// A presence byte, which is 0 or 1 and nothing else.
    pub fn present(&mut self) -> Option<bool> {
        match self.array()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    pub fn opt(&mut self) -> Option<Option<&'a str>> {
        match self.present()? {
            true => self.str().map(Some),
            false => Some(None),
        }
    }

    /// Nothing is left over.
    pub fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
