// A bundle that contains the module has its bytes from this import.
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>
  export default bytes
}

// One that holds it packed has its gzip in base64 from this one.
declare module '*.wasm?packed' {
  const packed: string
  export default packed
}
