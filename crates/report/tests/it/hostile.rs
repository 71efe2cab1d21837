//! A stranger's text does nothing, whatever the format.

use proptest::prelude::*;
use stance_base::safe_text::{display_width, is_unsafe};
use stance_report::html::HtmlOptions;
use stance_report::{
    ReportError, ScanReport, TableOptions, csv_findings, html, json, markdown, sarif, table,
};

use crate::fixture::{HOSTILE, filled_with, hostile, small};

type Write = fn(&mut Vec<u8>, &ScanReport) -> Result<(), ReportError>;

const FORMATS: [(&str, Write); 6] = [
    ("table", |out, report| {
        table::write(out, report, &table_options(80))
    }),
    ("json", |out, report| json::write(out, report)),
    ("csv", |out, report| csv_findings::write(out, report)),
    ("sarif", |out, report| sarif::write(out, report)),
    ("html", |out, report| {
        html::write(out, report, &HtmlOptions::default())
    }),
    ("markdown", |out, report| markdown::write(out, report)),
];

fn written(report: &ScanReport, format: &str) -> String {
    let (_, write) = FORMATS.iter().find(|(name, _)| *name == format).unwrap();
    let mut bytes = Vec::new();
    write(&mut bytes, report).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn table_options(width: usize) -> TableOptions {
    TableOptions {
        width,
        all: true,
        exit_hint: Some(HOSTILE.to_owned()),
        ..TableOptions::default()
    }
}

#[test]
fn no_format_holds_a_character_that_is_obeyed() {
    let report = hostile();
    for (name, _) in FORMATS {
        let text = written(&report, name);
        obeyed_nowhere(name, &text);
        assert!(
            text.contains("alert(1)") || text.contains("alert\\(1\\)"),
            "{name}: the text itself must be there to be seen"
        );
    }
}

fn obeyed_nowhere(name: &str, text: &str) {
    let text = text.replace("\r\n", "\n"); // How CSV ends its lines.
    let found = text
        .chars()
        .find(|&character| character != '\n' && is_unsafe(character));
    assert_eq!(found, None, "{name}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The same for texts that nobody thought of.
    #[test]
    fn whatever_the_text(
        text in prop::collection::vec(
            prop_oneof![
                any::<char>().prop_map(String::from),
                "[ -~]{1,6}",
                prop::sample::select(vec![
                    "\u{1b}[", "\u{202e}", "\u{9b}", "<", "</", ">", "\"", "'", "`", "```", "\n", "\r\n", "\t", "=", ";", "|",
                    "](", "[", "\\", "{0}", "{", "}", "&", "@a", "#1", "http://", "]]>", "-->", "%", "//", "..",
                ])
                .prop_map(str::to_owned),
            ],
            0..12,
        )
    ) {
        let report = filled_with(&text.concat());
        for (name, _) in FORMATS {
            obeyed_nowhere(name, &written(&report, name));
        }
        own_tags_only(&written(&report, "html"));
        no_formula(&written(&report, "csv"));
        plain_sarif(&written(&report, "sarif"));
        plain_markdown(&written(&report, "markdown"));
        let json: serde_json::Value = serde_json::from_str(&written(&report, "json")).unwrap();
        prop_assert_eq!(&json["findings"], &serde_json::to_value(&report.findings).unwrap());
    }
}

#[test]
fn colour_is_all_that_a_terminal_obeys() {
    let mut bytes = Vec::new();
    let options = TableOptions {
        color: true,
        ..table_options(80)
    };
    table::write(&mut bytes, &hostile(), &options).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for sequence in text.split('\u{1b}').skip(1) {
        let parameters = sequence
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'))
            .unwrap()
            .0;
        assert!(
            parameters
                .chars()
                .all(|character| character.is_ascii_digit() || character == ';'),
            "{parameters:?}"
        );
    }
    let rest = text.replace('\u{1b}', "");
    assert!(
        !rest
            .chars()
            .any(|character| character != '\n' && is_unsafe(character))
    );
}

#[test]
fn without_colour_there_is_no_escape() {
    let mut bytes = Vec::new();
    table::write(&mut bytes, &small(), &TableOptions::default()).unwrap();
    assert!(!bytes.contains(&0x1b));
}

#[test]
fn the_table_keeps_to_the_width() {
    for width in [40, 80, 120, 200] {
        for report in [small(), hostile()] {
            let mut report = report;
            for finding in &mut report.findings {
                finding.remediation.commands.clear(); // Commands are not wrapped, so that they can be copied.
            }
            let mut bytes = Vec::new();
            table::write(&mut bytes, &report, &table_options(width)).unwrap();
            for line in String::from_utf8(bytes).unwrap().lines() {
                assert!(display_width(line) <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn html_has_only_its_own_tags() {
    own_tags_only(&written(&hostile(), "html"));
}

/// Every tag and attribute that the page may have; a stranger's would be another.
fn own_tags_only(page: &str) {
    let body = page.split_once("</style>").unwrap().1;
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n'])
            .next()
            .unwrap();
        assert!(
            [
                "a",
                "body",
                "br",
                "caption",
                "code",
                "dd",
                "details",
                "div",
                "dl",
                "dt",
                "fieldset",
                "figcaption",
                "figure",
                "footer",
                "h1",
                "h2",
                "h3",
                "h4",
                "h5",
                "head",
                "header",
                "html",
                "input",
                "label",
                "legend",
                "li",
                "main",
                "nav",
                "ol",
                "p",
                "pre",
                "rect",
                "section",
                "span",
                "strong",
                "summary",
                "svg",
                "table",
                "tbody",
                "td",
                "th",
                "thead",
                "time",
                "tr",
                "ul",
            ]
            .contains(&name),
            "{tag}"
        );
        for attribute in tag
            .split("=\"")
            .map(|part| part.rsplit([' ', '\n']).next().unwrap())
        {
            assert!(
                !attribute.starts_with("on") && attribute != "style",
                "{tag}"
            );
        }
    }
    for address in body.split("href=\"").skip(1) {
        assert!(
            address.starts_with('#'),
            "nothing is linked but the page itself"
        );
    }
}

#[test]
fn the_page_allows_itself_nothing_but_its_style() {
    let page = written(&hostile(), "html");
    let policy = page
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(!page.contains("<script") && !page.contains("<link"));
}

#[test]
fn no_cell_starts_a_formula() {
    no_formula(&written(&hostile(), "csv"));
}

fn no_formula(text: &str) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut cells = 0;
    for record in reader.records() {
        let record = record.unwrap();
        assert_eq!(record.len(), csv_findings::COLUMNS.len());
        for cell in &record {
            cells += 1;
            for part in cell.split(['\n', ';']) {
                assert!(
                    !part.trim_start().starts_with(['=', '+', '-', '@']),
                    "{cell}"
                );
            }
        }
    }
    assert_eq!(cells, csv_findings::COLUMNS.len() * small().findings.len());
}

#[test]
fn sarif_text_holds_no_link_and_no_placeholder() {
    plain_sarif(&written(&hostile(), "sarif"));
}

fn plain_sarif(text: &str) {
    let sarif: serde_json::Value = serde_json::from_str(text).unwrap();
    let run = &sarif["runs"][0];
    let mut plain = Vec::new();
    let mut rich = Vec::new();
    for result in run["results"].as_array().unwrap() {
        plain.push(&result["message"]["text"]);
        rich.push(&result["message"]["markdown"]);
    }
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        plain.extend([
            &rule["shortDescription"]["text"],
            &rule["fullDescription"]["text"],
            &rule["help"]["text"],
        ]);
        rich.push(&rule["help"]["markdown"]);
    }
    for notification in run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
    {
        plain.push(&notification["message"]["text"]);
    }
    for text in plain.iter().map(|text| text.as_str().unwrap()) {
        assert!(!text.replace("\\]", "").contains("]("), "{text}");
        assert!(!text.replace("{{", "").contains("{0}"), "{text}");
    }
    for text in rich.iter().map(|text| text.as_str().unwrap()) {
        assert!(!outside_code(text).contains("]("), "{text}");
        assert!(!outside_code(text).contains('<'), "{text}");
    }
}

#[test]
fn markdown_holds_no_link_image_tag_or_mention() {
    plain_markdown(&written(&hostile(), "markdown"));
}

fn plain_markdown(text: &str) {
    let text = outside_code(text);
    let own = ["details", "summary", "b", "br"];
    for tag in text.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split('>').next().unwrap();
        assert!(own.contains(&name), "<{name}");
    }
    for line in text.lines() {
        assert!(!line.contains("](") && !line.contains("http://"), "{line}");
        assert!(
            !line.contains('@') && !line.trim_start_matches("## Stance").contains('#'),
            "{line}"
        );
    }
}

/// Markdown without its fenced blocks and code spans, read as `CommonMark` reads them.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    let mut fence = String::new();
    for line in text.lines() {
        let ticks: String = line
            .chars()
            .take_while(|&character| character == '`')
            .collect();
        if !fence.is_empty() {
            if ticks.len() >= fence.len() && line.trim_end() == ticks {
                fence.clear();
            }
            continue;
        }
        if ticks.len() >= 3 && !line[ticks.len()..].contains('`') {
            fence = ticks;
            continue;
        }
        outside_spans(line, &mut out);
        out.push('\n');
    }
    assert!(fence.is_empty(), "a fence is left open");
    out
}

fn outside_spans(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\\') {
            let next = rest[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..=next]);
            rest = &rest[1 + next..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches('`').len();
        let mut inside = &rest[run..];
        let close = loop {
            let Some(found) = inside.find('`') else {
                break None;
            };
            let length = inside[found..].len() - inside[found..].trim_start_matches('`').len();
            inside = &inside[found + length..];
            if length == run {
                break Some(rest.len() - inside.len());
            }
        };
        if let Some(end) = close {
            rest = &rest[end..];
        } else {
            out.push_str(&rest[..run]);
            rest = &rest[run..];
        }
    }
    out.push_str(rest);
}
