//! Recognises a file that is not JSON by its first bytes, so that the error says
//! what to do and not at which byte the JSON ends.

/// The bytes at the start of a file that are enough to recognise its kind.
pub(super) const ENOUGH: usize = 64;

/// Why a file with this beginning is no JSON text in UTF-8; `None` if it may be.
pub(super) fn unreadable(first: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 11] = [
        (b"\x1f\x8b", "it is compressed (gzip); unpack it first, as with gunzip"),
        (b"\x28\xb5\x2f\xfd", "it is compressed (zstd); unpack it first, as with unzstd"),
        (b"\xfd7zXZ\0", "it is compressed (xz); unpack it first, as with unxz"),
        (b"BZh", "it is compressed (bzip2); unpack it first, as with bunzip2"),
        (b"PK\x03\x04", "it is an archive (zip); take the file out of it first"),
        (b"7z\xbc\xaf\x27\x1c", "it is an archive (7z); take the file out of it first"),
        (b"age-encryption.org/", "it is sealed (age); dacc open decrypts it first"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", "it is sealed (age); dacc open decrypts it first"),
        (b"SQLite format 3\0", "it is a database (SQLite), and no JSON"),
        (b"%PDF-", "it is a PDF, and no JSON"),
        (b"<", "it is a page (HTML or XML), and no JSON"),
    ];
    const UTF_32: &str = "it is text in UTF-32; save it as UTF-8, as with iconv -f UTF-32 -t UTF-8";
    const UTF_16: &str = "it is text in UTF-16; save it as UTF-8, as with iconv -f UTF-16 -t UTF-8";
    if let Some((_, why)) = SIGNS.iter().find(|(sign, _)| first.starts_with(sign)) {
        return Some(why);
    }
    // JSON begins with a character of ASCII: what zeros stand beside it tells.
    match *first {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(UTF_32),
        [0, 0, 0, any, ..] | [any, 0, 0, 0, ..] if any != 0 => Some(UTF_32),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(UTF_16),
        [0, any, ..] | [any, 0, ..] if any != 0 => Some(UTF_16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::unreadable;

    #[test]
    fn text_in_utf_8_may_be_read_and_all_else_is_named() {
        for text in ["", "{", "[{\"_col\"", "\u{feff}{}", " \r\n\t{}", "\"é\"", "null", "BZ", "\0\0\0\0"] {
            assert_eq!(unreadable(text.as_bytes()), None, "{text:?}");
        }
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let wider = |text: &str, big: bool| -> Vec<u8> {
            let units = text.chars().map(u32::from);
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        for big in [false, true] {
            for text in ["\u{feff}[{", "[{", "{\"a\"", " {"] {
                assert!(unreadable(&wide(text, big)).unwrap().contains("UTF-16"), "{text:?} {big}");
                assert!(unreadable(&wider(text, big)).unwrap().contains("UTF-32"), "{text:?} {big}");
            }
        }
        for (bytes, word) in [
            (&b"\x1f\x8b\x08\0"[..], "gzip"),
            (b"\x28\xb5\x2f\xfd\x04", "zstd"),
            (b"\xfd7zXZ\0\0", "xz"),
            (b"BZh91AY", "bzip2"),
            (b"PK\x03\x04\x14", "zip"),
            (b"age-encryption.org/v1\n", "dacc open"),
            (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "dacc open"),
            (b"<!doctype html>", "HTML"),
        ] {
            assert!(unreadable(bytes).unwrap().contains(word), "{word}");
        }
    }
}
