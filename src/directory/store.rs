//! Reads and writes `users`.
