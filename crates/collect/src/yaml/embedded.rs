//! YAML that stands as text inside a JSON answer.

use serde_json::Value;

use super::{Limits, ProblemKind, read};

/// Longest text that is parsed.
const TEXT_BYTES: usize = 1 << 20;
const LIMITS: Limits = Limits {
    depth: 64,
    weight: 2 << 20,
    documents: 1,
};

/// Reads one YAML or JSON document. `None`: it is none, or beyond the limits.
pub(crate) fn parse(text: &str) -> Option<Value> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let stream = read(text, &LIMITS);
    let fatal = |kind| kind != ProblemKind::DuplicateKey;
    if stream.problems.iter().any(|problem| fatal(problem.kind)) {
        return None;
    }
    stream.documents.first().map(crate::json::Node::to_value)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::parse;

    #[test]
    fn yaml_becomes_json() {
        let text =
            "kind: TaskDialog\naction:\n  kind: X\n  tools: [a, 'b']\nlevel: 3\non: =Topic.Var\n";
        assert_eq!(
            parse(text),
            Some(
                json!({"kind": "TaskDialog", "action": {"kind": "X", "tools": ["a", "b"]}, "level": 3, "on": "=Topic.Var"})
            )
        );
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let earlier = format!("*a{}", level - 1);
            let list = vec![earlier; 10].join(",");
            let _ = writeln!(text, "a{level}: &a{level} [{list}]");
        }
        assert_eq!(parse(&text), None);
        assert_eq!(parse(&"[".repeat(5000)), None);
    }
}
