//! Bytes of a program, and of the package that Lambda is given.

use std::fs::{self, File};
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Bytes of a program.
pub struct Size {
    pub binary: f64,
    pub zip: f64,
}

impl Size {
    /// The sizes of the program at `path`, and of it as `bootstrap` in a ZIP archive, packed as
    /// hard as `cargo lambda` and `sam package` do.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let program = fs::read(path).expect("the program is built");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        archive.start_file("bootstrap", options).unwrap();
        archive.write_all(&program).unwrap();
        let archive = archive.finish().unwrap().into_inner();
        Self {
            binary: program.len() as f64,
            zip: archive.len() as f64,
        }
    }

    /// The sizes of the package at `path`, and of the program that is in it.
    #[must_use]
    pub fn of_package(path: &str) -> Self {
        let package = File::open(path).expect("the package is built");
        let zip = package.metadata().unwrap().len() as f64;
        let mut archive = ZipArchive::new(package).expect("the package is an archive");
        let program = archive.by_name("bootstrap").expect("the program is in it");
        let binary = program.size() as f64;
        Self { binary, zip }
    }
}
