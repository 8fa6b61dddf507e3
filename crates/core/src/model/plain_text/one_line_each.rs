//! Logs in which untrusted text cannot break a line.

use std::io::{Result, Write};

use super::one_line;

/// A writer that takes one line at a time, whole and with its line break, and replaces every other
/// character that could break the line, hide text or move a terminal's cursor. Bytes that are not
/// UTF-8 become U+FFFD.
#[derive(Debug)]
pub struct OneLineEach<W>(pub W);

impl<W: Write> Write for OneLineEach<W> {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        let text = String::from_utf8_lossy(line);
        let plain = match text.strip_suffix('\n') {
            Some(text) => one_line(text) + "\n",
            None => one_line(&text),
        };
        self.0.write_all(plain.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{super::hostile, OneLineEach};

    #[test]
    fn whatever_is_written_stays_one_line_with_its_line_break() {
        for text in hostile::texts() {
            let mut writer = OneLineEach(Vec::new());
            writer
                .write_all(format!("WARN {text}\n").as_bytes())
                .unwrap();
            let written = String::from_utf8(writer.0).unwrap();
            let line = written.strip_suffix('\n').unwrap();
            assert!(
                line.starts_with("WARN ") && hostile::is_plain(line),
                "{line:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_replaced() {
        let mut writer = OneLineEach(Vec::new());
        writer.write_all(b"a\xff\x1bb").unwrap();
        assert_eq!(writer.0, "a\u{FFFD}\u{FFFD}b".as_bytes());
    }
}
