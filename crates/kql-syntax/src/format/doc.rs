//! Layout as data: texts, places where a line may break, and groups that break as one.
//!
//! The way of Wadler's "A prettier printer": a group is written on one line where it fits, else all
//! its own breaks become line ends.

/// A piece of layout.
#[derive(Debug)]
pub(super) enum Doc {
    /// Written as it is.
    Text(String),
    /// A space, or a line end where the group around is broken.
    Line,
    /// Nothing, or a line end where the group around is broken.
    SoftLine,
    /// Always a line end.
    HardLine,
    /// An empty line, where one was written.
    BlankLine,
    /// `// ...`; on a line of its own, or after what stands before it.
    Comment { text: String, own_line: bool },
    /// One after the other.
    Concat(Vec<Doc>),
    /// Lines inside start four spaces further to the right.
    Indent(Box<Doc>),
    /// Broken as one. `width` on one line; nothing where it cannot stand on one.
    Group {
        content: Box<Doc>,
        width: Option<usize>,
    },
}

const INDENT: usize = 4;
/// Width that lines are kept within where they can be broken.
const LINE_WIDTH: usize = 110;

impl Doc {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn indent(content: Vec<Doc>) -> Self {
        Self::Indent(Box::new(Self::Concat(content)))
    }

    pub(super) fn group(content: Vec<Doc>) -> Self {
        let content = Box::new(Self::Concat(content));
        let width = content.width();
        Self::Group { content, width }
    }

    /// A group that is always broken.
    pub(super) fn broken(content: Vec<Doc>) -> Self {
        Self::Group {
            content: Box::new(Self::Concat(content)),
            width: None,
        }
    }

    /// Columns on one line; nothing where it cannot stand on one.
    fn width(&self) -> Option<usize> {
        match self {
            Self::Text(text) => (!text.contains('\n')).then(|| text.chars().count()),
            Self::Line => Some(1),
            Self::SoftLine => Some(0),
            Self::HardLine | Self::BlankLine | Self::Comment { .. } => None,
            Self::Concat(parts) => parts.iter().map(Self::width).sum(),
            Self::Indent(content) => content.width(),
            Self::Group { width, .. } => *width,
        }
    }
}

/// Writes a layout out, ending in a line end.
pub(super) fn print(doc: &Doc) -> String {
    let mut printer = Printer {
        out: String::new(),
        column: 0,
        at_line_start: true,
        after_comment: false,
    };
    printer.write(doc, 0, true);
    let end = printer.out.trim_end().len();
    printer.out.truncate(end);
    if !printer.out.is_empty() {
        printer.out.push('\n');
    }
    printer.out
}

struct Printer {
    out: String,
    column: usize,
    at_line_start: bool,
    /// What follows a comment must start a line.
    after_comment: bool,
}

impl Printer {
    fn write(&mut self, doc: &Doc, indent: usize, broken: bool) {
        match doc {
            Doc::Text(text) => self.text(text, indent),
            Doc::Line | Doc::SoftLine if broken => self.line(),
            Doc::Line => self.space(),
            Doc::SoftLine => {}
            Doc::HardLine => self.line(),
            Doc::BlankLine => {
                self.line();
                if !self.out.is_empty() && !self.out.ends_with("\n\n") {
                    self.out.push('\n');
                }
            }
            Doc::Comment { text, own_line } => self.comment(text, *own_line, indent),
            Doc::Concat(parts) => {
                for part in parts {
                    self.write(part, indent, broken);
                }
            }
            Doc::Indent(content) => self.write(content, indent + INDENT, broken),
            Doc::Group { content, width } => {
                let start = if self.at_line_start {
                    indent
                } else {
                    self.column
                };
                let fits = width.is_some_and(|width| start + width <= LINE_WIDTH);
                self.write(content, indent, !fits);
            }
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if text.is_empty() {
            return;
        }
        if self.after_comment {
            self.line();
        }
        if self.at_line_start {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
            self.at_line_start = false;
        }
        self.out.push_str(text);
        self.column = match text.rfind('\n') {
            Some(at) => text[at + 1..].chars().count(),
            None => self.column + text.chars().count(),
        };
    }

    fn space(&mut self) {
        if !self.at_line_start && !self.after_comment && !self.out.ends_with(' ') {
            self.out.push(' ');
            self.column += 1;
        }
    }

    fn line(&mut self) {
        self.after_comment = false;
        if self.at_line_start {
            return;
        }
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
        self.at_line_start = true;
        self.column = 0;
    }

    fn comment(&mut self, text: &str, own_line: bool, indent: usize) {
        if own_line || self.after_comment {
            self.line();
        } else {
            self.space();
        }
        self.text(text, indent);
        self.after_comment = true;
    }
}
