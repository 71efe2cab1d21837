//! Text as the tools of this world write it.

use std::io::Write as _;

use crate::support::{account, names, read, said};

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xFEFF)
        .into_iter()
        .chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_encoding_reads_the_same() {
    let text = format!("{{\r\n\"value\":[{}]}}", account("für-ä-😀"));
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend_from_slice(text.as_bytes());
    for bytes in [
        text.as_bytes().to_vec(),
        marked,
        utf16(&text, true, true),
        utf16(&text, false, true),
        utf16(&text, true, false),
        utf16(&text, false, false),
        gzip(text.as_bytes()),
        gzip(&utf16(&text, true, true)),
    ] {
        let found = read(&bytes);
        assert_eq!(names(&found), ["für-ä-😀"], "{}", said(&found));
        assert_eq!(
            (
                found.resources[0].source.line,
                found.resources[0].source.column
            ),
            (2, 10)
        );
        assert_eq!(said(&found), "");
    }
}

#[test]
fn bytes_that_are_no_text_cost_one_diagnostic() {
    let mut bytes = format!("[\n{},\n", account("a")).into_bytes();
    bytes.extend_from_slice(account("b\u{1}").replace('\u{1}', "X").as_bytes());
    let at = bytes.iter().rposition(|byte| *byte == b'X').unwrap();
    bytes[at] = 0xFF;
    bytes.extend_from_slice(b"]");
    let found = read(&bytes);
    assert_eq!(found.resources.len(), 2);
    assert!(said(&found).starts_with("COL0012 3:0"), "{}", said(&found));
    assert_eq!(found.diagnostics.len(), 1);
}

#[test]
fn damaged_gzip_gives_what_stands_before() {
    let rows: Vec<String> = (0..2000)
        .map(|n| account(&format!("a{}", n * 7919)))
        .collect();
    let packed = gzip(format!("[{}]", rows.join(",")).as_bytes());
    let found = read(&packed[..packed.len() / 2]);
    assert!(found.resources.len() > 100, "{}", found.resources.len());
    let codes: Vec<&str> = found.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, ["COL0008", "COL0016"]);
}

#[test]
fn a_bomb_is_stopped() {
    let zeros = vec![b' '; 200 << 20];
    let found = read(gzip(&zeros));
    assert!(said(&found).contains("COL0016"), "{}", said(&found));
}
