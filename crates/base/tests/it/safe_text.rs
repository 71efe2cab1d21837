//! Nothing that a place would obey survives the function made for that place.

use proptest::prelude::*;
use stance_base::safe_text::{
    csv_cell, display_width, html, html_attribute, is_unsafe, markdown, markdown_code, one_line,
    shell_argument, terminal, terminal_block, truncate_width, xml,
};

/// Text with a strong leaning to characters that do harm.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,8}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\u{1b}[31m",
            "\u{1b}]8;;http://x\u{7}",
            "\u{9b}2J",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{2028}",
            "\u{e0041}",
            "\u{feff}",
            "\r\n",
            "\t",
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            ";=1",
            "<script>",
            "</script>",
            "]]>",
            "\"'`",
            "[a](javascript:x)",
            "|",
            "&lt;",
            "``",
            "é漢字🦀",
            "  ",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn terminal_text_holds_nothing_a_terminal_obeys(text in hostile()) {
        let shown = terminal(&text);
        prop_assert!(!shown.chars().any(is_unsafe));
        prop_assert_eq!(terminal(&shown), shown.as_ref());
    }

    #[test]
    fn a_block_holds_line_feeds_and_nothing_else(text in hostile()) {
        let shown = terminal_block(&text);
        prop_assert!(!shown.chars().any(|character| character != '\n' && is_unsafe(character)));
        prop_assert_eq!(terminal_block(&shown), shown.as_ref());
    }

    #[test]
    fn one_line_is_one_line(text in hostile()) {
        let shown = one_line(&text);
        prop_assert!(!shown.chars().any(is_unsafe));
        prop_assert_eq!(shown.trim(), shown.as_ref());
        prop_assert_eq!(one_line(&shown), shown.as_ref());
    }

    #[test]
    fn markup_keeps_no_tag_and_no_quote(text in hostile()) {
        for shown in [html(&text), html_attribute(&text), xml(&text)] {
            prop_assert!(!shown.contains(['<', '>', '"', '\'', '`']));
            prop_assert!(!shown.chars().any(|character| !matches!(character, '\n' | '\t') && is_unsafe(character)));
        }
        prop_assert!(!html_attribute(&text).contains(['\n', '\t']));
    }

    #[test]
    fn a_csv_cell_starts_no_formula(text in hostile()) {
        let shown = csv_cell(&text);
        prop_assert!(!shown.chars().any(|character| character != '\n' && is_unsafe(character)));
        if shown.parse::<f64>().is_err() {
            for part in shown.split([';', '\n']) {
                prop_assert!(!part.trim_start().starts_with(['=', '+', '-', '@']), "{}", shown);
            }
        }
        prop_assert_eq!(csv_cell(&shown), shown.as_ref());
    }

    #[test]
    fn markdown_leaves_no_special_character_bare(text in hostile()) {
        let shown = markdown(&text).replace("`@`", "").replace("`#`", "");
        prop_assert!(!shown.contains(['<', '>', '\n']));
        let mut escaped = false;
        for character in shown.chars() {
            if !escaped {
                prop_assert!(!"`*_[]()#|~@:".contains(character), "{}", shown);
            }
            escaped = character == '\\' && !escaped;
        }
    }

    #[test]
    fn a_code_span_is_closed_by_its_own_fence_only(text in hostile()) {
        let span = markdown_code(&text);
        let fence = span.chars().take_while(|&character| character == '`').count();
        let inner = &span[fence..span.len() - fence];
        prop_assert!(!inner.contains(&"`".repeat(fence)));
    }

    #[test]
    fn a_shell_reads_one_word(text in hostile()) {
        let word = shell_argument(&text);
        let unquoted = word.split("'\\''").collect::<String>();
        let bare = !unquoted.starts_with('\'');
        if bare {
            prop_assert!(!word.contains([' ', ';', '$', '`', '&', '|', '(', '<', '>', '*', '\'']));
        } else {
            prop_assert_eq!(unquoted.matches('\'').count(), 2);
        }
    }

    #[test]
    fn truncation_fits_and_is_stable(text in hostile(), columns in 0_usize..40) {
        let text = terminal(&text);
        let cut = truncate_width(&text, columns);
        prop_assert!(display_width(&cut) <= columns);
        prop_assert_eq!(truncate_width(&cut, columns), cut.as_ref());
    }
}

#[test]
fn escapes_are_visible_and_named_by_code_point() {
    assert_eq!(
        terminal("a\u{202e}b\u{1b}[2Jc\nd"),
        "a\\u{202e}b\\u{1b}[2Jc\\nd"
    );
    assert_eq!(terminal("smuggled\u{e0041}"), "smuggled\\u{e0041}");
    assert_eq!(terminal("plain – ünïcode 漢字"), "plain – ünïcode 漢字");
    assert_eq!(terminal_block("a\n\tb\u{7f}"), "a\n    b\\u{7f}");
    assert_eq!(one_line("  two\r\n  lines "), "two lines");
}

#[test]
fn numbers_stay_numbers_in_csv() {
    for number in ["-1", "+2.5", "-1e9", "0", "12"] {
        assert_eq!(csv_cell(number), number);
    }
    for (formula, shown) in [
        ("=1+1", "'=1+1"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =x", "  '=x"),
        ("a;=x", "a;'=x"),
        ("\t=x", "\\t=x"),
        ("\u{ff1d}x", "'\u{ff1d}x"),
    ] {
        assert_eq!(csv_cell(formula), shown);
    }
}

#[test]
fn shell_words() {
    assert_eq!(shell_argument("rg-ai.prod_1"), "rg-ai.prod_1");
    assert_eq!(shell_argument("x; rm -rf ~"), "'x; rm -rf ~'");
    assert_eq!(shell_argument("it's"), "'it'\\''s'");
    assert_eq!(shell_argument("--yes"), "'--yes'");
    assert_eq!(shell_argument(""), "''");
}

#[test]
fn markdown_reads_as_the_text() {
    assert_eq!(markdown("[x](http://e)"), "\\[x\\]\\(http\\://e\\)");
    assert_eq!(markdown("cc @ops, see #12"), "cc `@`ops, see `#`12");
    assert_eq!(markdown_code("a`b|c"), "``a`b\\|c``");
}

#[test]
fn wide_characters_count_two_columns() {
    assert_eq!(truncate_width("漢字漢字", 5), "漢字…");
    assert_eq!(truncate_width("short", 5), "short");
}
