//! What the filters promise: no term of a block is ever missed, and a side file that is not whole
//! or not of its Parquet file tells nothing.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use stance_term_filter::{
    BLOCK_ROWS, Borders, ColumnFilters, FilterBuilder, FilterError, FilterFile, ParquetIdentity,
    encode, pattern_terms, place, side_path,
};

const WHOLE: Borders = Borders {
    start: true,
    end: true,
};

const IDENTITY: ParquetIdentity = ParquetIdentity { size: 1, footer: 2 };

/// Bytes that end as a Parquet file does; its footer is `footer`.
fn parquet(footer: &[u8]) -> Vec<u8> {
    let mut bytes = b"PAR1 pages".to_vec();
    bytes.extend_from_slice(footer);
    bytes.extend((footer.len() as u32).to_le_bytes());
    bytes.extend(b"PAR1");
    bytes
}

fn side_file(identity: ParquetIdentity, groups: &[Vec<String>]) -> Vec<u8> {
    let rows: Vec<u64> = groups.iter().map(|texts| texts.len() as u64).collect();
    let filters = groups.iter().map(|texts| filters(texts)).collect();
    encode(identity, &rows, &[("text", filters)]).unwrap()
}

fn filters(texts: &[String]) -> Option<ColumnFilters> {
    let mut builder = FilterBuilder::new();
    for text in texts {
        builder.push(text);
    }
    builder.finish(texts.len() as u64)
}

fn write_pair(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("a.parquet");
    fs::write(&path, parquet(b"footer")).unwrap();
    let identity = ParquetIdentity::of(&mut fs::File::open(&path).unwrap()).unwrap();
    place(
        &path,
        &side_file(identity, &[vec!["hello world".to_owned()]]),
    )
    .unwrap();
    path
}

#[test]
fn a_rare_term_keeps_its_block_and_few_others() {
    let mut texts: Vec<String> = (0..BLOCK_ROWS * 5 + 10)
        .map(|row| format!("row {row} of user{}@example.com", row % 1000))
        .collect();
    texts[BLOCK_ROWS * 2 + 5].push_str(" needle");
    let bytes = side_file(IDENTITY, &[texts]);
    let mut file = FilterFile::open(Cursor::new(bytes)).unwrap();
    let ask = |file: &mut FilterFile<_>, pattern: &str| {
        let terms = pattern_terms(pattern, true, WHOLE);
        file.blocks_with("text", 0, &terms).unwrap().unwrap()
    };
    assert_eq!(
        ask(&mut file, "NEEDLE"),
        [false, false, true, false, false, false]
    );
    assert_eq!(ask(&mut file, "example.com"), [true; 6]);
    let last = (BLOCK_ROWS * 5 + 9).to_string();
    assert_eq!(
        ask(&mut file, &last),
        [false, false, false, false, false, true]
    );
    let absent: usize = (0..1000)
        .map(|number| ask(&mut file, &format!("absent{number}")))
        .map(|blocks| blocks.into_iter().filter(|keep| *keep).count())
        .sum();
    assert!(
        absent < 60,
        "{absent} of 6,000 blocks were kept for nothing"
    );
    assert_eq!(file.blocks_with("other", 0, &[1]).unwrap(), None);
    assert_eq!(file.blocks_with("text", 1, &[1]).unwrap(), None);
}

#[test]
fn a_side_file_belongs_to_one_parquet_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_pair(folder.path());
    assert!(FilterFile::beside(&path).unwrap().is_some());
    fs::write(&path, parquet(b"Footer")).unwrap();
    assert!(matches!(FilterFile::beside(&path), Err(FilterError::Stale)));
    fs::remove_file(side_path(&path)).unwrap();
    assert!(FilterFile::beside(&path).unwrap().is_none());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "a temporary file was left");
}

#[test]
fn every_flipped_bit_is_noticed_or_asked_of_no_one() {
    let texts = vec!["one two".to_owned(), "three".to_owned()];
    let whole = side_file(IDENTITY, &[texts]);
    let terms = pattern_terms("two", true, WHOLE);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        let asked = FilterFile::open(Cursor::new(bytes))
            .and_then(|mut file| file.blocks_with("text", 0, &terms));
        assert!(matches!(asked, Err(_) | Ok(Some(_))), "byte {at}");
        if let Ok(Some(blocks)) = asked {
            assert_eq!(blocks, [true], "byte {at}");
        }
    }
    for length in 0..whole.len() {
        assert!(FilterFile::open(Cursor::new(whole[..length].to_vec())).is_err());
    }
}

#[test]
fn a_column_with_another_number_of_texts_has_no_filters() {
    let mut builder = FilterBuilder::new();
    builder.push("one");
    assert!(builder.finish(2).is_none());
    let texts = ["one".to_owned(), "two".to_owned()];
    let columns = [("a", vec![filters(&texts)]), ("b", vec![None])];
    let bytes = encode(IDENTITY, &[2], &columns).unwrap();
    let mut file = FilterFile::open(Cursor::new(bytes)).unwrap();
    assert!(file.blocks_with("a", 0, &[1]).unwrap().is_some());
    assert_eq!(file.blocks_with("b", 0, &[1]).unwrap(), None);
}

#[test]
fn a_row_group_without_rows_is_no_trouble() {
    let bytes = side_file(IDENTITY, &[vec![], vec!["one".to_owned()]]);
    let mut file = FilterFile::open(Cursor::new(bytes)).unwrap();
    assert_eq!(file.blocks_with("text", 0, &[1]).unwrap(), None);
    let terms = pattern_terms("one", true, WHOLE);
    assert_eq!(
        file.blocks_with("text", 1, &terms).unwrap(),
        Some(vec![true])
    );
}

proptest! {
    #[test]
    fn no_term_is_missed(texts in prop::collection::vec("[ -~äÖßİΣ,\\\\{}\"]{0,40}", 1..20)) {
        let bytes = side_file(IDENTITY, std::slice::from_ref(&texts));
        let mut file = FilterFile::open(Cursor::new(bytes)).unwrap();
        for text in &texts {
            for ignore_case in [true, false] {
                let terms = pattern_terms(text, ignore_case, WHOLE);
                prop_assert_eq!(file.blocks_with("text", 0, &terms).unwrap(), Some(vec![true]));
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let opened = FilterFile::open(Cursor::new(bytes.clone()));
        if let Ok(mut file) = opened {
            let _ = file.blocks_with("text", 0, &[1, 2]);
        }
        let _ = ParquetIdentity::of(&mut Cursor::new(bytes));
    }

    /// A directory that passes its checksum and says anything: all that a forger can do.
    #[test]
    fn forged_directories_never_panic(
        mut directory in prop::collection::vec(any::<u8>(), 0..60),
        small in prop::collection::vec(0_u8..3, 0..60),
        real in any::<bool>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let whole = side_file(IDENTITY, &[vec!["one".to_owned()], vec!["two".to_owned()]]);
        let mut bytes = whole.clone();
        let tail = whole.len() - 20;
        let length = u32::from_le_bytes(whole[whole.len() - 12..whole.len() - 8].try_into().unwrap());
        let start = tail - length as usize;
        if real {
            directory = whole[start..tail].to_vec();
            let at = at.index(directory.len());
            directory[at] = byte;
        } else {
            directory.extend(small);
        }
        bytes.truncate(start);
        bytes.extend(&directory);
        bytes.extend(twox_hash::XxHash3_64::oneshot(&directory).to_le_bytes());
        bytes.extend((directory.len() as u32).to_le_bytes());
        bytes.extend(b"STTERMS\x01");
        if let Ok(mut file) = FilterFile::open(Cursor::new(bytes)) {
            let columns: Vec<String> = file.columns().map(str::to_owned).collect();
            for column in columns {
                for group in 0..3 {
                    let _ = file.blocks_with(&column, group, &[1, u64::MAX]);
                }
            }
        }
    }
}
