//! The scanner, judged by serde_json. The first three bytes are the lengths of
//! the pieces in which the rest is read.

#![no_main]

use dacc_aggregator::laws;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((lengths, text)) = input.split_at_checked(3) else { return };
    laws::a_document_is_what_serde_takes(text);
    laws::fields_are_what_serde_reads(text);
    laws::documents_are_what_serde_finds(text);
    laws::pieces_give_what_the_whole_gives(text, lengths);
});
