//! Lines of a file or a pipe, as many at once as have come.

use std::io::{self, BufRead, BufReader, Read};

/// A line longer than this, in bytes, is no message: it is told and skipped.
pub const MAX_LINE_BYTES: u64 = 1 << 20;
/// What is read ahead, in bytes.
const BUFFER_BYTES: usize = 1 << 20;
/// The most lines at once.
const MOST: usize = 8_192;

/// One line as it came.
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes, the line end included; the first of them when it is too long.
    pub bytes: Vec<u8>,
    /// It is not longer than [`MAX_LINE_BYTES`].
    pub is_whole: bool,
}

/// Reads lines in bounded memory.
pub struct Lines<R> {
    input: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(BUFFER_BYTES, input), number: 0 }
    }

    /// Waits for one line and takes those that have come with it; none at the end.
    pub fn next_batch(&mut self) -> io::Result<Vec<Line>> {
        let mut batch = Vec::new();
        while batch.len() < MOST && (batch.is_empty() || self.input.buffer().contains(&b'\n')) {
            match self.next()? {
                Some(line) => batch.push(line),
                None => break,
            }
        }
        Ok(batch)
    }

    /// Waits for one line; none at the end.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        if self.input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let is_whole = bytes.last() == Some(&b'\n') || (bytes.len() as u64) < MAX_LINE_BYTES;
        if !is_whole {
            self.skip_line()?;
        }
        self.number += 1;
        Ok(Some(Line { number: self.number, bytes, is_whole }))
    }

    /// Reads on to the end of a line that is too long.
    fn skip_line(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        while self.input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut rest)? > 0
            && rest.last() != Some(&b'\n')
        {
            rest.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_comes_once_and_in_order_and_a_long_one_is_cut() {
        let long = "长".repeat(1 << 19);
        let text = format!("一\n二\n{long}\n四");
        let mut lines = Lines::new(text.as_bytes());
        let mut seen = Vec::new();
        loop {
            let batch = lines.next_batch().unwrap();
            if batch.is_empty() {
                break;
            }
            seen.extend(batch.into_iter().map(|line| (line.number, line.is_whole)));
        }
        assert_eq!(seen, [(1, true), (2, true), (3, false), (4, true)]);
    }
}
