//! Properties of any text.
