//! Which text is JSON lines.

use crate::stream::scanner::{Fed, Scanner};

/// The first line is an object that also ends there, and the next line begins an object too.
pub(crate) fn is_json_lines(head: &[u8]) -> bool {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    let ends_in_its_line = Scanner::new(first.len()).feed(first) != Fed::More;
    first[0] == b'{' && ends_in_its_line && second[0] == b'{'
}

#[cfg(test)]
mod tests {
    use super::is_json_lines;

    #[test]
    fn lines_are_told_from_one_document() {
        assert!(is_json_lines(b"{\"id\":1}\n{\"id\":2}\n"));
        assert!(is_json_lines(b"{\"id\":broken}\n\n  {\"id\":2}"));
        assert!(!is_json_lines(b"{\n \"id\": 1\n}\n{\n\"id\": 2}"));
        assert!(!is_json_lines(b"[{\"id\":1},\n{\"id\":2}]"));
        assert!(!is_json_lines(b"{\"id\":1}\n"));
        assert!(!is_json_lines(b"{\"value\":[\n{\"id\":1}]}"));
        assert!(!is_json_lines(b"{\"value\":[{\"id\":1},\n{\"id\":2}]}"));
    }
}
