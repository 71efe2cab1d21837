//! The lossless tree: kinds of tokens and nodes, and rowan's glue.

mod kind;

pub use kind::SyntaxKind;

/// KQL for rowan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KqlLanguage {}

impl rowan::Language for KqlLanguage {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        SyntaxKind::from_raw(raw.0)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// A node of the tree.
pub type SyntaxNode = rowan::SyntaxNode<KqlLanguage>;
/// A token of the tree.
pub type SyntaxToken = rowan::SyntaxToken<KqlLanguage>;
/// A node or a token.
pub type SyntaxElement = rowan::SyntaxElement<KqlLanguage>;
