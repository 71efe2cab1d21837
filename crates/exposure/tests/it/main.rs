//! What the exposure graph promises.
