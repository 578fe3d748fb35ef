//! The native dmod.
