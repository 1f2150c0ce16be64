//! Desktop or mobile, from what a browser says of itself.

/// What a connection was made with; tablets and feature phones are mobile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    Desktop,
    Mobile,
}

/// Words that only a phone's or tablet's browser uses, in lower case; each is
/// found where a word begins.
///
/// Sources: the user-agent strings documented on MDN ("Browser detection using
/// the user agent"), and those seen in the public access log that the tests read.
const MOBILE_WORDS: &[&str] = &[
    // Words for the device itself.
    "mobi",
    "phone",
    "tablet",
    "smartphone",
    // Systems.
    "android",
    "iphone",
    "ipad",
    "ipod",
    "ios",
    "windows ce",
    "windows phone",
    "blackberry",
    "bb10",
    "playbook",
    "symbian",
    "series40",
    "series60",
    "s60",
    "webos",
    "hpwos",
    "palm",
    "kaios",
    "bada",
    "meego",
    "maemo",
    "harmonyos",
    "tizen",
    // Feature phones: Java profiles, gateways and makers.
    "midp",
    "cldc",
    "j2me",
    "docomo",
    "up.browser",
    "up.link",
    "openwave",
    "obigo",
    "netfront",
    "nokia",
    "sonyericsson",
    "samsung-",
    "lg-",
    "mot-",
    "htc",
    // Browsers.
    "opera mini",
    "opera mobi",
    "iemobile",
    "fennec",
    "ucweb",
    "ucbrowser",
    "dolfin",
    "crios",
    "fxios",
    "edgios",
    "edga",
    "opios",
    "samsungbrowser",
    "samsung internet",
    "miuibrowser",
    "huaweibrowser",
    "silk",
    "kindle",
    "dalvik",
];

/// Televisions carry a mobile system's words and are none of the two; they
/// count with the large screens.
const TELEVISION_WORDS: &[&str] = &["smart-tv", "smarttv", "android tv", "googletv"];

/// What a Windows desktop with a pen says of itself.
const PEN_DESKTOP: &str = "tablet pc";

impl Device {
    /// The device of a user-agent string, a browser's name, or the word
    /// itself; what is not recognised is a desktop.
    pub(crate) fn of_browser(browser: &str) -> Device {
        let browser = browser.to_ascii_lowercase();
        let mut rest = browser.as_bytes();
        let mut is_mobile = false;
        let mut begins = true;
        while let [first, after @ ..] = rest {
            if says(rest, TELEVISION_WORDS) {
                return Device::Desktop;
            }
            is_mobile |= begins && says(rest, MOBILE_WORDS) && !says(rest, &[PEN_DESKTOP]);
            begins = !first.is_ascii_alphanumeric();
            rest = after;
        }
        if is_mobile { Device::Mobile } else { Device::Desktop }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
        }
    }
}

/// Whether the text begins with one of these words.
#[inline(never)]
fn says(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::Device::{self, Desktop, Mobile};

    #[test]
    fn browsers_are_told_apart_by_their_words() {
        for (browser, device) in [
            ("desktop", Desktop),
            ("mobile", Mobile),
            ("", Desktop),
            ("Firefox", Desktop),
            ("Chrome Mobile", Mobile),
            ("Mobile Safari", Mobile),
            ("Samsung Internet", Mobile),
            ("Opera Mini", Mobile),
            ("Opera", Desktop),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", Desktop),
            ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko", Desktop),
            ("Mozilla/5.0 (Android 14; Tablet; rv:125.0) Gecko/125.0 Firefox/125.0", Mobile),
            ("Mozilla/5.0 (iPad; CPU OS 7_0 like Mac OS X) Version/7.0 Mobile/11A465 Safari/9537.53", Mobile),
            ("Mozilla/5.0 (Linux; Android 13; SM-X200) Chrome/124.0.0.0 Safari/537.36", Mobile),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/124.0.0.0 Safari/537.36", Desktop),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15", Desktop),
            ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) SamsungBrowser/4.0 TV Safari/538.1", Desktop),
            ("SAMSUNG-GT-E2232/1.0 Profile/MIDP-2.0 Configuration/CLDC-1.1", Mobile),
            ("Nokia6230/2.0 (05.51)", Mobile),
            ("Automobile club reader/1.0", Desktop),
            ("Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", Mobile),
        ] {
            assert_eq!(Device::of_browser(browser), device, "{browser}");
        }
    }
}
