//! Desktop or mobile, from what a browser says of itself.
//!
//! A browser's text is looked at word by word, and words are compared whole; the
//! number of a model may follow. What says
//! which system it runs on is taken at its word before the name of a browser or
//! a maker: such names also run, or are sold, on desktops.

/// What a connection was made with; tablets and feature phones are mobile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    Desktop,
    Mobile,
}

/// Televisions, the boxes beside them, and consoles: they may carry a mobile
/// system's words, are none of the two, and count with the large screens. So do
/// laptops that run a phone's apps. Beside these, each word that ends in `tv`
/// is a television's, but for those below.
const LARGE_WORDS: &[&str] = &[
    "smarttva",
    "inettvbrowser",
    "netcast",
    "web0s",
    "crkey",
    "chromecast",
    "bravia",
    "viera",
    "roku",
    "stb",
    "box",
    "mibox",
    "tvbox",
    "nintendo",
    "playstation",
    "xbox",
    "chromebook",
];

/// A phone that receives television, and a maker of phones.
const NO_TELEVISION_WORDS: &[&str] = &["dtv", "letv"];

/// Words that a system says which is no phone's, whatever else is said.
const DESKTOP_PHRASES: &[&str] = &["x11; cros ", "(pc;"];

/// Windows, but for its phones: whatever else it says, a desktop.
const DESKTOP_WINDOWS: &str = "windows nt";
const WINDOWS_PHONE_WORDS: &[&str] = &["phone", "lumia"];

/// A desktop's systems: what follows may be the name of a browser or a maker,
/// and still is a desktop.
const DESKTOP_SYSTEMS: &[&str] = &["windows", "macintosh", "x11"];

/// What a desktop with a pen says of itself.
const PEN_DESKTOP: &str = "tablet pc";

/// Words that only a phone or tablet says, of itself or of its system.
///
/// Sources: the user-agent strings documented on MDN ("Browser detection using
/// the user agent"), those seen in the public access log that the tests read,
/// and what public collections of them call phones and tablets.
const MOBILE_WORDS: &[&str] = &[
    // Words for the device itself.
    "mobile",
    "mobi",
    "phone",
    "smartphone",
    "tablet",
    // Systems.
    "android",
    "iphone",
    "ipad",
    "ipod",
    "ios",
    "windows ce",
    "lumia",
    "blackberry",
    "bb10",
    "playbook",
    "symbian",
    "symbianos",
    "series40",
    "series60",
    "s60",
    "webos",
    "hpwos",
    "palm",
    "palmos",
    "palmsource",
    "kaios",
    "bada",
    "meego",
    "maemo",
    "harmonyos",
    "openharmony",
    "tizen",
    "kindle",
    "dalvik",
    // Feature phones: Java profiles, platforms, gateways and networks.
    "midp",
    "cldc",
    "j2me",
    "maui",
    "wap",
    "up.browser",
    "up.link",
    "jig browser",
    "docomo",
    "foma",
    "softbank",
    "kddi",
    "willcom",
    "ddipocket",
    // Browsers that there are on such a system alone.
    "mobilesafari",
    "opera mini",
    "opera-mini",
    "opera mobi",
    "iemobile",
    "fennec",
    "crios",
    "fxios",
    "edgios",
    "edga",
    "opios",
    "fb4a",
];

/// Makers and browsers: without a desktop's system they are a phone's or a
/// tablet's.
const MOBILE_NAMES: &[&str] = &[
    "nokia",
    "sonyericsson",
    "samsung",
    "lg-",
    "mot-",
    "htc",
    "openwave",
    "obigo",
    "netfront",
    "ucweb",
    "ucbrowser",
    "dolfin",
    "samsungbrowser",
    "miuibrowser",
    "huaweibrowser",
    "silk",
];

/// Makers who write a model's letters into the same word.
const MODEL_MAKERS: &[&str] = &["nokia", "sonyericsson", "samsung", "docomo"];

impl Device {
    /// The device of a user-agent string, a browser's name, or the word
    /// itself; what is not recognised is a desktop.
    pub(crate) fn of_browser(browser: &str) -> Device {
        let text = browser.to_ascii_lowercase();
        let text = text.as_bytes();
        let mut has = Has::default();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            has.large |= says(rest, DESKTOP_PHRASES);
            if length > 0 {
                has.look_at(rest, length);
                has.large |= is_fire_tv(&browser.as_bytes()[at..at + length]);
            }
            at += length.max(1);
        }
        let is_desktop_windows = has.desktop_windows && !has.windows_phone;
        let is_mobile = has.mobile || has.name && !has.desktop_system;
        if is_mobile && !has.large && !is_desktop_windows { Device::Mobile } else { Device::Desktop }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
        }
    }
}

/// What a text has among its words.
#[derive(Default)]
struct Has {
    large: bool,
    desktop_windows: bool,
    windows_phone: bool,
    desktop_system: bool,
    mobile: bool,
    name: bool,
}

impl Has {
    /// Looks at the word of this length, with which the rest of the text begins.
    fn look_at(&mut self, rest: &[u8], length: usize) {
        let word = &rest[..length];
        let is_television = word.ends_with(b"tv") && !says(rest, NO_TELEVISION_WORDS);
        self.large |= is_television || says(rest, LARGE_WORDS);
        self.desktop_windows |= says(rest, &[DESKTOP_WINDOWS]);
        self.windows_phone |= says(rest, WINDOWS_PHONE_WORDS);
        self.desktop_system |= says(rest, DESKTOP_SYSTEMS);
        self.mobile |= says(rest, MOBILE_WORDS) && !says(rest, &[PEN_DESKTOP]);
        self.name |=
            says(rest, MOBILE_NAMES) || word.iter().any(u8::is_ascii_digit) && begins(word, MODEL_MAKERS);
    }
}

/// Whether the text begins with one of these words, whole: after its letters
/// there is no letter.
#[inline(never)]
fn says(text: &[u8], words: &[&str]) -> bool {
    let is_whole = |word: &str| match text.get(word.len()) {
        Some(next) if word.ends_with(|last: char| last.is_ascii_alphanumeric()) => {
            !next.is_ascii_alphabetic()
        }
        _ => true,
    };
    words.iter().any(|word| text.starts_with(word.as_bytes()) && is_whole(word))
}

fn begins(word: &[u8], beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| word.starts_with(beginning.as_bytes()))
}

/// The models of one maker's sticks and televisions: `AFT`, and capitals.
fn is_fire_tv(word: &[u8]) -> bool {
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    word.len() > 3 && word.starts_with(b"AFT") && word.iter().all(is_capital)
}

#[cfg(test)]
mod tests {
    use super::Device::{self, Desktop, Mobile};

    fn each_is(device: Device, browsers: &[&str]) {
        for browser in browsers {
            assert_eq!(Device::of_browser(browser), device, "{browser}");
        }
    }

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
            ("Mozilla/5.0 (Android 14; Tablet; rv:125.0) Gecko/125.0 Firefox/125.0", Mobile),
            ("Mozilla/5.0 (iPad; CPU OS 7_0 like Mac OS X) Version/7.0 Mobile/11A465 Safari/9537.53", Mobile),
            ("Mozilla/5.0 (Linux; Android 13; SM-X200) Chrome/124.0.0.0 Safari/537.36", Mobile),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/124.0.0.0 Safari/537.36", Desktop),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15", Desktop),
            ("SAMSUNG-GT-E2232/1.0 Profile/MIDP-2.0 Configuration/CLDC-1.1", Mobile),
            ("Nokia6230/2.0 (05.51)", Mobile),
            ("NokiaN97/21.1.107 (Linux; en-us)", Mobile),
            ("Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", Mobile),
        ] {
            assert_eq!(Device::of_browser(browser), device, "{browser}");
        }
    }

    #[test]
    fn a_system_is_taken_at_its_word_before_the_name_of_a_browser_or_maker() {
        each_is(
            Desktop,
            &[
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SamsungBrowser/29.0 Chrome/136.0.0.0 Safari/537.36",
                "Mozilla/5.0 (Windows NT 10.0; WOW64) UCBrowser/7.0.185.1002 Chrome/55.0 Safari/537.36",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/114.0 Safari/537.36 HuaweiBrowser/5.0.4.300",
                "Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 ArkWeb/4.1.6.1",
                "Mozilla/5.0 (Windows NT 6.1; Tabletop Simulator 1.0) Chrome/48.0 Safari/537.36",
                "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
                "Mozilla/5.0 (Windows NT 6.2; Touch; Mobile) Chrome/30.0 Safari/537.36",
                "Mozilla/5.0 (Wayland; Ubuntu; Linux x86_64; Touch; Tablet PC 4.1) Chrome/114.0 Safari/537.36",
                "Opera/9.46 (Windows 95; lg-UG)",
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/124.0 Safari/537.36 Android 13 Mobile",
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) SamsungBrowser/29.0 Chrome/136.0 Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; HP Chromebook 13 G1) Chrome/80.0.3987.162 Safari/537.36",
                "Mozilla/5.0 (X11; Linux x86_64) SamsungBrowser/23.0 Chrome/115.0.0.0 Safari/537.36",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) UCBrowser/3.0 Safari/537.36",
            ],
        );
        each_is(
            Mobile,
            &[
                "Mozilla/5.0 (Windows NT 10.0; ARM; Lumia 950 Dual SIM) Chrome/46.0 Safari/537.36 Edge/13.10586",
                "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 650) Chrome/52.0 Edge/15.15063",
                "Mozilla/4.0 (compatible; MSIE 6.0; Windows CE; IEMobile 7.11)",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) CriOS/124.0.6367.88 Safari/604.1",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 13.4) FxiOS/115.0 Safari/605.1.15",
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
                "Mozilla/5.0 (X11; U; Linux armv7l; en-US) Gecko/20100723 Fennec/1.1 Maemo Browser/1.7",
            ],
        );
    }

    #[test]
    fn televisions_and_boxes_are_large_screens_however_they_spell_it() {
        each_is(
            Desktop,
            &[
                "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) SamsungBrowser/4.0 TV Safari/538.1",
                "Mozilla/5.0 (Linux; Android 11; OK Google TV) Chrome/129.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 10; Smart TV) Chrome/100.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; SMART_TV) Chrome/100.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; SmartTV) Chrome/100.0 Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; AndroidTV Build/PTT1) Chrome/100.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; Android UHD TV) Chrome/100.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; GoogleTV 3.2) Chrome/11.0 Android Safari/534.24",
                "Mozilla/5.0 (Linux; Android 8.0; HbbTV/1.5.1) Chrome/70.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android) Chrome/90.0 Mobile Safari/537.36 CrKey/1.56.500000",
                "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB Build/PTT1) Chrome/90.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 5.1.1; AFTS Build/LVY48F) Chrome/70.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 7.1.2; AFTKA001) Silk/90.2 like Chrome/90.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 7.1; Smart Box X1) Chrome/77.0 Safari/537.36",
                "Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/79.0 Safari/537.36 WebAppManager",
                "Mozilla/5.0 (New Nintendo 3DS like iPhone) NX/3.0 Mobile NintendoBrowser/1.3",
                "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) NintendoBrowser/5.1.0.13341",
            ],
        );
        each_is(
            Mobile,
            &[
                "Mozilla/5.0 (Linux; Android 6.0; Letv X501) Chrome/70.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 7.0; myA9 DTV) Chrome/76.0 Mobile Safari/537.36",
                "Mozilla/5.0 (Linux; Android 9; After) Chrome/76.0 Mobile Safari/537.36",
            ],
        );
    }

    #[test]
    fn feature_phones_and_names_are_mobile() {
        each_is(
            Mobile,
            &[
                "opera-mini",
                "samsung",
                "Samsung Browser",
                "ZTE-G R221/1.0 WAP-Browser/2.0",
                "MAUI Runtime",
                "FLY_DS124/ MAUI WAP_Browser",
                "Mozilla/4.0 (jig browser web; 1.0.4; SH903i)",
                "DoCoMo/2.0 N905i(c100;TB;W24H16)",
                "FOMA/2.0 P01A",
                "SoftBank/1.0/930SH/SHJ001",
                "Mozilla/3.0(WILLCOM;KYOCERA/WX310K/2;1.2.2.16.000000/0.1/C100) Opera 7.0",
                "Mozilla/3.0(DDIPOCKET;JRC/AH-J3001V,AH-J3002V/1.0/0100/c50)CNF/2.0",
                "[FBAN/FB4A;FBAV/445.0.0.35.117;FBBV/548375166;FBDM/{density=2.0}]",
                "SonyEricssonK800i/R1CB Browser/NetFront/3.3",
            ],
        );
    }

    #[test]
    fn words_are_compared_whole() {
        each_is(
            Desktop,
            &[
                "Automobile club reader/1.0",
                "Tabletop Simulator/1.0",
                "Phonebook/2.1",
                "Silkworm/1.0",
                "Palmetto/3.0",
                "Biosphere/1.0",
                "Qtver/1.0 Headphones",
            ],
        );
        each_is(Mobile, &["iPhone12,1", "Android5.1", "Mozilla/5.0 (iPad4,1)", "BlackBerry9000/4.6"]);
    }
}
