//! Notes which compiler builds a dmod, for `::dmods -v`.

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.as_deref().map_or("rustc", str::trim);
    #[allow(clippy::print_stdout, reason = "the way in which a build script talks to cargo")]
    {
        println!("cargo::rustc-env=MDB_DMOD_RUSTC={version}");
        println!("cargo::rerun-if-changed=build.rs");
    }
}
