import { readFileSync } from 'node:fs'

/** The version of the package this program belongs to. */
export function version(): string {
  return packaged() ?? ofTheCrate() ?? 'unknown'
}

function packaged(): string | undefined {
  const text = read('../package.json')
  return text === undefined ? undefined : (JSON.parse(text) as { version?: string }).version
}

/** In the repository the crate's manifest has it. */
function ofTheCrate(): string | undefined {
  return /^version = "([^"]+)"/m.exec(read('../../Cargo.toml') ?? '')?.[1]
}

function read(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}
