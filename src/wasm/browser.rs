//! The same run in a browser: its effects are performed with gloo-net.

use gloo_net::http::{self, Method, RequestBuilder};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function, Math, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStream, ReadableStreamDefaultReader};

use super::zone::offsets;
use super::{read_options, to_js};
use crate::effect::{Effect, Input, Request, Response, Unusable};
use crate::limits;
use crate::run::Circumstances;

/// Longer than the 20 s in which the stack gives up on the DACC.
const TIMEOUT_MILLIS: u32 = 30_000;

/// Runs the nightly run in this page or worker against a Cozy.
///
/// `log` is given each line of the log; it never holds an event's content.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub async fn run(
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
    #[wasm_bindgen(js_name = cozyUrl)] cozy_url: String,
    token: String,
    #[wasm_bindgen(unchecked_param_type = "((line: { level: Level; message: string }) => void) | undefined")]
    log: Option<Function>,
) -> Result<JsValue, JsError> {
    let seed = super::millis(Math::random() * 9e15);
    let home = random_uuid().ok().map(|uuid| uuid.replace('-', ""));
    let options = read_options(options)?;
    let written_now = options.now.clone();
    let mut run = crate::run::Run::new(options, Circumstances { seed, home, ..Circumstances::default() })?;
    let mut input = Input::Start;
    loop {
        let mut outcome = Input::Waited;
        for effect in run.step(super::millis(Date::now()), input) {
            match effect {
                Effect::Request(request) => {
                    outcome = match perform(&request, &cozy_url, &token).await {
                        Ok(Some(answer)) => Input::Answer(answer),
                        Ok(None) => Input::Unusable { written: true, why: Unusable::TooLarge },
                        // A page does not learn whether the request left.
                        Err(_) => Input::NoAnswer { written: true },
                    };
                }
                Effect::Wait { millis } => {
                    TimeoutFuture::new(u32::try_from(millis).unwrap_or(u32::MAX)).await;
                }
                Effect::Log { .. } => {
                    if let Some(log) = &log {
                        // A log that throws is the page's own trouble.
                        let _ = log.call1(&JsValue::UNDEFINED, &to_js(&effect)?);
                    }
                }
                Effect::Offsets { zone, clock } => {
                    outcome = Input::Offsets(offsets(written_now.as_deref(), &zone, clock));
                }
                Effect::Done(report) => return to_js(&report),
            }
        }
        input = outcome;
    }
}

#[wasm_bindgen]
extern "C" {
    /// Only pages of secure origins have it.
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> Result<String, JsValue>;
}

/// The answer; `None` where it is longer than any that a Cozy gives.
async fn perform(
    request: &Request,
    cozy_url: &str,
    token: &str,
) -> Result<Option<Response>, gloo_net::Error> {
    let for_cozy = request.url.starts_with('/');
    let url = if for_cozy {
        format!("{}{}", cozy_url.trim_end_matches('/'), request.url)
    } else {
        request.url.clone()
    };
    let method = match request.method {
        "GET" => Method::GET,
        "PUT" => Method::PUT,
        _ => Method::POST,
    };
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_MILLIS);
    let mut builder = RequestBuilder::new(&url)
        .method(method)
        .abort_signal(Some(&signal))
        .header("accept", "application/json");
    if for_cozy {
        builder = builder.header("authorization", &format!("Bearer {token}"));
    }
    let answer = match &request.body {
        Some(body) => builder.header("content-type", "application/json").body(body)?.send().await?,
        None => builder.send().await?,
    };
    read(answer).await
}

async fn read(answer: http::Response) -> Result<Option<Response>, gloo_net::Error> {
    let headers = answer.headers();
    let body = match answer.body() {
        Some(stream) => bounded(&stream)
            .await
            .map_err(|_| gloo_net::Error::GlooError("the answer broke off".to_owned()))?,
        None => Some(Vec::new()),
    };
    Ok(body.map(|body| Response {
        status: answer.status(),
        content_type: headers.get("content-type").unwrap_or_default(),
        retry_after: headers.get("retry-after").and_then(|seconds| seconds.parse().ok()),
        body,
    }))
}

/// All that a stream gives; `None` where that is more than an answer has.
async fn bounded(stream: &ReadableStream) -> Result<Option<Vec<u8>>, JsValue> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let read = JsFuture::from(reader.read()).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(Some(bytes));
        }
        let chunk: Uint8Array = Reflect::get(&read, &"value".into())?.unchecked_into();
        if bytes.len() + chunk.length() as usize > limits::MAX_ANSWER_BYTES {
            // Whether it closes in order is no concern of a reader that leaves.
            let _ = reader.cancel();
            return Ok(None);
        }
        bytes.extend(chunk.to_vec());
    }
}
