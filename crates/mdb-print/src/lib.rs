//! Addresses, hex dumps, streaming tables, JSON rows and styles by role.
