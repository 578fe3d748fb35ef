//! The command language: text to tree, expressions, spans, errors, completion points.
