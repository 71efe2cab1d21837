//! Plain rows for tables.

use serde_json::Value;
use stance_collect::Limits;
use stance_collect::rows::read_rows_from;

fn rows(text: &str) -> (Vec<(Value, u32)>, Vec<String>) {
    let mut found = Vec::new();
    let said = read_rows_from(
        "x",
        Box::new(text.as_bytes()),
        &Limits::default(),
        &mut |row, line| {
            found.push((row, line));
            true
        },
    );
    let said = said
        .into_iter()
        .map(|said| format!("{} {}", said.code, said.line))
        .collect();
    (found, said)
}

#[test]
fn every_shape_gives_its_rows() {
    for text in [
        "{\"a\":1}\n{\"a\":2}\n",
        "[{\"a\":1},\n{\"a\":2}]",
        "{\"records\":[{\"a\":1},{\"a\":2}]}",
        "{\"value\":[{\"a\":1},{\"a\":2}],\"@odata.nextLink\":null}",
        "{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[{\"name\":\"a\"}],\"rows\":[[1],[2]]}]}",
        "{\n\"a\": 1\n}\n{\n\"a\": 2\n}",
    ] {
        let (found, said) = rows(text);
        let values: Vec<&Value> = found.iter().map(|(row, _)| &row["a"]).collect();
        assert_eq!(values, [1, 2], "{text}");
        assert_eq!(said, Vec::<String>::new(), "{text}");
    }
    let (found, _) = rows("a,b\n1,x\n2,y\n");
    assert_eq!(found[1], (serde_json::json!({"a": "2", "b": "y"}), 3));
}

#[test]
fn a_broken_row_costs_itself_and_secrets_vanish() {
    let (found, said) = rows("{\"password\":\"open sesame\"}\n{\"a\": nope}\n{\"a\":3}\n");
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].1, 3);
    assert!(!found[0].0.to_string().contains("sesame"));
    assert_eq!(said, ["COL0007 2"]);
}

#[test]
fn the_caller_can_stop() {
    let mut count = 0;
    read_rows_from(
        "x",
        Box::new(&b"[1,2,3,4]"[..]),
        &Limits::default(),
        &mut |_, _| {
            count += 1;
            count < 2
        },
    );
    assert_eq!(count, 2);
}
