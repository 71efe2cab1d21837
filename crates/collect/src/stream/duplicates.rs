//! Where a key stands for the second time. Slow and simple: only run once a duplicate is known.

use std::collections::HashSet;

use super::Place;

/// The first key that its object names a second time, and where. The text is valid JSON.
pub(crate) fn find(bytes: &[u8], start: Place) -> Option<(String, Place)> {
    let mut objects: Vec<Option<HashSet<String>>> = Vec::new();
    let mut expects_key = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => {
                objects.push(Some(HashSet::new()));
                expects_key = true;
            }
            b'[' => {
                objects.push(None);
                expects_key = false;
            }
            b'}' | b']' => {
                objects.pop();
                expects_key = false;
            }
            b',' => expects_key = matches!(objects.last(), Some(Some(_))),
            b'"' => {
                let end = closing_quote(bytes, at)?;
                if let (true, Some(Some(keys))) = (expects_key, objects.last_mut()) {
                    let key: String = serde_json::from_slice(&bytes[at..=end]).ok()?;
                    if keys.contains(&key) {
                        return Some((key, start.behind(&bytes[..at])));
                    }
                    keys.insert(key);
                    expects_key = false;
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_spelling_is_named_even_when_escaped() {
        let text = "{\"a\": [{\"b\": 1}, {\"b\": 2}],\n \"c\\\"\": 1, \"\\u0061\": 2}";
        let (key, place) =
            find(text.as_bytes(), Place::START).unwrap_or((String::new(), Place::NONE));
        assert_eq!(key, "a");
        assert_eq!(
            place,
            Place {
                line: 2,
                column: 12
            }
        );
    }
}
