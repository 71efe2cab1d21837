//! JSON documents read with the place of every value.
//!
//! For single documents (templates, one answer), not for exports that stream. Tolerates what Azure
//! Resource Manager tolerates in a template: `//` and `/* */` comments, strings over several lines, trailing
//! commas. The reader keeps its own stack, so depth costs memory and never the thread's stack.
//!
//! | code | level | meaning |
//! |---|---|---|
//! | JSON0001 | error | the text is no JSON |
//! | JSON0002 | warning | a key stands twice in one object; the last one counts |
//! | JSON0003 | error | the document ends too early |
//! | JSON0004 | error | nested deeper than the limit |
//! | JSON0005 | error | longer, or with more values, than the limit |
//! | JSON0006 | error | something follows the document's end |
//! | JSON0007 | note | a comma before a closing bracket |

mod cursor;
mod fault;
mod node;
mod reader;

pub(crate) use cursor::is_number;
pub(crate) use node::number_value;
pub use node::{Document, Member, Node, NodeValue, escape_pointer};
pub use reader::{JsonDiagnostic, Limits, Parsed, parse};
