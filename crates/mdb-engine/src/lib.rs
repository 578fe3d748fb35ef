//! The session: evaluator, pipelines, registries and the built-in dcmds.
