//! Writes the seeds of all targets into a folder, one below it for each target:
//! `cargo run -p mdb-fuzz --example seeds -- FOLDER`.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(std::io::Error::other("which folder?"));
    };
    for (target, _) in mdb_fuzz::TARGETS {
        let folder = folder.join(target);
        std::fs::create_dir_all(&folder)?;
        for (number, bytes) in mdb_fuzz::seeds::seeds(target).into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), bytes)?;
        }
    }
    Ok(())
}
