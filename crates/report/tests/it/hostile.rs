//! A stranger's text does nothing, whatever the format.

use stance_base::safe_text::{display_width, is_unsafe};
use stance_report::html::HtmlOptions;
use stance_report::{
    ReportError, ScanReport, TableOptions, csv_findings, html, json, markdown, sarif, table,
};

use crate::fixture::{HOSTILE, hostile, small};

fn written(write: impl FnOnce(&mut Vec<u8>, &ScanReport) -> Result<(), ReportError>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, &hostile()).unwrap();
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
    let formats = [
        (
            "table",
            written(|out, report| table::write(out, report, &table_options(80))),
        ),
        ("json", written(|out, report| json::write(out, report))),
        (
            "csv",
            written(|out, report| csv_findings::write(out, report)).replace("\r\n", "\n"),
        ),
        ("sarif", written(|out, report| sarif::write(out, report))),
        (
            "html",
            written(|out, report| html::write(out, report, &HtmlOptions::default())),
        ),
        (
            "markdown",
            written(|out, report| markdown::write(out, report)),
        ),
    ];
    for (name, text) in formats {
        let found = text
            .chars()
            .find(|&character| character != '\n' && is_unsafe(character));
        assert_eq!(found, None, "{name}");
        assert!(
            text.contains("alert(1)") || text.contains("alert\\(1\\)"),
            "{name}: the text itself must be there to be seen"
        );
    }
}

#[test]
fn colour_is_all_that_a_terminal_obeys() {
    let text = written(|out, report| {
        table::write(
            out,
            report,
            &TableOptions {
                color: true,
                ..table_options(80)
            },
        )
    });
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

/// Every tag and attribute that the page may have; a stranger's would be another.
#[test]
fn html_has_only_its_own_tags() {
    let page = written(|out, report| html::write(out, report, &HtmlOptions::default()));
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
    let page = written(|out, report| html::write(out, report, &HtmlOptions::default()));
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
    let text = written(|out, report| csv_findings::write(out, report));
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
    assert_eq!(
        cells,
        csv_findings::COLUMNS.len() * hostile().findings.len()
    );
}

#[test]
fn sarif_text_holds_no_link_and_no_placeholder() {
    let text = written(|out, report| sarif::write(out, report));
    let sarif: serde_json::Value = serde_json::from_str(&text).unwrap();
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
    let text = outside_code(&written(|out, report| markdown::write(out, report)));
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
