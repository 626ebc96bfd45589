//! What the fuzz targets of `engine/fuzz` call: each takes bytes that somebody hostile has sent, and must come back.
//!
//! Only there when the fuzzer or the tests are compiled. A text is cut into its parts at lines of `---`.

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

    /// Feeds every file that the fuzzer found worth keeping to the function that it was found with.
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "there is no corpus in {}", folder.display());
        for file in files {
            // Seen only when the test fails: the last one named is the one.
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
        every_kept_definition_is_run_to_an_end: definitions,
        every_kept_path_is_answered: paths,
        every_kept_pattern_is_answered: patterns,
        every_kept_expression_is_answered: expressions,
        every_kept_request_is_answered: requests
    }
}
