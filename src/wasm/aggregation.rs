//! A computation that is fed chunk by chunk.

use wasm_bindgen::prelude::*;

use super::read_options;
use super::table::Table;

/// What is read at once. The scanner and this stay in the processor's cache,
/// and between two calls the engine can go over to its optimised code.
const CHUNK_BYTES: usize = 256 * 1024;

/// The indicators of events alone, fed with bytes as they come. A host writes
/// them into the one `buffer` that this keeps, so that the module never holds
/// them all.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Aggregation {
    aggregation: crate::compute::Aggregation,
    buffer: Box<[u8]>,
}

#[wasm_bindgen]
impl Aggregation {
    /// A computation that has read nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
    ) -> Result<Aggregation, JsError> {
        let aggregation = crate::compute::Aggregation::new(read_options(options)?)?;
        Ok(Aggregation { aggregation, buffer: vec![0; CHUNK_BYTES].into() })
    }

    /// Where in the module's memory the next bytes are written.
    #[wasm_bindgen(getter)]
    pub fn address(&self) -> usize {
        self.buffer.as_ptr() as usize
    }

    /// How many bytes can be written there.
    #[wasm_bindgen(getter)]
    pub fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Makes room for what so many bytes may hold.
    pub fn expect(&mut self, bytes: usize) {
        self.aggregation.expect(bytes);
    }

    /// Reads the bytes written, as many as `length`.
    pub fn feed(&mut self, length: usize) -> Result<(), JsError> {
        let written = self.buffer.get(..length).ok_or_else(|| JsError::new("feed: beyond the buffer"))?;
        Ok(self.aggregation.feed(written)?)
    }

    /// What all of them give; the computation is over.
    #[wasm_bindgen(unchecked_return_type = "Table")]
    pub fn finish(self) -> Result<JsValue, JsError> {
        let mut table = Table::default();
        let diagnostics = self.aggregation.finish_into(&mut |measure| table.push(measure))?;
        Ok(table.into_js(&diagnostics))
    }
}
