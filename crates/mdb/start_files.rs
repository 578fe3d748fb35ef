//! Files of commands that run at the start.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// No such file is longer.
const LONGEST: u64 = 1 << 20;

/// The contents of a file of commands, if there is one that may be run.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let refuse = |why: &str| Err(format!("{}: not run: {why}", path.display()));
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return refuse(&error.to_string()),
    };
    if !metadata.is_file() {
        return refuse("it is no regular file");
    }
    // Its commands run programs.
    // SAFETY: geteuid has no conditions.
    let us = unsafe { libc::geteuid() };
    if metadata.uid() != us && metadata.uid() != 0 {
        return refuse(&format!("it belongs to user {}", metadata.uid()));
    }
    if metadata.mode() & 0o002 != 0 {
        return refuse("anybody may write to it; chmod o-w it");
    }
    if metadata.len() > LONGEST {
        return refuse(&format!("it is longer than {LONGEST} bytes"));
    }
    match std::fs::read(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) => refuse(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_files_that_nobody_else_could_write_are_read() {
        let directory = std::env::temp_dir().join(format!("mdb-start-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join(".mdbrc");
        assert_eq!(read(&file), Ok(None));
        std::fs::write(&file, "1=X\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(read(&file), Ok(Some(b"1=X\n".to_vec())));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(read(&file).unwrap_err().contains("anybody may write"));
        assert!(read(&directory).unwrap_err().contains("no regular file"));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
