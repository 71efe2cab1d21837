//! Attack paths: pictures of them, lists, and one at length.
//!
//! The input is plain: whoever found the paths fills a [`PathsReport`]. Pictures draw one or several paths as one graph
//! ([`Picture`]) in which shared nodes and steps appear once; the numbers of its steps are the same in
//! [`svg`], [`dot`], [`mermaid`] and the [`text`] twin. Every format says what was bounded or left out.

pub mod csv;
pub mod detail;
pub mod dot;
pub mod json;
pub mod layout;
pub mod list;
pub mod mermaid;
pub mod picture;
pub mod svg;
pub mod text;
pub mod view;

pub use picture::Picture;
pub use view::{Confidence, FindingView, NodeView, PathView, PathsReport, ShareView, StepView};
