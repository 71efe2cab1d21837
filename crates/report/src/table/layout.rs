//! Lines of a terminal: colours, wrapping, hanging indents. Knows nothing of findings.

use std::io::Write;

use stance_base::safe_text::display_width;

use crate::ReportError;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    /// A block, for the heading of the worst.
    Critical,
    CriticalText,
    High,
    Medium,
    Low,
    Good,
    Command,
}

impl Style {
    /// Parameters of the SGR sequence; the 16 colours that every theme of a terminal makes readable.
    fn parameters(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Critical => "1;97;41",
            Self::CriticalText => "1;91",
            Self::High => "1;31",
            Self::Medium => "1;33",
            Self::Low => "1;34",
            Self::Good => "32",
            Self::Command => "36",
        }
    }
}

/// Writes lines no wider than `width`. Text must be safe for a terminal already.
#[derive(Debug)]
pub(crate) struct Lines<W> {
    out: W,
    width: usize,
    color: bool,
}

impl<W: Write> Lines<W> {
    pub(crate) fn new(out: W, width: usize, color: bool) -> Self {
        Self { out, width, color }
    }

    pub(crate) fn blank(&mut self) -> Result<(), ReportError> {
        writeln!(self.out)?;
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), ReportError> {
        self.out.flush()?;
        Ok(())
    }

    /// One heading.
    pub(crate) fn heading(&mut self, text: &str) -> Result<(), ReportError> {
        self.wrapped(0, &[(text, Style::Bold)])
    }

    /// A label, and a rule to the right edge.
    pub(crate) fn rule(
        &mut self,
        label: &str,
        style: Style,
        note: &str,
    ) -> Result<(), ReportError> {
        let used = display_width(label) + display_width(note) + 5;
        let line = "─".repeat(self.width.saturating_sub(used));
        let label = self.paint(&format!(" {label} "), style);
        let rest = self.paint(&format!(" {note} {line}"), Style::Dim);
        writeln!(self.out, "{label}{rest}")?;
        Ok(())
    }

    /// Spans, wrapped between words; lines after the first hang two columns deeper.
    pub(crate) fn wrapped(
        &mut self,
        indent: usize,
        spans: &[(&str, Style)],
    ) -> Result<(), ReportError> {
        self.hanging(indent, indent + 2, spans)
    }

    /// Spans, wrapped between words, with the indent of the lines after the first given.
    pub(crate) fn hanging(
        &mut self,
        indent: usize,
        hang: usize,
        spans: &[(&str, Style)],
    ) -> Result<(), ReportError> {
        let mut line = " ".repeat(indent);
        let (mut column, mut start) = (indent, true);
        for (text, style) in spans {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let mut word = word;
                loop {
                    let gap = usize::from(!start);
                    let room = self.width.saturating_sub(column + gap);
                    if display_width(word) <= room {
                        line.push_str(if start { "" } else { " " });
                        line.push_str(&self.paint(word, *style));
                        column += gap + display_width(word);
                        start = false;
                        break;
                    }
                    if start {
                        let cut = split_at(word, room);
                        line.push_str(&self.paint(&word[..cut], *style));
                        word = &word[cut..];
                    }
                    writeln!(self.out, "{line}")?;
                    line = " ".repeat(hang);
                    (column, start) = (hang, true);
                    if word.is_empty() {
                        break;
                    }
                }
            }
        }
        if !start {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// Lines as they are, so that they can be copied; the terminal itself may wrap them.
    pub(crate) fn verbatim(
        &mut self,
        indent: usize,
        text: &str,
        style: Style,
    ) -> Result<(), ReportError> {
        for line in text.lines() {
            let line = self.paint(line, style);
            writeln!(self.out, "{}{line}", " ".repeat(indent))?;
        }
        Ok(())
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if !self.color || style == Style::Plain || text.is_empty() {
            return text.replace('\u{a0}', " ");
        }
        format!(
            "\u{1b}[{}m{}\u{1b}[0m",
            style.parameters(),
            text.replace('\u{a0}', " ")
        )
    }
}

/// How many bytes of a word too long for any line fit into `room`; at least one character.
fn split_at(word: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, character) in word.char_indices() {
        used += display_width(character.encode_utf8(&mut [0; 4]));
        if used > room && at > 0 {
            return at;
        }
    }
    word.len()
}
