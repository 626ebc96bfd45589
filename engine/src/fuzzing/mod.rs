//! The functions behind the fuzz targets of `engine/fuzz`. Each takes hostile bytes and must return.
//!
//! Compiled for the fuzzer and for tests only. Lines of `---` separate the parts of an input.

pub(crate) mod input;

pub use crate::{
    dynamodb::fuzzing::expressions,
    eventbridge::fuzzing::patterns,
    stepfunctions::language::fuzzing::{definitions, paths},
    wire::fuzzing::requests,
};

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Runs the target on every file of its corpus.
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "no corpus in {}", folder.display());
        for file in files {
            // Printed only when the test fails: the last file is the one that failed.
            println!("{}", file.display());
            run(&fs::read(&file).unwrap());
        }
    }

    macro_rules! kept {
        ($($test:ident: $target:ident),*) => {$(
            #[test]
            fn $test() {
                replay(stringify!($target), super::$target);
            }
        )*};
    }

    kept! {
        the_corpus_of_definitions_passes: definitions,
        the_corpus_of_paths_passes: paths,
        the_corpus_of_patterns_passes: patterns,
        the_corpus_of_expressions_passes: expressions,
        the_corpus_of_requests_passes: requests
    }
}
