//! Bytes of a program, and of the package that Lambda is given.

use std::fs;
use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Bytes of a program.
pub struct Size {
    pub binary: f64,
    pub zip: f64,
}

impl Size {
    /// The sizes of the program at `path`, and of it as `bootstrap` in a ZIP archive.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let program = fs::read(path).expect("the program is built");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_level(Some(9));
        archive.start_file("bootstrap", options).unwrap();
        archive.write_all(&program).unwrap();
        let archive = archive.finish().unwrap().into_inner();
        Self {
            binary: program.len() as f64,
            zip: archive.len() as f64,
        }
    }
}
