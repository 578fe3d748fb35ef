//! The frames of a thread, with every recoverable register and how each frame was found.
