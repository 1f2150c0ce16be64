//! Documents whose keys stay in the order given.

use std::io::{self, Write};

use rand::Rng;
use rand::seq::SliceRandom as _;
use serde::{Serialize, Serializer};

#[derive(Debug, Clone)]
pub enum Json {
    Null,
    Boolean(bool),
    Number(u32),
    /// Written with six digits at most.
    Decimal(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub fn text(text: &str) -> Json {
        Json::Text(text.to_owned())
    }

    /// Brings the keys of every object into another order.
    pub fn shuffle(&mut self, random: &mut impl Rng) {
        match self {
            Json::Array(items) => items.iter_mut().for_each(|item| item.shuffle(random)),
            Json::Object(fields) => {
                fields.shuffle(random);
                fields.iter_mut().for_each(|(_, value)| value.shuffle(random));
            }
            _ => {}
        }
    }

    /// Writes every text in ASCII.
    pub fn plain(&mut self) {
        match self {
            Json::Text(text) => *text = text.chars().map(plain).collect(),
            Json::Array(items) => items.iter_mut().for_each(Json::plain),
            Json::Object(fields) => fields.iter_mut().for_each(|(_, value)| value.plain()),
            _ => {}
        }
    }

    pub fn write(&self, to: &mut impl Write, is_pretty: bool) -> io::Result<()> {
        if is_pretty {
            serde_json::to_writer_pretty(to, self)?
        } else {
            serde_json::to_writer(to, self)?
        }
        Ok(())
    }
}

fn plain(letter: char) -> char {
    match letter {
        'à' => 'a',
        'é' => 'e',
        'É' => 'E',
        'œ' => 'o',
        '’' => '\'',
        '«' | '»' => '|',
        other => other,
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Boolean(value) => serializer.serialize_bool(*value),
            Json::Number(value) => serializer.serialize_u32(*value),
            Json::Decimal(value) => serializer.serialize_f64((value * 1e6).round() / 1e6),
            Json::Text(value) => serializer.serialize_str(value),
            Json::Array(items) => serializer.collect_seq(items),
            Json::Object(fields) => serializer.collect_map(fields.iter().map(|(key, value)| (key, value))),
        }
    }
}
